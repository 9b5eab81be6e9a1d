"""Static files: addresses that name their content, answered with a lifetime without end."""

from hashlib import sha256
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from flask import request
from whitenoise import WhiteNoise

from portal.security import STATIC_HEADERS

VERSION_LENGTH = 12


def init_app(app: Flask) -> None:
    """Serve the static folder below `<static URL>/<version>/` and offer `asset_url` to templates.

    One version names the content of the whole folder, so that files find one another by
    relative addresses: ES modules import without a map, which a strict policy forbids.
    """
    folder = Path(app.static_folder or "")
    prefix = f"{app.static_url_path}/{folder_version(folder)}/"
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder,
        prefix=prefix,
        autorefresh=app.debug,
        max_age=0,
        allow_all_origins=False,
        add_headers_function=_add_headers,
        immutable_file_test=".*" if not app.debug else None,
    )

    def asset_url(name: str) -> str:
        return f"{request.script_root}{prefix}{name}"

    app.add_template_global(asset_url)


def folder_version(folder: Path) -> str:
    """Return a hash of the names and contents of all files below `folder`."""
    digest = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:VERSION_LENGTH]


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in STATIC_HEADERS.items():
        headers[name] = value
