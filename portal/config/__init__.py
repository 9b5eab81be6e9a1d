"""Settings: their names, types, defaults and limits, from portal.toml and PORTAL_* variables."""

from portal.config.loading import load
from portal.config.loading import secret_key
from portal.config.loading import SettingsError
from portal.config.providers import IdentityProvider
from portal.config.settings import config_file
from portal.config.settings import Settings
from portal.config.values import LOOPBACK

__all__ = [
    "LOOPBACK",
    "IdentityProvider",
    "Settings",
    "SettingsError",
    "config_file",
    "load",
    "secret_key",
]
