import uuid

import pytest

from portal.problems import NotFoundError
from portal.results.keys import ResultKey

UUID = uuid.uuid4().hex


@pytest.mark.parametrize(
    "job_id", ["", "..", ".", "/etc", UUID.upper(), UUID[:-1], UUID + "\n", str(uuid.uuid4()), "\0"]
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
