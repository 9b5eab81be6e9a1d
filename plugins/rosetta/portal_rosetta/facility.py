"""One Rosetta: a browser is sent there, with a link as Binders have it."""

from http import HTTPStatus

from portal.plugins import binder_link
from portal.plugins import FacilityContext
from portal.plugins import FacilityHealth
from portal.plugins import Mode
from portal.plugins import NotebookFacility
from portal.plugins import TransientError


class Rosetta(NotebookFacility):
    """Makes a container of a repository for whoever is logged in there."""

    mode = Mode.REDIRECT

    def link(self, repository: str, ref: str, path: str | None) -> str:
        """Return where Rosetta imports the repository, and offers to start it."""
        return binder_link(self.url, repository, ref, path)

    def health(self, context: FacilityContext) -> FacilityHealth:
        """Look at its front page; it has nothing that says more without a login."""
        with context.http.get(self.url) as answer:
            if answer.status_code != HTTPStatus.OK:
                raise TransientError(f"{self.title} answers with status {answer.status_code}.")
        return FacilityHealth(message="")
