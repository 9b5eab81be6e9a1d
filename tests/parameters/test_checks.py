from enum import StrEnum

import pytest
from pydantic import create_model
from pydantic import Field
from pydantic import Secret
from pydantic import SecretBytes
from pydantic import SecretStr

from portal.parameters import check_model
from portal.parameters import check_type_name
from portal.parameters import parameter
from portal.parameters import Parameters


class Band(StrEnum):
    RADIO = "radio"


def model(name="value", kind=str, **said):
    return create_model("Made", __base__=Parameters, **{name: (kind, parameter(title="T", **said))})


@pytest.mark.parametrize(
    "name", ["Phase", "ACTION", "RunId", "after", "LAST", "wait", "UPLOAD", "ExecutionDuration"]
)
def test_a_name_that_uws_has_a_meaning_for_is_refused(name):
    with pytest.raises(ValueError, match=name.casefold()):
        check_model(model(name))


@pytest.mark.parametrize("name", ["RESPONSEFORMAT", "MAXREC", "lasting", "seconds"])
def test_a_name_that_only_looks_like_one_is_not(name):
    check_model(model(name))


@pytest.mark.parametrize(
    "kind",
    [SecretStr, SecretBytes, SecretStr | None, list[SecretStr], Secret[int], Secret[int] | None],
)
def test_a_secret_type_is_refused_and_pointed_to_stored_credentials(kind):
    with pytest.raises(ValueError, match=r"value: .* stored credential"):
        check_model(model(kind=kind))


def test_what_an_author_declares_as_secret_is_refused():
    class Made(Parameters):
        field: str = parameter(title="T", widget="password")
        value: str = Field(json_schema_extra={"writeOnly": True})

    with pytest.raises(ValueError, match=r"field, value: .* stored credential"):
        check_model(Made)


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "token", "access_token", "accessToken", "api_key", "apiKey", "secret"],
)
def test_a_name_with_a_word_for_a_secret_is_refused(name):
    with pytest.raises(ValueError, match=name):
        check_model(model(name))


@pytest.mark.parametrize("name", ["tokens", "secretary", "key", "tokenize", "compass"])
def test_a_name_that_only_contains_such_a_word_is_not(name):
    check_model(model(name))


def test_enumerations_and_lists_are_nothing_secret():
    check_model(model(kind=list[Band]))


def test_a_name_too_long_to_be_kept_is_refused():
    with pytest.raises(ValueError, match="64 characters"):
        check_model(model("x" * 65))


def test_names_that_differ_by_case_only_are_refused():
    made = create_model(
        "Made",
        __base__=Parameters,
        a=(str, parameter("", title="a")),
        A=(str, parameter("", title="A")),
    )
    with pytest.raises(ValueError, match="but for case"):
        check_model(made)


@pytest.mark.parametrize("name", ["query.tap", "Orc.jupyter", "a", "x" * 64])
def test_a_job_type_may_have_any_name_that_is_one_part_of_a_path(name):
    check_type_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "ä", "x" * 65, "Jobs", "TYPES"])
def test_other_names_of_job_types_are_refused(name):
    with pytest.raises(ValueError, match="job type"):
        check_type_name(name)
