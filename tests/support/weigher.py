"""A plugin written only for the tests: an archive whose query is about files that are sent."""

from portal.plugins import Archive
from portal.plugins import Column
from portal.plugins import hookimpl
from portal.plugins import JobContext
from portal.plugins import parameter
from portal.plugins import Query
from portal.plugins import QueryParameters
from portal.plugins import ResultTable
from portal.plugins import Upload


class ScaleParameters(QueryParameters):
    """What can be put on the scale."""

    sample: Upload = parameter(title="Sample", accept=("text/csv", "text/plain"))
    tare: Upload | None = parameter(None, title="Tare")


class Scale(Query):
    """Says how long files are, and which lines they begin with."""

    id = "test.scale"
    title = "Scale"
    Parameters = ScaleParameters

    def text(self, parameters: ScaleParameters) -> str:
        return "weigh"

    def run(self, parameters: ScaleParameters, context: JobContext) -> ResultTable:
        columns = [
            Column(name="name", arraysize="*"),
            Column(name="bytes", datatype="long"),
            Column(name="begins", datatype="unicodeChar", arraysize="*"),
        ]
        named = [name for name in ("sample", "tare") if getattr(parameters, name)]
        paths = [(name, context.upload(name)) for name in named]
        return ResultTable.from_rows(
            columns,
            [
                (name, path.stat().st_size, path.read_text().partition("\n")[0])
                for name, path in paths
            ],
        )


@hookimpl
def portal_register_archives() -> list[Archive]:
    return [
        Archive(
            id="scales",
            title="Scales",
            description="Weighs what is sent.",
            institute="Nowhere",
            queries=(Scale(),),
        )
    ]
