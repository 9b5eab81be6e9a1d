"""The cookie of a browser; programs that send credentials have none."""

from flask import Flask
from flask import request
from flask import Response
from flask.sessions import SecureCookieSessionInterface
from flask.sessions import SessionMixin


class BrowserSessions(SecureCookieSessionInterface):
    """Keeps sessions in cookies, and leaves those of requests with credentials alone."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set or delete the cookie, unless there is an Authorization header, whatever is in it.

        What a page put into the session, its form check for instance, is forgotten then.
        """
        if not request.headers.get("Authorization"):
            super().save_session(app, session, response)
