"""What logs in at a remote service, as it crosses from its owner's store to a running job."""

from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredential:
    """A user name with its password or, where `user_name` is empty, a bare token.

    The secret is left out of `repr`, so that it reaches no log and no traceback.
    """

    user_name: str
    secret: str = field(repr=False)
