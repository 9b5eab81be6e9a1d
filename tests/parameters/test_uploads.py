"""Files as parameters: what a model says of them, and what their values may be."""

import pytest

from portal.parameters import check_declaration
from portal.parameters import form_fields
from portal.parameters import InvalidParametersError
from portal.parameters import json_schema
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import read_form
from portal.parameters import read_json
from portal.parameters import Upload
from portal.parameters import upload_names
from portal.parameters import write_form
from portal.parameters import write_reference

REFERENCE = write_reference("0123456789abcdef" * 2)


class Sample(Parameters):
    """A file that is needed, one that may be left out, and something else."""

    table: Upload = parameter(title="Table", accept=["text/csv"])
    mask: Upload | None = parameter(None, title="Mask")
    name: str | None = parameter(None, title="Name")


def test_files_are_known_by_their_type():
    assert upload_names(Sample) == ["table", "mask"]


def test_a_schema_says_which_media_types_are_meant():
    properties = json_schema(Sample)["properties"]

    assert properties["table"]["x-upload"] == ["text/csv"]
    assert properties["table"]["format"] == "uri"
    assert properties["mask"]["anyOf"][0]["x-upload"] == ["*/*"]


def test_a_form_has_a_field_to_choose_a_file():
    table, mask, name = form_fields(Sample)

    assert (table.kind, table.accept, table.required) == ("file", ("text/csv",), True)
    assert (mask.kind, mask.accept, mask.required) == ("file", ("*/*",), False)
    assert (name.kind, name.accept) == ("text", ())


def test_a_reference_is_written_and_read_back():
    sample = read_form(Sample, [("TABLE", REFERENCE), ("mask", "")])

    assert read_form(Sample, write_form(sample)) == sample
    assert read_json(Sample, {"table": REFERENCE}) == sample


@pytest.mark.parametrize(
    "value",
    [
        "stars.csv",
        "https://archive.example/stars.csv",
        "upload:../../etc/passwd",
        "upload:" + "0" * 31,
        REFERENCE + "0",
        REFERENCE.upper(),
    ],
)
def test_what_is_no_reference_is_refused(value):
    with pytest.raises(InvalidParametersError, match="table: send a file"):
        read_form(Sample, [("table", value)])


def test_a_list_of_files_is_refused():
    class Samples(Parameters):
        tables: list[Upload] = parameter([], title="Tables")

    with pytest.raises(ValueError, match="tables: each file needs a parameter of its own"):
        check_declaration(Samples, names=["x"], version="1")
