"""What the data lake of the tests has in it: accounts, places, files, and sets of them.

Runs in the environment of the Rucio server.
"""

import zlib
from hashlib import md5

from rucio.common.types import InternalAccount
from rucio.common.types import InternalScope
from rucio.core import account_limit
from rucio.core import did
from rucio.core import replica
from rucio.core import rse
from rucio.core.account import add_account
from rucio.core.identity import add_account_identity
from rucio.core.identity import add_identity
from rucio.core.scope import add_scope
from rucio.db.sqla.constants import AccountType
from rucio.db.sqla.constants import IdentityType
from rucio.db.sqla.session import transactional_session
from rucio.db.sqla.util import build_database
from rucio.db.sqla.util import create_base_vo
from rucio.db.sqla.util import create_root_account

PEOPLE = {"ada": "corr3ct-h0rse", "bob": "batt3ry-staple"}
PLACES = ("ARCHIVE", "COMPUTE", "TAPE")
SCOPES = {"survey": "ada", "user.ada": "ada", "empty": "ada"}
FILES = (
    (
        "survey",
        "ARCHIVE",
        ("m31.fits", "m51.fits", "deep/2026/field.fits", "..", "a b?c#d%2F.fits"),
    ),
    ("survey", "COMPUTE", ("m31.fits",)),
    ("survey", "TAPE", ("only-on-tape.fits",)),
    ("survey", "ARCHIVE", tuple(f"many/{number:04}.fits" for number in range(300))),
    ("user.ada", "ARCHIVE", ("notes.csv",)),
)
COLLECTIONS = {
    "dr1": ("DATASET", ("m31.fits", "m51.fits")),
    "dr2": ("DATASET", ("deep/2026/field.fits",)),
    "everything": ("CONTAINER", ("dr1", "dr2")),
}
QUOTA = 10**12


def content(name: str) -> bytes:
    """Return the bytes of the file of this name."""
    return f"These are the bytes of {name}.\n".encode() * 100


def build() -> None:
    """Make the database, and put everything in."""
    build_database()
    create_base_vo()
    create_root_account()
    _fill()


def serve_files_at(port: int) -> None:
    """Tell the places where their files are served: by plain HTTP, on this machine."""
    for name in PLACES:
        scheme = "gsiftp" if name == "TAPE" else "http"
        rse.add_protocol(
            rse.get_rse_id(name),
            {
                "scheme": scheme,
                "hostname": "127.0.0.1",
                "port": port,
                "prefix": f"/{name}/",
                "impl": "rucio.rse.protocols.webdav.Default",
                "domains": {
                    "lan": {"read": 1, "write": 1, "delete": 1},
                    "wan": {
                        "read": 1, "write": 1, "delete": 1,
                        "third_party_copy_read": 1, "third_party_copy_write": 1,
                    },
                },
            },
        )  # fmt: skip


@transactional_session
def _fill(*, session):
    places = {name: rse.add_rse(name, session=session) for name in PLACES}
    for name, rse_id in places.items():
        rse.add_rse_attribute(rse_id, "site", name.lower(), session=session)
    for name, word in PEOPLE.items():
        _add_person(name, word, places.values(), session)
    for scope, account in SCOPES.items():
        add_scope(InternalScope(scope), InternalAccount(account), session=session)
    for scope, place, names in FILES:
        files = [_file(scope, name) for name in names]
        replica.add_replicas(places[place], files, InternalAccount("ada"), session=session)
    for name, (kind, members) in COLLECTIONS.items():
        _collect(name, kind, members, session)
    did.set_metadata(InternalScope("survey"), "dr1", "project", "M31", session=session)


def _add_person(name, word, places, session):
    account = InternalAccount(name)
    mail = f"{name}@example.org"
    add_account(account, AccountType.USER, mail, session=session)
    add_identity(name, IdentityType.USERPASS, mail, password=word, session=session)
    add_account_identity(
        name, IdentityType.USERPASS, account, mail, default=True, password=word, session=session
    )
    for rse_id in places:
        account_limit.set_local_account_limit(account, rse_id, QUOTA, session=session)


def _file(scope, name):
    return {
        "scope": InternalScope(scope),
        "name": name,
        "bytes": len(content(name)),
        "adler32": f"{zlib.adler32(content(name)):08x}",
        "md5": md5(content(name), usedforsecurity=False).hexdigest(),
    }


def _collect(name, kind, members, session):
    scope, account = InternalScope("survey"), InternalAccount("ada")
    did.add_did(scope, name, kind, account, session=session)
    if members:
        dids = [{"scope": scope, "name": one} for one in members]
        did.attach_dids(scope, name, dids, account, session=session)
