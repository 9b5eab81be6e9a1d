import pytest

from portal.results.cuts import cut_of
from portal.results.cuts import cut_words


@pytest.mark.parametrize(
    ("infos", "cut", "words"),
    [
        ([], "row_limit", "at the row limit"),
        ([("QUERY_STATUS", "OVERFLOW")], "row_limit", "at the row limit"),
        ([["size_limit", "too large"]], "size_limit", "at the size limit"),
        ([["ID", "x"], ["aborted", "by its owner"]], "aborted", "short by the abort"),
    ],
)
def test_the_infos_of_a_cut_table_say_what_cut_it(infos, cut, words):
    assert cut_of(infos) == cut
    assert cut_words(infos) == words
