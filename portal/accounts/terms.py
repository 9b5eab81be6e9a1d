"""The texts that the operator has for people: what they are, and who still has to accept them."""

from dataclasses import dataclass

from flask import current_app

from portal.accounts.models import Person
from portal.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of the operator's: its setting, and what links to it say."""

    setting: str
    title: str

    @property
    def content(self) -> str | None:
        """An address, or the text itself; None where the operator has none."""
        found: str | None = getattr(_settings(), self.setting) or None
        return found

    @property
    def paragraphs(self) -> list[str]:
        """The text in parts that were divided by empty lines."""
        return [part.strip() for part in (self.content or "").split("\n\n") if part.strip()]

    @property
    def is_address(self) -> bool:
        """Whether the content is the address of a page elsewhere."""
        return (self.content or "").startswith(("https://", "http://", "mailto:"))


ACCEPTED = (
    Text(setting="acceptable_use", title="Acceptable use"),
    Text(setting="privacy_notice", title="Privacy notice"),
)
TEXTS = (
    *ACCEPTED,
    Text(setting="imprint", title="Imprint"),
    Text(setting="contact", title="Contact"),
)


def needs_acceptance(person: Person | None) -> bool:
    """Say whether a person has to accept the texts, or their present version, first."""
    version = None if person is None else person.terms_version
    return any(text.content for text in ACCEPTED) and version != _settings().terms_version


def shown_texts() -> list[Text]:
    """Return the texts that there are."""
    return [text for text in TEXTS if text.content]


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
