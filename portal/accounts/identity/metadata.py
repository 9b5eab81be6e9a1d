"""What a provider says of itself (OpenID Connect Discovery 1.0), as far as it may be believed."""

from typing import Any
from urllib.parse import urlsplit

from portal.accounts.identity.failures import SignInRefusedError
from portal.accounts.identity.transport import GuardedOAuth2Session
from portal.config import IdentityProvider
from portal.plugins.http import HttpPolicy

REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPTIONAL = (
    "userinfo_endpoint",
    "end_session_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
)
# Keys of providers are public, so a signature by a shared secret would prove nothing.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)


def load_metadata(provider: IdentityProvider, policy: HttpPolicy) -> dict[str, Any]:
    """Fetch and check the metadata; raises SignInRefusedError for those of another issuer."""
    with GuardedOAuth2Session(policy=policy) as session:
        answer = session.get(provider.metadata_url, withhold_token=True)
        answer.raise_for_status()
        found = answer.json()
    if found["issuer"] != provider.issuer:
        raise SignInRefusedError(
            f"What answers for {provider.title} has another name than the operator wrote down. "
            "Please tell the operator of this portal."
        )
    metadata = {name: _checked(found[name], provider) for name in REQUIRED}
    metadata |= {name: _checked(found[name], provider) for name in OPTIONAL if found.get(name)}
    offered = found.get("id_token_signing_alg_values_supported", ["RS256"])
    return metadata | {
        "issuer": provider.issuer,
        "id_token_signing_alg_values_supported": [one for one in ALGORITHMS if one in offered],
        "tells_issuer": found.get("authorization_response_iss_parameter_supported") is True,
        "takes_basic": "client_secret_basic"
        in found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
    }


def _checked(url: str, provider: IdentityProvider) -> str:
    parts = urlsplit(url)
    own = urlsplit(provider.issuer).scheme
    if not parts.netloc or parts.scheme not in {"https", own}:
        raise ValueError("an endpoint is not protected")
    return url
