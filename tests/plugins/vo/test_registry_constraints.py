"""Every constraint finds what pyVO's registry constraints find, on the same registry."""

import warnings

import pytest
from astropy import units as u
from astropy.time import Time
from pyvo import registry as pyvo_registry
from pyvo.registry import rtcons

from portal_vo.registry import RegistryParameters
from portal_vo.registry import RegistryQuery
from portal_vo.standards import SERVICE_TYPES

pytestmark = pytest.mark.peers
KNOWN = ["tap", "scs", "sia1", "sia2", "ssa", "slap"]


@pytest.fixture
def here(dachs, job):
    """A job that may talk to the server, and read long answers."""
    job.allow = frozenset(["127.0.0.1"])
    job.read_timeout, job.max_bytes, job.maxrec = 60, 100_000_000, 100_000
    return job


@pytest.fixture(autouse=True)
def _terms(monkeypatch):
    """The vocabularies that pyVO would fetch from the IVOA."""
    monkeypatch.setattr(rtcons.Waveband, "_legal_terms", {"radio", "x-ray", "optical"})
    terms = {"galaxy": {"wider": [], "narrower": []}}
    monkeypatch.setattr(rtcons.UAT, "_uat", terms)


@pytest.fixture(scope="module", autouse=True)
def _registry(dachs):
    pyvo_registry.choose_RegTAP_service(f"{dachs.url}/tap")


def with_pyvo(dachs, *constraints):
    """Return what pyVO finds, without the one that has a capability and no address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        types = rtcons.Servicetype(*KNOWN)
        chosen = constraints if _has_types(constraints) else (types, *constraints)
        found = pyvo_registry.search(*chosen, includeaux=True, maxrec=100_000)
        return {str(record.ivoid) for record in found} - {"ivo://portal.test/nowhere"}


def _has_types(constraints):
    return any(isinstance(one, rtcons.Servicetype) for one in constraints)


def with_ours(dachs, job, read, **constraints):
    constraints.setdefault("service_type", KNOWN)
    parameters = RegistryParameters(**constraints)
    rows, end = read(RegistryQuery(f"{dachs.url}/tap").run(parameters, job.context()))
    assert not end.overflow
    return {row["ivoid"] for row in rows}


@pytest.mark.parametrize(
    ("ours", "theirs", "least"),
    [
        ({"author": "Pune"}, lambda: [rtcons.Author("%Pune%")], 100),
        ({"author": "pune"}, lambda: [rtcons.Author("%pune%")], 0),
        ({"author": "Arcetri creator%"}, lambda: [rtcons.Author("Arcetri creator%")], 100),
        ({"subject": "galaxy"}, lambda: [rtcons.UAT("galaxy")], 100),
        ({"ucd": "src.redshift"}, lambda: [rtcons.UCD("src.redshift")], 100),
        ({"ucd": "phot.mag%"}, lambda: [rtcons.UCD("phot.mag%")], 100),
        ({"datamodel": "obscore"}, lambda: [rtcons.Datamodel("obscore")], 50),
        ({"datamodel": "regtap"}, lambda: [rtcons.Datamodel("regtap")], 1),
        ({"datamodel": "epntap"}, lambda: [rtcons.Datamodel("epntap")], 20),
        ({"ivoid": "ivo://Portal.test/Obs"}, lambda: [rtcons.Ivoid("ivo://Portal.test/Obs")], 1),
        ({"position": "10 20"}, lambda: [rtcons.Spatial((10, 20))], 5),
        ({"position": "10 20", "radius": 2}, lambda: [rtcons.Spatial((10, 20, 2))], 5),
        ({"position": "200 -45", "radius": 0.5}, lambda: [rtcons.Spatial((200, -45, 0.5))], 5),
        ({"region": "5/12-400"}, lambda: [rtcons.Spatial("5/12-400", intersect="overlaps")], 5),
        ({"time": "50100"}, lambda: [rtcons.Temporal(50100.0)], 10),
        ({"time": "1997-01-01 1999-12-31"},
         lambda: [rtcons.Temporal((Time("1997-01-01"), Time("1999-12-31")))], 50),
        ({"spectrum": "4.2e-19 J"}, lambda: [rtcons.Spectral(4.2e-19)], 10),
        ({"spectrum": "400-700 nm"}, lambda: [rtcons.Spectral((700 * u.nm, 400 * u.nm))], 10),
        ({"spectrum": "2 3 eV"}, lambda: [rtcons.Spectral((2 * u.eV, 3 * u.eV))], 10),
        ({"waveband": ["radio", "x-ray"]}, lambda: [rtcons.Waveband("radio", "x-ray")], 100),
        ({"service_type": "sia2"}, lambda: [rtcons.Servicetype("sia2")], 100),
        ({"service_type": ["tap", "scs"]}, lambda: [rtcons.Servicetype("tap", "scs")], 500),
        ({"service_type": "ssa", "waveband": "radio", "author": "Pune", "subject": "galaxy"},
         lambda: [rtcons.Servicetype("ssa"), rtcons.Waveband("radio"), rtcons.Author("%Pune%"),
          rtcons.UAT("galaxy")], 0),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, dict) else "",
)  # fmt: skip
def test_a_constraint_finds_the_same_as_pyvo(dachs, here, read, ours, theirs, least):
    found = with_ours(dachs, here, read, **ours)
    assert found == with_pyvo(dachs, *theirs())
    assert len(found) >= least


@pytest.mark.parametrize("key", KNOWN)
def test_a_type_of_service_finds_the_same_as_pyvo(dachs, here, read, key):
    assert key in {one.key for one in SERVICE_TYPES}
    found = with_ours(dachs, here, read, service_type=key)
    assert found == with_pyvo(dachs, rtcons.Servicetype(key))
