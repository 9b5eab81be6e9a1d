"""Code that asks an archive the same without the portal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A program or a command to copy: it runs as it is, and holds no secret.

    `tool` is what runs it, in one word, and tells the snippets of a query apart.
    """

    tool: str
    title: str
    text: str
