"""What the portal puts into a session once it runs, and what it has it run."""

import json
from collections.abc import Sequence
from datetime import datetime

from portal.analysis.staging.script import basket_document
from portal.analysis.staging.script import stage_script
from portal.analysis.staging.script import StagedBasket
from portal.plugins.facilities import SessionFile

PORTAL_FILE = "portal.json"  # what `portal_client.open_session` looks for
BASKET_FILE = "portal-basket.json"
SCRIPT_FILE = "portal-stage.py"


def session_files(
    *, portal: str, token: str, basket_id: str, expires: datetime, basket: StagedBasket | None
) -> Sequence[SessionFile]:
    """Return the files of a session: the portal's address and the session's token.

    With a `basket` also what `setup_code` reads, and itself, to be run again. No name begins
    with a dot: servers of Jupyter refuse to write such files.
    """
    known = {
        "url": portal,
        "token": token,
        "basket": basket_id,
        "expires": expires.isoformat(timespec="seconds"),
    }
    files = [SessionFile(path=PORTAL_FILE, content=json.dumps(known, indent=1) + "\n")]
    if basket is not None:
        files.append(SessionFile(path=BASKET_FILE, content=basket_document(basket)))
        files.append(SessionFile(path=SCRIPT_FILE, content=setup_code()))
    return files


def setup_code() -> str:
    """Return Python that fetches the files of the basket into the current folder."""
    return stage_script(BASKET_FILE)
