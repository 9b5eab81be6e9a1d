import pytest

from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import read_form
from portal.plugins import UsageError
from portal_zooniverse import members
from portal_zooniverse.columns import PROJECT_COLUMNS
from portal_zooniverse.columns import WORKFLOW_COLUMNS
from portal_zooniverse.fields import PROJECT_FIELDS
from portal_zooniverse.fields import WORKFLOW_FIELDS
from portal_zooniverse.users import UserProjectsParameters
from portal_zooniverse.users import UserProjectsQuery
from portal_zooniverse.users import UserWorkflowsParameters
from portal_zooniverse.users import UserWorkflowsQuery
from tests.support.panoptes import project
from tests.support.panoptes import role
from tests.support.panoptes import workflow

ALWAYS_OF_PROJECTS = {
    "project_id", "display_name", "created_at", "updated_at", "slug", "live",
    "available_languages", "launch_date", "project_url", "roles", "category",
}  # fmt: skip


@pytest.fixture
def projects(ours, read):
    """Return a function that lists the projects of a user for a job."""

    def projects(job, **form):
        parameters = read_form(UserProjectsParameters, [*form.items()])
        return read(UserProjectsQuery(ours).run(parameters, job.context()))[0]

    return projects


@pytest.fixture
def workflows(ours, read):
    """Return a function that lists the workflows of a user for a job."""

    def workflows(job, **form):
        parameters = read_form(UserWorkflowsParameters, [*form.items()])
        return read(UserWorkflowsQuery(ours).run(parameters, job.context()))[0]

    return workflows


def names(rows):
    return [row["display_name"] for row in rows]


def test_a_login_name_gives_the_public_projects_of_a_user(projects, stranger):
    rows = projects(stranger, user="ada")
    assert names(rows) == ["Galaxies"]
    assert rows[0]["roles"] == "collaborator"
    assert rows[0]["project_url"] == "https://zoo.example.org/projects/somebody/project-1"


def test_ones_own_projects_are_there_with_the_private_ones(projects, member):
    rows = projects(member)
    assert names(rows) == ["Galaxies", "Secret comets"]
    assert [row["roles"] for row in rows] == ["collaborator", "owner"]
    assert [row["live"] for row in rows] == [True, False]


def test_of_somebody_else_one_sees_what_one_shares(projects, member):
    assert names(projects(member, user="bob")) == ["Galaxies"]


def test_without_a_login_and_a_name_it_is_said_what_to_do(projects, stranger, team):
    with pytest.raises(UsageError, match="give the login name of a user, or store your login"):
        projects(stranger)
    assert team.server.requests == []


def test_an_organisation_has_projects_but_no_roles(projects, stranger):
    rows = projects(stranger, user="somebody")
    assert names(rows) == ["Galaxies", "Everybody's"]
    assert [row["roles"] for row in rows] == [None, None]


def test_a_user_whom_nobody_knows_is_no_empty_table(projects, stranger):
    with pytest.raises(UsageError, match="has no user nobody"):
        projects(stranger, user="nobody")


def test_a_user_without_projects_has_an_empty_table(projects, stranger, team):
    team.accounts.roles = []
    assert projects(stranger, user="ada") == []


def test_projects_that_were_deleted_are_left_out(projects, member, team):
    team.accounts.roles = [role(15, 7, 404, "owner")]
    assert projects(member) == []


def test_all_pages_of_roles_and_projects_are_read(projects, stranger, team, monkeypatch):
    monkeypatch.setattr(members, "AT_ONCE", 7)
    team.most_per_page = {"projects": 3, "project_roles": 4, "users": 1, "workflows": 2}
    team.projects = [project(n) for n in range(1, 18)]
    team.accounts.roles = [role(n, 7, n) for n in range(1, 18)]
    assert [row["project_id"] for row in projects(stranger, user="Ada")] == list(range(1, 18))


def test_a_user_has_all_columns_by_default_and_a_choice_of_them(projects, stranger):
    (row,) = projects(stranger, user="ada")
    assert row.keys() == {*PROJECT_FIELDS, *ALWAYS_OF_PROJECTS}
    (row,) = projects(stranger, user="ada", project_fields="urls")
    assert row.keys() == {"urls", *ALWAYS_OF_PROJECTS}


def test_what_is_nested_is_json(projects, stranger):
    (row,) = projects(stranger, user="ada")
    assert row["urls"] == '[{"url": "https://blog.example.org/", "label": "Blog"}]'
    assert row["configuration"] == '{"languages": ["en"]}'
    assert row["experimental_tools"] == "mini-course, translator"


def test_every_workflow_carries_its_own_project(workflows, member):
    rows = workflows(member)
    assert [(row["workflow_id"], row["project_id"], row["project_name"]) for row in rows] == [
        (10, 1, "Galaxies"),
        (20, 2, "Secret comets"),
        (21, 2, "Secret comets"),
    ]
    assert rows[1]["project_url"] == "https://zoo.example.org/projects/ada/comets"


def test_workflows_of_private_projects_need_their_team(workflows, stranger):
    assert [row["workflow_id"] for row in workflows(stranger, user="ada")] == [10]


def test_all_pages_of_workflows_are_read(workflows, stranger, team):
    team.workflows = [workflow(n, 1) for n in range(1, 61)]
    assert [row["workflow_id"] for row in workflows(stranger, user="ada")] == list(range(1, 61))


def test_only_the_fields_that_are_wanted_are_asked_for(workflows, stranger, team):
    (row,) = workflows(stranger, user="ada", workflow_fields="tasks")
    assert row["tasks"] == '{"T0": {"type": "single", "question": "Spiral or smooth?"}}'
    assert "retirement" not in row
    (asked,) = team.asked("workflows")
    assert asked["fields"] == "id,display_name,created_at,updated_at,tasks"


@pytest.mark.parametrize(
    ("query", "field", "names", "columns"),
    [
        (UserProjectsQuery, "project_fields", PROJECT_FIELDS, PROJECT_COLUMNS),
        (UserWorkflowsQuery, "workflow_fields", WORKFLOW_FIELDS, WORKFLOW_COLUMNS),
    ],
)
def test_every_extra_column_is_offered_in_words(ours, query, field, names, columns):
    offered = {name: query(ours).choices(name) for name in query.Parameters.model_fields}
    shown = {one.name: one for one in form_fields(query.Parameters, offered)}[field]
    assert [choice.value for choice in shown.choices] == list(names)
    assert {*names} <= {column.name for column in columns}
    assert "All of them by default" in shown.description


@pytest.mark.parametrize("text", ["a,b", "../projects", "a/b", "a\nb", "x" * 101])
def test_what_can_be_no_user_is_refused_in_the_form(text):
    with pytest.raises(InvalidParametersError):
        read_form(UserProjectsParameters, [("user", text)])


@pytest.mark.parametrize("text", ["me&x=1", "{users.id}", "o'neil", "ü ñ", "?", "#"])
def test_a_name_with_odd_characters_is_a_name(projects, stranger, text):
    with pytest.raises(UsageError, match="has no user"):
        projects(stranger, user=text)


def test_the_text_says_what_is_asked(ours):
    text = UserWorkflowsQuery(ours).text(UserWorkflowsParameters(user="ada"))
    assert [line.partition("/api/")[2].partition("?")[0] for line in text.splitlines()] == [
        "users",
        "project_roles",
        "projects",
        "workflows",
    ]


def test_a_row_in_a_basket_names_project_and_kind_of_data(ours, projects, workflows, member):
    rows = projects(member, category="subjects")
    item = UserProjectsQuery(ours).to_items((), rows)[1]
    assert item.publisher_did == "zooniverse://project/2/subjects"
    assert item.title == "Secret comets: subjects"
    item = UserWorkflowsQuery(ours).to_items((), workflows(member))[2]
    assert item.publisher_did == "zooniverse://project/2/workflow/21/classifications"
