"""Groups as providers name them, in one form, and the roles that they give."""

import re
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from portal.config import IdentityProvider

NAME_LENGTH = 200
MOST_GROUPS = 500
PLAIN = ("groups", "wlcg.groups", "roles", "groups_direct")
ENTITLEMENTS = ("eduperson_entitlement", "entitlements")
ENTITLEMENT = re.compile(r"(?i:urn):[^:]+:.+?:group:(?P<path>[^#]+)(#.*)?")
ROLE = "role="
LONGEST = 500


class Role(StrEnum):
    """What somebody may do here, beside using the portal."""

    ARCHIVE_TEAM = "archive team"
    ADMIN = "admin"


def read_groups(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the groups in somebody's claims as paths such as "escape/esap".

    INDIGO IAM has four profiles: names in `groups`, paths in `wlcg.groups`, URNs as
    entitlements (AARC-G069, whose role within a group is left out), and names in `roles`. GitLab
    and Keycloak write like the first two; Keycloak's roles of realm and clients are no groups.
    """
    return frozenset(group for one in _named(claims) if (group := _tidy(one)))


def roles_of(groups: Collection[str], provider: IdentityProvider) -> list[Role]:
    """Return the roles that these groups give at a provider."""
    rules = {
        Role.ARCHIVE_TEAM: provider.archive_team_groups,
        Role.ADMIN: provider.admin_groups,
    }
    return [role for role, named in rules.items() if {*map(_tidy, named)} & {*groups}]


def named_groups(provider_id: str, groups: Collection[str]) -> list[str]:
    """Return groups under names that no other provider's groups have."""
    named = sorted(f"{provider_id}:{group}" for group in groups)
    return [name for name in named if len(name) <= NAME_LENGTH][:MOST_GROUPS]


def _named(claims: Mapping[str, Any]) -> Iterator[str]:
    for claim in PLAIN:
        yield from _texts(claims.get(claim))
    for claim in ENTITLEMENTS:
        for text in _texts(claims.get(claim)):
            if found := ENTITLEMENT.fullmatch(text):
                parts = found["path"].split(":")
                yield "/".join(unquote(part) for part in parts if not part.startswith(ROLE))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [one for one in values if isinstance(one, str) and len(one) <= LONGEST]


def _tidy(group: str) -> str:
    """Return a path without slashes around it; "" for what is none."""
    path = group.strip().strip("/")
    return path if path.isprintable() else ""
