"""Code that asks an archive the same without the portal."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A program or a command to copy: it runs as it is, and holds no secret.

    `tool` is what runs it, in one word, and tells the snippets of a query apart. One in Python
    (`language`) leaves its rows in `table`, a command of a shell writes into the folder it is
    run in: so the snippets of the parts of a query can be put together.
    """

    tool: str
    title: str
    text: str
    language: Literal["python", "shell"] = "shell"
