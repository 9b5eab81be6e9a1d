"""The forms with which somebody says what to hear of, and where it goes."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from portal.notifications.choices import Choices
from portal.notifications.choices import DEFAULT_SECONDS
from portal.notifications.choices import MOST_SECONDS
from portal.notifications.models import Event
from portal.parameters import form_fields
from portal.parameters import parameter
from portal.parameters import Parameters

URL_LENGTH = 1000


def _check_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not text.isprintable() or " " in text:
        raise ValueError("must be a whole address, such as https://example.org/hook")
    if "@" in parts.netloc:
        raise ValueError("must not have a user name or password in it")
    return text


class ChoicesForm(Parameters):
    """What somebody wants to hear of."""

    finished: bool = parameter(True, title="A job has finished")  # noqa: FBT003
    failed: bool = parameter(True, title="A job has failed")  # noqa: FBT003
    session: bool = parameter(True, title="A session is ready")  # noqa: FBT003
    min_seconds: int = parameter(
        DEFAULT_SECONDS,
        title="Only jobs that took longer than",
        unit="s",
        description="From when it was made. Sessions are always told of.",
        ge=0,
        le=MOST_SECONDS,
    )
    by_mail: bool = parameter(False, title="Send me an e-mail as well")  # noqa: FBT003

    def chosen(self) -> Choices:
        """Return what was chosen."""
        events = {
            Event.FINISHED: self.finished,
            Event.FAILED: self.failed,
            Event.SESSION: self.session,
        }
        return Choices(
            events=frozenset(event for event, wanted in events.items() if wanted),
            min_seconds=self.min_seconds,
            by_mail=self.by_mail,
        )


class WebhookForm(Parameters):
    """Where notices are posted."""

    url: Annotated[str, AfterValidator(_check_url)] = parameter(
        title="Address",
        placeholder="https://example.org/hook",
        max_length=URL_LENGTH,
    )


def form_of(chosen: Choices) -> ChoicesForm:
    """Return the form as it shows what was chosen."""
    return ChoicesForm(
        finished=Event.FINISHED in chosen.events,
        failed=Event.FAILED in chosen.events,
        session=Event.SESSION in chosen.events,
        min_seconds=chosen.min_seconds,
        by_mail=chosen.by_mail,
    )


CHOICE_FIELDS = form_fields(ChoicesForm)
WEBHOOK_FIELDS = form_fields(WebhookForm)
