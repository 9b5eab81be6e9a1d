"""Code that asks an archive the same without the portal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A program or a command to copy: it runs as it is, and holds no secret.

    `id` tells the snippets of a query apart; `title` is the tool that runs it.
    """

    id: str
    title: str
    text: str
