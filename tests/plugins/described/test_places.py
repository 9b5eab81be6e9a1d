"""Where the keys and values of TOML stand."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.plugins.described.places import find_lines
from portal.plugins.described.places import line_of

TEXT = '''\
# a comment with [brackets] = "and quotes

title = "x" # more
"quoted key" = 1
a.b . "c" = 2
text = """
first ]
second } \\""" # no end
"""
raw = \'\'\'
\\
it's\'\'\'\'
list = [
  1, # one
  [2,
   3],
  { x = 1, y = { z = [
    "a]" ] } },
]
empty = [ ]
nothing = {}

[table]
k = 1979-05-27 07:32:00

[[things]]
name = "first"
  [things.inside]
  deep = true
  [[things.more]]
  n = 1
  [[things.more]]
  n = 2
[[things]]
'name' = 'second'
[[things.more]]
n = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 3),
        (("quoted key",), 4),
        (("a", "b", "c"), 5),
        (("text",), 6),
        (("raw",), 10),
        (("list", 0), 14),
        (("list", 1), 15),
        (("list", 1, 1), 16),
        (("list", 2, "x"), 17),
        (("list", 2, "y", "z", 0), 18),
        (("empty",), 20),
        (("nothing",), 21),
        (("table", "k"), 24),
        (("things",), 26),
        (("things", 0, "name"), 27),
        (("things", 0, "inside", "deep"), 29),
        (("things", 0, "more", 0, "n"), 31),
        (("things", 0, "more", 1), 32),
        (("things", 1), 34),
        (("things", 1, "name"), 35),
        (("things", 1, "more", 0, "n"), 37),
    ],
)
def test_every_key_and_element_has_its_line(path, line):
    assert find_lines(TEXT)[path] == line


def test_what_is_missing_is_on_the_line_of_the_table_that_lacks_it():
    lines = find_lines(TEXT)

    assert line_of(lines, ("things", 1, "more", 0, "nothing", 3)) == 36
    assert line_of(lines, ("nowhere",)) is None


def test_windows_line_ends_count_once():
    assert find_lines("a = 1\r\n\r\nb = 2\r\n".replace("\r\n", "\n"))["b",] == 3


def paths_of(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, one in items:
        yield from paths_of(one, (*path, key))


strings = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
values = st.recursive(
    st.integers(-9, 9) | strings | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=10,
)


def written(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return (
            '"'
            + "".join(
                rf"\U{ord(one):08x}" if one in '\\"\n' or ord(one) < 32 or ord(one) == 127 else one
                for one in value
            )
            + '"'
        )
    if isinstance(value, list):
        return "[\n" + "".join(f"{written(one)},\n" for one in value) + "]"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{written(key)} = {written(one)}" for key, one in value.items()) + "}"
        )
    return str(value)


@given(st.dictionaries(strings, values, max_size=3))
def test_nothing_of_any_document_is_without_a_line(document):
    text = "\n".join(f"{written(key)} = {written(one)}" for key, one in document.items())

    lines = find_lines(text)

    assert tomllib.loads(text) == document
    assert set(paths_of(document)) - {()} <= set(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
