"""Encryption of short secrets for the database, bound to what they belong to."""

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
PURPOSE = b"archive-portal credential 1"


class Seal:
    """AES-256-GCM under a key that is derived (HKDF) from the instance's secret key."""

    def __init__(self, secret_key: str) -> None:
        """Derive the key; another secret key opens nothing that was sealed under this one."""
        derivation = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
        self._cipher = AESGCM(derivation.derive(secret_key.encode()))

    def close(self, text: str, *about: str) -> bytes:
        """Encrypt a text that only opens together with the words it is `about`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _bound(about))

    def open(self, sealed: bytes, *about: str) -> str | None:
        """Decrypt; None when the key or any word it is about is another one."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, _bound(about)).decode()
        except InvalidTag:
            return None


def _bound(about: tuple[str, ...]) -> bytes:
    return json.dumps(about).encode()
