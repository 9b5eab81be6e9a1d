"""Files with described archives: what is read of them, and what is wrong with them by its line."""

import time

import pytest

from portal.parameters import json_schema
from portal.parameters import read_form
from portal.plugins import ExternalLink
from portal.plugins.described.reading import find_files
from portal.plugins.testing import check_archive
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import CONE
from tests.support.descriptions import faults
from tests.support.descriptions import line
from tests.support.descriptions import read
from tests.support.descriptions import TAP

FIELD = """
[[archives.queries.fields]]
name = "x"
column = "x"
"""


CHOICE = """
[[archives.queries.fields]]
name = "survey"
type = "choice"
column = "s"
default = 'deep'
choices = ["a", "deep"]
"""
DATASET = '\n[[archives.datasets]]\nid = "first"\ntitle = "First"\n'


def test_an_archive_is_what_its_block_says(tmp_path):
    text = (
        ARCHIVE
        + """
institute = "Somewhere"
wavebands = ["radio"]
retrieval = "By hand."
order = 3
visible = false
coverage = "4/12-15 6/31"
links = [{ title = "Home", url = "https://example.org/" }]
"""
        + TAP
        + """
[[archives.queries.fields]]
name = "survey"
title = "Survey"
description = "Which one"
type = "choice"
column = "obs_collection"
default = "b"
choices = [{ value = "a", title = "A" }, { value = "b", description = "the other" }]

[[archives.queries.examples]]
title = "The first"
parameters = { survey = "a", maxrec = 5 }

[[archives.datasets]]
id = "first"
title = "First"
query = "obs"
parameters = { survey = "a" }
category = "images"
level = "raw"
collection = "A"
coverage = "0/1"
"""
    )
    (archive,) = read(tmp_path, text)

    check_archive(archive)
    assert (archive.id, archive.order, archive.visible) == ("demo", 3, False)
    assert archive.links == (("Home", ExternalLink(url="https://example.org/")),)
    (query,) = archive.queries
    assert query.id == "query.demo-obs"
    assert [(one.value, one.title) for one in query.choices("survey")] == [("a", "A"), ("b", "b")]
    (dataset,) = archive.datasets
    assert (dataset.query_id, dataset.parameters) == (query.id, {"survey": "a"})
    assert (dataset.category, dataset.level, dataset.coverage) == ("images", "raw", "0/1")
    assert query.examples[0].parameters == {"survey": "a", "maxrec": "5"}


def test_fields_are_in_the_schema_with_their_limits_units_and_defaults(tmp_path):
    block = """
[[archives.queries.fields]]
name = "magnitude"
title = "Magnitude"
type = "number"
unit = "mag"
ucd = "phot.mag"
column = "mag"
default = 5
minimum = -2
maximum = 30.5
[[archives.queries.fields]]
name = "number"
type = "integer"
column = "n"
required = true
[[archives.queries.fields]]
name = "kinds"
type = "choices"
column = "kind"
choices = [{ value = 1 }, { value = 2 }]
default = [2]
"""
    (archive,) = read(tmp_path, ARCHIVE + TAP + block)
    schema = json_schema(archive.queries[0].Parameters)

    magnitude = schema["properties"]["magnitude"]
    assert (magnitude["minimum"], magnitude["maximum"]) == (-2, 30.5)
    assert (magnitude["x-unit"], magnitude["x-ucd"], magnitude["default"]) == ("mag", "phot.mag", 5)
    assert schema["required"] == ["number"]
    assert schema["properties"]["kinds"]["default"] == ["2"]
    names = sorted(schema["properties"], key=lambda name: schema["properties"][name]["x-order"])
    assert names == ["magnitude", "number", "kinds", "maxrec"]


WRONG = [
    ("archives", "id", 'id = "Not Good"', "lower-case"),
    ("archives", "title", "title = 5", "write a text"),
    ("archives", "title", 'title = ""', "it is empty"),
    ("archives", "title", 'title = "a\\nb"', "line breaks"),
    ("archives", "description", 'description = "a\\u001bb"', "control characters"),
    ("archives", "colour", 'colour = "red"', "no such key"),
    ("archives", "order", "order = 1.5", "whole number"),
    ("archives", "order", "order = 99999999999999999999", "at most"),
    ("archives", "visible", 'visible = "yes"', "true or false"),
    ("archives", "wavebands", 'wavebands = "radio"', "write a list"),
    ("archives", "documentation_url", 'documentation_url = "javascript:alert(1)"', "https://"),
    ("archives", "license_url", 'license_url = "//example.org"', "https://"),
    (
        "archives",
        "links",
        'links = [{ title = "a", url = "https://u:p@example.org" }]',
        "login out",
    ),
    ("archives", "links", 'links = [{ title = "a" }]', "missing"),
    ("archives", "coverage", 'coverage = "everywhere"', "MOC"),
    ("archives", "coverage", 'coverage = "1/48"', "no such cells"),
    ("archives", "coverage", 'coverage = "30/1"', "MOC"),
    ("tap", "access_url", 'access_url = "file:///etc/passwd"', "https://"),
    ("tap", "service", 'service = "soap"', "no service soap"),
    ("tap", "service", "service = 1", "which service"),
    ("tap", "table", 'table = "a; DROP TABLE b"', "not the name of a table"),
    ("tap", "tabel", 'tabel = "a"', "no such key"),
    ("tap", "columns", 'columns = ["ok", "no\\u0000t"]', "control characters"),
    ("tap", "order_by", 'order_by = ["-"]', "cannot be the name"),
    ("tap", "order_by", 'order_by = ["a DESC"]', "a minus before the name"),
    ("tap", "columns", 'columns = ["*"]', "leave this out"),
    ("tap", "conditions", 'conditions = ["a = 1) OR (1 = 1"]', "no condition"),
    ("tap", "conditions", 'conditions = ["a = 1 -- "]', "no condition"),
    ("tap", "conditions", 'conditions = ["a = 1; DELETE FROM b"]', "no condition"),
    ("tap", "cone", 'cone = { ra = "ra" }', "missing"),
    ("tap", "cone", 'cone = { ra = "ra", dec = "dec", radius = 200 }', "at most"),
    ("tap", "cone", 'cone = { ra = "ra", dec = "dec", radius = nan }', "finite"),
    ("tap", "items", 'items = { colour = "red" }', "no such key"),
    ("tap", "mode", 'mode = "now"', "choose one of"),
    ("field", "name", 'name = "has space"', "letters, digits"),
    ("field", "name", 'name = "phase"', "already taken"),
    ("field", "name", 'name = "MAXREC"', "already taken"),
    ("field", "name", 'name = "json"', "already taken"),
    ("field", "name", 'name = "model_x"', "already taken"),
    ("field", "name", 'name = "api_key"', "none can be secret"),
    ("field", "type", 'type = "texxt"', "no type texxt"),
    ("field", "type", 'type = "choice"', "needs choices"),
    ("field", "choices", 'choices = [{ value = "a" }]', "have no choices"),
    ("field", "operator", 'operator = "regex"', "choose one of"),
    ("field", "operator", 'operator = "<"\ntype = "interval"', "know no operator"),
    ("field", "column", 'column = ""', "it is empty"),
    ("field", "column_max", 'column_max = "b"', "have a column only"),
    ("field", "default", "default = 5", "write a text"),
    ("field", "default", 'default = "five"\ntype = "number"', "write a number"),
    ("field", "default", 'default = 5\ntype = "number"\nmaximum = 4', "at most 4"),
    ("field", "maximum", 'type = "number"\nminimum = 3\nmaximum = 2', "less than the minimum"),
    ("field", "minimum", "minimum = 1", "have no minimum"),
    ("field", "condition", 'condition = "a = 1"', "only a field of the type boolean"),
    ("field", "default", 'type = "time"\ndefault = "2010"', "plain number is an MJD"),
    ("field", "default", 'type = "band"\ndefault = "5 apples"', "unit"),
]
WRONG += [
    ("field", "visible_if", "visible_if = { nothing = [1] }", "no field before this one"),
    ("field", "visible_if", "visible_if = { x = [1] }", "no field before this one"),
    ("field", "visible_if", "visible_if = { x = 1 }", "write a list"),
]
PARTS = {"archives": 0, "tap": 1, "field": 2}


@pytest.mark.parametrize(("part", "key", "says", "message"), WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path, part, key, says, message):
    parts = [ARCHIVE, TAP, FIELD]
    lines = parts[PARTS[part]].splitlines()
    given = {one.split(" = ")[0] for one in says.splitlines()}
    kept = [one for one in lines if one.split(" = ")[0] not in given]
    parts[PARTS[part]] = "\n".join([*kept, says, ""])
    text = "\n".join(parts)

    found = faults(tmp_path, text)

    assert [at for at, _ in found] == [line(text, f"{key} = ")]
    assert message in found[0][1]


@pytest.mark.parametrize(
    ("block", "words", "message"),
    [
        (TAP.replace('table = "ivoa.obscore"\n', ""), "[[archives.queries]]", "table"),
        (TAP + FIELD + FIELD.replace('"x"', '"X"', 1), 'name = "X"', "already taken"),
        (TAP + FIELD.replace('column = "x"', ""), 'name = "x"', "needs the column"),
        (TAP + TAP, None, "there twice"),
        (CONE + "[archives.queries.parameters]\nra = 5\n", "ra = 5", "the portal itself sends RA"),
        (CONE + '[archives.queries.parameters]\n"a b" = 5\n', '"a b"', "no name of a parameter"),
        (CONE + 'table = "x"\n', 'table = "x"', "no such key"),
        (
            CONE + FIELD.replace("column", "parameter") + 'type = "interval"\n',
            "interval",
            "no type",
        ),
    ],
)
def test_what_does_not_fit_together_is_named_with_its_line(tmp_path, block, words, message):
    text = ARCHIVE + block

    found = faults(tmp_path, text)

    assert len(found) == 1
    assert message in found[0][1]
    if words:
        assert found[0][0] == line(text, words)


@pytest.mark.parametrize(
    ("block", "words", "message"),
    [
        ('query = "nothing"', "query =", "no query nothing"),
        ('query = "obs"\nparameters = { y = 1 }', "parameters =", "no such parameter"),
        ('query = "obs"\nparameters = { maxrec = -1 }', "parameters =", "at least 0"),
        ('query = "obs"\ncollour = 1', "collour", "no such key"),
    ],
)
def test_data_sets_lead_to_forms_that_take_them(tmp_path, block, words, message):
    text = f'{ARCHIVE}{TAP}{FIELD}\n[[archives.datasets]]\nid = "a"\ntitle = "A"\n{block}\n'

    ((at, said),) = faults(tmp_path, text)

    assert at == line(text, words)
    assert message in said


def test_choices_may_be_values_alone_and_dates_may_be_dates(tmp_path):
    block = """
[[archives.queries.fields]]
name = "survey"
type = "choice"
column = "survey"
choices = ["a", 2, { value = "c", title = "C" }]
[[archives.queries.fields]]
name = "since"
type = "time"
column = "t_min"
default = 2020-01-01
[[archives.queries.fields]]
name = "until"
type = "time"
column = "t_max"
default = 2020-01-01T14:00:00+02:00
[[archives.queries.examples]]
title = "Earlier"
parameters = { since = 2019-01-01, until = 2019-01-01T12:00:00.5 }
"""
    (archive,) = read(tmp_path, ARCHIVE + TAP + block)
    (query,) = archive.queries

    assert [one.title for one in query.choices("survey")] == ["a", "2", "C"]
    assert query.Parameters().since == "2020-01-01"
    assert query.Parameters().until == "2020-01-01T12:00:00"
    assert query.examples[0].parameters["until"] == "2019-01-01T12:00:00.500000"


def test_conditions_name_values_that_the_other_field_may_have(tmp_path):
    box = '[[archives.queries.fields]]\nname = "box"\ntype = "boolean"\ncondition = "a = 1"\n'
    wrong = ARCHIVE + TAP + box + FIELD + "visible_if = { box = [true, 5] }\nrequired = true\n"

    assert faults(tmp_path, wrong) == [
        (line(wrong, "visible_if"), "box is never 5"),
        (line(wrong, "required"), "a field that is not always there cannot be required"),
    ]


def test_an_example_that_the_form_refuses_is_named(tmp_path):
    text = (
        ARCHIVE
        + TAP
        + '[[archives.queries.examples]]\ntitle = "A"\nparameters = {\n  maxrec = -5,\n}\n'
    )

    ((at, said),) = faults(tmp_path, text.replace("{\n  maxrec = -5,\n}", "{ maxrec = -5 }"))

    assert at == line(text, "parameters =")
    assert "maxrec" in said


@pytest.mark.parametrize(
    ("block", "suggestion"),
    [
        ("licence = 'MIT'\n", "is it license?"),
        (TAP + "tabel = 1\n", "is it table?"),
        (TAP + FIELD + "colum = 'a'\n", "is it column?"),
        (TAP + "cone = { ra = 'a', dec = 'b', radii = 1 }\n", "is it radius?"),
        (TAP + FIELD + "operator = 'start with'\n", "is it starts with?"),
        (TAP + FIELD + "type = 'chioce'\n", "is it choice?"),
        (TAP.replace('"tap"', '"TAP"'), "is it tap?"),
        (TAP + CHOICE + FIELD + "visible_if = { survye = ['a'] }\n", "is it survey?"),
        (TAP + CHOICE + FIELD + "visible_if = { survey = ['deap'] }\n", "is it deep?"),
        (TAP + CHOICE.replace("default = 'deep'", "default = 'depe'"), "is it deep?"),
        (TAP + CHOICE + DATASET + "query = 'osb'\n", "is it obs?"),
        (TAP + CHOICE + DATASET + "query = 'obs'\nparameters.survy = 'a'\n", "is it survey?"),
        (TAP + CHOICE + DATASET + "query = 'obs'\nparameters.survey = 'Deep'\n", "is it deep?"),
    ],
)
def test_a_key_that_is_misspelt_is_told_its_spelling(tmp_path, block, suggestion):
    says = [message for _, message in faults(tmp_path, ARCHIVE + block)]

    assert any(message.endswith(suggestion) for message in says)


def test_a_word_that_is_like_none_has_no_spelling(tmp_path):
    ((_, said),) = faults(tmp_path, ARCHIVE + CONE + "table = 'a'\n")

    assert said == "table: there is no such key here"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://tap.example.org/my tap", "without space"),
        ("https://me:hunter2@tap.example.org/", "users store theirs"),
        ("https://token@tap.example.org/", "users store theirs"),
    ],
)
def test_an_address_with_a_login_is_refused_and_not_repeated(tmp_path, address, message):
    text = ARCHIVE + TAP.replace("https://tap.example.org/tap", address)

    ((at, said),) = faults(tmp_path, text)

    assert at == line(text, "access_url")
    assert message in said
    assert "hunter2" not in said


def test_of_a_field_of_an_unknown_type_nothing_else_is_said(tmp_path):
    said = faults(tmp_path, ARCHIVE + TAP + CHOICE.replace('"choice"', '"chioce"'))

    assert len(said) == 1


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    text = (
        ARCHIVE.replace('"Demo"', "1") + "colour = 1\n" + TAP + "tabel = 1\n" + CONE + "table = 2\n"
    )

    assert [at for at, _ in faults(tmp_path, text)] == [
        3,
        5,
        line(text, "tabel"),
        line(text, "table = 2"),
    ]


def test_a_misspelt_key_hides_no_mistake_of_another_kind(tmp_path):
    text = ARCHIVE + "ordr = 1\n" + TAP + CHOICE + DATASET + "query = 'osb'\n"
    assert [at for at, _ in faults(tmp_path, text)] == [line(text, "ordr"), line(text, "osb")]

    text = ARCHIVE + TAP + "colums = ['a']\n" + CHOICE.replace("default = 'deep'", "default = 'x'")
    assert [at for at, _ in faults(tmp_path, text)] == [line(text, "colums"), line(text, "'x'")]


def test_what_a_wrong_field_would_have_brought_is_not_missed_elsewhere(tmp_path):
    example = "\n[[archives.queries.examples]]\ntitle = 'A'\nparameters = { survey = 'a' }\n"
    text = ARCHIVE + TAP + CHOICE + "colour = 1\n" + example + DATASET
    text += "query = 'obs'\nparameters = { survey = 'a' }\n"

    assert [at for at, _ in faults(tmp_path, text)] == [line(text, "colour")]


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", None, "describes no archive"),
        ("[archives]\nid = 1\n", 1, "describes no archive"),
        ("archives = []\n", 1, "describes no archive"),
        ("archives = [1]\n", 1, "write a table"),
        (ARCHIVE + TAP + ARCHIVE + TAP, 13, "there twice"),
        (ARCHIVE + 'title = "again"\n', 5, "not TOML"),
        (ARCHIVE + "x = \n", 5, "not TOML"),
        (ARCHIVE + 'x = "no end', 5, "not TOML"),
        (ARCHIVE + "queries = [\n", 5, "not TOML"),
        ("host = 'a'\n" + ARCHIVE + TAP, 1, "only [[archives]]"),
        (ARCHIVE, 1, "queries: it is missing"),
        (ARCHIVE + "queries = 5\n", 5, "write a list"),
        (ARCHIVE + "queries = [5]\n", 5, "which service"),
        ("x = " + "[" * 2000 + "]" * 2000, None, "nested too deeply"),
    ],
)
def test_files_that_are_no_descriptions_are_refused_in_words(tmp_path, text, at, message):
    found = faults(tmp_path, text)

    assert found[0][0] == at
    assert message in found[0][1]


def test_bytes_that_are_no_text_are_on_their_line(tmp_path):
    path = tmp_path / "archives.toml"
    path.write_bytes(b"# \xc3\xa9\n# \xff\n")
    from portal.plugins.described.reading import DescribedFile
    from portal.plugins.described.reading import read_archives
    from portal.plugins.described.reading import UnusableFileError

    with pytest.raises(UnusableFileError, match="line 2: it is not in UTF-8"):
        read_archives(DescribedFile(path=path), {})


def test_the_settings_of_the_portal_may_have_archives_in_them(tmp_path):
    text = "port = 8081\n[plugins.vo]\nregistry_mirror = false\n" + ARCHIVE + TAP

    assert read(tmp_path, text, has_settings=True)[0].id == "demo"


def test_a_folder_stands_for_the_files_in_it(tmp_path):
    for name in ("b.toml", "a.toml", "c.txt"):
        (tmp_path / name).touch()

    found = find_files([str(tmp_path), "elsewhere.toml"])

    assert [one.name for one in found] == ["a.toml", "b.toml", "elsewhere.toml"]


def test_a_file_with_hundreds_of_data_sets_is_read_at_once(tmp_path):
    sets = "".join(
        f'[[archives.datasets]]\nid = "d{at}"\ntitle = "D"\nquery = "obs"\n'
        f'parameters = {{ x = "{at}" }}\n'
        for at in range(500)
    )
    begin = time.perf_counter()

    (archive,) = read(tmp_path, ARCHIVE + TAP + FIELD + sets)

    assert len(archive.datasets) == 500
    assert time.perf_counter() - begin < 1


def test_a_form_takes_what_its_description_promises(tmp_path):
    (archive,) = read(tmp_path, ARCHIVE + TAP + FIELD)

    assert read_form(archive.queries[0].Parameters, [("X", "a b")]).x == "a b"
