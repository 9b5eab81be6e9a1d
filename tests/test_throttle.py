"""Who asks too often waits, and nobody else does."""

import pytest

from portal import throttle
from portal.throttle import Throttle
from portal.throttle import TooManyRequestsError
from tests.support.instances import settings_in


@pytest.fixture
def now(monkeypatch):
    """Stop the clock, and return what moves it."""
    instant = [1000.0]
    monkeypatch.setattr(throttle.time, "monotonic", lambda: instant[0])

    def move(seconds):
        instant[0] += seconds

    return move


def refused(bucket, who):
    try:
        bucket.take(who)
    except TooManyRequestsError as error:
        return int(dict(error.headers)["Retry-After"])
    return None


def test_so_many_at_once_then_as_many_as_a_minute_allows(now):
    bucket = Throttle(per_minute=6, burst=3)

    assert [refused(bucket, "a") for _ in range(5)] == [None, None, None, 10, 10]
    assert refused(bucket, "b") is None
    now(4)
    assert refused(bucket, "a") == 6
    now(6)
    assert refused(bucket, "a") is None
    assert refused(bucket, "a") == 10
    now(3600)
    assert [refused(bucket, "a") for _ in range(4)] == [None, None, None, 10]


def test_those_who_have_long_gone_are_forgotten_and_not_those_who_ask_now(now, monkeypatch):
    monkeypatch.setattr(throttle, "MOST_KNOWN", 3)
    bucket = Throttle(per_minute=1, burst=1)

    for who in ("a", "b", "c", "b", "d", "e"):
        refused(bucket, who)

    assert refused(bucket, "b") == 60
    assert refused(bucket, "a") is None


class TestOfThePortal:
    """What one client may ask of it."""

    @pytest.fixture
    def settings(self, tmp_path):
        return settings_in(tmp_path, requests_per_minute=5)

    def test_api_requests_and_changes_are_counted_together_and_looking_is_free(self, client):
        for _ in range(2):
            assert client.get("/uws/jobs").status_code == 200
        for _ in range(3):
            client.post("/baskets", data={"name": "x"})

        refused = client.get("/api/baskets", headers={"Accept": "application/json"})
        assert refused.status_code == 429
        assert refused.json["title"] == "Too many requests"
        assert 1 <= int(refused.headers["Retry-After"]) <= 12
        assert client.post("/baskets", data={"name": "y"}).status_code == 429
        assert "text/plain" in client.get("/uws/jobs").content_type
        assert client.get("/baskets").status_code == 200
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert client.get("/uws/jobs", environ_base=elsewhere).status_code == 200

    def test_workers_come_as_often_as_they_need(self, client):
        for _ in range(10):
            assert client.post("/uws/worker/claims").status_code != 429
