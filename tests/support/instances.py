"""Settings of an instance that a test has for itself."""

from functools import cache
from pathlib import Path
from typing import Any

from portal import config


def settings_in(folder: Path, **changes: Any) -> config.Settings:
    """Return the settings of an instance in `folder`, without Redis and ESAP's workflows.

    The defaults are read once for all tests; `changes` have the types of the settings, for
    they are not checked again. A test about settings calls `config.load`. Tests may ask as often
    as they like.
    """
    return _defaults().model_copy(update={"instance": folder / "instance", **changes})


@cache
def _defaults() -> config.Settings:
    return config.load(job_lease=3.0, plugins_disabled=["esap-workflows"], requests_per_minute=0)
