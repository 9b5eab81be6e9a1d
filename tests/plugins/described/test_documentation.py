"""What operators read about archives in TOML is true."""

import re
from pathlib import Path

import pytest

from portal.plugins import Cone
from portal.plugins.described import description
from portal.plugins.testing import check_archive
from portal_vo.described import near
from portal_vo.described import positional
from portal_vo.described import tap_description
from tests.support.descriptions import read

PAGE = (Path(__file__).parents[3] / "docs" / "operators.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Archives without Python")[2].partition("\n## ")[0]
EXAMPLE = re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)[0]
MODELS = [
    model
    for module in (description, near, positional, tap_description)
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, description.Described)
]


def test_the_example_is_an_archive(tmp_path):
    (archive,) = read(tmp_path, EXAMPLE)

    check_archive(archive)
    assert [query.id for query in archive.queries] == [
        "query.example-observations",
        "query.example-catalogue",
    ]
    assert all(query.from_cone(Cone(ra=1, dec=2, radius=1)) for query in archive.queries)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_documented(model):
    missing = [name for name in model.model_fields if not re.search(rf"\b{name}\b", SECTION)]

    assert missing == []


def test_every_service_type_and_operator_is_documented():
    types = [*tap_description.OPERATORS, *tap_description.INTERVALS, "boolean", "choices"]
    operators = [one for many in tap_description.OPERATORS.values() for one in many]

    assert [one for one in (*types, *operators) if f"`{one}`" not in SECTION] == []
