"""Forms that are described and become ADQL."""

import pytest
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
from sqlglot import exp

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import Column
from portal.plugins import Cone
from portal.plugins import parse_adql
from portal.plugins import ResultTable
from portal.plugins import UsageError
from portal.plugins.testing import check_abort
from portal_vo.datalink.actions import ArchivePreview
from portal_vo.datalink.places import find_places
from tests.support.descriptions import ARCHIVE
from tests.support.descriptions import query
from tests.support.descriptions import read as read_archives
from tests.support.descriptions import TAP

CONE = 'cone = { ra = "s_ra", dec = "s_dec", radius = 0.5, maximum = 10 }\n'


def field(**keys):
    lines = [f"{name} = {value}" for name, value in keys.items()]
    return "\n[[archives.queries.fields]]\n" + "\n".join(lines) + "\n"


TEXT = field(name='"x"', column='"Obs Name"')
CHOICE = field(
    name='"kind"',
    type='"choice"',
    column='"calib_level"',
    default=1,
    choices="""[{ value = "all", any = true }, { value = 1 }, { value = "one", title = "One" },
      { value = "both", condition = "a = 1 OR b = 2" }]""",
)
BAND = field(name='"band"', type='"band"', column_min='"em_min"', column_max='"em_max"')
WHEN = field(name='"when"', type='"time"', column_min='"t_min"', column_max='"t_max"')


def adql(query, **values):
    pairs = [
        (name, one)
        for name, value in values.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    return query.text(read_form(query.Parameters, pairs))


def where(query, **values):
    return adql(query, **values).partition("\nWHERE ")[2].split("\n  AND ")


def test_an_empty_form_asks_for_all_of_the_table(tmp_path):
    asked = query(tmp_path, TAP)

    assert adql(asked) == "SELECT *\nFROM ivoa.obscore"


def test_columns_order_and_fixed_conditions_are_as_described(tmp_path):
    block = TAP + 'columns = ["obs_id", "\\"size\\"", "_RA"]\norder_by = ["obs_id", "-Date"]\n'
    asked = query(tmp_path, block + 'conditions = ["a = 1 OR b = 2", "c IS NOT NULL"]\n')

    assert adql(asked).splitlines() == [
        'SELECT obs_id, "size", "_RA"',
        "FROM ivoa.obscore",
        "WHERE (a = 1 OR b = 2)",
        "  AND (c IS NOT NULL)",
        'ORDER BY obs_id, "Date" DESC',
    ]


@pytest.mark.parametrize(
    ("operator", "condition"),
    [
        ("=", "\"Obs Name\" = 'M 31'"),
        ("!=", "\"Obs Name\" <> 'M 31'"),
        ("contains", "LOWER(\"Obs Name\") LIKE '%m 31%'"),
        ("starts with", "LOWER(\"Obs Name\") LIKE 'm 31%'"),
        ("like", "\"Obs Name\" LIKE 'M 31'"),
    ],
)
def test_a_text_is_compared_as_described(tmp_path, operator, condition):
    asked = query(tmp_path, TAP + TEXT + f'operator = "{operator}"\n')

    assert where(asked, x="M 31") == [condition]


def test_numbers_and_intervals_are_compared_as_numbers(tmp_path):
    block = TAP + field(name='"n"', type='"integer"', column='"n"', operator='">="')
    block += field(name='"f"', type='"number"', column='"f"', operator='"<"')
    asked = query(tmp_path, block + field(name='"i"', type='"interval"', column='"i"'))

    assert where(asked, n="-3", f="1.5", i="1..2") == [
        "n >= (-3)", "f < 1.5", "i >= 1.0 AND i <= 2.0"
    ]  # fmt: skip
    assert where(asked, i="> 7") == ["i >= 7.0"]


def test_a_choice_has_the_type_that_the_description_gives_it(tmp_path):
    asked = query(tmp_path, TAP + CHOICE)

    assert where(asked) == ["calib_level = 1"]
    assert where(asked, kind="one") == ["calib_level = 'one'"]
    assert where(asked, kind="both") == ["(a = 1 OR b = 2)"]
    assert where(asked, kind="all") == [""]


def test_several_choices_are_alternatives(tmp_path):
    block = CHOICE.replace('"choice"', '"choices"').replace("default = 1\n", "")
    asked = query(tmp_path, TAP + block.replace('{ value = "all", any = true },', ""))

    assert where(asked) == [""]
    assert where(asked, kind=["1", "one"]) == ["calib_level IN (1, 'one')"]
    assert where(asked, kind=["both", "1"]) == ["((a = 1 OR b = 2) OR calib_level = 1)"]


def test_a_field_asks_for_nothing_where_another_makes_it_meaningless(tmp_path):
    size = field(name='"size"', type='"number"', column='"fov"', operator='"<"', default=2)
    block = TAP + CHOICE + size + 'visible_if = { kind = [1, "one"] }\n'
    asked = query(tmp_path, block)

    assert where(asked) == ["calib_level = 1", "fov < 2.0"]
    assert where(asked, kind="both") == ["(a = 1 OR b = 2)"]
    assert where(asked, kind="one", size="5") == ["calib_level = 'one'", "fov < 5.0"]
    with pytest.raises(InvalidParametersError, match="only with kind 1 or one"):
        adql(asked, kind="both", size="5")


def test_a_box_adds_its_condition_when_it_is_ticked(tmp_path):
    box = field(name='"public"', type='"boolean"', condition='"released < 5"', default="true")
    asked = query(tmp_path, TAP + box)

    assert where(asked) == ["(released < 5)"]
    assert where(asked, **{"public.present": "1"}) == [""]


def test_bands_and_times_meet_what_two_columns_span(tmp_path):
    asked = query(tmp_path, TAP + BAND + WHEN)

    assert where(asked, band="0.25 0.5 m", when="2019-01-01") == [
        "em_max >= 0.25 AND em_min <= 0.5", "t_max >= 58484.0 AND t_min <= 58485.0"
    ]  # fmt: skip
    assert where(asked, band="> 1 m", when="< 58000") == ["em_max >= 1.0", "t_min <= 58000.0"]


def test_times_may_be_texts_in_the_table(tmp_path):
    block = field(name='"t"', type='"time"', column='"date_obs"', time_format='"iso"')
    asked = query(tmp_path, TAP + block)

    assert where(asked, t="2019-01-01T00:00 2019-02-01T00:00") == [
        "date_obs >= '2019-01-01T00:00:00' AND date_obs <= '2019-02-01T00:00:00'"
    ]
    assert where(asked, t="-1e9 1e9") == [
        "date_obs >= '0001-01-01T00:00:00' AND date_obs <= '9999-12-31T23:59:59'"
    ]


@pytest.mark.parametrize("value", ["NGC 1", "400 10"])
def test_a_table_without_coordinates_may_have_a_field_called_position(tmp_path, value):
    asked = query(tmp_path, TAP + field(name='"position"', column='"slit"'))

    assert where(asked, position=value) == [f"slit = '{value}'"]
    assert asked.place(read_form(asked.Parameters, [("position", value)])) == ""


def test_a_position_is_a_circle_in_icrs(tmp_path):
    asked = query(tmp_path, TAP + CONE)

    circle = "CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 10.0, (-20.5), 0.05)) = 1"
    assert where(asked, position="10 -20.5", radius="3", radius_unit="arcmin") == [circle]
    assert "0.5)) = 1" in adql(asked, position="10 -20.5")


def test_a_name_is_looked_up_by_the_job(tmp_path, tap, job, read):
    block = (TAP + CONE).replace("https://tap.example.org/tap", tap.url)
    asked = query(tmp_path, block)
    parameters = read_form(asked.Parameters, [("position", "M 31")])
    job.positions = {"M 31": (10.68, 41.27)}

    rows, _ = read(asked.run(parameters, job.context()))

    assert "the position of M 31" in asked.text(parameters)
    assert asked.code(parameters, maxrec=5) == ()
    assert asked.in_adql(parameters) is None
    assert len(rows) == 3
    assert "CIRCLE('ICRS', 10.68, 41.27, 0.5)" in tap.form("/tap/async")["QUERY"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"position": "400 0"}, "0 to 360"),
        ({"position": "1 2", "radius": "11"}, "radius: is at most 10 degrees"),
        ({"position": "1 2", "radius": "-1"}, "at least 0"),
        ({"position": "1 2", "radius": "nan"}, "finite"),
        ({"x": "a\0b"}, "U+0000"),
        ({"x": "a" * 501}, "longer than 500"),
        ({"kind": "two"}, "choose one of"),
        ({"band": "5 apples"}, "unit"),
        ({"span": "inf"}, "finite"),
        ({"span": "> 1e999"}, "finite"),
        ({"when": "yesterday"}, "dates"),
        ({"nothing": "1"}, "no such parameter"),
        ({"n": "9" * 400}, "n: the number is too large"),
        ({"n": "-9223372036854775809"}, "n: the number is too large"),
    ],
)
def test_absurd_values_are_refused_at_their_fields(tmp_path, values, message):
    span = field(name='"span"', type='"interval"', column='"a"')
    whole = field(name='"n"', type='"integer"', column='"n"')
    asked = query(tmp_path, TAP + CONE + TEXT + CHOICE + BAND + WHEN + span + whole)

    with pytest.raises(InvalidParametersError, match=message.replace("+", r"\+")):
        adql(asked, **values)


@pytest.fixture(params=["=", "contains", "like"])
def by_text(request, tmp_path):
    """A query with one field for a text."""
    return query(tmp_path, TAP + TEXT + f'operator = "{request.param}"\n')


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and "\0" not in text))
def test_no_value_becomes_anything_but_a_literal(by_text, value):
    text = by_text.text(by_text.Parameters(x=value))

    literals = [one.this for one in parse_adql(text).find_all(exp.Literal)]
    assert any(value.strip().lower() in one.lower() for one in literals)


def test_the_query_opens_in_the_editor_and_as_a_program(tmp_path):
    asked = query(tmp_path, TAP + CONE + TEXT)
    parameters = read_form(
        asked.Parameters, [("position", "1 2"), ("x", "O'Neil"), ("maxrec", "5")]
    )
    link = asked.in_adql(parameters)

    assert link.query_id == "query.tap"
    assert link.parameters["query"] == asked.text(parameters)
    assert link.parameters["maxrec"] == "5"
    assert link.parameters["access_url"] == "https://tap.example.org/tap"
    assert [one.tool for one in asked.code(parameters, maxrec=5)] == ["pyvo", "curl", "stilts"]
    assert "O''Neil" in asked.code(parameters, maxrec=5)[0].text
    assert asked.job_title(parameters) == "Observations: around 1 2, x O'Neil"


def test_a_cone_of_all_archives_asks_for_any_choice(tmp_path):
    asked = query(tmp_path, TAP + CONE + CHOICE + BAND + WHEN)

    values = asked.from_cone(
        Cone(ra=10, dec=-5, radius=0.25, band=(None, 0.5), time=(58000, 58001.5))
    )

    assert where(asked, **values) == [
        "em_min <= 0.5",
        "t_max >= 58000.0 AND t_min <= 58001.5",
        "CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 10.0, (-5.0), 0.25)) = 1",
    ]
    assert where(asked, **asked.from_cone(Cone(ra=1e-9, dec=5, radius=1, band=(None, None))))


def test_a_cone_of_all_archives_leaves_out_what_means_nothing(tmp_path):
    more = CHOICE.replace('name = "kind"', 'name = "more"') + 'visible_if = { kind = ["one"] }\n'
    asked = query(tmp_path, TAP + CONE + CHOICE + more)

    values = asked.from_cone(Cone(ra=1, dec=2, radius=1))

    assert values["kind"] == "all"
    assert "more" not in values
    assert len(where(asked, **values)) == 1


@pytest.mark.parametrize(
    ("block", "cone"),
    [
        (TAP, Cone(ra=1, dec=2, radius=1)),
        (TAP + CONE, Cone(ra=1, dec=2, radius=11)),
        (TAP + CONE, Cone(ra=1, dec=2, radius=1, band=(1, 2))),
        (TAP + CONE, Cone(ra=1, dec=2, radius=1, time=(1, None))),
        (TAP + CONE + TEXT + "required = true\n", Cone(ra=1, dec=2, radius=1)),
    ],
)
def test_a_query_that_has_no_answer_to_a_cone_says_so(tmp_path, block, cone):
    assert query(tmp_path, block).from_cone(cone) is None


def test_each_data_set_asks_for_its_own_collection_only(tmp_path):
    sets = "".join(
        f'[[archives.datasets]]\nid = "s{kind}"\ntitle = "S"\nquery = "obs"\n'
        f'parameters = {{ kind = "{kind}" }}\n'
        for kind in ("1", "one", "both")
    )
    (archive,) = read_archives(tmp_path, ARCHIVE + TAP + CONE + CHOICE + sets)
    cone = archive.queries[0].from_cone(Cone(ra=1, dec=2, radius=1))

    asked = {adql(archive.queries[0], **{**cone, **one.parameters}) for one in archive.datasets}

    assert len(asked) == 3


def test_rows_become_items_by_the_columns_that_are_named(tmp_path, tap, job, read):
    block = TAP + 'items = { title = "N", access_url = "n", s_ra = "n", obs_id = "gone" }\n'
    asked = query(tmp_path, block.replace("https://tap.example.org/tap", tap.url))

    table = asked.run(asked.Parameters(), job.context())
    rows, _ = read(table)
    item = asked.to_items(table.columns, rows)[0]

    assert (item.title, item.access_url, item.s_ra) == ("1", "1", 1.0)


def test_what_a_row_leads_to_is_known_by_the_columns_that_are_named(tmp_path):
    items = """items = { access_url = "file", access_format = "kind", thumbnail = "picture",
      s_ra = "a", s_dec = "d" }
""".replace("\n      ", " ")
    asked = query(tmp_path, TAP + items)
    text = [Column(name=name, arraysize="*") for name in ("file", "kind", "picture")]
    numbers = [Column(name=name, datatype="double") for name in ("a", "d")]
    table = asked.with_meanings(ResultTable.from_rows([*text, *numbers], []))

    places = find_places(table.columns)
    assert (places.url, places.format, places.preview) == ("file", "kind", "picture")
    assert [one.ucd for one in table.columns[3:]] == ["pos.eq.ra;meta.main", "pos.eq.dec;meta.main"]
    assert ArchivePreview().bind(table.columns, lambda: None) is not None


def test_the_services_own_words_reach_the_user(tmp_path, server, job):
    server.routes["/tap/sync"] = lambda exchange: exchange.answer(
        "column obs_nme does not exist", status=400, content_type="text/plain"
    )
    block = TAP.replace("https://tap.example.org/tap", f"{server.url}/tap")
    asked = query(tmp_path, block + 'mode = "synchronous"\n')

    with pytest.raises(UsageError, match="obs_nme does not exist"):
        asked.run(asked.Parameters(), job.context())


def test_an_abort_is_orderly(tmp_path, tap, job):
    asked = query(tmp_path, TAP.replace("https://tap.example.org/tap", tap.url))

    check_abort(asked, asked.Parameters(), job)
