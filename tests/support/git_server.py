"""Git repositories made of what a test writes down, and a server of git's smart protocol."""

import gzip
import os
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

COMMITTER = "Ada <ada@example.org> 1767225600 +0000"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_TERMINAL_PROMPT": "0",
}


def git(folder, *arguments, feed=None):
    """Run git as anybody would, and return what it says."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=feed.encode() if isinstance(feed, str) else feed,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="surrogateescape").strip()


@dataclass(frozen=True)
class Link:
    """A symbolic link in a repository."""

    target: str


@dataclass(frozen=True)
class Program:
    """An executable file in a repository."""

    text: str


@dataclass(frozen=True)
class Submodule:
    """A submodule in a repository, at a commit that nobody has."""

    commit: str = "1" * 40


@dataclass
class GitServer:
    """A folder of bare repositories, and where they are served."""

    folder: Path
    url: str
    requests: list = field(default_factory=list)
    routes: dict = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self):
        return urlsplit(self.url).netloc

    def make(self, name, files, *, branch="main", parent=None):
        """Commit files, by path, to a branch of a repository; returns the commit."""
        folder = self.folder / f"{name}.git"
        if not folder.exists():
            folder.mkdir(parents=True)
            git(folder, "init", "--quiet", "--bare", "-b", "main", "--template=")
            with (folder / "config").open("a") as config:
                config.write("[uploadpack]\n\tallowFilter = true\n")
        stream = [
            f"commit refs/heads/{branch}\ncommitter {COMMITTER}\ndata 9\nas it was\n".encode()
        ]
        stream += [f"from {parent}\n".encode()] if parent else []
        stream += [b"deleteall\n", *(_placed(path, content) for path, content in files.items())]
        git(folder, "fast-import", "--quiet", "--force", feed=b"".join(stream))
        return git(folder, "rev-parse", branch)

    def address(self, name):
        return f"{self.url}/{name}.git"


def _placed(path, content):
    path = path if isinstance(path, bytes) else path.encode()
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'
    if isinstance(content, Submodule):
        return b"M 160000 " + content.commit.encode() + b" " + quoted + b"\n"
    mode, data = b"100644", content
    if isinstance(content, Link):
        mode, data = b"120000", content.target
    if isinstance(content, Program):
        mode, data = b"100755", content.text
    data = data.encode() if isinstance(data, str) else data
    return b"M %b inline %b\ndata %d\n%b\n" % (mode, quoted, len(data), data)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        self._answer(b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        packed = self.headers.get("Content-Encoding") == "gzip"
        self._answer(gzip.decompress(body) if packed else body)

    def _answer(self, body):
        server = self.server.git_server
        parts = urlsplit(self.path)
        server.requests.append((self.command, self.path))
        route = server.routes.get(parts.path)
        if route is not None:
            route(self)
            return
        variables = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": unquote(parts.path),
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], env=variables, input=body, capture_output=True, check=False
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Stay quiet: clients of these tests go away in the middle on purpose."""


@contextmanager
def serve_git(folder):
    """Serve the repositories below a folder on a free port; yields a GitServer."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        served = GitServer(Path(folder), f"http://127.0.0.1:{server.server_port}")
        server.git_server = served
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield served
        finally:
            served.stopping.set()
            server.shutdown()
            thread.join()
