"""A JupyterHub on the loopback: servers of known users, and those that BinderHub asks for.

Everything about it comes from the environment variables that `tests.services.hub` sets.
"""

import os
import shutil
import sys
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner

STATE = Path(os.environ["HUB_STATE"])
URL = os.environ["HUB_URL"]
IS_NAMED = os.environ["HUB_NAMED"] == "1"
BINDER_PORT = os.environ["HUB_BINDER_PORT"]
ALL = [
    "--allow-root",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
]


class FolderSpawner(SimpleLocalProcessSpawner):
    """Gives each server of a binder a copy of its image, which is a folder, and its token."""

    async def start(self):
        """Start it; a profile that is not there is refused, as hubs with profiles do."""
        if self.user_options.get("profile", "small") not in {"small", "large"}:
            raise ValueError(f"there is no profile {self.user_options['profile']}")
        if self.is_binder:
            image = STATE / "images" / self.user_options["image"]
            shutil.copytree(image, self.home_dir, symlinks=True)
            self.cmd = [sys.executable, "-m", "jupyter_server"]
        return await super().start()

    @property
    def is_binder(self):
        """Say whether BinderHub asked for it."""
        return "image" in self.user_options

    def get_args(self):
        """Return the options of the server: without JupyterHub's own, a binder needs more."""
        if not self.is_binder:
            return ALL
        return [
            *ALL,
            "--no-browser",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            f"--ServerApp.base_url={self.server.base_url}",
            f"--IdentityProvider.token={self.user_options['token']}",
        ]


c = get_config()  # noqa: F821 - JupyterHub's
c.JupyterHub.bind_url = URL
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['HUB_INNER_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie"
c.JupyterHub.log_level = "WARN"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{os.environ['HUB_PROXY_PORT']}"
c.ConfigurableHTTPProxy.command = [os.environ["HUB_PROXY"]]
c.ConfigurableHTTPProxy.pid_file = f"{STATE}/proxy.pid"

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ["HUB_PASSWORD"]
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = FolderSpawner
c.SimpleLocalProcessSpawner.home_dir_template = f"{STATE}/homes/{{username}}"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.environment = {"JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1"}
c.Spawner.poll_interval = 1
c.LocalProcessSpawner.interrupt_timeout = 1
c.LocalProcessSpawner.term_timeout = 1
c.LocalProcessSpawner.kill_timeout = 1
if IS_NAMED:
    c.JupyterHub.allow_named_servers = True
    c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}  # starting is answered at once

c.JupyterHub.services = [
    {"name": "portal", "api_token": os.environ["HUB_TOKEN"]},
    {"name": "reader", "api_token": os.environ["HUB_READER_TOKEN"]},
    {
        "name": "binder",
        "url": f"http://127.0.0.1:{BINDER_PORT}",
        "command": [
            sys.executable,
            "-m",
            "binderhub",
            f"--config={Path(__file__).with_name('binderhub_config.py')}",
            f"--BinderHub.port={BINDER_PORT}",
        ],
        "environment": {
            "HUB_STATE": str(STATE),
            "HUB_URL": URL,
            "PATH": os.environ["PATH"],
        },
    },
]
c.JupyterHub.load_roles = [
    {
        "name": "portal",
        "services": ["portal"],
        "scopes": ["admin:users", "servers", "tokens", "access:servers", "read:hub"],
    },
    {"name": "reader", "services": ["reader"], "scopes": ["read:hub"]},
    {"name": "binder", "services": ["binder"], "scopes": ["admin:users", "servers"]},
]
