"""What a BinderHub takes, where it sends browsers, and what an operator may say of it."""

import pytest
from pydantic import ValidationError

import portal_binderhub
from portal.plugins import BasketSummary
from portal.plugins import Mode
from portal.plugins import PluginContext
from portal.plugins import Staging
from portal.plugins import Workflow
from portal.plugins import WorkflowType
from portal_binderhub.facility import BinderHub
from portal_binderhub.settings import BinderHubSettings
from portal_binderhub.settings import BinderSettings

REPOSITORY = "https://github.com/AMIGA-IAA/hcg-16"
GIGABYTE = 1_000_000_000


def place(**settings):
    given = {"id": "b", "title": "Our Binder", "url": "https://binder.example.org/hub"}
    return BinderHub(BinderSettings.model_validate(given | settings))


def workflow(**more):
    return Workflow(**{"id": "w", "title": "W", "repository": REPOSITORY} | more)


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (None, "lab"),
        ("demo.ipynb", "lab/tree/demo.ipynb"),
        ("a b/c&d#1.ipynb", "lab/tree/a%2520b/c%2526d%25231.ipynb"),
    ],
)
def test_a_link_opens_what_the_workflow_names(path, page):
    link = place().link(REPOSITORY, "release/1", path)

    quoted = "https%3A%2F%2Fgithub.com%2FAMIGA-IAA%2Fhcg-16"
    assert link == f"https://binder.example.org/hub/v2/git/{quoted}/release/1?urlpath={page}"


@pytest.mark.parametrize(
    ("settings", "mode", "staging"),
    [
        ({"mode": "launch"}, Mode.LAUNCH, Staging.SESSION),
        ({"mode": "launch", "stage": "build"}, Mode.LAUNCH, Staging.REPOSITORY),
        ({}, Mode.REDIRECT, Staging.REPOSITORY),
    ],
)
def test_a_notebook_is_taken_with_its_data_where_the_portal_can_put_them(settings, mode, staging):
    answer = place(**settings).accepts(workflow(), BasketSummary(files=3, bytes=10))

    assert (answer.accepts, answer.mode, answer.staging) == (True, mode, staging)
    assert answer.reason == answer.warning == ""


@pytest.mark.parametrize(
    ("settings", "software", "basket", "reason"),
    [
        ({}, {"type": WorkflowType.DESKTOP}, {}, "windows of its own; Our Binder runs notebooks"),
        ({}, {"type": WorkflowType.CLI}, {}, "for the command line; Our Binder runs notebooks"),
        ({}, {"repository": ""}, {}, "no git repository"),
        ({}, {"repository": "git@github.com:a/b"}, {}, "no git repository"),
        ({}, {"repository": "file:///etc"}, {}, "no git repository"),
        ({"memory": "2 GB"}, {"memory": 4 * GIGABYTE}, {}, "needs 4 GB of memory; sessions have 2"),
        ({"cores": 1.5}, {"cores": 4}, {}, "needs 4 cores; sessions have 1.5"),
        (
            {"storage": "10 GB"},
            {"storage": GIGABYTE},
            {"bytes": 10 * GIGABYTE},
            "need 11 GB of disk",
        ),
    ],
)
def test_what_cannot_run_there_is_refused_with_the_reason(settings, software, basket, reason):
    answer = place(**settings).accepts(workflow(**software), BasketSummary(**basket))

    assert not answer.accepts
    assert reason in answer.reason


def test_files_of_unknown_size_and_a_login_are_worth_a_warning():
    basket = BasketSummary(files=2, unsized=2)
    answer = place(storage="10 GB", login=True, mode="launch").accepts(workflow(), basket)

    assert answer.accepts
    assert answer.warning == (
        "You need a token of binder.example.org in your account. "
        "Sessions have 10 GB of disk, and the size of 2 files is not known."
    )


def test_mybinder_comes_along_unless_it_is_turned_off(tmp_path):
    def found(**settings):
        given = BinderHubSettings.model_validate(settings)
        context = PluginContext(settings=given, data_dir=tmp_path)
        return [one.id for one in portal_binderhub.portal_register_facilities(context)]

    own = {"id": "jive", "title": "JIVE", "url": "https://jupyter.example.org/"}
    assert found() == ["mybinder"]
    assert found(facilities=[own]) == ["mybinder", "jive"]
    assert found(mybinder=False, facilities=[own]) == ["jive"]


@pytest.mark.parametrize(
    "wrong",
    [{"url": "ftp://x.org"}, {"id": "Über"}, {"mode": "batch"}, {"title": ""}, {"colour": "red"}],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        place(**wrong)
