"""The corpus: what is ADQL passes, what is not does not, and each fix mends its finding."""

import pytest

from portal.adql import AdqlError
from portal.adql import check
from portal.adql import format_adql
from portal.adql import parse
from portal.adql.syntax.tokens import scan
from tests.adql import corpus

pytestmark = pytest.mark.slow  # through engines and pages, not of one unit

VALID = corpus.read("valid_2_0") + corpus.read("valid_2_1")
INVALID = corpus.read("invalid")
FINDINGS = [(text, finding) for text in VALID + INVALID for finding in check(text)]


def _comments(text):
    return [one.text.rstrip() for one in scan(text, comments=True) if one.text.startswith("--")]


def _words(text):
    return [one.word or one.text for one in scan(text)]


def _tree(text):
    try:
        return parse(text)
    except AdqlError:
        return None  # an extension, or a name that ADQL 2.1 reserves


def errors(text):
    return [finding for finding in check(text) if finding.severity == "error"]


def test_a_valid_query_has_no_error():
    assert {text: found for text in VALID if (found := errors(text))} == {}


def test_an_invalid_text_has_an_error():
    assert [text for text in INVALID if not errors(text)] == []


def test_every_place_lies_in_the_text():
    for text, finding in FINDINGS:
        assert 0 <= finding.start <= finding.end <= len(text)
        lines = text.split("\n")
        assert 0 < finding.column <= len(lines[finding.line - 1]) + 1
        for fix in finding.fixes:
            assert 0 <= fix.start <= fix.end <= len(text)


def test_a_fix_takes_its_finding_away():
    for text, finding in FINDINGS:
        for fix in finding.fixes:
            left = {(one.code, one.start) for one in check(fix.apply(text))}
            assert (finding.code, finding.start) not in left, (text, fix)


@pytest.mark.parametrize("seen", [_comments, _words, _tree])
def test_a_layout_keeps_the_meaning_and_the_comments(seen):
    assert [text for text in VALID if seen(format_adql(text)) != seen(text)] == []


def test_a_layout_stays_as_it_is():
    for text in VALID:
        laid_out = format_adql(text)
        assert format_adql(laid_out) == laid_out


def test_case_and_white_space_make_no_difference():
    for text in VALID:
        assert errors(_with_line_breaks(text)) == [], text


def _with_line_breaks(text):
    return "\n".join(token.text.swapcase() if token.word else token.text for token in scan(text))
