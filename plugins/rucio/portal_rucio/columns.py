"""The columns of scopes, data identifiers and replicas; ObsCore's names where it has one."""

from portal.plugins import Column

TEXT = "unicodeChar"


def _text(name: str, ucd: str | None, description: str) -> Column:
    return Column(name=name, datatype=TEXT, arraysize="*", ucd=ucd, description=description)


LAKE = _text("lake", "meta.id.parent", "Which data lake it is in")
SCOPE = _text("scope", "meta.id.part", "The name space that its name belongs to")
ACCESS_URL = _text("access_url", "meta.ref.url", "Where HTTP fetches it; empty for other ways")
DID = (
    LAKE,
    _text("publisher_did", "meta.ref.uri;meta.curation", "What names it, in all data lakes"),
    SCOPE,
    _text("name", "meta.id;meta.main", "Its name in the scope"),
)
SIZE = (
    Column(
        name="access_estsize",
        datatype="long",
        unit="kbyte",
        ucd="phys.size;meta.file",
        description="Its size, rounded up",
    ),
)
CHECKSUMS = (
    _text("adler32", "meta.checksum", "Adler-32 checksum, as hexadecimal digits"),
    _text("md5", "meta.checksum", "MD5 checksum, as hexadecimal digits"),
)
SCOPE_COLUMNS = (LAKE, SCOPE)
DID_COLUMNS = (
    *DID,
    _text("did_type", "meta.code.class", "FILE, DATASET (of files) or CONTAINER (of datasets)"),
    *SIZE,
    Column(name="length", datatype="long", ucd="meta.number", description="How many files it has"),
)
FILE_COLUMNS = (*DID, *SIZE, *CHECKSUMS)
REPLICA_COLUMNS = (
    *DID,
    ACCESS_URL,
    *SIZE,
    *CHECKSUMS,
    _text("rse", "meta.id", "The place (Rucio storage element) that has this replica"),
    _text("rse_type", "meta.code.class", "DISK or TAPE: what is on tape takes its time"),
    Column(
        name="priority", datatype="int", ucd="meta.number", description="1 is the one to try first"
    ),
    _text("domain", "meta.code", "wan, or lan for what is reached from within a site only"),
    _text("state", "meta.code.status", "Whether it is there: AVAILABLE, ..."),
    _text("pfn", "meta.ref", "Its address as the data lake has it, whatever way that names"),
)
