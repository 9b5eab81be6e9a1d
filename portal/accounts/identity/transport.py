"""How the portal talks to identity providers: guarded, short of patience, little at a time."""

import time
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session

from portal.config import IdentityProvider
from portal.config import Settings
from portal.plugins.http import HttpPolicy
from portal.plugins.http.guard import Guard
from portal.plugins.http.guard import GuardedAdapter
from portal.plugins.http.watch import Watch

SECONDS = 10.0  # for one request from its beginning to its end
MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3


class GuardedOAuth2Session(OAuth2Session):  # type: ignore[misc]
    """Authlib's session of requests, over connections of the guard."""

    def __init__(self, *args: Any, policy: HttpPolicy, **kwargs: Any) -> None:
        super().__init__(*args, default_timeout=SECONDS, **kwargs)
        self.trust_env = False
        self.max_redirects = policy.max_redirects
        watch = Watch(deadline=time.monotonic() + SECONDS, is_aborted=lambda: False)
        adapter = GuardedAdapter(Guard(policy, watch))
        self.adapters.clear()
        self.mount("https://", adapter)
        self.mount("http://", adapter)


def provider_policy(provider: IdentityProvider, settings: Settings) -> HttpPolicy:
    """Return what may be asked: an operator who names a provider allows its own host."""
    named = {urlsplit(url).netloc for url in (provider.issuer, provider.metadata_url)}
    return HttpPolicy(
        allow=frozenset(settings.remote_allow) | named,
        connect_timeout=SECONDS / 2,
        read_timeout=SECONDS,
        max_bytes=MOST_BYTES,
        max_redirects=MOST_REDIRECTS,
    )
