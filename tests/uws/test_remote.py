"""The gateway over HTTP, where the way to the portal is bad."""

import ssl
import subprocess
import threading
import time

import pytest

from portal.problems import TransientError
from portal.uws import transport
from portal.uws.gateway import ClaimedJob
from portal.uws.gateway import GatewayAwayError
from portal.uws.gateway import Hold
from portal.uws.gateway import ResultRecord
from portal.uws.remote import HttpGateway
from portal.uws.transport import RefusedError
from portal.uws.wire import ClaimAnswer
from tests.support.loopback import loopback

JOB = ClaimedJob(
    id="1" * 32, type="hello", owner="o", token="2" * 32, attempt=1, execution_duration=60,
    parameters=(), checkpoints={},
)  # fmt: skip
ROOT = "/uws/worker"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(transport, "LONGEST_PAUSE", 0.02)


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def gateway(server):
    """Return a gateway with a claimed job, whose lease is short."""
    answer = ClaimAnswer(job=JOB, key="the-key", lease=0.3).model_dump_json()
    server.routes[f"{ROOT}/claim"] = lambda exchange: exchange.answer(
        answer, content_type="application/json"
    )
    gateway = HttpGateway(f"{server.url}/", "the-token")
    assert gateway.claim(JOB.id) == JOB
    return gateway


@pytest.fixture
def self_signed(tmp_path):
    """Return a server's side of TLS with a certificate of its own making."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


def on(server, path, *answers):
    """Answer the calls for the job one way after the other, the last one for ever."""
    left = list(answers)

    def answer(exchange):
        (left.pop(0) if len(left) > 1 else left[0])(exchange)

    server.routes[f"{ROOT}/jobs/{JOB.id}/{path}"] = answer


def done(exchange):
    exchange.head(204)


def problem(status, detail="no"):
    body = f'{{"status": {status}, "detail": "{detail}"}}'
    return lambda exchange: exchange.answer(body, status=status, content_type=PROBLEM)


def page(status):
    return lambda exchange: exchange.answer("<h1>x</h1>", status=status, content_type="text/html")


def cut(exchange):
    exchange.connection.close()


def test_the_token_claims_and_the_key_does_everything_else(server, gateway):
    on(server, "lease", done)
    gateway.renew(JOB)

    sent = [one.headers["authorization"] for one in server.requests]
    assert sent == ["Bearer the-token", "Bearer the-key"]
    assert not [one.path for one in server.requests if "the-" in one.path]


def test_a_line_in_netrc_does_not_replace_the_token(server, gateway, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    gateway.claim(JOB.id)

    assert server.requests[-1].headers["authorization"] == "Bearer the-token"


@pytest.mark.parametrize("bad", [page(502), page(404), problem(503), problem(500), cut])
def test_what_may_be_said_twice_is_said_again_until_the_portal_is_back(server, gateway, bad):
    on(server, "checkpoint", bad, bad, done)

    assert gateway.checkpoint(JOB, "remote", "x")


@pytest.mark.slow
def test_when_the_lease_is_over_nothing_is_said_again(server, gateway):
    on(server, "finish", page(502))

    began = time.monotonic()
    with pytest.raises(GatewayAwayError):
        gateway.finish(JOB, [])

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("status", [401, 403, 409])
def test_a_key_that_is_nothing_any_more_means_that_the_job_is_lost(server, gateway, status):
    for path in ("finish", "standing", "credential"):
        on(server, path, problem(status))

    assert not gateway.finish(JOB, [])
    assert gateway.check(JOB).hold is Hold.LOST
    assert gateway.credential(JOB, "a.example") is None


def test_a_proxy_that_forbids_is_not_taken_for_the_portal(server, gateway):
    on(server, "standing", page(403))

    with pytest.raises(GatewayAwayError):
        gateway.check(JOB)


def test_what_the_portal_refuses_is_told_in_its_words(server, gateway):
    on(server, "finish", problem(400, "The result x was not received."))

    with pytest.raises(RefusedError, match="was not received"):
        gateway.finish(JOB, [ResultRecord(name="x", mime_type="x")])


def test_a_page_is_no_job(server, gateway):
    server.routes[f"{ROOT}/claim"] = page(200)

    with pytest.raises(GatewayAwayError, match="not by a portal"):
        gateway.claim_next({"hello"}, seconds=0)


def test_a_redirect_is_not_followed(server, gateway):
    with loopback() as elsewhere:
        on(server, "lease", lambda one: one.answer(status=307, location=elsewhere.url))

        with pytest.raises(GatewayAwayError):
            gateway.renew(JOB)

        assert elsewhere.requests == []


def test_the_lease_is_not_asked_for_twice_in_one_breath(server, gateway):
    on(server, "lease", page(502), done)

    with pytest.raises(GatewayAwayError):
        gateway.renew(JOB)


def test_a_file_is_sent_from_its_beginning_each_time(server, gateway, tmp_path):
    path = tmp_path / "rows.arrow"
    path.write_bytes(b"a=1")
    on(server, "results/result/rows.arrow", page(502), done)

    with path.open("rb") as content:
        assert gateway.upload(JOB, "result", "rows.arrow", content)

    assert [one.form for one in server.requests[1:]] == [{"a": "1"}] * 2


def test_a_portal_that_cannot_be_reached_is_told_in_the_words_of_the_system():
    gateway = HttpGateway("http://127.0.0.1:1", "the-token")

    with pytest.raises(GatewayAwayError, match="refused") as caught:
        gateway.claim_next({"hello"}, seconds=0)

    assert "the-token" not in str(caught.value)


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(self_signed):
    with loopback(tls=self_signed) as server:
        gateway = HttpGateway(server.url.replace("http:", "https:"), "the-token")

        with pytest.raises(GatewayAwayError, match="CERTIFICATE_VERIFY_FAILED"):
            gateway.claim_next({"hello"}, seconds=0)

        assert server.requests == []


def test_the_error_of_a_job_may_be_of_any_length(server, gateway):
    on(server, "fail", done)

    assert gateway.fail(JOB, TransientError("x" * 10**6, detail="y" * 10**6))


def test_calls_of_several_threads_do_not_wait_for_one_another(server, gateway, tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    def slow(exchange):
        begun.set()
        go_on.wait(10)
        done(exchange)

    on(server, "checkpoint", slow)
    on(server, "lease", done)
    saying = threading.Thread(target=gateway.checkpoint, args=(JOB, "a", "b"))
    saying.start()
    begun.wait(10)

    assert gateway.renew(JOB)

    go_on.set()
    saying.join()
