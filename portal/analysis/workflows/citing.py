"""How a workflow is cited where its authors do not say so."""

from portal.plugins.workflows import Workflow

MOST_AUTHORS = 10


def citation_of(workflow: Workflow) -> str:
    """Return what the authors want to be cited, or else authors, year, title and DOI.

    Empty where not even the authors are known.
    """
    if workflow.citation or not workflow.authors:
        return workflow.citation
    named = "; ".join(workflow.authors[:MOST_AUTHORS])
    authors = f"{named} et al." if len(workflow.authors) > MOST_AUTHORS else named
    year = f" ({workflow.updated.year})" if workflow.updated else ""
    version = f", version {workflow.version}" if workflow.version else ""
    where = f"https://doi.org/{workflow.doi}" if workflow.doi else workflow.repository
    return f"{authors}{year}. {workflow.title}{version}. {where}"
