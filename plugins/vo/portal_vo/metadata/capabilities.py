"""What a service can do, from its VOSI /capabilities (TAPRegExt 1.0)."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from portal.plugins import FunctionInfo
from portal.plugins import ServiceFact
from portal_vo.metadata.records import Capabilities
from portal_vo.metadata.tableset import whole_number
from portal_vo.xml import child_text
from portal_vo.xml import find_all
from portal_vo.xml import find_child
from portal_vo.xml import local_name

TAP = "ivo://ivoa.net/std/tap"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
USER_FUNCTIONS = "features-udf"
UPLOADS = {
    "upload-inline": "with the query (inline)",
    "upload-http": "from a web address",
    "upload-https": "from a secure web address",
    "upload-ftp": "from an FTP server",
}
LIMITS = (
    ("outputLimit", "Rows of a result"),
    ("executionDuration", "Time of a query"),
    ("retentionPeriod", "Jobs are kept"),
    ("uploadLimit", "Size of an upload"),
)
UNITS = {"outputLimit": "rows", "uploadLimit": "bytes"}
TIMES = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
FUNCTION_NAME = re.compile(r"\s*([A-Za-z_][\w.]*)\s*\(")
MOST_TEXT = 2_000


def read_capabilities(document: ET.Element) -> Capabilities:
    """Return what the TAP capability of a document says; nothing where it says nothing."""
    found = [one for one in find_all(document, "capability") if _is_tap(one)]
    if not found:
        return Capabilities()
    tap = found[0]
    facts = [*_languages(tap), *_limits(tap), *_formats(tap), *_uploads(tap), *_models(tap)]
    return Capabilities(facts=facts, functions=list(_functions(tap)))


def upload_methods(document: ET.Element) -> set[str]:
    """Return the ways in which a service takes tables, such as "upload-inline"."""
    return {
        (one.get("ivo-id") or "").rpartition("#")[2].lower()
        for one in find_all(document, "uploadMethod")
    }


def upload_limit(document: ET.Element) -> str:
    """Return the size of an upload in words; empty when the service tells none."""
    found = next(find_all(document, "uploadLimit"), None)
    return "" if found is None else _limit_words(found, "bytes")


def _is_tap(capability: ET.Element) -> bool:
    standard = (capability.get("standardID") or "").strip().lower()
    kind = capability.get(TYPE) or ""
    return standard in (TAP, f"{TAP}/") or kind.rpartition(":")[2] == "TableAccess"


def _languages(tap: ET.Element) -> Iterator[ServiceFact]:
    for language in find_all(tap, "language"):
        versions = [
            "".join(one.itertext()).strip() for one in language if local_name(one) == "version"
        ]
        name = child_text(language, "name")
        yield ServiceFact(group="Languages", name=name, value=", ".join(filter(None, versions)))
        for features in find_all(language, "languageFeatures"):
            kind = (features.get("type") or "").rpartition("#")[2].removeprefix("features-")
            forms = [child_text(one, "form") for one in find_all(features, "feature")]
            if kind and kind != "udf" and any(forms):
                yield ServiceFact(
                    group="Languages", name=f"{name} {kind}", value=", ".join(filter(None, forms))
                )


def _functions(tap: ET.Element) -> Iterator[FunctionInfo]:
    seen = set()
    for features in find_all(tap, "languageFeatures"):
        if not (features.get("type") or "").lower().endswith(USER_FUNCTIONS):
            continue
        for feature in find_all(features, "feature"):
            signature = child_text(feature, "form")
            name = FUNCTION_NAME.match(signature)
            if name and signature not in seen:
                seen.add(signature)
                yield FunctionInfo(
                    name=name[1],
                    signature=signature[:MOST_TEXT],
                    description=child_text(feature, "description")[:MOST_TEXT],
                )


def _limits(tap: ET.Element) -> Iterator[ServiceFact]:
    for element, title in LIMITS:
        found = next(find_all(tap, element), None)
        words = "" if found is None else _limit_words(found, UNITS.get(element, "s"))
        if words:
            yield ServiceFact(group="Limits", name=title, value=words)


def _limit_words(limit: ET.Element, unit: str) -> str:
    """Return "2,000 rows unless asked otherwise, at most 1,000,000 rows"."""
    words = []
    for part, written in (("default", "{} unless asked otherwise"), ("hard", "at most {}")):
        found = find_child(limit, part)
        number = None if found is None else whole_number("".join(found.itertext()).strip())
        if found is not None and number is not None:
            given = {"row": "rows", "byte": "bytes"}.get(found.get("unit") or "", unit)
            words.append(written.format(_amount(number, given)))
    return ", ".join(words)


def _amount(number: int, unit: str) -> str:
    if unit == "s":
        for seconds, name in TIMES:
            if number >= 2 * seconds:
                return f"{number / seconds:.3g} {name}"
        return f"{number} s"
    return f"{number:,} {unit}"


def _formats(tap: ET.Element) -> Iterator[ServiceFact]:
    for output in find_all(tap, "outputFormat"):
        aliases = ["".join(one.itertext()).strip() for one in output if local_name(one) == "alias"]
        yield ServiceFact(
            group="Formats", name=", ".join(aliases) or "format", value=child_text(output, "mime")
        )


def _uploads(tap: ET.Element) -> Iterator[ServiceFact]:
    methods = sorted(upload_methods(tap))
    words = [UPLOADS.get(one, one) for one in methods if one]
    yield ServiceFact(group="Uploads", name="Tables can be sent", value=", ".join(words) or "no")


def _models(tap: ET.Element) -> Iterator[ServiceFact]:
    for model in find_all(tap, "dataModel"):
        name = "".join(model.itertext()).strip()
        identifier = model.get("ivo-id") or ""
        yield ServiceFact(group="Data models", name=name or identifier, value=identifier)
