"""Job types and the service as the Virtual Observatory describes services, in XML. Pure."""

from collections.abc import Iterable
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import indent
from xml.etree.ElementTree import tostring

from portal.parameters import json_schema
from portal.uws.descriptors import Addresses
from portal.uws.inputs import Input
from portal.uws.inputs import inputs
from portal.uws.serialize import instant
from portal.uws.serialize import NOT_IN_XML
from portal.uws.types import JobType

UWS_STANDARD = "ivo://ivoa.net/std/UWS#rest-1.1"
# IVOA SSO 2.0, section 3, and the practice of services that take tokens.
BASIC, BEARER = "ivo://ivoa.net/sso#BasicAA", "ivo://ivoa.net/sso#OAuth"
VOSI_STANDARD = "ivo://ivoa.net/std/VOSI"
CAPABILITIES_NAMESPACES = {
    "xmlns:vosi": "http://www.ivoa.net/xml/VOSICapabilities/v1.0",
    "xmlns:vr": "http://www.ivoa.net/xml/VOResource/v1.0",
    "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
AVAILABILITY_NAMESPACES = {"xmlns:vosi": "http://www.ivoa.net/xml/VOSIAvailability/v1.0"}
VOTABLE_NAMESPACES = {"xmlns": "http://www.ivoa.net/xml/VOTable/v1.3"}

# "None or one": pyvo fails at a single number that has no value.
SINGLE_UNKNOWN = "1*"


def capabilities(
    types: Iterable[JobType], addresses: Addresses, *, takes_anybody: bool = True
) -> bytes:
    """Write the VOSI capabilities (VOSI 1.1, section 2.1): one UWS for all types, one for each.

    Each says how callers log in, first without logging in where `takes_anybody`.
    """
    logins = [*([None] if takes_anybody else []), BASIC, BEARER]
    return _document(
        _element(
            "vosi:capabilities",
            _capability(f"{VOSI_STANDARD}#capabilities", f"{addresses.root}/capabilities"),
            _capability(f"{VOSI_STANDARD}#availability", f"{addresses.root}/availability"),
            _capability(
                UWS_STANDARD, addresses.all_jobs, about="Jobs of every type.", logins=logins
            ),
            *(
                _capability(
                    UWS_STANDARD,
                    addresses.jobs(one),
                    about=f"{one.title}. {one.description}".strip(),
                    takes=inputs(json_schema(one.parameters)),
                    logins=logins,
                )
                for one in types
            ),
            **CAPABILITIES_NAMESPACES,
        )
    )


def availability(*, available: bool, up_since: datetime, note: str = "") -> bytes:
    """Write the VOSI availability (VOSI 1.1, section 2.3)."""
    return _document(
        _element(
            "vosi:availability",
            _element("vosi:available", text="true" if available else "false"),
            _element("vosi:upSince", text=instant(up_since)),
            *([_element("vosi:note", text=note)] if note else []),
            **AVAILABILITY_NAMESPACES,
        )
    )


def service_descriptor(job_type: JobType, addresses: Addresses) -> bytes:
    """Write the type as a service descriptor (DataLink 1.1, section 4), for clients with forms."""
    known = inputs(json_schema(job_type.parameters))
    resource = _element(
        "RESOURCE",
        _element("DESCRIPTION", text=job_type.description or job_type.title),
        _constant("accessURL", addresses.jobs(job_type)),
        _constant("standardID", UWS_STANDARD),
        _element("GROUP", *(_param(one) for one in known), name="inputParams"),
        type="meta",
        utype="adhoc:service",
        ID="service",
        name=job_type.name,
    )
    return _document(_element("VOTABLE", resource, version="1.4", **VOTABLE_NAMESPACES))


def _capability(
    standard: str,
    url: str,
    *,
    about: str = "",
    takes: Iterable[Input] = (),
    logins: Iterable[str | None] = (),
) -> Element:
    described = [_element("description", text=about)] if about else []
    params = [_input_param(one) for one in takes]
    how = [_element("queryType", text="POST")] if params else []
    interface = _element(
        "interface",
        _element("accessURL", text=url, use="full"),
        *(_element("securityMethod", standardID=one) for one in logins),
        *how,
        *params,
        **{"xsi:type": "vs:ParamHTTP", "role": "std", "version": "1.1"},
    )
    return _element("capability", *described, interface, standardID=standard)


def _input_param(one: Input) -> Element:
    return _element(
        "param",
        *_texts(
            name=one.name, description=one.description or one.title, unit=one.unit, ucd=one.ucd
        ),
        _element(
            "dataType",
            text=one.datatype,
            arraysize=one.arraysize,
            **{"xsi:type": "vs:VOTableType"},
        ),
        use="required" if one.required else "optional",
        std="false",
    )


def _param(one: Input) -> Element:
    has_no_number = one.datatype == "double" and one.arraysize is None and not one.default
    return _element(
        "PARAM",
        _element("DESCRIPTION", text=one.description or one.title),
        *_values(one),
        name=one.name,
        datatype=one.datatype,
        arraysize=SINGLE_UNKNOWN if has_no_number else one.arraysize,
        unit=one.unit,
        ucd=one.ucd,
        value=one.default,
    )


def _values(one: Input) -> Iterator[Element]:
    known = [
        _element(tag, value=value)
        for tag, value in (("MIN", one.minimum), ("MAX", one.maximum))
        if value is not None
    ]
    known += [_element("OPTION", value=option) for option in one.options]
    if known:
        yield _element("VALUES", *known)


def _constant(name: str, value: str) -> Element:
    return _element("PARAM", name=name, datatype="char", arraysize="*", value=value)


def _texts(**texts: str | None) -> Iterator[Element]:
    return (_element(name, text=text) for name, text in texts.items() if text)


def _element(tag: str, *inside: Element, text: str = "", **attributes: str | None) -> Element:
    """Make an element; attributes of None are left out, as are characters XML does not have."""
    made = Element(
        tag, {name: _clean(value) for name, value in attributes.items() if value is not None}
    )
    made.text = _clean(text) or None
    made.extend(inside)
    return made


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)


def _document(root: Element) -> bytes:
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
