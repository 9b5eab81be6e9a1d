"""The Virtual Observatory as an archive of the portal."""

from pathlib import Path

from portal.plugins import Archive
from portal.plugins import Page
from portal.plugins import Query
from portal_vo.availability import availability_link
from portal_vo.availability import AvailabilityQuery
from portal_vo.datalink.job import DatalinkQuery
from portal_vo.datalink.opening import OpenTableQuery
from portal_vo.datalink.soda import SodaQuery
from portal_vo.metadata.job import MetadataQuery
from portal_vo.metadata.store import MetadataStore
from portal_vo.mirror.files import MirrorFiles
from portal_vo.mirror.job import MirrorQuery
from portal_vo.pages.chosen import ChosenPage
from portal_vo.pages.resource import ResourcePage
from portal_vo.pages.search import RegistrySearch
from portal_vo.positional.scs import ConeQuery
from portal_vo.positional.sia1 import Sia1Query
from portal_vo.positional.sia2 import Sia2Query
from portal_vo.positional.ssa import SsaQuery
from portal_vo.preview.job import PreviewQuery
from portal_vo.registry import RegistryQuery
from portal_vo.resume import ResumeQuery
from portal_vo.settings import VoSettings
from portal_vo.several import SeveralConesQuery
from portal_vo.several import SeveralTapQuery
from portal_vo.tap import TapQuery


def vo_archive(settings: VoSettings, data_dir: Path) -> Archive:
    """Return the archive: the registry that `settings` names, and every TAP service."""
    metadata = MetadataStore(data_dir / "metadata")
    kinds = (ConeQuery, Sia2Query, Sia1Query, SsaQuery)
    positional = [kind(most_positions=settings.max_positions) for kind in kinds]
    mirror = MirrorFiles(data_dir / "registry", settings.registry)
    pages: tuple[Page, ...] = (RegistrySearch(mirror), ResourcePage(mirror), ChosenPage(mirror))
    copying: tuple[Query, ...] = (MirrorQuery(mirror),)
    if not settings.registry_mirror:
        pages, copying = (), ()
    return Archive(
        id="vo",
        esap_name="vo_reg",
        title="Virtual Observatory",
        description=(
            "The services of observatories and data centres all over the world. Search the "
            "registry for a service, then ask it in ADQL or by position."
        ),
        institute="IVOA",
        documentation_url="https://www.ivoa.net/astronomers/index.html",
        queries=(
            RegistryQuery(settings.registry),
            TapQuery(metadata),
            *positional,
            SeveralConesQuery(),
            SeveralTapQuery(),
            DatalinkQuery(),
            SodaQuery(settings.max_file_bytes),
            PreviewQuery(settings.max_file_bytes),
            OpenTableQuery(settings.max_file_bytes),
            ResumeQuery(),
            MetadataQuery(metadata),
            AvailabilityQuery(),
            *copying,
        ),
        pages=pages,
        health=availability_link(settings.registry, "tap"),
        order=10,
    )
