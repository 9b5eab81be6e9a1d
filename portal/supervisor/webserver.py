"""gunicorn's configuration: `gunicorn -c python:portal.supervisor.webserver 'portal:create_app()'`.

Many cheap threads, because waiting requests occupy one each. GUNICORN_CMD_ARGS overrides it.
"""

from portal.config import load

_settings = load()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
preload_app = True  # once for all processes: half the start, shared memory
workers = _settings.web_processes
threads = _settings.web_threads
graceful_timeout = 3  # a page that waits asks again by itself
keepalive = 5
limit_request_line = 8190  # a search by a MOC has a long address
max_requests = 10_000
max_requests_jitter = 1_000
loglevel = "warning"
control_socket_disable = True
