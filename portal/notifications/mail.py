"""Notices as e-mail: written by the standard library, which lets no header into another."""

import smtplib
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.headerregistry import BaseHeader
from email.headerregistry import HeaderRegistry
from email.headerregistry import UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.policy import SMTP
from email.utils import formatdate
from email.utils import make_msgid
from urllib.parse import unquote
from urllib.parse import urlsplit

from portal.config import LOOPBACK
from portal.config import Settings
from portal.display import instant
from portal.notifications.models import Notice
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError

SECONDS = 20
PERMANENT = 500
SUBJECT_LENGTH = 150


class _Address(UnstructuredHeader, BaseHeader):
    """A header with an address of the web, which mail programs find only in one piece."""

    def fold(self, *, policy: Policy) -> str:
        """Write it as it is, however long: folding would encode it."""
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _Address)
POLICY = SMTP.clone(header_factory=HEADERS)


def compose(
    notices: Sequence[Notice], recipient: str, settings: Settings, *, way_out: str
) -> EmailMessage:
    """Return one mail about one or more notices; `way_out` is the address that ends mail.

    Raises ValueError for a recipient that is no address.
    """
    sender = Address(addr_spec=settings.mail_from, display_name="Archive portal")
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = _subject(notices)
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{way_out}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    parts = [_paragraph(one, settings.address) for one in notices]
    message.set_content("\n\n".join([*parts, f"-- \nNo more mail like this: {way_out}"]) + "\n")
    return message


def send(message: EmailMessage, settings: Settings) -> None:
    """Hand a mail to the server; raises TransientError or ServiceError.

    A password is sent only where the connection is encrypted, or stays on this computer.
    """
    try:
        _hand_over(message, settings)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _failure(min(codes, default=PERMANENT)) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TransientError(
            f"The mail server does not answer ({type(error).__name__})."
        ) from error


def _hand_over(message: EmailMessage, settings: Settings) -> None:
    parts = urlsplit(settings.smtp_url.get_secret_value() if settings.smtp_url else "")
    host = parts.hostname or ""
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, parts.port or 0, timeout=SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(host, parts.port or 0, timeout=SECONDS)
    with server:
        if parts.scheme == "smtp":
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif parts.username and host not in LOOPBACK:
                raise ServiceError("The mail server offers no encryption for the password.")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _failure(code: int) -> PortalError:
    kind = ServiceError if code >= PERMANENT else TransientError
    return kind(f"The mail server refused the mail ({code}).")


def _subject(notices: Sequence[Notice]) -> str:
    if len(notices) == 1:
        return notices[0].title[:SUBJECT_LENGTH]
    return f"{len(notices)} notices of your jobs and sessions"


def _paragraph(notice: Notice, address: str) -> str:
    lines = [
        notice.title,
        notice.text,
        f"{instant(notice.creation_time)} UTC",
        address + notice.link,
    ]
    return "\n".join(line for line in lines if line)
