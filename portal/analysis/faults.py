"""What plugins do wrong as facilities are looked after: one that fails harms no other."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from portal.problems import PortalError
from portal.problems import ServiceError

log = logging.getLogger(__name__)


@contextmanager
def faults_of(facility_id: str) -> Iterator[None]:
    """Turn whatever the plugin of a facility raises into an error that is about this one."""
    try:
        yield
    except PortalError:
        raise
    except Exception as error:
        log.exception("the plugin of the facility %s failed", facility_id)
        raise ServiceError(f"The plugin of {facility_id} failed: tell the operator.") from error
