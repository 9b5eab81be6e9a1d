from datetime import timedelta

from portal.uws.descriptors import Addresses
from portal.uws.descriptors import descriptor
from portal.uws.descriptors import process
from portal.uws.descriptors import schema_document
from portal.uws.descriptors import type_list
from portal.uws.limits import Limits
from portal.uws.types import schema_hash
from tests.support.declared import EVERY_KIND

ADDRESSES = Addresses("https://example.org/uws")
LIMITS = Limits(
    execution_duration=600,
    max_execution_duration=3600,
    retention=timedelta(days=7),
    max_retention=timedelta(days=30),
    max_active_jobs=4,
)


def described():
    return descriptor(EVERY_KIND, addresses=ADDRESSES, limits=LIMITS, upload_bytes=7)


def test_a_list_says_what_a_client_chooses_from():
    assert type_list([EVERY_KIND], ADDRESSES)["types"] == [
        {
            "name": "test.kinds",
            "title": "Every kind <of> parameter & more",
            "version": "2",
            "description": "Takes what can be taken.",
            "href": "https://example.org/uws/types/test.kinds",
            "jobs": "https://example.org/uws/test.kinds",
        }
    ]


def test_a_descriptor_names_the_type_by_an_address_that_leads_to_it():
    document = described()

    assert document["type"] == document["links"]["self"] + "#2"
    assert document["aliases"] == ["Test.Everything"]
    assert document["documentation"] == "https://example.org/kinds"
    assert document["schemaHash"] == schema_hash(EVERY_KIND)


def test_a_descriptor_holds_the_schema_results_limits_and_retries():
    document = described()

    assert document["parameters"]["required"] == ["query", "ra"]
    assert document["results"]["result"]["mediaType"] == "application/x-votable+xml"
    assert document["limits"] == {
        "executionDuration": {"default": 600, "maximum": 3600},
        "lifetime": {"default": 604_800, "maximum": 2_592_000},
        "activeJobsPerOwner": 4,
    }
    assert document["retry"] == {"max": 1, "on": ["transient"], "maxAttempts": 3}
    assert "HELD" in document["phases"]
    assert "UNKNOWN" not in document["phases"]


def test_examples_are_values_of_the_schema():
    assert described()["examples"] == [
        {"title": "One", "description": "", "parameters": {"query": "SELECT 1", "ra": 10.0}}
    ]


def test_a_schema_of_its_own_says_where_it_is_and_of_what():
    document = schema_document(EVERY_KIND, ADDRESSES)

    assert document["$id"] == "https://example.org/uws/types/test.kinds/schema"
    assert document["title"] == EVERY_KIND.title
    assert document["properties"] == described()["parameters"]["properties"]


def test_a_process_has_one_schema_for_each_input_that_stands_alone():
    document = process(EVERY_KIND, ADDRESSES)

    assert document["id"] == "test.kinds"
    assert document["inputs"]["ra"]["minOccurs"] == 1
    assert document["inputs"]["radius"]["minOccurs"] == 0
    assert document["inputs"]["band"]["schema"]["$defs"]["Band"]["enum"] == ["radio", "x-ray"]
    assert document["outputs"]["result"]["schema"]["contentMediaType"] == (
        "application/x-votable+xml"
    )
