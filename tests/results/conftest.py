import uuid

import pytest

from portal.results.keys import ResultKey
from portal.results.store import ResultStore


@pytest.fixture
def store(tmp_path):
    return ResultStore(tmp_path / "results")


@pytest.fixture
def key():
    return ResultKey(uuid.uuid4().hex, uuid.uuid4().hex, "result")
