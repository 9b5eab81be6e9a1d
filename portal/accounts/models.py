"""What is kept of owners: tokens, credentials for archives, who they are, where they are in."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy import JSON
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.db import Base
from portal.db import UtcDateTime


class ApiToken(Base):
    """A key for programs; only the SHA-256 `digest` of it is kept.

    `scope` is "user" (everything of its owner), "worker" (claim jobs, and nothing else), "esap"
    or "session" (read the basket of `basket_id`, and nothing else).
    """

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(16), default="user")
    basket_id: Mapped[str | None] = mapped_column(String(32))
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Credential(Base):
    """What an owner uses to log in at a remote service; `secret` is encrypted."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("owner", "service"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(200))
    user_name: Mapped[str] = mapped_column(String(200), default="")
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Person(Base):
    """Somebody who signed in. `name` and `email` are what a provider said last, for display only.

    `roles` come from `groups`, which are those of the provider that was used last; both are
    written at each sign-in and renewal. `terms_version` is
    what was accepted of the texts that the operator has, at `terms_time`.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(320), default="")
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    terms_version: Mapped[str | None] = mapped_column(String(40))
    terms_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in: Mapped[datetime] = mapped_column(UtcDateTime)


class Identity(Base):
    """What a person is known by: what an issuer calls a subject, never a name or an address."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))


class LoginSession(Base):
    """A browser in which a person is signed in; only the SHA-256 of what its cookie holds is kept.

    `provider_session` is the provider's own name of the session (sid). The ID token, for
    signing out there, and the refresh token are encrypted. At `renewal` the provider is asked
    whether the person may still come in; a session without a refresh token has none.
    """

    __tablename__ = "login_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    identity_id: Mapped[str] = mapped_column(
        ForeignKey("identity.id", ondelete="CASCADE"), index=True
    )
    provider_id: Mapped[str] = mapped_column(String(32))
    provider_session: Mapped[str | None] = mapped_column(String(255))
    id_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    renewal: Mapped[datetime | None] = mapped_column(UtcDateTime)
    creation_time: Mapped[datetime] = mapped_column(UtcDateTime)
    expires: Mapped[datetime] = mapped_column(UtcDateTime)


class Ticket(Base):
    """Something small that is kept for minutes and taken once, such as a sign-in that goes on.

    `digest` is the SHA-256 of its key; `content` is encrypted.
    """

    __tablename__ = "ticket"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    expires: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DeviceLogin(Base):
    """A program that waits until somebody confirms its code (RFC 8628).

    `owner` is who confirmed; with `is_refused` nobody will.
    """

    __tablename__ = "device_login"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_code: Mapped[str] = mapped_column(String(16), unique=True)
    label: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str | None] = mapped_column(String(64))
    is_refused: Mapped[bool] = mapped_column(default=False)
    last_asked: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Preference(Base):
    """What an owner wants to see first, and how positions are written.

    `archives` and `facilities` are ids in the owner's order; some may be gone.
    """

    __tablename__ = "preference"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    archives: Mapped[list[str]] = mapped_column(JSON, default=list)
    facilities: Mapped[list[str]] = mapped_column(JSON, default=list)
    coordinates: Mapped[str] = mapped_column(String(16), default="degrees")
