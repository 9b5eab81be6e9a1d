"""STILTS of Debian: its validator, its UWS client, and the IVOA schemas that it carries."""

import subprocess
import zipfile
from pathlib import Path

from lxml import etree

from tests.services import debian

PACKAGE = "stilts"
JAR = Path("/usr/share/java/starlink-ttools.jar")
FOLDER = "uk/ac/starlink/ttools/taplint/"


def schema(name: str) -> etree.XMLSchema:
    """Return one of the schemas, its imports taken from the same package."""
    debian.install(PACKAGE)
    parser = etree.XMLParser(no_network=True)
    with zipfile.ZipFile(JAR) as jar:
        parser.resolvers.add(_Schemas(jar))
        return etree.XMLSchema(etree.fromstring(jar.read(FOLDER + name), parser))


class _Schemas(etree.Resolver):
    def __init__(self, jar: zipfile.ZipFile) -> None:
        super().__init__()
        self._jar = jar

    def resolve(self, url: str, _public_id: str, context: object) -> object:
        name = {"xml.xsd": "xmlnamespace.xsd"}.get(url.rpartition("/")[2], url.rpartition("/")[2])
        return self.resolve_string(self._jar.read(FOLDER + name), context)


def run(*words: str, timeout: float = 120) -> str:
    """Run a STILTS task and return what it says."""
    debian.install(PACKAGE)
    result = subprocess.run(
        ["stilts", *words], capture_output=True, text=True, timeout=timeout, check=False
    )
    return result.stdout + result.stderr
