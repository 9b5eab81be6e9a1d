"""What can be done with a scope, a dataset or a file of a data lake."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from portal.plugins import Column
from portal.plugins import QueryLink
from portal.plugins import RowAction
from portal_rucio.settings import LakeSettings

COLLECTIONS = frozenset({"DATASET", "CONTAINER"})


class LakeAction(RowAction):
    """Leads to a form of the lake that the row is from; `needs` and `lacks` are columns."""

    kind: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset({"lake", "publisher_did", "scope", "name"})
    lacks: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, lakes: Iterable[LakeSettings]) -> None:
        """Know the forms of these lakes."""
        self._forms = {lake.id: lake.query_id(self.kind) for lake in lakes}

    def applies(self, columns: Sequence[Column]) -> bool:
        """Say whether the rows look like those of a lake."""
        names = {column.name for column in columns}
        return names >= self.needs and not names & self.lacks

    def link(self, row: Mapping[str, Any]) -> QueryLink | None:
        """Return the form, filled in, where the row is from a lake that is known."""
        form = self._forms.get(str(row["lake"]))
        parameters = self.parameters(row)
        if form is None or parameters is None:
            return None
        return QueryLink(query_id=form, parameters=parameters)

    def parameters(self, row: Mapping[str, Any]) -> dict[str, str | list[str]] | None:
        """Return what is filled in; None where the row has no use for this."""
        return {"did": [_did(row)]}


class DidsOfScope(LakeAction):
    """Leads from a scope to what is in it."""

    id = "rucio-dids"
    title = "What is in this scope"
    kind = "dids"
    needs = frozenset({"lake", "scope"})
    lacks = frozenset({"name"})

    def parameters(self, row: Mapping[str, Any]) -> dict[str, str | list[str]]:
        """Return the scope."""
        return {"scope": str(row["scope"])}


class FilesOfDid(LakeAction):
    """Leads from a dataset or container to its files."""

    id = "rucio-files"
    title = "Its files"
    kind = "files"
    needs = LakeAction.needs | {"did_type"}

    def parameters(self, row: Mapping[str, Any]) -> dict[str, str | list[str]] | None:
        """Return the identifier of what has files."""
        return {"did": _did(row)} if row["did_type"] in COLLECTIONS else None


class ReplicasOfDid(LakeAction):
    """Leads to where something is."""

    id = "rucio-replicas"
    title = "Its replicas"
    kind = "replicas"
    lacks = frozenset({"rse"})


class CopyOfDid(LakeAction):
    """Leads to the form that has a copy made."""

    id = "rucio-rule"
    title = "Copy it next to the compute"
    kind = "rule"


def _did(row: Mapping[str, Any]) -> str:
    return f"{row['scope']}:{row['name']}"
