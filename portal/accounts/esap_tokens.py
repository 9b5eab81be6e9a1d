"""ESAP tokens: signed JWTs (RFC 7519) for programs that were written for ESAP.

Such a program looks at the end of its token itself, and sends it to one address. Each is also
kept like every other token, by its digest and under its `jti`, so that it can be listed, is
known to nobody when it was changed in any way, and ends when it is revoked.
"""

import hashlib
import json
from datetime import datetime
from datetime import timedelta
from datetime import UTC

from flask import current_app
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from portal.accounts.tokens import make_token
from portal.accounts.tokens import NewToken
from portal.accounts.tokens import Scope
from portal.problems import UsageError

ALGORITHM = "HS256"
AUDIENCE = "esap-api"
LONGEST = timedelta(days=365)


def make_esap_token(owner: str, *, issuer: str, label: str, lifetime: timedelta) -> NewToken:
    """Make a token that opens the ESAP-compatible address, and nothing else.

    Raises UsageError for a lifetime that is too long: these programs want to see an end.
    """
    if not timedelta(0) < lifetime <= LONGEST:
        raise UsageError("An ESAP token lasts a year at most.")

    def write(token_id: str, expires: datetime | None) -> str:
        end = int((expires or datetime.now(UTC) + lifetime).timestamp())
        return _sign({"iss": issuer, "aud": AUDIENCE, "jti": token_id, "exp": end})

    return make_token(owner, label=label, scope=Scope.ESAP, lifetime=lifetime, write=write)


def is_signed_here(secret: str) -> bool:
    """Say whether this portal signed a token, whatever its claims say."""
    try:
        jws.deserialize_compact(secret, _key(), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return False
    return True


def _sign(claims: dict[str, str | int]) -> str:
    payload = json.dumps({"iat": int(datetime.now(UTC).timestamp()), **claims}).encode()
    # The published client adds as many `=` as the length of the whole token says, not of this
    # part. Blanks at the end make it one that needs none.
    payload += b" " * (-len(payload) % 3)
    return jws.serialize_compact({"typ": "JWT", "alg": ALGORITHM}, payload, _key())


def _key() -> OctKey:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return OctKey.import_key(hashlib.sha256(b"esap token\0" + secret).digest())
