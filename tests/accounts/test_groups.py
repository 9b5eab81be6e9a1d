"""Groups of four kinds of claims, and the roles that they give."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.identity.groups import named_groups
from portal.accounts.identity.groups import read_groups
from portal.accounts.identity.groups import Role
from portal.accounts.identity.groups import roles_of
from portal.config import IdentityProvider

LETTERS = st.characters(exclude_categories=("C", "Z"), exclude_characters="/")
PART = st.text(LETTERS, min_size=1, max_size=20).filter(lambda part: not part.startswith("role="))
GROUPS = st.lists(st.lists(PART, min_size=1, max_size=4).map("/".join), max_size=5)


def urn(group):
    path = ":".join(quote(part, safe="") for part in group.split("/"))
    return f"urn:geant:iam.example.org:group:{path}#iam.example.org"


SHAPES = {
    "iam": lambda groups: {"groups": groups},
    "wlcg": lambda groups: {"wlcg.groups": [f"/{group}" for group in groups], "wlcg.ver": "1.0"},
    "aarc": lambda groups: {"eduperson_entitlement": [urn(group) for group in groups]},
    "aarc-2": lambda groups: {"entitlements": [urn(group) for group in groups]},
    "keycloak": lambda groups: {"roles": groups},
}


@pytest.mark.parametrize("shape", SHAPES)
@given(groups=GROUPS)
def test_the_same_groups_are_read_from_every_shape(shape, groups):
    assert read_groups(SHAPES[shape](groups)) == set(groups)


@given(groups=GROUPS)
def test_shapes_that_come_together_are_put_together(groups):
    claims = {}
    for number, group in enumerate(groups):
        shape = list(SHAPES.values())[number % len(SHAPES)]
        for claim, values in shape([group]).items():
            claims[claim] = values if claim == "wlcg.ver" else claims.get(claim, []) + values

    assert read_groups(claims) == set(groups)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
CLAIMS = st.sampled_from(["groups", "wlcg.groups", "roles", "entitlements"])


@given(claims=st.dictionaries(CLAIMS, JSON))
def test_whatever_is_claimed_is_read_without_complaint(claims):
    assert all(group and group == group.strip("/") for group in read_groups(claims))


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("urn:geant:x.org:group:escape", "escape"),
        ("urn:geant:x.org:group:escape:esap:role=admin#iam.x.org", "escape/esap"),
        ("urn:mace:x.org:aai:group:a:group:b#x", "a/group/b"),
        ("urn:geant:x.org:res:escape", None),
        ("https://x.org/group:escape", None),
    ],
)
def test_entitlements_are_groups_only_when_they_say_so(text, group):
    assert read_groups({"entitlements": text}) == ({group} if group else set())


def test_roles_come_from_groups_alone_however_they_are_written():
    provider = IdentityProvider(
        id="iam",
        title="IAM",
        issuer="https://iam.example.org/",
        client_id="portal",
        archive_team_groups=("/escape/archive",),
        admin_groups=("escape/admins",),
    )

    assert roles_of({"escape/archive"}, provider) == [Role.ARCHIVE_TEAM]
    assert roles_of({"escape/admins", "x"}, provider) == [Role.ADMIN]
    assert roles_of({"escape", "escape/admins/former", "admin"}, provider) == []


def test_groups_of_two_providers_are_never_one():
    assert named_groups("iam", {"b", "a"}) == ["iam:a", "iam:b"]
    assert not {*named_groups("iam", {"a"})} & {*named_groups("gitlab", {"a"})}
    assert named_groups("iam", {"x" * 500}) == []
