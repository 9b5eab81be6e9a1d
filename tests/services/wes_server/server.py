"""A real Workflow Execution Service with cwltool: `server.py PORT`, in the folder of its runs.

wes-service 5.0 says yes to a cancellation and does nothing; here it ends the run.
"""

import os
import signal
import sys
from pathlib import Path

from wes_service import cwl_runner
from wes_service.wes_service_main import get_parser
from wes_service.wes_service_main import setup


def cancel(run):
    os.kill(int((Path(run.workdir) / "pid").read_text()), signal.SIGTERM)


cwl_runner.Workflow.cancel = cancel
options = ["--backend=wes_service.cwl_runner", "--opt=runner=cwltool", "--opt=extra=--no-container"]
setup(get_parser().parse_args(options)).run(host="127.0.0.1", port=int(sys.argv[1]))
