"""Addresses of services, as they are compared."""

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
RESOURCES = ("/sync", "/async", "/tables", "/capabilities", "/examples", "/availability")


def base_url(access_url: str) -> str:
    """Return the URL of a TAP service as resources are appended to it.

    Registries write it with a slash, a question mark or one of its resources at the end.
    Addresses of the same service become equal: host in lower case, no default port.
    """
    url = access_url.strip().rstrip("?&/")
    for resource in RESOURCES:
        url = url.removesuffix(resource)
    parts = urlsplit(url.rstrip("/"))
    scheme = parts.scheme.lower()
    host, _, port = parts.netloc.lower().rpartition(":")
    if host and port == str(DEFAULT_PORTS.get(scheme)):
        return parts._replace(scheme=scheme, netloc=host).geturl()
    return parts._replace(scheme=scheme, netloc=parts.netloc.lower()).geturl()
