"""Which network addresses a session may connect to, and what a name stands for."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from ipaddress import ip_network
from ipaddress import IPv4Address
from ipaddress import IPv6Address
from typing import Any

from portal.problems import UsageError

GLOBAL_UNICAST = ip_network("2000::/3")
TUNNELS = (ip_network("2001::/32"), ip_network("2002::/16"))  # Teredo, 6to4: any IPv4 inside
NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One resolved address: what `socket.connect` takes, and the number in words."""

    family: socket.AddressFamily
    sockaddr: tuple[str | int, ...]

    @property
    def address(self) -> str:
        """Return the numeric address."""
        return str(self.sockaddr[0])


def is_public(text: str) -> bool:
    """Say whether a numeric address belongs to the public internet.

    IPv4 inside IPv6 (mapped, NAT64) is judged as the IPv4 address it leads to.
    """
    address = _carried(ip_address(text))
    if isinstance(address, IPv6Address) and (
        address not in GLOBAL_UNICAST or any(address in tunnel for tunnel in TUNNELS)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def permitted_endpoints(host: str, port: int, allow: frozenset[str]) -> list[Endpoint]:
    """Resolve a name once, and return the addresses that may be contacted.

    Raises UsageError when there is none, `socket.gaierror` when the name service fails and
    UnicodeError when the text can be no name.
    """
    found = _look_up(host, port)
    endpoints = [Endpoint(family=family, sockaddr=sockaddr) for family, _, _, _, sockaddr in found]
    permitted = [
        endpoint
        for endpoint in endpoints
        if _is_allowed(host, port, endpoint.address, allow) or is_public(endpoint.address)
    ]
    if not permitted:
        raise UsageError(
            f"{host} is in a private network. Addresses in private networks are not allowed, "
            "unless the operator of this portal permits them."
        )
    return permitted


def _look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise UsageError(f"there is no host named {host}: check the address") from error
        raise


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def _is_allowed(host: str, port: int, address: str, allow: frozenset[str]) -> bool:
    names = {host.casefold().rstrip("."), address}
    forms = {form for name in names for form in (name, f"[{name}]")}
    return not allow.isdisjoint(forms | {f"{form}:{port}" for form in forms})
