"""Addresses of repositories, and of pages that show a branch or a file of one."""

import pytest

from portal.plugins.repositories import check_path
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.problems import UsageError


@pytest.mark.parametrize(
    ("address", "repository", "ref", "path"),
    [
        ("https://github.com/a/b", "https://github.com/a/b", None, None),
        (" https://github.com/a/b/ ", "https://github.com/a/b", None, None),
        ("https://github.com/a/b.git", "https://github.com/a/b.git", None, None),
        ("https://github.com/a/b/tree/v1.2", "https://github.com/a/b", "v1.2", None),
        ("https://github.com/a/b/tree/main/demo", "https://github.com/a/b", "main", "demo"),
        ("https://github.com/a/b/releases/tag/v1.2", "https://github.com/a/b", "v1.2", None),
        (
            "https://github.com/a/b/blob/main/x/My%20plot.ipynb#L5",
            "https://github.com/a/b",
            "main",
            "x/My plot.ipynb",
        ),
        (
            "https://git.astron.nl/group/sub/demo/-/blob/dev/PyVO.ipynb?ref_type=heads",
            "https://git.astron.nl/group/sub/demo",
            "dev",
            "PyVO.ipynb",
        ),
        (
            "https://git.astron.nl/g/s/demo/-/tree/dev",
            "https://git.astron.nl/g/s/demo",
            "dev",
            None,
        ),
        (
            "https://codeberg.org/a/b/src/tag/v1/n.ipynb",
            "https://codeberg.org/a/b",
            "v1",
            "n.ipynb",
        ),
        ("http://127.0.0.1:8080/blob", "http://127.0.0.1:8080/blob", None, None),
    ],
)
def test_pages_of_forges_name_repository_ref_and_path(address, repository, ref, path):
    read = read_repository(address)

    assert (read.repository, read.ref, read.path) == (repository, ref, path)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "git@github.com:a/b.git",
        "ssh://git@github.com/a/b",
        "file:///etc",
        "ext::sh -c id",
        "--upload-pack=touch",
        "https://user:secret@github.com/a/b",
        "https://github.com",
        "https://github.com/a/b/tree/--upload-pack=x",
        "https://github.com/a/b/blob/main/../../etc/passwd",
        "https://github.com/a/b/blob/main/%2e%2e/x",
        "https://github.com/" + "a" * 3000,
        "https://github.com/a\nb",
    ],
)
def test_what_git_could_not_clone_by_http_is_refused(address):
    with pytest.raises(UsageError):
        read_repository(address)


@pytest.mark.parametrize(
    "ref",
    ["-x", "a..b", "a b", "a~1", "a:b", "@{1}a@{", "x.lock", ".a", "/a", "a\n", "", "a" * 201],
)
def test_what_cannot_be_a_ref_is_refused(ref):
    with pytest.raises(UsageError):
        check_ref(ref)


@pytest.mark.parametrize(
    "path", ["/etc", "a/../b", "a//b", ".git/config", "a\\b", "a\nb", "", "./a"]
)
def test_a_path_stays_inside_the_repository(path):
    with pytest.raises(UsageError):
        check_path(path)


def test_names_in_use_are_refs_and_paths():
    assert check_ref("feature/x-1") == "feature/x-1"
    assert check_path("démo/a b.ipynb") == "démo/a b.ipynb"
