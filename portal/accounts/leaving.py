"""All that is kept for an owner: handed out as one file, or deleted for good."""

import json
import zipfile
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any
from typing import IO

from sqlalchemy import delete
from sqlalchemy import select

from portal.accounts.belongings import belongings
from portal.accounts.identity.people import find_person
from portal.accounts.models import DeviceLogin
from portal.accounts.models import Identity
from portal.accounts.models import Person
from portal.db import db

README = """\
What the portal keeps for you, one JSON file for each kind of thing. Passwords and tokens are
not in it: nobody can read them. The rows of your results are not in it either; download them
from the pages of your jobs, in the format that you need.
"""


def write_export(owner: str) -> IO[bytes]:
    """Return a zip file with everything of an owner, at its beginning; the caller closes it."""
    file = TemporaryFile()  # noqa: SIM115 - it is sent, and closed with the answer
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        _write(archive, "profile.json", _profile(owner))
        for room in belongings():
            _write(archive, f"{room.id}.json", room.export(owner))
    file.seek(0)
    return file


def delete_everything(owner: str) -> None:
    """Delete all that is kept for an owner in every room, and the person; then the files.

    The rows go in one transaction: if one room fails, nothing has happened.
    """
    finish = [room.delete(owner) for room in belongings()]
    db.session.execute(delete(DeviceLogin).where(DeviceLogin.owner == owner))
    person = find_person(owner)
    if person is not None:
        db.session.execute(delete(Person).where(Person.id == person.id))
    db.session.commit()
    for one in finish:
        one()


def _profile(owner: str) -> Iterable[Mapping[str, Any]]:
    person = find_person(owner)
    if person is None:
        return
    identities = select(Identity.issuer, Identity.subject).where(Identity.person_id == person.id)
    yield {
        "name": person.name,
        "email": person.email,
        "roles": person.roles,
        "creation_time": person.creation_time,
        "last_sign_in": person.last_sign_in,
        "accepted_texts": person.terms_version,
        "accepted_time": person.terms_time,
        "identities": [[row.issuer, row.subject] for row in db.session.execute(identities)],
    }


def _write(archive: zipfile.ZipFile, name: str, things: Iterable[Mapping[str, Any]]) -> None:
    """Write things one after another, so that there may be many."""
    with archive.open(name, "w") as file:
        file.write(b"[")
        for number, thing in enumerate(things):
            text = json.dumps(thing, default=_plain, ensure_ascii=False, indent=1)
            file.write((",\n" if number else "\n").encode() + text.encode())
        file.write(b"\n]\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
