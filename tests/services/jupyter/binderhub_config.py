"""BinderHub without Docker and Kubernetes: an image is a folder with the files of a commit.

A postBuild at the root, or in the folder binder, is run as repo2docker runs it.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import binderhub.builder
import docker.errors
import tornado.httpserver
from binderhub.build import FakeBuild

IMAGES = Path(os.environ["HUB_STATE"]) / "images"


def _listen_on_loopback(self, port, address="127.0.0.1", **options):
    return _listen(self, port, address, **options)


_listen = tornado.httpserver.HTTPServer.listen
tornado.httpserver.HTTPServer.listen = _listen_on_loopback


class FolderBuild(FakeBuild):
    """Makes the folder, and says what it does in the words of repo2docker."""

    def submit(self):
        """Say that it may be watched."""
        self.progress("pod.phasechange", "Running")

    def stream_logs(self):
        """Do everything; a command that fails ends the build."""
        IMAGES.mkdir(parents=True, exist_ok=True)
        folder = IMAGES / self.image_name
        shutil.rmtree(folder, ignore_errors=True)
        try:
            self._run("fetching", "git", "clone", "--no-checkout", "--", self.repo_url, folder)
            self._run("fetching", "git", "reset", "--hard", self.ref, cwd=folder)
            self._run_post_build(folder)
        except subprocess.CalledProcessError as error:
            self._say("failure", f"{error.cmd[0]} ended with {error.returncode}\n")
            return
        _finished(folder).touch()
        self.progress("pod.phasechange", "Deleted")

    def _run_post_build(self, folder):
        for place in (folder / "binder" / "postBuild", folder / "postBuild"):
            if place.exists():
                place.chmod(0o755)
                self._run("building", place, cwd=folder)
                return

    def _run(self, phase, *command, cwd=None):
        words = [str(word) for word in command]
        with subprocess.Popen(
            words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout:
                self._say(phase, line)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, words)

    def _say(self, phase, message):
        self.progress("log", json.dumps({"phase": phase, "message": message}))


class Images:
    """Answers whether an image is there, as Docker does."""

    def get(self, name):
        """Say nothing of an image that is there."""
        if not _finished(IMAGES / name).exists():
            raise docker.errors.ImageNotFound(name)


class NoCluster:
    """Answers as a Kubernetes with nothing in it."""

    def list_namespaced_pod(self, *_args, **_options):
        """Return no pods."""
        return SimpleNamespace(items=[])


def _finished(folder):
    return folder.with_name(f"{folder.name}.finished")


binderhub.builder.FakeBuild = FolderBuild
binderhub.builder.docker = SimpleNamespace(
    from_env=lambda **_options: SimpleNamespace(images=Images()), errors=docker.errors
)
os.environ["JUPYTERHUB_API_URL"] += "/"  # this BinderHub appends to it

c = get_config()  # noqa: F821 - BinderHub's
c.BinderHub.tornado_settings = {"fake_build": True, "kubernetes_client": NoCluster()}
c.BinderHub.builder_required = False
c.BinderHub.use_registry = False
c.BinderHub.base_url = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
c.BinderHub.hub_url = os.environ["HUB_URL"]
c.BinderHub.hub_api_token = os.environ["JUPYTERHUB_API_TOKEN"]
c.Launcher.retries = 2
c.Launcher.retry_delay = 1
