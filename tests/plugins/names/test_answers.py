import pytest

from portal.plugins import ResolvedPosition
from portal_names import answers
from portal_names.answers import Answer
from portal_names.answers import Answers

PLACE = ResolvedPosition(ra=10.5, dec=-3, resolver="Sesame", name="X")


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(tmp_path, clock):
    return Answers(tmp_path / "a.sqlite", now=clock)


def test_an_answer_is_used_again_until_it_is_too_old(kept, clock):
    kept.keep("X", PLACE, seconds=60)

    assert kept.find("X") == Answer(PLACE)
    assert kept.find("x") is None  # b Per is not B Per
    clock.now += 61
    assert kept.find("X") is None


def test_that_a_name_is_unknown_is_an_answer(kept):
    kept.keep("X", None, seconds=60)

    assert kept.find("X") == Answer(None)


def test_a_later_answer_replaces_the_earlier_one(kept):
    kept.keep("X", None, seconds=60)
    kept.keep("X", PLACE, seconds=60)

    assert kept.find("X") == Answer(PLACE)


def test_there_are_never_too_many(kept, monkeypatch):
    monkeypatch.setattr(answers, "MOST_ANSWERS", 3)
    for number in range(10):
        kept.keep(str(number), PLACE, seconds=60 + number)

    assert [number for number in range(10) if kept.find(str(number))] == [7, 8, 9]


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_database_means_no_answers(tmp_path, content):
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    kept = Answers(path)

    assert kept.find("X") is None
    kept.keep("X", PLACE, seconds=60)
    assert kept.find("X") == (Answer(PLACE) if content == b"" else None)


def test_a_folder_that_cannot_be_written_means_no_answers(tmp_path):
    kept = Answers(tmp_path / "missing" / "a.sqlite")

    kept.keep("X", PLACE, seconds=60)

    assert kept.find("X") is None
