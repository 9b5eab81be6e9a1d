"""Settings read from portal.toml and PORTAL_* variables, and the instance's secret key."""

import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from portal.config.settings import config_file
from portal.config.settings import PREFIX
from portal.config.settings import Settings
from portal.problems import PortalError


class SettingsError(PortalError):
    """A setting cannot be used; the message names each one and says why."""

    title = "The portal cannot start with these settings"


def load(**overrides: Any) -> Settings:
    """Read the settings; raises SettingsError that names every wrong one."""
    if PREFIX + "CONFIG" in os.environ and not config_file().is_file():
        raise SettingsError(f"PORTAL_CONFIG names a file that does not exist: {config_file()}")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise SettingsError("\n".join(lines)) from error
    except ValueError as error:  # not TOML
        raise SettingsError(f"{config_file()}: {error}") from error


def secret_key(instance: Path) -> str:
    """Return the key that signs cookies, made on first use and kept in the instance folder."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key
