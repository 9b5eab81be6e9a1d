"""A plugin written only for the tests: a query that leaves files beside its table."""

from pathlib import Path

from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import hookimpl
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import ServiceError

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000 3a7e9b55"
    "0000000a49444154789c6360000000020001 48afa471 0000000049454e44ae426082"
)


class PostcardParameters(QueryParameters):
    """What the card is."""

    media_type: str = parameter("image/png", title="Media type")
    name: str = parameter("card", title="Name")
    title: str = parameter("A <b>card</b>", title="Title")
    size: int = parameter(0, title="Bytes", ge=0)
    fails: bool = parameter(False, title="Fails afterwards")
    twice: bool = parameter(False, title="The same name twice")
    elsewhere: bool = parameter(False, title="A file from elsewhere")


class Postcard(Query):
    """Draws one card, and tells of it in a table."""

    id = "query.postcard"
    title = "Postcard"
    Parameters = PostcardParameters

    def text(self, parameters: PostcardParameters) -> str:
        return parameters.title

    def run(self, parameters: PostcardParameters, context: JobContext) -> ResultTable:
        for _ in range(1 + parameters.twice):
            path = context.data_dir / "whatever a service calls it.html"
            path.write_bytes(b"x" * parameters.size or PIXEL)
            if parameters.elsewhere:
                path = Path(__file__)
            context.attach(
                parameters.name, path, media_type=parameters.media_type, title=parameters.title
            )
        if parameters.fails:
            raise ServiceError("The post office is on fire")
        return ResultTable.from_rows([Column(name="title", arraysize="*")], [[parameters.title]])


@hookimpl
def portal_register_archives() -> list[Archive]:
    return [Archive(id="post", title="Post", description="Cards.", queries=(Postcard(),))]
