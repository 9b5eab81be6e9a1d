"""Apertif as an archive of the portal."""

from portal.plugins import Archive
from portal.plugins import Dataset
from portal.plugins import ExternalLink
from portal.plugins import QueryLink
from portal_astron.apertif.query import ProductsQuery
from portal_astron.settings import AstronSettings

HOME = "https://alta.astron.nl/"


def apertif_archive(settings: AstronSettings) -> Archive:
    """Return the archive behind the API that `settings` names."""
    return Archive(
        id="apertif",
        title="Apertif",
        description=(
            "Surveys with the phased-array feeds of the Westerbork Synthesis Radio Telescope at "
            "1.4 GHz: visibilities, images and cubes of the imaging surveys, and time-domain data."
        ),
        institute="ASTRON",
        instrument="WSRT-Apertif",
        documentation_url="https://www.astron.nl/telescopes/wsrt-apertif/apertif-dr1-documentation/",
        wavebands=("radio",),
        queries=(ProductsQuery(settings),),
        datasets=(
            _dataset("imaging-processed", "Imaging: processed data", "imaging", "processed"),
            _dataset("imaging-raw", "Imaging: raw data", "imaging", "raw"),
            _dataset("timedomain", "Time domain", "timedomain", "raw"),
        ),
        retrieval=(
            "Files of public releases are downloaded from the address in each row (WebDAV). What "
            "is not on disk is on tape: ask the archive's help desk for it."
        ),
        links=(("Apertif Long Term Archive", ExternalLink(url=HOME)),),
        order=3,
        health=QueryLink(query_id=ProductsQuery.id, parameters={"maxrec": "0"}),
    )


def _dataset(dataset_id: str, title: str, collection: str, level: str) -> Dataset:
    return Dataset(
        id=dataset_id,
        title=title,
        query_id=ProductsQuery.id,
        parameters={"collection": collection, "level": level, "release": "all"},
        category=collection,
        level=level,
        collection=collection,
    )
