"""Workflows in TOML: what is read, and what is wrong with a file by its line."""

from pathlib import Path

import pytest

from portal.plugins.described.reading import DescribedFile
from portal.plugins.described.reading import Kind
from portal.plugins.described.reading import kind_of
from portal.plugins.described.reading import read_workflows
from portal.plugins.described.reading import UnusableFileError
from portal.plugins.described.workflows import WorkflowDescription
from portal.plugins.registry import PluginRegistry
from portal.runtime import BUNDLED

WORKFLOW = """\
[[workflows]]
id = "demo"
title = "Demo"
repository = "https://git.example.org/group/demo"
"""


def read(folder, text):
    path = folder / "workflows.toml"
    path.write_text(text, encoding="utf-8")
    return read_workflows(DescribedFile(path=path, kind=Kind.WORKFLOWS))


def faults(folder, text):
    with pytest.raises(UnusableFileError) as caught:
        read(folder, text)
    return [(one.line, one.message) for one in caught.value.faults]


def test_a_block_says_what_a_workflow_is(tmp_path):
    (workflow,) = read(
        tmp_path,
        WORKFLOW + 'ref = "v1"\npath = "a.ipynb"\ntype = "cli"\nkeywords = ["radio"]\n'
        'authors = ["A. Uthor"]\n'
        'cores = 2\nmemory = "4 GiB"\nstorage = 10\ndoi = "10.5281/zenodo.1"\norder = 3\n',
    )

    assert (workflow.ref, workflow.path, workflow.type) == ("v1", "a.ipynb", "cli")
    assert (workflow.keywords, workflow.authors) == (("radio",), ("A. Uthor",))
    assert (workflow.cores, workflow.memory, workflow.storage) == (2, 4 * 2**30, 10)


def test_without_more_it_is_a_notebook_at_the_head_of_its_repository(tmp_path):
    (workflow,) = read(tmp_path, WORKFLOW)

    assert (workflow.ref, workflow.path, workflow.type) == ("HEAD", None, "notebook")


def test_the_address_of_a_file_is_taken_apart(tmp_path):
    page = "https://git.example.org/group/demo/-/blob/main/a.ipynb"
    (workflow,) = read(tmp_path, WORKFLOW.replace("https://git.example.org/group/demo", page))

    assert workflow.repository == "https://git.example.org/group/demo"
    assert (workflow.ref, workflow.path) == ("main", "a.ipynb")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("colour = 1", "colour: there is no such key here"),
        ('key_words = ["x"]', "is it keywords?"),
        ('ref = "--help"', "ref: this cannot be a branch"),
        ('path = "../x"', "path: a path is relative"),
        ('definition = "/x"', "definition: a path is relative"),
        ('memory = "much"', 'such as "4 GB"'),
        ('type = "batch"', "choose one of"),
        ('doi = "zenodo.1"', "a DOI is written"),
        ("cores = 0", "more than 0"),
        ('tutorial_url = "javascript:1"', "write a whole address"),
        ('authors = "A. Uthor"', "write a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, line, message):
    ((at, said),) = faults(tmp_path, WORKFLOW + line + "\n")

    assert at == 5
    assert message in said


def test_an_address_and_a_ref_that_contradict_each_other_are_wrong(tmp_path):
    text = WORKFLOW.replace("group/demo", "group/demo/-/tree/main") + 'ref = "dev"\n'

    assert faults(tmp_path, text) == [(5, "ref: the address of the repository says main")]


def test_a_repository_that_is_none_is_wrong(tmp_path):
    text = WORKFLOW.replace("/group/demo", "")

    assert faults(tmp_path, text)[0][0] == 4
    assert faults(tmp_path, "") == [(None, "it describes no workflow: write [[workflows]]")]
    assert faults(tmp_path, WORKFLOW * 2) == [(6, "the id demo is there twice")]


def test_a_file_says_by_its_blocks_what_it_describes(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("# words\n" + WORKFLOW)

    assert kind_of(path) is Kind.WORKFLOWS
    assert kind_of(tmp_path / "missing.toml") is Kind.ARCHIVES


def test_the_bundled_file_has_what_esap_offered():
    workflows = read_workflows(DescribedFile(path=BUNDLED, kind=Kind.WORKFLOWS))
    paths = {one.id: one.path for one in workflows}

    assert len(workflows) == 7
    assert paths["hcg-16"] is None
    assert paths["mocpy"] is None
    assert {one.id for one in workflows if one.type == "desktop"} == {"topcat"}


def test_the_files_are_one_source_and_a_wrong_one_is_set_aside_alone(tmp_path):
    good, other, bad = (tmp_path / f"{name}.toml" for name in ("good", "other", "bad"))
    good.write_text(WORKFLOW)
    other.write_text(WORKFLOW.replace('"demo"', '"other"'))
    bad.write_text(WORKFLOW + "x = 1\n")
    registry = PluginRegistry()
    files = [DescribedFile(path=path, kind=Kind.WORKFLOWS) for path in (good, bad, other, good)]

    registry.load([], settings={}, data_dir=tmp_path, files=files)
    (source,) = registry.workflow_sources

    assert source.id == "local"
    assert [one.id for one in source.workflows()] == ["demo", "other"]
    reasons = [plugin.reason for plugin in registry.plugins]
    assert reasons[0] is None
    assert "line 5: x: there is no such key here" in reasons[1]
    assert "the workflow id demo is already taken" in reasons[3]


def test_what_operators_read_about_workflows_is_true(tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "operators.md").read_text(encoding="utf-8")
    example = page.partition("\n## Workflows\n")[2].partition("```toml\n")[2].partition("```")[0]

    (workflow,) = read(tmp_path, example)

    keys = set(WorkflowDescription.model_fields)
    assert all(f"\n{key} = " in example for key in keys)
    assert workflow.memory == 4_000_000_000
