"""The settings: their names, types, defaults and limits."""

import os
import re
from pathlib import Path
from typing import Any
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic import field_validator
from pydantic import model_validator
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource

from portal.config.providers import IdentityProvider
from portal.config.values import Blocks
from portal.config.values import LOOPBACK
from portal.config.values import Words

PREFIX = "PORTAL_"
GIBIBYTE = 2**30
SMTP = ("smtp", "smtps")
ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
# Who listens everywhere is reached here as well.
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class Settings(BaseSettings):
    """Everything an operator can set.

    A variable `PORTAL_<NAME>` wins over the same name in the TOML file, which is
    `$PORTAL_CONFIG` or `portal.toml` in the current folder.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: int = Field(8080, ge=1, le=65_535, description="Port the web server listens on")
    public_url: str | None = Field(
        None, description="Scheme, host and path prefix that browsers use, when behind a proxy"
    )
    trusted_proxies: int = Field(
        0, ge=0, le=9, description="How many proxies in front set X-Forwarded-* headers"
    )
    instance: Path = Field(Path("instance"), description="Folder of everything that is kept")
    database_url: str | None = Field(None, description="Instead of SQLite in the instance folder")
    redis_url: str | None = Field(None, description="Instead of the embedded Valkey")
    workers: int = Field(8, ge=1, le=256, description="Jobs that run at the same time")
    web_processes: int = Field(2, ge=1, le=64)
    web_threads: int = Field(512, ge=4, le=4096)
    wait_budget: int = Field(
        400, ge=0, description="Requests that may wait for a job in one web process"
    )
    wait_budget_per_owner: int = Field(
        10, ge=0, description="The same for one owner, or one address of callers without a name"
    )
    remote_allow: Words = Field(
        (), description="Hosts (host or host:port) on private addresses that archives may live on"
    )
    remote_max_bytes: int = Field(8 * GIBIBYTE, ge=1_000_000)
    remote_timeout: float = Field(60.0, gt=0, description="Longest silence of a service, seconds")
    plugins: dict[str, dict[str, Any]] = Field({}, description="Settings of plugins, by name")
    plugins_disabled: Words = ()
    archives: Blocks = Field((), description="Archives that are described in the file itself")
    archive_files: Words = Field(
        (), description="TOML files with descriptions of archives, or folders of them"
    )
    workflows: Blocks = Field((), description="Workflows that are described in the file itself")
    workflow_files: Words = Field((), description="TOML files with workflows, or folders of them")
    schedules: bool = Field(
        default=True, description="Make the jobs that plugins want made again and again"
    )
    default_maxrec: int = Field(1_000_000, ge=1)
    max_maxrec: int = Field(50_000_000, ge=1)
    max_result_bytes: int = Field(32 * GIBIBYTE, ge=1_000_000, description="Disk for one result")
    max_upload_bytes: int = Field(
        100_000_000, ge=0, description="Files that may come with one job, all together"
    )
    clone_seconds: int = Field(300, ge=1, description="The longest that fetching one may take")
    staging_max_bytes: int = Field(
        50_000_000_000, ge=0, description="What a session fetches of a basket at most"
    )
    staging_seconds: int = Field(3600, ge=1, description="The longest that may take")
    job_memory: int = Field(
        16 * GIBIBYTE, ge=0, description="Address space of a running job, bytes; 0: no limit"
    )
    default_execution_duration: int = Field(3600, ge=1)
    max_execution_duration: int = Field(86_400, ge=1)
    retention_days: int = Field(30, ge=1, description="How long a job and its results are kept")
    archive_days: int = Field(
        0, ge=0, description="How long what a job was is kept after its results were deleted"
    )
    max_retention_days: int = Field(
        365, ge=1, description="How long one is kept at most, when its owner asks for it"
    )
    session_hours: int = Field(8, ge=1, description="How long a session at a facility may last")
    max_session_hours: int = Field(72, ge=1, description="Up to which its owner may keep it")
    sessions_per_owner: int = Field(10, ge=1, description="How many run at facilities at once")
    max_clone_bytes: int = Field(
        GIBIBYTE, ge=1_000_000, description="The largest git repository that is fetched"
    )
    max_active_jobs: int = Field(50, ge=1, description="Unfinished jobs that one owner may have")
    requests_per_minute: int = Field(
        1200, ge=0, description="Changes and API requests of one client address; 0: no limit"
    )
    jobs_per_host: int = Field(
        8, ge=1, description="Jobs that may ask one host at once, where its archive says no less"
    )
    uws_anonymous: Literal["capability", "shared", "off"] = Field(
        "capability", description="What UWS callers without credentials and cookie may do"
    )
    identity_providers: tuple[IdentityProvider, ...] = Field((), description="Where people sign in")
    identity_secrets: dict[str, SecretStr] = Field({}, description="Client secrets, by provider")
    development_login: bool | Literal["auto"] = Field(
        default=False, description="Sign in by typing any name; on this computer only"
    )
    terms_version: str = Field("1", max_length=40, description="To be accepted anew when changed")
    acceptable_use: str | None = Field(None, description="Acceptable use: an address, or the text")
    privacy_notice: str | None = Field(None, description="Privacy notice: an address, or the text")
    imprint: str | None = Field(None, description="Imprint: an address, or the text")
    contact: str | None = Field(None, description="Contact: an address, or the text")
    smtp_url: SecretStr | None = Field(
        None, description="Mail server: smtp://user:password@host:587, or smtps://; else no mail"
    )
    mail_from: str = Field("", description="The address that mail of the portal comes from")
    job_lease: float = Field(15.0, gt=0, description="Seconds until a silent worker counts as lost")
    log_level: str = "INFO"
    test_jobs: bool = Field(
        default=False, description="Offer job types made for testing; never in public"
    )

    @field_validator("instance")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, url: str | None) -> str | None:
        if url is None or url == "":
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must be a whole address such as https://portal.example.org/esap")
        return url.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value() if url else "")
        if url and url.get_secret_value() and (parts.scheme not in SMTP or not parts.hostname):
            raise ValueError("must look like smtp://user:password@host:587 or smtps://host")
        return url if url and url.get_secret_value() else None

    @field_validator("database_url", "redis_url", mode="before")
    @classmethod
    def _empty_is_absent(cls, url: str | None) -> str | None:
        return url or None

    @model_validator(mode="after")
    def _mail(self) -> "Settings":
        if self.smtp_url and not ADDRESS.fullmatch(self.mail_from):
            raise ValueError("smtp_url needs mail_from, an address such as portal@example.org")
        return self

    @model_validator(mode="after")
    def _sign_in(self) -> "Settings":
        ids = [provider.id for provider in self.identity_providers]
        if len(set(ids)) < len(ids):
            raise ValueError("two identity_providers have the same id")
        issuers = [provider.issuer.rstrip("/") for provider in self.identity_providers]
        if twice := {one for one in issuers if issuers.count(one) > 1}:
            raise ValueError(f"two identity_providers have the same issuer: {', '.join(twice)}")
        if unknown := ", ".join(sorted(set(self.identity_secrets).difference(ids))):
            raise ValueError(f"identity_secrets: there is no provider {unknown}")
        if self.development_login is True and (reason := self._reason_against_development()):
            raise ValueError(
                f"development_login lets anybody in under any name, so it cannot be on {reason}"
            )
        return self

    @property
    def has_development_login(self) -> bool:
        """Whether anybody signs in under any name; "auto": where nothing speaks against it."""
        return bool(self.development_login) and self._reason_against_development() is None

    def _reason_against_development(self) -> str | None:
        if self.identity_providers:
            return "beside identity_providers"
        if self.host not in LOOPBACK:
            return f"while the portal listens on {self.host}; use 127.0.0.1"
        if self.public_url or self.trusted_proxies:
            return "behind a proxy (public_url, trusted_proxies)"
        return None

    def client_secret(self, provider: IdentityProvider) -> str | None:
        """Return the client secret of a provider: of the environment, or of its block."""
        found = self.identity_secrets.get(provider.id) or provider.client_secret
        return found.get_secret_value() if found else None

    @property
    def address(self) -> str:
        """Where browsers find the portal, without a slash at the end, for links that are sent."""
        if self.public_url:
            return self.public_url
        host = ANYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def results_dir(self) -> Path:
        """The folder of the result store."""
        return self.instance / "results"

    def row_limit(self, asked: int | None) -> int:
        """Return the MAXREC of a job that asks for so many rows, or does not say."""
        return min(self.default_maxrec if asked is None else asked, self.max_maxrec)

    def sqlalchemy_url(self) -> str:
        """Return the database to use: the configured one, or SQLite in the instance folder."""
        if self.database_url is None:
            return f"sqlite:///{self.instance / 'portal.sqlite'}"
        scheme, separator, rest = self.database_url.partition("://")
        if scheme in ("postgresql", "postgres"):
            scheme = "postgresql+psycopg"
        return scheme + separator + rest

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then the environment, then the TOML file."""
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, toml


def config_file() -> Path:
    """Return where the TOML file is looked for, whether or not it exists."""
    return Path(os.environ.get(PREFIX + "CONFIG", "portal.toml"))
