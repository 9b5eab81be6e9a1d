"""Structured logs: one JSON object a line, with the request and the job it is about."""

import json
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from datetime import UTC

from flask import Flask
from flask import g
from flask import has_request_context
from flask import request

REQUEST_ID_HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECRETS = re.compile(
    r"""(?ix)
    (?P<header> \b(?:authorization|(?:set-)?cookie)['"]?\s*[:=]\s* ) [^\r\n]+
    | (?P<name>
        \b(?:password|token|secret)['"]?\s*[:=]\s*['"]? | \b(?:code|state|sig|signature)=
      ) [^\s&'",}]+
    | (?P<key> \bapt_ ) [\w-]{20,}
    | (?P<user> :// ) [^/\s@]+ (?=@)
    """
)

_running_job: ContextVar[str | None] = ContextVar("running_job", default=None)
_hidden: ContextVar[tuple[str, ...]] = ContextVar("hidden", default=())


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON, without anything that looks like a secret."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": hide_secrets(record.getMessage()),
        }
        for name in ("request_id", "job_id"):
            if value := getattr(record, name, None):
                line[name] = value
        if record.exc_info:
            line["traceback"] = hide_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class SubjectFilter(logging.Filter):
    """Adds the id of the request that is being answered, or of the job that runs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        if has_request_context():
            record.request_id = g.get("request_id")
        if (job_id := _running_job.get()) is not None:
            record.job_id = job_id
        return True


@contextmanager
def about_job(job_id: str) -> Iterator[None]:
    """Have every line that is written meanwhile name the job."""
    token, hidden = _running_job.set(job_id), _hidden.set(())
    try:
        yield
    finally:
        _running_job.reset(token)
        _hidden.reset(hidden)


def hide(*texts: str) -> None:
    """Leave these texts out of everything that is logged or told as long as the job runs."""
    _hidden.set((*_hidden.get(), *texts))


def without_hidden(text: str) -> str:
    """Replace the texts that are hidden while this job runs."""
    for one in _hidden.get():
        text = text.replace(one, "***")
    return text


def hide_secrets(text: str) -> str:
    """Replace what is hidden, what follows the name of a secret, and logins in URLs."""
    text = without_hidden(text)
    return SECRETS.sub(lambda found: f"{found[found.lastgroup or 0]}***", text)


def set_up(level: str) -> None:
    """Send the logs of this process to standard error, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    handler.addFilter(SubjectFilter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("alembic", "authlib", "rq"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Give every request an id, or keep the one that a proxy gave it."""

    @app.before_request
    def take_request_id() -> None:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
