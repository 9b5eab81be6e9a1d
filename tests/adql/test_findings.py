"""Where a finding is, and what a fix does."""

from portal.adql import Fix
from portal.adql.findings import Report


def test_lines_and_columns_count_from_one():
    report = Report("a\nbc\n\nd")
    for at in range(8):
        report.add("error", str(at), "", (at, at))
    places = [(one.line, one.column) for one in report.findings()]
    assert places == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (4, 1), (4, 2)]


def test_a_place_outside_the_text_is_moved_into_it():
    report = Report("abc")
    report.add("error", "x", "", (-1, 9))
    (finding,) = report.findings()
    assert (finding.start, finding.end) == (0, 3)


def test_the_same_finding_twice_counts_once():
    report = Report("abc")
    for _ in range(2):
        report.add("hint", "x", "", (0, 1))
    assert len(report.findings()) == 1
    report.remove("x", (0, 1))
    assert report.findings() == ()


def test_a_fix_replaces_its_part():
    assert Fix("title", 1, 2, "xyz").apply("abc") == "axyzc"
