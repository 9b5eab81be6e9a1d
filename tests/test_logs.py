import json
import logging

import pytest

from portal.logs import about_job
from portal.logs import hide_secrets
from portal.logs import JsonFormatter
from portal.logs import SubjectFilter


def formatted(message, *args, **extra):
    record = logging.LogRecord("portal.test", logging.INFO, "f", 1, message, args, None)
    vars(record).update(extra)
    SubjectFilter().filter(record)
    return json.loads(JsonFormatter().format(record))


def test_a_line_is_json_with_time_level_and_message():
    line = formatted("hello %s", "world")

    assert line["message"] == "hello world"
    assert line["level"] == "INFO"
    assert line["time"].endswith("+00:00")


def test_every_line_written_while_a_job_runs_names_it():
    with about_job("abc"):
        assert formatted("ran")["job_id"] == "abc"
    assert "job_id" not in formatted("ran")


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def", "abc.def"),
        ("GET /uws/jobs?x=apt_Rg9OR_rBxLEZ2Z6f-bVWYLr3xafzPScrFqa6IHY", "_rBxLEZ2Z6f-bVWYLr3"),
        ("GET /cb?code=s3cret&state=xyz", "s3cret"),
        ("GET /cb?code=s3cret&state=xyz", "xyz"),
        ("GET /export.csv?se=2026&sig=s3cret", "s3cret"),
        ("GET /export.csv?X-Amz-Signature=s3cret", "s3cret"),
        ("password=hunter2 rest", "hunter2"),
        ("http://me:hunter2@host/tap", "hunter2"),
        ("Cookie: session=hunter2", "hunter2"),
        ("{'token': 'hunter2'}", "hunter2"),
    ],
)
def test_secrets_are_not_written(text, secret):
    assert secret not in hide_secrets(text)


@pytest.mark.parametrize("text", ["state of the art", "job 12 failed", "http://host/tap?a=b"])
def test_what_is_no_secret_stays(text):
    assert hide_secrets(text) == text


def test_a_request_keeps_the_id_a_proxy_gave_it_if_it_is_one(app):
    from flask import g

    with app.test_request_context(headers={"X-Request-ID": "abc-1"}):
        app.preprocess_request()
        assert g.request_id == "abc-1"
    with app.test_request_context(headers={"X-Request-ID": "a b\tc"}):
        app.preprocess_request()
        assert g.request_id != "a b\tc"
        assert len(g.request_id) == 32


def test_a_line_written_while_a_request_is_answered_names_the_request(app):
    with app.test_request_context(headers={"X-Request-ID": "abc-1"}):
        app.preprocess_request()
        assert formatted("hello")["request_id"] == "abc-1"
