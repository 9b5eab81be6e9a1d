import re

import pytest

from portal.parameters import parameter
from portal.parameters import Parameters
from portal.problems import NotFoundError
from portal.uws.types import Description
from portal.uws.types import JobType
from portal.uws.types import JobTypes
from portal.uws.types import schema_hash


class Greeting(Parameters):
    """What a test job takes."""

    name: str = parameter("world", title="Name")


class GreetingOfOldFriends(Parameters):
    """The same with one more rule."""

    name: str = parameter("world", title="Name", max_length=10)


class WithToken(Parameters):
    api_token: str = parameter(title="Token")


def job_type(name, **said):
    return JobType(
        name=name,
        describe=lambda parameters: Description(title="", text=""),
        **{"title": name.title(), "parameters": Greeting, **said},
    )


def test_a_type_is_found_by_name_and_alias_whatever_their_case():
    types = JobTypes([job_type("hello", aliases=("Hi.There",))])

    assert types["HELLO"] is types["hi.there"] is types["hello"]
    assert "HI.THERE" in types
    assert "bye" not in types


def test_the_list_of_types_has_no_aliases():
    types = JobTypes([job_type("b", aliases=("x", "y")), job_type("a")])

    assert list(types) == ["b", "a"]
    assert [one.name for one in types.values()] == ["b", "a"]
    assert len(types) == 2


def test_a_type_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError, match="bye"):
        JobTypes()["bye"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([job_type("a"), job_type("A")], "a job type named A already"),
        ([job_type("a"), job_type("b", aliases=("A",))], "a job type named A already"),
        ([job_type("a", aliases=("a",))], "a job type named a already"),
        ([job_type("Types")], "cannot be named Types"),
        ([job_type("a", aliases=("worker",))], "cannot be named worker"),
        ([job_type("a b")], "cannot name a job type"),
        ([job_type("a", version="")], "version"),
        ([job_type("a", parameters=WithToken)], "stored credential"),
    ],
)
def test_what_cannot_be_a_type_is_refused(wrong, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        JobTypes(wrong)


def test_the_hash_of_a_schema_changes_with_what_is_declared_and_with_nothing_else():
    first = schema_hash(job_type("a"))

    assert re.fullmatch("[0-9a-f]{64}", first)
    assert schema_hash(job_type("b", title="Another")) == first
    assert schema_hash(job_type("a", parameters=GreetingOfOldFriends)) != first
