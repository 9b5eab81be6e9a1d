"""STILTS of Debian: its validator, its UWS client, and the IVOA schemas that it carries."""

import subprocess
import zipfile
from pathlib import Path

from lxml import etree

from tests.services import debian

PACKAGE = "stilts"
JAR = Path("/usr/share/java/starlink-ttools.jar")
FOLDER = "uk/ac/starlink/ttools/taplint/"


OF_NAMESPACE = {
    "http://www.ivoa.net/xml/VOResource/v1.0": "VOResource-v1.1.xsd",
    "http://www.ivoa.net/xml/STC/stc-v1.30.xsd": "stc-v1.30.xsd",
    "http://www.w3.org/2001/xml.xsd": "xmlnamespace.xsd",
}


def schema(*names: str) -> etree.XMLSchema:
    """Return the schemas as one, their imports taken from the same package."""
    debian.install(PACKAGE)
    parser = etree.XMLParser(no_network=True)
    with zipfile.ZipFile(JAR) as jar:
        parser.resolvers.add(_Schemas(jar))
        imports = "".join(
            f'<import namespace="{_namespace(jar, name)}" schemaLocation="{name}"/>'
            for name in names
        )
        together = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
        return etree.XMLSchema(etree.fromstring(together, parser))


def _namespace(jar: zipfile.ZipFile, name: str) -> str:
    return etree.fromstring(jar.read(FOLDER + name)).get("targetNamespace")


class _Schemas(etree.Resolver):
    def __init__(self, jar: zipfile.ZipFile) -> None:
        super().__init__()
        self._jar = jar

    def resolve(self, url: str, _public_id: str, context: object) -> object:
        name = OF_NAMESPACE.get(url, url.rpartition("/")[2])
        return self.resolve_string(self._jar.read(FOLDER + name), context)


def run(*words: str, timeout: float = 120) -> str:
    """Run a STILTS task and return what it says."""
    debian.install(PACKAGE)
    result = subprocess.run(
        ["stilts", *words], capture_output=True, text=True, timeout=timeout, check=False
    )
    return result.stdout + result.stderr
