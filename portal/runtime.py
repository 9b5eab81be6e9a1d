"""What jobs run with, on the portal's own hosts and on others."""

import resource
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

from portal.analysis import plugin as analysis
from portal.analysis.launching import LaunchDesk
from portal.analysis.workflows import inspecting
from portal.config import config_file
from portal.config import Settings
from portal.delivery import DeliveringExecutor
from portal.delivery import tell_rows
from portal.execution import QueryExecutor
from portal.plugins import echo
from portal.plugins import linkcheck
from portal.plugins import multi
from portal.plugins import samp
from portal.plugins.described.reading import DescribedFile
from portal.plugins.described.reading import find_files
from portal.plugins.described.reading import Kind
from portal.plugins.described.reading import kind_of
from portal.plugins.discovery import Candidate
from portal.plugins.discovery import installed
from portal.plugins.http import HttpPolicy
from portal.plugins.registry import PluginRegistry
from portal.rehearsal import rehearse_work
from portal.results.store import ResultStore
from portal.uws.remote import HttpGateway
from portal.uws.remote_crew import Outpost
from portal.uws.worker import Executor
from portal.uws.worker import Runtime
from portal.version import portal_version

BUNDLED = Path(__file__).parent / "plugins" / "described" / "esap-workflows.toml"


def create_runtime(app: Flask) -> Runtime:
    """Return what jobs run with, in processes forked from this one."""
    from portal.db import db

    settings: Settings = app.config["SETTINGS"]

    def dispose(*, close: bool) -> None:
        with app.app_context():
            db.engine.dispose(close=close)

    return Runtime(
        gateway=app.extensions["gateway"],
        executor=_executor(settings, app.extensions["plugins"], app.extensions["results"]),
        lease_seconds=settings.job_lease,
        let_go=partial(dispose, close=True),
        forget=partial(dispose, close=False),
        limit=partial(_limit_memory, settings.job_memory),
        rehearse=rehearse_work,
        drop_attempt=app.extensions["results"].delete_attempt,
        drop_other_attempts=app.extensions["results"].delete_attempts_except,
    )


def create_outpost(settings: Settings, *, url: str, token: str, scratch: Path) -> Outpost:
    """Return a remote worker of the portal at `url`; it has no app, and nothing of an instance.

    `scratch` is a folder for the plugins' own files.
    """
    registry = load_registry(settings, None, scratch)

    def open_executor(gateway: HttpGateway, folder: Path) -> Executor:
        store = ResultStore(folder)
        executor = _executor(settings, registry, store, tell_arriving=tell_rows)
        return DeliveringExecutor(executor, gateway, store)

    return Outpost(
        url=url,
        token=token,
        types=frozenset(query.id for query in registry.queries if not query.local),
        open_executor=open_executor,
        limit=partial(_limit_memory, settings.job_memory),
    )


def load_registry(
    settings: Settings,
    plugins: Iterable[Candidate] | None,
    data_dir: Path,
    *,
    open_desk: Callable[[PluginRegistry], LaunchDesk] | None = None,
) -> PluginRegistry:
    """Load the plugins: those given, or those that are installed and not switched off.

    Then what the operator describes. `data_dir` is where the plugins' own folders
    are. With `open_desk` there are jobs that launch sessions, which only this portal's own
    workers run. It forks; nothing may be open yet.
    """
    for_tests = [Candidate(name=echo.NAME, load=lambda: echo)] if settings.test_jobs else []
    registry = PluginRegistry()
    received = Candidate(name=samp.NAME, load=lambda: samp)
    search = Candidate(name=multi.NAME, load=partial(multi.multi_plugin, registry))
    checks = Candidate(name=linkcheck.NAME, load=lambda: linkcheck)
    repositories = Candidate(name=inspecting.NAME, load=lambda: inspecting)
    own = [search, received, checks, repositories, *for_tests]
    if open_desk is not None:
        launches = partial(_analysis, registry, open_desk)
        own.append(Candidate(name=analysis.NAME, load=launches))
    registry.load(
        [*(installed(settings.plugins_disabled) if plugins is None else plugins), *own],
        settings=settings.plugins,
        data_dir=data_dir,
        files=described_files(settings),
        probing=plugins is None,
    )
    return registry


def _analysis(
    registry: PluginRegistry, open_desk: Callable[[PluginRegistry], LaunchDesk]
) -> ModuleType:
    return analysis.analysis_plugin(registry, open_desk(registry))


def described_files(settings: Settings) -> list[DescribedFile]:
    """Return the operator's files with descriptions, the settings among them."""
    bundled = [] if BUNDLED.stem in settings.plugins_disabled else [str(BUNDLED)]
    return [
        *_files(Kind.ARCHIVES, settings.archives, settings.archive_files),
        *_files(Kind.WORKFLOWS, settings.workflows, [*settings.workflow_files, *bundled]),
    ]


def only_these(files: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """Return the settings with which the named files are described_files, and no others."""
    found: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for path in find_files(files):
        found[kind_of(path)].append(str(path))
    return {
        "archives": (),
        "archive_files": tuple(found[Kind.ARCHIVES]),
        "workflows": (),
        "workflow_files": tuple(found[Kind.WORKFLOWS]),
    }


def _files(
    kind: Kind, in_settings: Sequence[object], places: Sequence[str]
) -> Iterator[DescribedFile]:
    own = config_file()
    for path in dict.fromkeys([*([own] if in_settings else []), *find_files(places)]):
        yield DescribedFile(path=path, kind=kind, has_settings=path == own)


def _executor(
    settings: Settings, registry: PluginRegistry, store: ResultStore, **options: Any
) -> QueryExecutor:
    return QueryExecutor(
        registry,
        store,
        http_policy=HttpPolicy(
            allow=frozenset(settings.remote_allow),
            read_timeout=settings.remote_timeout,
            max_bytes=settings.remote_max_bytes,
            user_agent=f"archive-portal/{portal_version()}",
        ),
        row_limit=settings.row_limit,
        max_bytes=settings.max_result_bytes,
        **options,
    )


def _limit_memory(most: int) -> None:
    if most:
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
