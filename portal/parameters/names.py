"""Names as they are sent, matched to names as they are declared."""

from collections.abc import Iterable
from typing import TypeVar

from portal.parameters.checks import NAME_LENGTH
from portal.parameters.errors import FieldError
from portal.parameters.models import Parameters

T = TypeVar("T")


def by_declared_name(
    model: type[Parameters], sent: Iterable[tuple[str, T]]
) -> tuple[dict[str, list[T]], list[FieldError]]:
    """Gather what was sent under each name, whatever its case, and say which names are wrong.

    A name that only a model with `extra="allow"` takes is kept as it was first written.
    """
    names = {name.casefold(): name for name in model.model_fields}
    given: dict[str, list[T]] = {}
    errors: dict[str, FieldError] = {}
    for sent_name, value in sent:
        folded = sent_name.casefold()
        if folded not in names:
            fault = _fault(model, sent_name)
            if fault:
                errors.setdefault(folded, FieldError(name=_shown(sent_name), message=fault))
                continue
            names[folded] = sent_name
        given.setdefault(names[folded], []).append(value)
    return given, list(errors.values())


def _shown(name: str) -> str:
    """Return a name so that an answer can say it: JSON may name half a surrogate pair."""
    return name[:NAME_LENGTH].encode("utf-8", "replace").decode()


def _fault(model: type[Parameters], name: str) -> str | None:
    if model.model_config.get("extra") != "allow":
        return "there is no such parameter"
    if not 0 < len(name) <= NAME_LENGTH or not name.isprintable():
        return f"a name has 1 to {NAME_LENGTH} printable characters"
    return None
