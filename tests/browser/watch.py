"""What must not happen on any page: complaints in the console, and requests that leave the site."""

from playwright.sync_api import BrowserContext

# The browser's own note that an answer was an error; which answers are is what tests look at.
AN_ERROR_PAGE = "Failed to load resource: the server responded with a status of 4"

# What htmx says when a newer request of the same form takes the place of one under way; of a
# request that got no answer it says more than this.
A_REPLACED_REQUEST = ("htmx:afterRequest", "htmx:sendAbort")


class Watch:
    """Writes down what goes wrong on the pages of a visitor, and which documents are asked for."""

    def __init__(self, context: BrowserContext, root: str) -> None:
        self._root = root
        self.complaints: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", self._follow)

    def _hear(self, message) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(
            (AN_ERROR_PAGE, *A_REPLACED_REQUEST)
        ):
            self.complaints.append(message.text)

    def _follow(self, request) -> None:
        if not request.url.startswith(self._root):
            self.complaints.append(f"a request left the site: {request.url}")
