"""Workflows narrowed down by words and by what they are."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

from portal.analysis.workflows.catalogue import FoundWorkflow
from portal.parameters import Choice
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.plugins.workflows import WorkflowType

MOST_OFFERED = 200
TYPES = {
    WorkflowType.NOTEBOOK: "Notebook",
    WorkflowType.DESKTOP: "Desktop",
    WorkflowType.CLI: "Command line",
}


class WorkflowSearch(Parameters):
    """What the page of workflows is asked; every field that is empty asks for nothing."""

    q: str = parameter(
        "",
        title="Search workflows",
        description="Words of title, keywords, authors, platforms and description",
        widget="search",
        max_length=200,
    )
    type: str | None = parameter(None, title="Type", max_length=20)
    platform: str | None = parameter(None, title="Platform", max_length=300)
    author: str = parameter("", title="Author", description="Part of a name", max_length=300)
    keyword: str | None = parameter(None, title="Keyword", max_length=300)
    source: str | None = parameter(None, title="Source", max_length=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What there is to choose from, each with how often."""

    types: Sequence[Choice] = ()
    platforms: Sequence[Choice] = ()
    keywords: Sequence[Choice] = ()
    sources: Sequence[Choice] = ()


def narrow(found: Iterable[FoundWorkflow], search: WorkflowSearch) -> list[FoundWorkflow]:
    """Return those that have all words and are what was chosen.

    Where words are given, those with all of them in the title come first.
    """
    words = folded(search.q).split()
    kept = [one for one in found if _is_chosen(one, search)]
    if not words:
        return kept
    kept = [one for one in kept if _has_all(words, _text(one))]
    return sorted(kept, key=lambda one: not _has_all(words, folded(one.workflow.title)))


def facets(found: Sequence[FoundWorkflow]) -> Facets:
    """Return what can be chosen among these."""
    return Facets(
        types=_choices(
            found, lambda one: [one.workflow.type], lambda kind: TYPES[WorkflowType(kind)]
        ),
        platforms=_choices(found, lambda one: one.workflow.platforms),
        keywords=_choices(found, lambda one: one.workflow.keywords),
        sources=_choices(
            found,
            lambda one: [one.source_id],
            {one.source_id: one.source_title for one in found}.__getitem__,
        ),
    )


def folded(text: str) -> str:
    """Return a text without regard to case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in parts if not unicodedata.combining(one))


def _choices(
    found: Sequence[FoundWorkflow],
    values_of: Callable[[FoundWorkflow], Sequence[str]],
    title_of: Callable[[str], str] = str,
) -> list[Choice]:
    counts = Counter(value for one in found for value in set(values_of(one)))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].casefold()))
    return [
        Choice(value=value, title=f"{title_of(value)} ({count})")
        for value, count in ranked[:MOST_OFFERED]
    ]


def _is_chosen(one: FoundWorkflow, search: WorkflowSearch) -> bool:
    workflow = one.workflow
    return (
        search.type in (None, workflow.type)
        and search.source in (None, one.source_id)
        and (not search.platform or _is_among(search.platform, workflow.platforms))
        and (not search.keyword or _is_among(search.keyword, workflow.keywords))
        and (not search.author or _has_all(folded(search.author).split(), _authors(one)))
    )


def _is_among(wanted: str, values: Iterable[str]) -> bool:
    return folded(wanted) in map(folded, values)


def _authors(one: FoundWorkflow) -> str:
    return folded("\n".join(one.workflow.authors))


def _text(one: FoundWorkflow) -> str:
    workflow = one.workflow
    parts = (workflow.title, *workflow.keywords, *workflow.authors, *workflow.platforms)
    return folded("\n".join((*parts, workflow.description)))


def _has_all(words: Iterable[str], text: str) -> bool:
    return all(word in text for word in words)
