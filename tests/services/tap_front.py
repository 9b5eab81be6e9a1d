"""The thinnest TAP service before a UWS, so that a validator of TAP services can reach it.

It tells its capabilities and creates jobs; where a job is, the client learns from Location.
"""

from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer

import requests

CAPABILITIES = """<?xml version="1.0"?>
<vosi:capabilities xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0"
  xmlns:tr="http://www.ivoa.net/xml/TAPRegExt/v1.0" xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <capability standardID="ivo://ivoa.net/std/TAP" xsi:type="tr:TableAccess">
    <interface role="std" version="1.0" xsi:type="vs:ParamHTTP">
      <accessURL use="base">{url}</accessURL>
    </interface>
    <language><name>ADQL</name><version ivo-id="ivo://ivoa.net/std/ADQL#v2.0">2.0</version></language>
    <outputFormat><mime>application/x-votable+xml</mime></outputFormat>
  </capability>
</vosi:capabilities>
"""


class TapFront(ThreadingHTTPServer):
    """A front of the UWS list at `jobs_url`, on a port of its own."""

    def __init__(self, jobs_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.jobs_url = jobs_url

    @property
    def url(self) -> str:
        """The URL of the TAP service."""
        return f"http://127.0.0.1:{self.server_port}/tap"


class _Handler(BaseHTTPRequestHandler):
    server: TapFront

    def do_GET(self) -> None:
        if self.path == "/tap/capabilities":
            self._answer(200, CAPABILITIES.format(url=self.server.url).encode())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/tap/async":
            self.send_error(404)
            return
        headers = {"Content-Type": self.headers["Content-Type"]}
        answer = requests.post(
            self.server.jobs_url, body, headers=headers, allow_redirects=False, timeout=30
        )
        self._answer(answer.status_code, answer.content, answer.headers.get("Location"))

    def _answer(self, status: int, body: bytes, location: str | None = None) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""
