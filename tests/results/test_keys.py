import pytest

from portal.problems import NotFoundError
from portal.results.keys import ResultKey

UUID = "5b3c1a9e7d2f4c608a1be94d7f03c215"
DASHES = "5b3c1a9e-7d2f-4c60-8a1b-e94d7f03c215"


@pytest.mark.parametrize(
    "job_id", ["", "..", ".", "/etc", UUID.upper(), UUID[:-1], UUID + "\n", DASHES, "\0"]
)
def test_only_uuids_in_hex_name_jobs_and_attempts(job_id):
    with pytest.raises(NotFoundError):
        ResultKey(job_id, UUID, "result")
    with pytest.raises(NotFoundError):
        ResultKey(UUID, job_id, "result")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../../etc/passwd", "a.b", "A", "a\n", "a\0", "-a", "a" * 65]
)
def test_a_name_cannot_leave_its_folder(name):
    with pytest.raises(NotFoundError):
        ResultKey(UUID, UUID, name)


def test_a_key_leads_to_one_folder_below_the_root(tmp_path):
    key = ResultKey(UUID, UUID, "main-table_2")
    assert key.directory(tmp_path) == tmp_path / UUID / UUID / "main-table_2"
