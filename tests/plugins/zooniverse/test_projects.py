import pytest
from astropy.io.votable.ucd import check_ucd

from portal.parameters import check_model
from portal.parameters import form_fields
from portal.parameters import read_form
from portal.plugins import TableEnd
from portal_zooniverse.columns import CATEGORY
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.projects import ORDERS
from portal_zooniverse.projects import ProjectsParameters
from portal_zooniverse.projects import ProjectsQuery
from tests.support.panoptes import project
from tests.support.panoptes import send


@pytest.fixture
def query(zooniverse):
    return ProjectsQuery(zooniverse)


@pytest.fixture
def search(query, job, read):
    """Return a function that gives the rows that a form finds."""

    def search(**form):
        parameters = read_form(ProjectsParameters, list(form.items()))
        return read(query.run(parameters, job.context()))[0]

    return search


def ids(rows):
    return [row["project_id"] for row in rows]


def test_a_project_is_a_row_with_typed_values(panoptes, search):
    panoptes.projects = [project(7, tags=["astronomy", "gas, dust"], description="Ü, <b>")]
    (row,) = search()
    assert (
        row
        | {
            "project_id": 7,
            "display_name": "Project 7",
            "description": "Ü, <b>",
            "state": "live",
            "live": True,
            "launch_approved": True,
            "tags": "astronomy, gas, dust",
            "classifications_count": 7_000,
            "classifiers_count": 70,
            "subjects_count": 700,
            "retired_subjects_count": 350,
            "completeness": 0.5,
            "launch_date": "2024-01-08T10:00:00.000Z",
            "created_at": "2023-03-24T10:42:21.123Z",
            "updated_at": "2024-03-24T10:42:21.123Z",
            "primary_language": "en",
            "available_languages": "en",
            "slug": "somebody/project-7",
            "project_url": "https://zoo.example.org/projects/somebody/project-7",
        }
        == row
    )
    assert set(row) == {*(column.name for column in PROJECT_COLUMNS), "category"}


def test_what_a_project_does_not_say_is_null(panoptes, search):
    least = {"id": "1", "display_name": "One", "slug": "a/b"}
    meta = {"projects": {"next_page": None, "page_count": 1}}
    panoptes.instead[1] = lambda one: send(one, {"projects": [least], "meta": meta})
    (row,) = search()
    assert row.pop("tags") == row.pop("available_languages") == row.pop("experimental_tools") == ""
    known = {"project_id", "display_name", "slug", "project_url", "category"}
    assert {name for name, value in row.items() if value is not None} == known


def test_the_text_of_a_query_is_the_address_that_is_asked(panoptes, query, job, read):
    parameters = ProjectsParameters(keywords="dust & gas", discipline="social science")
    read(query.run(parameters, job.context()))
    (asked,) = panoptes.asked()
    assert query.text(parameters) == (
        f"{panoptes.url}/projects?search=dust+%26+gas&tags=social+science"
        "&launch_approved=true&sort=-launch_date&page_size=100"
    )
    assert asked == {
        "search": "dust & gas",
        "tags": "social science",
        "launch_approved": "true",
        "sort": "-launch_date",
        "page_size": "100",
    }


def test_each_field_narrows_the_search(panoptes, search):
    panoptes.projects = [
        project(1, display_name="Galaxy Zoo"),
        project(2, display_name="Galaxy builder", state="paused"),
        project(3, display_name="Penguins", tags=["nature"]),
        project(4, display_name="Trial galaxy", launch_approved=False),
        project(5, display_name="Hidden galaxy", private=True),
    ]
    assert ids(search()) == [3, 2, 1]
    assert ids(search(keywords="galaxy zoo")) == [1]
    assert ids(search(state="paused")) == [2]
    assert ids(search(discipline="nature")) == [3]
    assert ids(search(keywords="GALAXY", **{"launch_approved.present": "1"})) == [4, 2, 1]


@pytest.mark.parametrize("words", ["galaxy:zoo", "galaxy: zoo", " galaxy  zoo:"])
def test_a_colon_makes_no_search_criterion(panoptes, search, words):
    panoptes.projects = [project(1, display_name="Galaxy Zoo"), project(2)]
    assert ids(search(keywords=words)) == [1]


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_one_that_the_api_has(panoptes, search, order):
    panoptes.projects = [project(1), project(2), project(3)]
    assert sorted(ids(search(sort=order))) == [1, 2, 3]


def test_pages_are_followed_to_the_end_with_every_filter(panoptes, search, job):
    panoptes.most_per_page["projects"] = 2
    panoptes.projects = [project(n, tags=["nature"] if n % 2 else []) for n in range(1, 11)]
    assert ids(search(discipline="nature", keywords="project")) == [9, 7, 5, 3, 1]
    assert [one.get("page") for one in panoptes.asked()] == [None, "2", "3"]
    assert job.reports[0] == (1 / 3, "1 of 3 pages of projects have arrived")
    assert job.reports[-1] == (1.0, "3 of 3 pages of projects have arrived")


def test_a_page_is_handed_on_before_the_next_is_asked_for(panoptes, query, job):
    panoptes.most_per_page["projects"] = 2
    panoptes.projects = [project(n) for n in range(1, 6)]
    batches = iter(query.run(ProjectsParameters(), job.context()).batches)
    assert panoptes.asked() == []
    assert next(batches).num_rows == 2
    assert len(panoptes.asked()) == 1


def test_what_moves_to_the_next_page_meanwhile_is_given_once(panoptes, search):
    panoptes.most_per_page["projects"] = 2
    panoptes.projects = [project(n) for n in range(1, 5)]

    def grow(exchange):
        del panoptes.instead[2]
        panoptes.projects.append(project(9))
        panoptes.server.routes[exchange.path](exchange)

    panoptes.instead[2] = grow
    assert ids(search()) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("maxrec", "rows", "overflow", "pages"),
    [(0, 0, True, 1), (3, 3, True, 2), (4, 4, True, 3), (5, 5, False, 3), (6, 5, False, 3)],
)
def test_the_row_limit_cuts_and_says_so(panoptes, query, job, read, maxrec, rows, overflow, pages):
    panoptes.most_per_page["projects"] = 2
    panoptes.projects = [project(n) for n in range(1, 6)]
    job.maxrec = maxrec
    found, end = read(query.run(ProjectsParameters(), job.context()))
    assert (len(found), end.overflow, len(panoptes.asked())) == (rows, overflow, pages)


def test_extra_columns_can_be_chosen(panoptes, search):
    panoptes.projects = [project(7)]
    (row,) = search(project_fields="state")
    assert "introduction" not in row
    assert row["state"] == "live"


def test_nothing_found_is_an_empty_table(query, job, read):
    table = query.run(ProjectsParameters(keywords="nothing"), job.context())
    assert table.columns == (*PROJECT_COLUMNS, CATEGORY)
    assert read(table) == ([], TableEnd())


def test_projects_can_be_kept_in_a_basket(panoptes, query, search):
    panoptes.projects = [project(7)]
    (item,) = query.to_items(PROJECT_COLUMNS, search())
    assert item.title == "Project 7: classifications"
    assert item.publisher_did == "zooniverse://project/7/classifications"
    assert item.obs_id == "somebody/project-7"
    assert item.obs_collection == "Zooniverse"
    assert item.access_url == "https://zoo.example.org/projects/somebody/project-7"
    assert item.s_ra is None


@pytest.mark.parametrize("columns", [PROJECT_COLUMNS, WORKFLOW_COLUMNS])
def test_columns_are_described_in_words_of_the_vocabulary(columns):
    assert all(column.description for column in columns)
    assert all(check_ucd(column.ucd, check_controlled_vocabulary=True) for column in columns)


def test_the_form_offers_its_choices_in_words(query):
    check_model(ProjectsParameters)
    offered = {name: query.choices(name) for name in ProjectsParameters.model_fields}
    for field in form_fields(ProjectsParameters, offered):
        for choice in field.choices:
            assert choice.title != choice.value
            read_form(ProjectsParameters, [(field.name, choice.value)])
    assert len(offered["discipline"]) == 11
    assert len(offered["project_fields"]) == 28


@pytest.mark.parametrize("example", ProjectsQuery.examples, ids=lambda example: example.title)
def test_the_examples_are_valid(example):
    read_form(ProjectsParameters, list(example.parameters.items()))


def test_the_job_is_named_by_what_is_looked_for(query):
    assert query.job_title(ProjectsParameters()) == "Find projects: all"
    named = ProjectsParameters(keywords="dust", state="live")
    assert query.job_title(named) == "Find projects: dust, live"
