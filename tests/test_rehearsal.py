"""What jobs need of libraries is there before they are forked."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from io import BytesIO
from pathlib import Path

import portal.cli
from portal.plugins import ResultTable
from portal.rehearsal import rehearse_work
from portal.results.keys import ResultKey
from portal.results.store import ResultStore

rehearse_work()
known = set(sys.modules)
table = ResultTable.from_votable(BytesIO(DOCUMENT))
key = ResultKey(job_id="1" * 32, token="2" * 32, name="result")
ResultStore(Path(sys.argv[1])).write(key, table, maxrec=10, max_bytes=10_000_000)
print(sorted(set(sys.modules) - known))
"""
DOCUMENT = b"""<VOTABLE version="1.4"><RESOURCE type="results">
<INFO name="QUERY_STATUS" value="OK"/><TABLE>
<FIELD name="speed" datatype="double" unit="km.s**-1"/><FIELD name="n" datatype="long"/>
<DATA><TABLEDATA><TR><TD>1.5</TD><TD>2</TD></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""


@pytest.mark.slow
def test_a_job_loads_no_part_of_a_library_that_its_parent_could_have_loaded(tmp_path):
    program = f"DOCUMENT = {DOCUMENT!r}\n{PROGRAM}"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]"
