"""U+0000, which PostgreSQL does not take: refused in every form and every JSON document."""

from typing import Any

from flask import Request
from werkzeug.formparser import FormDataParser

from portal.problems import UsageError

REFUSAL = "Texts cannot have the character U+0000 in them."


def has_nul(sent: Any) -> bool:
    """Say whether a text with U+0000 is somewhere in a document of lists and mappings."""
    inner = [sent]
    while inner:
        one = inner.pop()
        if isinstance(one, str) and "\0" in one:
            return True
        if isinstance(one, dict):
            inner += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            inner += one
    return False


def refuse_nul(sent: Any) -> None:
    """Raise UsageError where U+0000 is somewhere in a document."""
    if has_nul(sent):
        raise UsageError(REFUSAL)


class CheckedForms(FormDataParser):
    """Reads forms, and refuses those with U+0000 in a name or a value; files may hold it."""

    def parse(self, *args: Any, **options: Any) -> Any:
        """Read a form; raises UsageError."""
        stream, form, files = super().parse(*args, **options)
        named = [*form.items(multi=True), *((name, one.filename) for name, one in files.items())]
        if has_nul([text for pair in named for text in pair]):
            for one in files.values():
                one.close()
            raise UsageError(REFUSAL)
        return stream, form, files


class CheckedRequest(Request):
    """A request that gives nothing away in which there is U+0000."""

    form_data_parser_class = CheckedForms

    def get_json(self, *args: Any, **options: Any) -> Any:
        """Return the body; raises UsageError where a text in it has U+0000."""
        sent = super().get_json(*args, **options)
        refuse_nul(sent)
        return sent
