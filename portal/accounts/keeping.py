"""The tokens and the logins of an owner, all at once: taken over, described, deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.accounts.credentials import take_over_credentials
from portal.accounts.models import ApiToken
from portal.accounts.models import Credential
from portal.accounts.models import DeviceLogin
from portal.db import db


def _end_tokens(earlier: str, _owner: str) -> None:
    """End those of the browser: whoever sat there before may know them."""
    for table in (ApiToken, DeviceLogin):
        statement = delete(table).where(table.owner == earlier)
        db.session.execute(statement.execution_options(synchronize_session=False))


def _export_tokens(owner: str) -> Iterator[dict[str, Any]]:
    for token in db.session.scalars(select(ApiToken).where(ApiToken.owner == owner)):
        yield {
            "id": token.id,
            "label": token.label,
            "creation_time": token.creation_time,
            "last_used": token.last_used,
            "expires": token.expires,
        }


def _delete_tokens(owner: str) -> AfterCommit:
    db.session.execute(delete(ApiToken).where(ApiToken.owner == owner))
    return nothing_more


def _export_credentials(owner: str) -> Iterator[dict[str, Any]]:
    for credential in db.session.scalars(select(Credential).where(Credential.owner == owner)):
        yield {
            "service": credential.service,
            "user_name": credential.user_name,
            "creation_time": credential.creation_time,
            "last_used": credential.last_used,
        }


def _delete_credentials(owner: str) -> AfterCommit:
    db.session.execute(delete(Credential).where(Credential.owner == owner))
    return nothing_more


TOKENS = Belongings(
    id="tokens",
    take_over=_end_tokens,
    export=_export_tokens,
    delete=_delete_tokens,
)
CREDENTIALS = Belongings(
    id="logins",
    take_over=take_over_credentials,
    export=_export_credentials,
    delete=_delete_credentials,
)
