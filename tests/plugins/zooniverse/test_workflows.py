import pytest

from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import UsageError
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.workflows import WorkflowsParameters
from portal_zooniverse.workflows import WorkflowsQuery
from tests.support.panoptes import project
from tests.support.panoptes import workflow


@pytest.fixture
def query(panoptes, zooniverse):
    panoptes.projects = [project(1), project(2, display_name="Galaxy, Zoo")]
    panoptes.workflows = [
        workflow(10, 1),
        workflow(11, 2),
        workflow(12, 2, active=False, finished_at="2024-05-01T00:00:00.000Z"),
    ]
    return WorkflowsQuery(zooniverse)


@pytest.fixture
def ask(query, job, read):
    def ask(project, *, active=True, fields=()):
        parameters = WorkflowsParameters(
            project=project, active=active, workflow_fields=list(fields)
        )
        return read(query.run(parameters, job.context()))[0]

    return ask


def test_a_workflow_is_a_row_that_knows_its_project(ask):
    (row,) = ask("2")
    assert (
        row
        | {
            "workflow_id": 11,
            "display_name": "Workflow 11",
            "active": True,
            "classifications_count": 77,
            "subjects_count": 55,
            "retired_set_member_subjects_count": 22,
            "completeness": 0.4,
            "created_at": "2023-03-24T10:42:21.123Z",
            "updated_at": "2024-03-24T10:42:21.123Z",
            "finished_at": None,
            "version": "22.1",
            "primary_language": "en",
            "project_id": 2,
            "project_name": "Galaxy, Zoo",
            "project_slug": "somebody/project-2",
            "project_url": "https://zoo.example.org/projects/somebody/project-2",
            "retirement": '{"criteria": "classification_count", "options": {"count": 15}}',
        }
        == row
    )
    assert set(row) == {*(column.name for column in WORKFLOW_COLUMNS), "category"}


def test_the_short_name_of_a_project_does_as_well(ask):
    assert ask("Somebody/Project-2") == ask("2")


def test_workflows_of_the_past_are_listed_on_request(ask):
    assert [row["workflow_id"] for row in ask("2", active=False)] == [11, 12]


def test_pages_of_workflows_are_followed_without_what_is_not_wanted(panoptes, ask):
    panoptes.workflows = [workflow(n, 2) for n in range(1, 61)]
    assert len(ask("2", fields=["active"])) == 60
    asked = panoptes.asked("workflows")
    assert [one.get("page") for one in asked] == [None, "2", "3"]
    assert "tasks" not in asked[-1]["fields"].split(",")


@pytest.mark.parametrize("reference", ["2", "somebody/project-2"])
def test_the_text_of_a_query_is_what_is_asked(panoptes, query, ask, reference):
    first, second = query.text(WorkflowsParameters(project=reference)).splitlines()
    ask(reference)
    found, listed = panoptes.server.requests
    assert first.removeprefix(panoptes.server.url).partition("?")[0] == found.path
    assert second.startswith(f"{panoptes.url}/workflows?project_id=")
    for name, value in listed.form.items():
        assert f"{name}={value}" in second.replace("{projects.id}", "2")


@pytest.mark.parametrize(
    ("reference", "words"),
    [("99", "Could not find project with id='99'"), ("nobody/nothing", "no public project")],
)
def test_a_project_that_does_not_exist_is_no_empty_list(ask, reference, words):
    with pytest.raises(UsageError, match=words):
        ask(reference)


def test_a_private_project_looks_like_none(panoptes, ask):
    panoptes.projects[1]["private"] = True
    with pytest.raises(UsageError):
        ask("2")


@pytest.mark.parametrize("text", ["", "galaxy zoo", "-1", "a/b/c", "a/b,c/d", "../..?x=1", "１２"])
def test_what_can_be_no_project_is_refused_in_the_form(text):
    with pytest.raises(InvalidParametersError):
        read_form(WorkflowsParameters, [("project", text)])


def test_workflows_can_be_kept_in_a_basket(query, ask):
    (item,) = query.to_items(WORKFLOW_COLUMNS, ask("2"))
    assert item.title == "Galaxy, Zoo: Workflow 11: classifications"
    assert item.publisher_did == "zooniverse://project/2/workflow/11/classifications"
    assert item.obs_id == "11"
    assert item.access_url == "https://zoo.example.org/projects/somebody/project-2"


@pytest.mark.parametrize("example", WorkflowsQuery.examples, ids=lambda example: example.title)
def test_the_examples_are_valid(query, example):
    parameters = read_form(WorkflowsParameters, list(example.parameters.items()))
    assert query.job_title(parameters).startswith("Workflows of z")
