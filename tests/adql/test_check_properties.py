"""What holds for the check of any text."""

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.adql import check
from portal.adql import format_adql
from portal.adql.syntax.tokens import scan
from tests.adql import corpus
from tests.adql.queries import queries
from tests.support.examples import examples

TEXTS = corpus.read("valid_2_0") + corpus.read("valid_2_1") + corpus.read("invalid")
PIECES = sorted(
    {token.text for text in TEXTS for token in scan(text)} | {"", " ", "\n", "--", "/*"}
)


@st.composite
def broken(draw):
    """Return a query with a token left out, doubled, moved, or put in."""
    pieces = [token.text for token in scan(draw(st.sampled_from(TEXTS)))]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(pieces) - 1))
        how = draw(st.sampled_from(["out", "twice", "in", "end"]))
        if how == "out":
            pieces[at] = ""
        elif how == "twice":
            pieces[at] += " " + pieces[at]
        elif how == "in":
            pieces[at] = draw(st.sampled_from(PIECES))
        else:
            pieces = pieces[: at + 1]
    return draw(st.sampled_from([" ", "", "\n"])).join(pieces)


@pytest.mark.slow
@given(queries())
@settings(max_examples=examples(60), deadline=None)
def test_what_the_grammar_makes_has_no_error(text):
    assert [one.message for one in check(text) if one.severity == "error"] == []


@pytest.mark.slow
@given(queries())
@settings(max_examples=examples(40), deadline=None)
def test_a_layout_of_what_the_grammar_makes_keeps_every_word(text):
    laid_out = format_adql(text)
    assert [_word(one) for one in scan(laid_out)] == [_word(one) for one in scan(text)]
    assert laid_out.startswith(("SELECT", "WITH"))
    assert format_adql(laid_out) == laid_out


@given(st.text() | broken() | st.text("SELCTFROM *,.()'\"[]`-/%=<>|&!:;123\n"))
@settings(max_examples=examples(150), deadline=None)
@example("\x00")
@example("SELECT [")
def test_any_text_can_be_checked_and_every_place_lies_in_it(text):
    for finding in check(text):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message
        for fix in finding.fixes:
            assert 0 <= fix.start <= fix.end <= len(text)


@given(broken())
@settings(max_examples=examples(150), deadline=None)
def test_a_fix_takes_its_finding_away(text):
    for finding in check(text):
        for fix in finding.fixes:
            changed = fix.apply(text)
            left = {
                (one.code, one.start, changed[one.start : one.end], len(changed) - one.end)
                for one in check(changed)
            }
            there = text[finding.start : finding.end]
            assert (finding.code, finding.start, there, len(text) - finding.end) not in left, fix


def _word(token):
    return token.word or token.text
