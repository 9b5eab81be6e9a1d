import pytest

from portal.analysis.staging.items import read_staged
from portal.analysis.staging.items import StagedItem
from portal.analysis.staging.items import write_staged
from portal.problems import UsageError

ITEMS = [
    StagedItem(
        name="a", title="'\"\n\u2028", url="http://x/", size=3, checksum="md5:0", archive="x"
    ),
    StagedItem(name="b", title="", reason="it has no link to a file"),
]


def test_a_list_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "items"
    path.write_bytes(b"".join(write_staged(ITEMS)))
    assert len(path.read_bytes().splitlines()) == 2
    assert read_staged(path) == ITEMS


@pytest.mark.parametrize(
    "line",
    [b"x", b"[]", b"{}", b'{"name": 1, "title": ""}', b'{"name": "a", "title": "", "url": 1}',
     b'{"name": "a", "title": "", "size": "1"}', b'{"name": "a", "title": "", "signed": 1}',
     b'"' + b"a" * 30_000 + b'"', b"[" * 15_000],
)  # fmt: skip
def test_anything_else_is_refused(tmp_path, line):
    path = tmp_path / "items"
    path.write_bytes(line + b"\n")
    with pytest.raises(UsageError, match="Line 1"):
        read_staged(path)


def test_there_is_an_end_to_a_list(tmp_path):
    path = tmp_path / "items"
    path.write_bytes(b"".join(write_staged(ITEMS[:1])) * 10_001)
    with pytest.raises(UsageError, match="10,000"):
        read_staged(path)


def test_addresses_stay_out_of_logs():
    assert "http" not in repr(ITEMS[0])
