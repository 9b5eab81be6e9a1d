import hashlib
import re
from datetime import datetime
from datetime import timedelta
from datetime import UTC

import pytest
from sqlalchemy import event
from sqlalchemy import select
from sqlalchemy import update

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from portal.accounts.tokens import find_token
from portal.accounts.tokens import get_token
from portal.accounts.tokens import list_tokens
from portal.accounts.tokens import make_token
from portal.accounts.tokens import named_owner
from portal.accounts.tokens import note_use
from portal.accounts.tokens import owner_name
from portal.accounts.tokens import revoke_token
from portal.accounts.tokens import Scope
from portal.db import db
from portal.problems import NotFoundError
from portal.problems import UsageError

ALICE = named_owner("alice")
BOB = named_owner("bob")

pytestmark = pytest.mark.usefixtures("in_app")


def used(token_id):
    return db.session.scalar(select(ApiToken.last_used).where(ApiToken.id == token_id))


def test_a_token_is_found_by_its_secret():
    made = make_token(ALICE, label="laptop")

    found = find_token(made.secret)

    assert re.fullmatch(r"apt_[\w-]{43}", made.secret)
    assert (found.id, found.owner, found.scope) == (made.id, ALICE, Scope.USER)
    assert find_token(made.secret + "x") is None
    assert find_token("") is None


def test_the_database_holds_nothing_but_the_digest():
    made = make_token(ALICE, label="laptop")

    kept = db.session.execute(select(ApiToken.__table__)).one()

    assert kept.digest == hashlib.sha256(made.secret.encode()).hexdigest()
    assert made.secret.removeprefix(tokens.PREFIX) not in repr(tuple(kept))
    assert made.secret not in repr(made)


def test_finding_a_token_is_one_query_that_an_index_answers():
    made = make_token(ALICE)
    statements = []

    def note(connection, cursor, statement, parameters, *rest):
        statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    find_token(made.secret)
    event.remove(db.engine, "before_cursor_execute", note)

    [(statement, parameters)] = statements
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    assert "USING INDEX" in " ".join(row.detail for row in plan)


def test_an_expired_token_is_unknown():
    lasting = make_token(ALICE, lifetime=timedelta(days=1))
    over = make_token(ALICE, lifetime=timedelta(0))

    assert find_token(lasting.secret)
    assert find_token(over.secret) is None
    assert [tokens.is_expired(one) for one in list_tokens(ALICE)].count(True) == 1


def test_a_use_is_written_down_once_a_minute():
    made = make_token(ALICE)
    note_use(made.id)
    first = used(made.id)
    note_use(made.id)

    assert used(made.id) == first
    assert find_token(made.secret).is_noted

    earlier = datetime.now(UTC) - timedelta(seconds=61)
    db.session.execute(update(ApiToken).values(last_used=earlier))
    assert not find_token(made.secret).is_noted
    note_use(made.id)
    assert used(made.id) > first


def test_everybody_lists_his_own_and_the_operator_all():
    first = make_token(ALICE)
    second = make_token(ALICE)
    theirs = make_token(BOB)

    assert [one.id for one in list_tokens(ALICE)] == [second.id, first.id]
    assert {one.id for one in list_tokens(None)} == {first.id, second.id, theirs.id}


def test_a_revoked_token_is_unknown():
    made = make_token(ALICE)

    revoke_token(made.id, owner=ALICE)

    assert find_token(made.secret) is None


def test_somebody_elses_token_does_not_exist():
    made = make_token(ALICE)

    with pytest.raises(NotFoundError):
        get_token(made.id, owner=BOB)
    with pytest.raises(NotFoundError):
        revoke_token(made.id, owner=BOB)

    assert find_token(made.secret)


def test_the_operator_revokes_any_token():
    made = make_token(ALICE)

    revoke_token(made.id, owner=None)

    assert list_tokens(ALICE) == []
    with pytest.raises(NotFoundError):
        revoke_token(made.id, owner=None)


def test_one_owner_cannot_fill_the_database(monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 2)
    make_token(ALICE)
    make_token(ALICE)

    with pytest.raises(UsageError, match="Revoke one"):
        make_token(ALICE)

    assert make_token(BOB)


@pytest.mark.parametrize("name", ["alice", "a.b_c@example.org", "x-1", "n" * 50])
def test_a_name_makes_an_owner_and_comes_back(name):
    assert owner_name(named_owner(name)) == name


@pytest.mark.parametrize("name", ["", "Alice", "a b", "user:x", "ä", "a\n", "n" * 51])
def test_other_names_are_refused(name):
    with pytest.raises(UsageError, match="lowercase"):
        named_owner(name)


def test_a_browser_has_no_name():
    assert owner_name("a" * 32) is None


@pytest.mark.parametrize(
    ("owner", "shown"),
    [
        ("b" * 32, "-"),
        ("user:alice", "alice"),
        ("user:" + "0123456789abcdef" * 2, "person 01234567…"),
    ],
)
def test_a_list_for_the_operator_names_no_person_in_full(owner, shown):
    assert tokens.shown_name(owner) == shown
