"""What logs in at a remote service, as it crosses from its owner's store to a running job."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import quote
from urllib.parse import quote_plus

SHORTEST = 4  # of what is hidden: anything shorter is found in every text


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredential:
    """A user name with its password or, where `user_name` is empty, a bare token.

    The secret is left out of `repr`, so that it reaches no log and no traceback.
    """

    user_name: str
    secret: str = field(repr=False)

    @property
    def spellings(self) -> Sequence[str]:
        """The texts that give the secret away, as services get it and may repeat it."""
        basic = b64encode(f"{self.user_name}:{self.secret}".encode()).decode()
        found = {self.secret, quote(self.secret, safe=""), quote_plus(self.secret), basic}
        long = (one for one in found if len(one) >= SHORTEST)
        return sorted(long, key=len, reverse=True)
