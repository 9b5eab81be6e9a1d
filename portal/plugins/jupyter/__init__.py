"""What facilities that run notebooks share: a Jupyter server seen from outside, settings."""

from portal.plugins.jupyter.events import read_events
from portal.plugins.jupyter.facility import binder_link
from portal.plugins.jupyter.facility import NotebookFacility
from portal.plugins.jupyter.login import forget_token
from portal.plugins.jupyter.login import stored_token
from portal.plugins.jupyter.server import JupyterServer
from portal.plugins.jupyter.server import read_time
from portal.plugins.jupyter.server import ServerActivity
from portal.plugins.jupyter.settings import FacilitySettings
from portal.plugins.jupyter.settings import SecretSettings

__all__ = [
    "FacilitySettings",
    "JupyterServer",
    "NotebookFacility",
    "SecretSettings",
    "ServerActivity",
    "binder_link",
    "forget_token",
    "read_events",
    "read_time",
    "stored_token",
]
