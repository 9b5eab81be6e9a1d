"""Making a workflow ready: its commit, the files that come along, and the repository with both."""

import hmac
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import cast

from flask import Flask

from portal.accounts.tokens import make_session_token
from portal.accounts.tokens import new_token_id
from portal.accounts.tokens import revoke_token
from portal.analysis.batch import inputs_of
from portal.analysis.batch import read_sources
from portal.analysis.book import Begun
from portal.analysis.book import Published
from portal.analysis.book import SessionBook
from portal.analysis.reach import reach_problem
from portal.analysis.repository.fetching import Checkout
from portal.analysis.repository.fetching import fetch
from portal.analysis.repository.preparing import change_notebook
from portal.analysis.repository.preparing import prepare
from portal.analysis.repository.preparing import Wishes
from portal.analysis.repository.publishing import publish
from portal.analysis.repository.remote import open_remote
from portal.analysis.repository.remote import Remote
from portal.analysis.repository.remote import resolve
from portal.analysis.staging.choosing import staged_items
from portal.analysis.staging.choosing import summarize
from portal.analysis.staging.script import DATA_FOLDER
from portal.analysis.staging.script import StagedBasket
from portal.analysis.staging.session import session_files
from portal.analysis.staging.session import setup_code
from portal.basket.contents import list_items
from portal.basket.reach import get_basket
from portal.basket.visitors import visitor_of
from portal.config import Settings
from portal.plugins.facilities import Answer
from portal.plugins.facilities import BasketSummary
from portal.plugins.facilities import Facility
from portal.plugins.facilities import InputFile
from portal.plugins.facilities import Mode
from portal.plugins.facilities import SessionFile
from portal.plugins.facilities import Staging
from portal.plugins.http import GuardedSession
from portal.plugins.types import JobContext
from portal.plugins.workflows import Scalar
from portal.plugins.workflows import Workflow
from portal.problems import NotFoundError
from portal.problems import UsageError

USER_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be made ready; `expires` is when nothing of it has to work any more."""

    repository: str
    ref: str
    path: str | None
    basket_id: str | None
    first_cell: bool
    variables: Mapping[str, Scalar]
    expires: datetime

    @property
    def notebook(self) -> str | None:
        """Which notebook gets a first cell."""
        return self.path if self.first_cell or self.variables else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What comes along: the files of a basket, and how much that is."""

    summary: BasketSummary = field(default_factory=BasketSummary)
    basket: StagedBasket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """What a facility gets: a repository, what is put into the session, what a run reads."""

    published: Published
    files: Sequence[SessionFile] = ()
    setup: str | None = field(default=None, repr=False)
    sources: Sequence[SessionFile] = ()
    inputs: Sequence[InputFile] = ()


class Preparation:
    """Makes workflows ready, in a worker of this portal."""

    def __init__(
        self, app: Flask, settings: Settings, book: SessionBook, publications: Path
    ) -> None:
        """Keep what it takes."""
        self._app = app
        self._settings = settings
        self._root = settings.address
        self._book = book
        self._publications = publications

    def load(self, wanted: Wanted, begun: Begun) -> Load:
        """Read which files come along; raises NotFoundError for a basket out of reach."""
        if not wanted.basket_id:
            return Load()
        owner = self._book.row(begun.id).owner  # who may have signed in since the job began
        with self._app.test_request_context(base_url=self._root):
            visitor = visitor_of(owner)
            basket = get_basket(wanted.basket_id, visitor)
            items = staged_items(
                basket,
                list_items(wanted.basket_id, visitor),
                ref=wanted.basket_id,
                visitor=visitor,
                session_id=begun.id,
            )
            staged = StagedBasket(
                items=items,
                portal=self._root,
                id=basket.id,
                name=basket.name,
                most_bytes=self._settings.staging_max_bytes,
                seconds=self._settings.staging_seconds,
            )
        return Load(summary=summarize(items), basket=staged if items else None)

    def pack(
        self, wanted: Wanted, load: Load, begun: Begun, answer: Answer, context: JobContext
    ) -> Kit:
        """Return what the facility gets, as an earlier attempt left it where there was one.

        What is put into the session leaves the repository as it is, and with it its image.
        Nothing can be put into one that the facility starts for a browser.
        """
        is_redirect = answer.mode is Mode.REDIRECT
        in_repository = is_redirect or answer.staging is Staging.REPOSITORY
        published = begun.published or (
            self._publish(wanted, load, context)
            if in_repository
            else self._resolve(wanted, context)
        )
        is_changed = published.publication is not None and in_repository
        is_staged = is_changed or load.basket is None
        files: list[SessionFile] = []
        if not is_redirect:
            files += self._files(wanted, load, begun, is_staged=is_staged)
            files += () if is_changed else self._notebook(wanted, published, context)
        return Kit(
            published=published,
            files=files,
            setup=None if is_staged else setup_code(),
        )

    def pack_run(
        self,
        wanted: Wanted,
        load: Load,
        begun: Begun,
        workflow: Workflow,
        context: JobContext,
    ) -> Kit:
        """Return what a batch run gets: the files of its definition, and those of the basket."""
        published = begun.published or self._resolve(wanted, context)
        remote = open_remote(wanted.repository, cast("GuardedSession", context.http))
        checkout = self._fetch(remote, published.commit, context)
        return Kit(
            published=published,
            sources=read_sources(checkout, workflow.definition or "", context.log),
            inputs=() if load.basket is None else inputs_of(load.basket.items),
        )

    def check_reach(self, kit: Kit, facility: Facility) -> None:
        """Raise UsageError where a facility elsewhere would fetch from a portal that is local."""
        problem = reach_problem(self._settings, facility.url)
        if problem and (kit.published.publication or kit.inputs):
            raise UsageError(problem)

    def pseudonym(self, owner: str) -> str:
        """Return what facilities know an owner by: always the same, and of no use elsewhere."""
        key = self._app.config["SECRET_KEY"].encode()
        return (
            "p"
            + hmac.new(key, b"facility user " + owner.encode(), sha256).hexdigest()[:USER_DIGITS]
        )

    def _publish(self, wanted: Wanted, load: Load, context: JobContext) -> Published:
        original = self._resolve(wanted, context)
        if load.basket is None and wanted.notebook is None:
            return original
        remote = open_remote(wanted.repository, cast("GuardedSession", context.http))
        checkout = self._fetch(remote, original.commit, context)
        wishes = Wishes(notebook=wanted.notebook, parameters=wanted.variables)
        basket = load.basket or StagedBasket(items=(), portal=self._root)
        made = prepare(checkout, basket, repository=remote.url, wishes=wishes)
        for note in made.notes:
            context.log(note)
        if made.staging is Staging.SESSION:
            return original
        context.report(0.2, "Publishing the repository with the list of its files")
        publication = publish(self._publications, checkout.folder)
        return Published(
            repository=f"{self._root}/git/{publication.token}.git",
            commit=made.commit,
            publication=publication.name,
        )

    def _resolve(self, wanted: Wanted, context: JobContext) -> Published:
        context.report(0.02, f"Looking for {wanted.ref} in {wanted.repository}")
        http = cast("GuardedSession", context.http)
        commit = resolve(wanted.repository, wanted.ref, http)
        context.log(f"{wanted.ref} of {wanted.repository} is the commit {commit}")
        return Published(repository=wanted.repository, commit=commit)

    def _notebook(
        self, wanted: Wanted, published: Published, context: JobContext
    ) -> Sequence[SessionFile]:
        """Return the notebook with its first cell, for a repository that stays as it is."""
        if wanted.notebook is None:
            return ()
        remote = open_remote(wanted.repository, cast("GuardedSession", context.http))
        checkout = self._fetch(remote, published.commit, context)
        wishes = Wishes(notebook=wanted.notebook, parameters=wanted.variables)
        changed = change_notebook(checkout, DATA_FOLDER, wishes, context.log)
        return () if changed is None else (changed,)

    def _fetch(self, remote: Remote, commit: str, context: JobContext) -> Checkout:
        context.report(0.1, "Fetching the repository")
        http = cast("GuardedSession", context.http)
        folder = Path(mkdtemp(dir=context.data_dir))
        return fetch(
            remote,
            commit,
            folder,
            http,
            most_bytes=self._settings.max_clone_bytes,
            seconds=self._settings.clone_seconds,
        )

    def _files(
        self, wanted: Wanted, load: Load, begun: Begun, *, is_staged: bool
    ) -> Sequence[SessionFile]:
        """Return what opens the basket to the session, and what it fetches itself."""
        if load.basket is None or load.basket.id is None:
            return ()
        owner = self._book.row(begun.id).owner
        with self._book.page():
            if begun.token_id:
                with suppress(NotFoundError):  # it has ended
                    revoke_token(begun.token_id, owner=None)
        token_id = new_token_id()
        self._book.note_token(begun, token_id)  # before it is there, so that nothing is left of it
        with self._book.page():
            _, secret = make_session_token(
                owner,
                load.basket.id,
                label=f"Session {begun.id}",
                expires=wanted.expires,
                token_id=token_id,
            )
        return session_files(
            portal=self._root,
            token=secret,
            basket_id=load.basket.id,
            expires=wanted.expires,
            basket=None if is_staged else load.basket,
        )
