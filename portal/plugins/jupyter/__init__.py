"""What facilities that run notebooks share: a Jupyter server seen from outside."""

from portal.plugins.jupyter.events import read_events
from portal.plugins.jupyter.facility import binder_link
from portal.plugins.jupyter.facility import NotebookFacility
from portal.plugins.jupyter.server import JupyterServer
from portal.plugins.jupyter.server import read_time
from portal.plugins.jupyter.server import ServerActivity

__all__ = [
    "JupyterServer",
    "NotebookFacility",
    "ServerActivity",
    "binder_link",
    "read_events",
    "read_time",
]
