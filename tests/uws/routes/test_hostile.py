"""Whatever is sent, the answer is an answer: never a 500, and never a document that is none."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

ANYTHING = st.text(max_size=30) | st.sampled_from(
    [
        "",
        "-1",
        "0",
        "1e9",
        "9" * 400,
        "NaN",
        "RUN",
        "ABORT",
        "DELETE",
        "2015",
        "0001-01-01",
        "9999-12-31T23:59:59.999999Z",
        "2015-02-30",
        "$(touch x)",
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
    ]
)
NAMES = st.sampled_from(
    [
        "PHASE",
        "phase",
        "ACTION",
        "RUNID",
        "DESTRUCTION",
        "EXECUTIONDURATION",
        "TYPE",
        "LAST",
        "AFTER",
        "WAIT",
        "name",
        "count",
        "words",
        "UPLOAD",
        "form",
    ]
)
FORMS = st.lists(st.tuples(NAMES, ANYTHING), max_size=5)
patient = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def is_answer(response):
    """Say whether it is no accident of ours, and its XML is XML."""
    if response.status_code >= 500:
        return False
    if response.mimetype == "application/xml":
        etree.fromstring(response.data)
    return True


@patient
@given(FORMS, st.sampled_from(["/uws/hello", "/uws/test.numbers", "/uws/jobs"]))
def test_a_creation_of_anything_is_answered(uws, form, root):
    answer = uws.post(root, form_of(form))

    assert is_answer(answer)
    if answer.status_code == 303:
        assert is_answer(uws.get(answer.headers["Location"].removeprefix("http://localhost")))


@patient
@given(FORMS, st.sampled_from(["", "/phase", "/parameters", "/destruction", "/executionduration"]))
def test_a_change_to_anything_is_answered_and_leaves_a_document(uws, form, part):
    path = uws.create()

    assert is_answer(uws.post(f"{path}{part}", form_of(form)))
    assert is_answer(uws.get(path))


@patient
@given(FORMS)
def test_a_list_by_anything_is_answered(uws, form):
    asked = [(name, value) for name, value in form if name not in ("WAIT", "TYPE")]

    assert is_answer(uws.get(f"/uws/jobs?{urlencode(asked)}"))


@patient
@given(ANYTHING)
def test_an_address_of_anything_is_answered(uws, name):
    path = uws.create()
    for url in ("/uws/{}", "/uws/jobs/{}", f"{path}/{{}}", f"{path}/parameters/{{}}"):
        assert is_answer(uws.get(url.format(urlencode({"": name})[1:])))


@patient
@given(st.binary(max_size=40), st.sampled_from(["application/json", "multipart/form-data"]))
def test_a_body_of_anything_is_answered(uws, body, kind):
    assert is_answer(uws.post("/uws/hello", body, content_type=kind))


@pytest.mark.parametrize(
    "body",
    [
        r'{"parameters": {"name": "\ud800"}}',
        r'{"runId": "\ud800"}',
        r'{"parameters": {"\ud800": 1}}',
        r'{"parameters": {"name": "\u0000"}}',
        '{"parameters": {"name": NaN}}',
        '{"parameters": {"count": 1e999}}',
        '{"phase": ["RUN"]}',
        '{"type": {"a": 1}}',
    ],
)
def test_json_that_no_text_can_hold_is_refused(uws, body):
    for root in ("/uws/hello", "/uws/test.numbers"):
        answer = uws.post(root, body, content_type="application/json")
        assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize("number", ["1e9", "1 000", "٣", "0x10", "--1"])
def test_a_number_that_only_looks_like_one_is_refused(uws, number):
    path = uws.create()

    assert uws.post(f"{path}/executionduration", {"EXECUTIONDURATION": number}).status_code == 400
    assert uws.get(f"{path}?{urlencode({'WAIT': number})}").status_code == 400


def form_of(pairs):
    """Return a form in which names may be repeated."""
    form = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
