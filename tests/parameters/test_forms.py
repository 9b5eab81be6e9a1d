import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict

from portal.parameters import InvalidParametersError
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import write_form


class Numbers(Parameters):
    """Lists of numbers, one single value of each kind."""

    counts: list[int] | None = parameter(None, title="Counts")
    limits: tuple[float, float] | None = parameter(None, title="Limits")
    words: list[str] | None = parameter(None, title="Words")
    exact: bool = parameter(False, title="Exact")


class Open(Parameters):
    model_config = ConfigDict(extra="allow")
    text: str = parameter("", title="Text")


def errors_of(model, *pairs):
    with pytest.raises(InvalidParametersError) as error:
        read_form(model, pairs)
    return {one.pointer: one.message for one in error.value.errors}


@pytest.mark.parametrize(
    "pairs",
    [
        [("limits", "1.5"), ("LIMITS", "2")],
        [("limits", "1.5 2")],
        [("limits", " 1.5  2 ")],
    ],
)
def test_a_list_of_numbers_is_several_values_or_one_with_spaces(pairs):
    assert read_form(Numbers, pairs).limits == (1.5, 2.0)


def test_a_list_of_words_is_not_cut_at_spaces():
    assert read_form(Numbers, [("words", "a b"), ("words", "c")]).words == ["a b", "c"]


def test_an_error_in_a_list_says_which_value_is_wrong():
    assert errors_of(Numbers, ("counts", "1 x 3")) == {"/counts/1": "write a whole number"}


@pytest.mark.parametrize(
    ("sent", "read"),
    [("1", True), ("TRUE", True), ("on", True), (" yes ", True), ("0", False), ("False", False)],
)
def test_a_yes_or_no_is_read_as_dali_writes_it(sent, read):
    assert read_form(Numbers, [("EXACT", sent)]).exact is read


def test_what_is_neither_yes_nor_no_is_refused():
    assert errors_of(Numbers, ("exact", "perhaps")) == {"/exact": "write true or false"}


def test_a_marker_of_a_box_that_does_not_exist_is_an_unknown_parameter():
    assert errors_of(Numbers, ("counts.present", "1"), ("nothing.present", "1")) == {
        "/counts.present": "there is no such parameter",
        "/nothing.present": "there is no such parameter",
    }


def test_an_unknown_name_is_told_once_however_often_it_is_sent():
    with pytest.raises(InvalidParametersError) as error:
        read_form(Numbers, [("x", "1"), ("X", "2")])

    assert [one.name for one in error.value.errors] == ["x"]


def test_a_character_that_no_database_keeps_is_refused():
    assert errors_of(Numbers, ("words", "a"), ("words", "b\0")) == {
        "/words": "may not contain the character U+0000"
    }


def test_a_model_that_takes_any_name_keeps_values_order_and_spelling():
    pairs = [("REQUEST", "doQuery"), ("Text", "x"), ("b", "1"), ("B", "2"), ("empty", "")]

    read = read_form(Open, pairs)

    assert list(read) == [("text", "x"), ("REQUEST", "doQuery"), ("b", ["1", "2"])]


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_kept_is_refused(name):
    assert "1 to 64 printable" in errors_of(Open, (name, "1"))[f"/{name[:64]}"]


finite = st.floats(allow_nan=False, allow_infinity=False)
words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)
names = st.text(st.characters(categories=["L", "N"], codec="ascii"), min_size=1, max_size=64)


@given(
    counts=st.none() | st.lists(st.integers(), min_size=1),
    limits=st.none() | st.tuples(finite, finite),
    words=st.none() | st.lists(words, min_size=1),
    exact=st.booleans(),
)
def test_lists_that_are_written_are_read_back_equal(counts, limits, words, exact):
    written = Numbers(counts=counts, limits=limits, words=words, exact=exact)

    assert read_form(Numbers, write_form(written)) == written


@given(
    st.dictionaries(names, words | st.lists(words, min_size=2)).filter(
        lambda sent: len({name.casefold() for name in sent} | {"text"}) == len(sent) + 1
    )
)
def test_any_parameters_that_are_written_are_read_back_equal(sent):
    written = Open(**sent)

    assert list(read_form(Open, write_form(written))) == list(written)
