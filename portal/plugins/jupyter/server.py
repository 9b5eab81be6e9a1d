"""One running Jupyter server, and what is done there from outside with its token."""

import base64
import json
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import closing
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from datetime import UTC
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote
from urllib.parse import urlsplit

import requests

from portal.plugins.facilities import SessionFile
from portal.plugins.http import open_body
from portal.plugins.http import open_farewell
from portal.plugins.http.peers import name_peer_of
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError

GATEWAY_TROUBLE = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
NOT_RUNNING = HTTPStatus.FAILED_DEPENDENCY  # what JupyterHub says of a server that has ended
PAGES_OF_HUB = "/hub/user/"
MAX_ANSWER = 1_000_000
PIECE = 250_000  # characters of a file: many proxies take no request of more than 1 MB
WRITE_FILES = """\
import base64, json, pathlib
for path, content in json.loads(base64.b64decode({files!r})).items():
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerActivity:
    """What a server says of itself."""

    last_activity: datetime | None
    kernels: int


class JupyterServer:
    """A running Jupyter server.

    `url` is its root, `token` what opens it; everything goes by the guarded session `http`.
    Paths are relative to the folder in which the server was started.
    """

    def __init__(self, http: requests.Session, url: str, token: str) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/"
        self._token = token
        self._peer = name_peer_of(url)

    def activity(self) -> ServerActivity | None:
        """Return what the server says of itself, or None when its hub says that it has ended.

        A hub sends who asks for a server to which it has no way to its own pages. It has none
        either for the moment in which its proxy was started again: ask twice. Any other answer
        proves nothing. Raises TransientError or ServiceError when that cannot be told.
        """
        answer = self._request("GET", "api/status")
        if _is_of_hub(answer):
            answer.close()
            return None
        said = self._read(answer)
        kernels = said.get("kernels")
        return ServerActivity(
            last_activity=read_time(said.get("last_activity")),
            kernels=kernels if isinstance(kernels, int) else 0,
        )

    def put_files(self, folder: str, files: Sequence[SessionFile]) -> None:
        """Put text files into a folder; folders on the way are made.

        Files whose names start with a dot are written by a kernel, since few servers let one
        send them.
        """
        hidden = {}
        for file in files:
            path = PurePosixPath(folder, file.path)
            if any(part.startswith(".") for part in path.parts):
                hidden[file.path] = file.content
            else:
                self._make_folders(path.parent)
                self._put_file(path, file.content)
        if hidden:
            packed = base64.b64encode(json.dumps(hidden).encode()).decode()
            self.run(WRITE_FILES.format(files=packed), folder=folder)

    def run(
        self, code: str, *, folder: str = "", log: Callable[[str], None] = lambda _line: None
    ) -> None:
        """Run Python in a folder, in a kernel of its own, until it ends; `log` gets what it prints.

        Raises ServiceError with the exception that the code raised.
        """
        from portal.plugins.jupyter.kernel import Kernel  # what speaks WebSocket is slow to import

        asked = {"name": self._python(), "path": folder}
        kernel = self._read(self._request("POST", "api/kernels", json=asked))
        path = _kernel_path(kernel)
        try:
            address = f"{self._url}{path}/channels"
            with closing(Kernel.connect(self._http, address, headers=self._headers)) as connected:
                connected.run(code, log)
        finally:
            self._end_kernel(path)

    def end_kernels(self) -> None:
        """End all kernels: code that an attempt before this one has run may run there still."""
        running = self._said(self._request("GET", "api/kernels"))
        for kernel in running if isinstance(running, list) else ():
            self._request("DELETE", _kernel_path(_dict(kernel))).close()

    def opens_by_address(self) -> bool:
        """Say whether one gets in by an address with the token in it, which hubs may forbid."""
        answer = self._http.get(
            f"{self._url}api/status", params={"token": self._token}, allow_redirects=False
        )
        answer.close()
        if answer.status_code in GATEWAY_TROUBLE:
            raise TransientError(f"{self._peer} answers with status {answer.status_code}")
        return answer.status_code == HTTPStatus.OK

    def shut_down(self) -> None:
        """Ask the server to end; raises TransientError or ServiceError when that is refused."""
        answer = self._request("POST", "api/shutdown")
        if answer.ok and not answer.is_redirect:
            answer.close()
        else:
            self._read(answer)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self._token}"}

    def _end_kernel(self, path: str) -> None:
        """End a kernel, also when the job has to stop; one that stays ends with its server."""
        with suppress(PortalError), open_farewell(self._http) as http:
            http.delete(f"{self._url}{path}", headers=self._headers, allow_redirects=False).close()

    def _python(self) -> str:
        """Return the name of a kernel that runs Python, the usual one if it is there."""
        said = self._read(self._request("GET", "api/kernelspecs"))
        names = [name for name, one in _dict(said.get("kernelspecs")).items() if _is_python(one)]
        if not names:
            raise ServiceError("the session has no Python: files cannot be fetched there")
        usual = ("python3", str(said.get("default", "")))
        return next((name for name in usual if name in names), names[0])

    def _make_folders(self, folder: PurePosixPath) -> None:
        for path in [*reversed(folder.parents), folder]:
            if path.name:
                answer = self._request("GET", _contents(path), params={"content": "0"})
                answer.close()
                if answer.status_code == HTTPStatus.NOT_FOUND:
                    self._put(path, {"type": "directory"})

    def _put_file(self, path: PurePosixPath, content: str) -> None:
        """Put a file there, a long one in pieces, the last of which is numbered -1."""
        model: dict[str, Any] = {"type": "file", "format": "text"}
        count = -(-len(content) // PIECE)
        if count <= 1:
            self._put(path, {**model, "content": content})
            return
        for number in range(1, count + 1):
            piece = content[(number - 1) * PIECE : number * PIECE]
            numbered = {"content": piece, "chunk": number if number < count else -1}
            self._put(path, model | numbered)

    def _put(self, path: PurePosixPath, model: dict[str, Any]) -> None:
        self._read(self._request("PUT", _contents(path), json=model))

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._http.request(
            method, f"{self._url}{path}", headers=self._headers, allow_redirects=False, **options
        )

    def _read(self, answer: requests.Response) -> dict[str, Any]:
        said = self._said(answer)
        if not isinstance(said, dict):
            raise ServiceError(f"the session at {self._peer} does not answer as Jupyter does")
        return said

    def _said(self, answer: requests.Response) -> Any:
        """Return the JSON of an answer that is well."""
        text = b""
        with answer, open_body(answer) as body:
            while more := body.read(MAX_ANSWER):
                text += more
                if len(text) > MAX_ANSWER:
                    raise ServiceError(f"{self._peer} sent more than anybody asked for")
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if answer.ok and isinstance(said, dict | list) and not answer.is_redirect:
            return said
        if answer.status_code in GATEWAY_TROUBLE:
            raise TransientError(f"{self._peer} answers with status {answer.status_code}")
        if answer.status_code in REFUSALS:
            raise ServiceError(f"the session at {self._peer} refuses the token that it came with")
        words = str(_dict(said).get("message") or "")
        raise ServiceError(
            f"the session at {self._peer} answers with status {answer.status_code}"
            + (f": {words}" if words else "")
        )


def read_time(text: object) -> datetime | None:
    """Read a time as Jupyter and JupyterHub write it; None for what is none."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _is_of_hub(answer: requests.Response) -> bool:
    """Say whether a hub answered, in place of a server that it does not run."""
    leads_to = urlsplit(answer.headers.get("Location", "")).path
    is_sent_there = answer.is_redirect and PAGES_OF_HUB in leads_to
    return is_sent_there or answer.status_code == NOT_RUNNING


def _is_python(kernel: object) -> bool:
    return _dict(_dict(kernel).get("spec")).get("language") == "python"


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _kernel_path(kernel: dict[str, Any]) -> str:
    return f"api/kernels/{quote(str(kernel.get('id')), safe='')}"


def _contents(path: PurePosixPath) -> str:
    return f"api/contents/{quote(str(path))}"
