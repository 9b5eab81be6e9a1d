"""The columns of exports: what is known of them, and what can be seen from their values."""

from dataclasses import dataclass
from typing import Literal

from portal.plugins import Column

Kind = Literal["integer", "flag", "time", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the Zooniverse means by a column."""

    kind: Kind
    description: str
    ucd: str | None = None


def _text(description: str, ucd: str | None = None) -> Known:
    return Known(kind="text", description=description, ucd=ucd)


def _integer(description: str, ucd: str) -> Known:
    return Known(kind="integer", description=description, ucd=ucd)


def _time(description: str, ucd: str) -> Known:
    return Known(kind="time", description=f"{description} (UTC)", ucd=ucd)


# Text that looks like numbers for all rows of one project is text in the next one.
KNOWN = {
    "classification_id": _integer("Number of the classification", "meta.id;meta.main"),
    "user_name": _text("Who made it: a login name, or not-logged-in and a code", "meta.id"),
    "user_id": _integer("Number of the user", "meta.id"),
    "user_ip": _text("Code for the internet address it came from", "meta.id"),
    "workflow_id": _integer("Number of the workflow", "meta.id.parent"),
    "workflow_name": _text("Name of the workflow", "meta.title"),
    "workflow_version": _text("Version of the workflow", "meta.version"),
    "gold_standard": Known(
        kind="flag", description="Whether an expert made it", ucd="meta.code.status"
    ),
    "expert": _text("What makes its maker an expert", "meta.code.class"),
    "metadata": _text("About it (JSON)", "meta.note"),
    "annotations": _text("What was answered and drawn, task by task (JSON)"),
    "subject_data": _text("About its subjects (JSON)"),
    "subject_ids": _text("Numbers of its subjects, with semicolons", "meta.id.assoc"),
    "subject_id": _integer("Number of the subject", "meta.id;meta.main"),
    "project_id": _integer("Number of the project", "meta.id.parent"),
    "subject_set_id": _integer("Number of the set it is from", "meta.id.parent"),
    "locations": _text("Addresses of its files (JSON)", "meta.ref.url"),
    "classifications_count": _integer("Classifications in this workflow", "meta.number"),
    "retired_at": _time("When it was done", "time.end"),
    "retirement_reason": _text("Why it is done", "meta.code.class"),
    "created_at": _time("When it was made", "time.creation"),
    "updated_at": _time("When it was last changed", "time.processing"),
}
UNKNOWN = _text("")
MAIN = {"classifications": "classification_id", "subjects": "subject_id"}


def known(name: str) -> Known:
    """Return what is known of a column."""
    return KNOWN.get(name, UNKNOWN)


def column(name: str, kind: Kind) -> Column:
    """Return the column that holds what was found in it."""
    about = known(name)
    if kind == "integer":
        return Column(name=name, datatype="long", ucd=about.ucd, description=about.description)
    if kind == "flag":
        return Column(name=name, datatype="boolean", ucd=about.ucd, description=about.description)
    return Column(
        name=name,
        datatype="unicodeChar" if kind == "text" else "char",
        arraysize="*",
        xtype="timestamp" if kind == "time" else None,
        ucd=about.ucd,
        description=about.description,
    )
