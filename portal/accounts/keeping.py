"""The tokens and the logins of an owner, all at once: taken over, described, deleted."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts.belongings import AfterCommit
from portal.accounts.belongings import Belongings
from portal.accounts.belongings import nothing_more
from portal.accounts.credentials import take_over_credentials
from portal.accounts.models import ApiToken
from portal.accounts.models import Credential
from portal.accounts.models import DeviceLogin
from portal.accounts.models import Preference
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


def _take_over_preferences(earlier: str, owner: str) -> None:
    """Keep the new owner's own, if there are any."""
    own = select(Preference.owner).where(Preference.owner == owner).exists()
    theirs = Preference.owner == earlier
    for statement in (
        update(Preference).where(theirs, ~own).values(owner=owner),
        delete(Preference).where(theirs),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _export_preferences(owner: str) -> Iterator[dict[str, Any]]:
    for one in db.session.scalars(select(Preference).where(Preference.owner == owner)):
        yield {
            "archives": one.archives,
            "facilities": one.facilities,
            "coordinates": one.coordinates,
        }


def _delete_preferences(owner: str) -> AfterCommit:
    db.session.execute(delete(Preference).where(Preference.owner == owner))
    return nothing_more


PREFERENCES = Belongings(
    id="preferences",
    take_over=_take_over_preferences,
    export=_export_preferences,
    delete=_delete_preferences,
)
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
