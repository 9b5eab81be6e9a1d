"""Panoptes, the API of the Zooniverse, in a thread: as strict as its documentation, or stricter.

It refuses parameters that the real one ignores, and forgets what the real one forgets.
"""

from tests.support.panoptes.accounts import Accounts
from tests.support.panoptes.answers import MEDIA_TYPE
from tests.support.panoptes.answers import refuse
from tests.support.panoptes.answers import send
from tests.support.panoptes.exports import Exports
from tests.support.panoptes.resources import project
from tests.support.panoptes.resources import role
from tests.support.panoptes.resources import user
from tests.support.panoptes.resources import workflow
from tests.support.panoptes.server import Panoptes

__all__ = [
    "MEDIA_TYPE",
    "Accounts",
    "Exports",
    "Panoptes",
    "project",
    "refuse",
    "role",
    "send",
    "user",
    "workflow",
]
