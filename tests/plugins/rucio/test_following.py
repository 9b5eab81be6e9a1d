"""Waiting for rules at servers that do what a lake of tests does not."""

import json

import pytest

from portal.plugins import DeadlineError
from portal.plugins import ServiceError
from portal.plugins import UsageError
from portal_rucio import following
from portal_rucio.connector import Lake

RULE = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(following, "FIRST_PAUSE", 0.01)


@pytest.fixture
def follow(odd, stranger):
    def follow(*rules):
        context = stranger.context()
        following.follow(rules, Lake(context, odd), context, place="NEAR")

    return follow


def rule(state, *, ok=0, replicating=0, stuck=0, **more):
    return {
        "id": RULE, "scope": "s", "name": "n", "rse_expression": "NEAR", "state": state,
        "locks_ok_cnt": ok, "locks_replicating_cnt": replicating, "locks_stuck_cnt": stuck,
    } | more  # fmt: skip


def tell(server, *answers, name=RULE):
    """Let the server tell one after the other, and the last one from then on."""
    left = list(answers)

    def route(exchange):
        document = left.pop(0) if len(left) > 1 else left[0]
        exchange.answer(json.dumps(document), content_type="application/json")

    server.routes[f"/rules/{name}"] = route


def test_a_rule_that_waits_for_somebody_is_waited_for_and_says_so(server, follow, stranger):
    tell(
        server,
        rule("WAITING_APPROVAL"),
        rule("REPLICATING", ok=1, replicating=3),
        rule("OK", ok=4),
    )
    follow(RULE)
    assert stranger.reports == [
        (None, "0 of 0 files are at NEAR; Rucio says WAITING_APPROVAL"),
        (0.25, "1 of 4 files are at NEAR"),
        (1.0, "4 of 4 files are at NEAR"),
    ]


def test_all_rules_are_waited_for_before_one_that_failed_is_told(server, follow, stranger):
    other = "f" * 32
    tell(server, rule("STUCK", stuck=1, error="no\n space"))
    tell(server, rule("REPLICATING", replicating=1), rule("OK", ok=1), name=other)
    with pytest.raises(ServiceError) as caught:
        follow(RULE, other)
    assert caught.value.message == (
        f"1 of 2 files are at NEAR. Rule {RULE} for s:n is STUCK: no space."
    )


def test_out_of_time_says_how_far_it_is_and_leaves_the_rule(server, follow, stranger):
    stranger.seconds = 0.2
    tell(server, rule("REPLICATING", ok=1, replicating=1))
    with pytest.raises(DeadlineError, match=r"1 of 2 files are at NEAR\. Rucio goes on"):
        follow(RULE)
    assert set(server.asked()) == {f"GET /rules/{RULE}"}


def test_a_rule_without_a_reason_has_failed_all_the_same(server, follow):
    tell(server, rule("SUSPENDED"))
    with pytest.raises(ServiceError, match="SUSPENDED: Rucio does not say why"):
        follow(RULE)


def test_a_rule_that_somebody_deletes_meanwhile_is_told_in_rucios_words(server, follow):
    def gone(exchange):
        exchange.answer(status=404, ExceptionClass="RuleNotFound", ExceptionMessage="No rule")

    server.routes[f"/rules/{RULE}"] = gone
    with pytest.raises(UsageError, match="RuleNotFound: No rule"):
        follow(RULE)


def test_what_is_no_rule_is_refused(server, follow):
    tell(server, rule("OK", locks_ok_cnt="many"))
    with pytest.raises(ServiceError, match="form that its API does not have"):
        follow(RULE)
