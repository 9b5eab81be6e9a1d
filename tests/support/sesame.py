"""A Sesame in a thread: it knows what it is told, in the XML of the real one (sesame_4.xsd)."""

from dataclasses import dataclass
from dataclasses import field
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.support.loopback import Exchange
from tests.support.loopback import Loopback

ANSWER = """\
<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<Sesame xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:noNamespaceSchemaLocation="http://vizier.u-strasbg.fr/xml/sesame_4.xsd">
<Target option="SNV">
  <name>{name}</name>
  <!-- Q315553 #1 -->
{resolvers}
</Target>
</Sesame>
<!--- ====Done (2026-Nov-22,12:00:00z)==== -->
"""
FOUND = """\
  <Resolver name="{title}"><!-- delay: 12ms -->
    <INFO>from cache</INFO>
    <otype>AGN</otype>
    <jpos>00:42:44.33 +41:16:07.5</jpos>
    <jradeg>{ra}</jradeg>
    <jdedeg>{dec}</jdedeg>
    <errRAmas>0</errRAmas><errDEmas>0</errDEmas>
    <oname>{known_as}</oname>
  </Resolver>"""
SILENT = """\
  <Resolver name="{title}"><!-- delay: 45ms -->
    <INFO>{words}</INFO>
  </Resolver>"""
SIMBAD = "S=Simbad (CDS, via client/server)"
NED = "N=NED"
VIZIER = "V=VizieR (local)"
NOTHING = " *** Nothing found *** "


def found(ra, dec, known_as, title=SIMBAD):
    return FOUND.format(title=title, ra=ra, dec=dec, known_as=known_as)


def silent(title=SIMBAD, words=NOTHING):
    return SILENT.format(title=title, words=words)


def unknown():
    return "\n".join(silent(title) for title in (SIMBAD, NED, VIZIER))


def answer(resolvers, name="X"):
    return ANSWER.format(name=escape(name), resolvers=resolvers)


@dataclass
class SesameService:
    """A Sesame at `url`; `known` has the resolvers' part of its answers by name."""

    server: Loopback
    path: str = "/cgi-bin/nph-sesame"
    known: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.server.routes[f"{self.path}/-oxp/SNV"] = self.reply

    @property
    def url(self):
        return f"{self.server.url}{self.path}"

    def reply(self, exchange: Exchange):
        name = unquote(exchange.query)
        self.asked.append(name)
        exchange.answer(
            answer(self.known.get(name, unknown()), name), content_type="text/plain; charset=UTF-8"
        )
