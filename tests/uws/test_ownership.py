"""What the jobs of an owner take."""

from portal.uws.gateway import ResultRecord
from portal.uws.ownership import stored_bytes
from tests.uws.conftest import OWNER


def test_tables_and_files_are_weighed_as_they_lie_on_the_disk(service, gateway, queued):
    table = ResultRecord(name="result", mime_type="x", info={"rows": 1, "bytes": 5_000_000_000})
    file = ResultRecord(name="log", mime_type="text/plain", size=11, info={"file": {}})
    gateway.finish(gateway.claim(queued()), [table, file])

    assert stored_bytes(OWNER) == 5_000_000_011
    assert stored_bytes("b" * 32) == 0
