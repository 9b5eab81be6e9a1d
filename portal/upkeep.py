"""What comes round beside the jobs: notices are sent, and what has expired is deleted."""

import logging
import signal
import threading
from collections.abc import Callable
from collections.abc import Sequence

from flask import Flask

from portal.accounts.expiry import delete_expired as delete_expired_logins
from portal.analysis.planning.offers import delete_old as delete_old_offers
from portal.analysis.sessions import delete_old as delete_old_sessions
from portal.basket.baskets import delete_old as delete_old_baskets
from portal.db import clock
from portal.db import db
from portal.notifications.reading import delete_old as delete_old_notices
from portal.notifications.sending import send_due

TURN_SECONDS = 5.0
TIDY_TURNS = 720  # about an hour
TIDYING = (
    delete_expired_logins,
    delete_old_baskets,
    delete_old_notices,
    delete_old_offers,
    delete_old_sessions,
)

log = logging.getLogger(__name__)


class Upkeep:
    """One process that does this on each host; several of them do nothing twice.

    What there is to do stands in rows. One that is killed loses nothing: what it was about to
    send is due again when its lease has ended.
    """

    def __init__(self, app: Flask, forget: Callable[[], None]) -> None:
        """Keep the app; `forget` drops the connections of the process that it was forked from."""
        self._app = app
        self._forget = forget
        self._stopping = threading.Event()

    def run(self) -> None:
        """Take turns until asked to stop."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stopping.set())
        self._forget()
        turn = 0
        while not self._stopping.is_set():
            try:
                self.turn(is_tidy=turn % TIDY_TURNS != 0)
            except Exception:  # one failed turn must not end the loop
                log.exception("a turn of the upkeep failed")
            turn += 1
            self._stopping.wait(TURN_SECONDS)

    def turn(self, *, is_tidy: bool = False) -> None:
        """Send what is due, and tidy up unless that was done lately."""
        with self._app.app_context():
            if not is_tidy:
                self._tidy(TIDYING)
            send_due()

    def _tidy(self, rooms: Sequence[Callable[..., None]]) -> None:
        now = clock()
        for delete_what_ended in rooms:
            delete_what_ended(now)
            db.session.commit()
