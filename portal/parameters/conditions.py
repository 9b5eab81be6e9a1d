"""Fields that have a meaning only while others have certain values."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from pydantic.fields import FieldInfo

EXTRA_KEY = "x-visible-if"

Condition = Mapping[str, Sequence[str]]


def condition_of(info: FieldInfo) -> Condition:
    """Return the values, as forms send them, that other fields have while this one is asked."""
    extra = info.json_schema_extra
    found = extra.get(EXTRA_KEY) if isinstance(extra, dict) else None
    return found if isinstance(found, dict) else {}  # type: ignore[return-value]


def is_met(condition: Condition, values: Mapping[str, Any]) -> bool:
    """Say whether every field that a condition names has one of its values."""
    return all(
        not set(_strings(values[name])).isdisjoint(wanted)
        for name, wanted in condition.items()
        if name in values
    )


def _strings(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
