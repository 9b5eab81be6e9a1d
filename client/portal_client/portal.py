"""A portal, as one of its users sees it from a program."""

import os
from collections.abc import Collection
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from typing import BinaryIO

from astropy.time import Time
from astropy.units import Quantity

from portal_client.basket import Basket
from portal_client.basket import list_baskets
from portal_client.basket import make_basket
from portal_client.connection import Connection
from portal_client.errors import PortalError
from portal_client.job_types import get_type
from portal_client.job_types import JobType
from portal_client.job_types import JobTypeSummary
from portal_client.job_types import list_types
from portal_client.jobs import Job
from portal_client.login import saved_token
from portal_client.sentfiles import opened
from portal_client.values import as_form
from portal_client.values import as_instant
from portal_client.values import as_json


class Portal:
    """A portal: its job types, your jobs and your basket.

    Without arguments, the address is in `PORTAL_URL` and the token in `PORTAL_TOKEN`, or it is
    the one that `portal-login` kept for the address; an empty token is none. The
    token of the environment is used for no other address than the one beside it, and no token
    is sent over plain http but to this computer.
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        """Take address and token; asks the portal nothing yet. Raises ValueError."""
        known = os.environ.get("PORTAL_URL", "")
        address = url or known
        if not address:
            raise ValueError("Give the address of a portal, or set PORTAL_URL.")
        if token is None and known.rstrip("/") in ("", address.rstrip("/")):
            token = os.environ.get("PORTAL_TOKEN")
        token = saved_token(address) if token is None else token
        self._connection = Connection(address, token.strip() if token else None)

    @property
    def url(self) -> str:
        """The address, with a slash at the end."""
        return self._connection.url

    def types(self) -> list[JobTypeSummary]:
        """Return what the portal can be asked: all job types."""
        return list_types(self._connection)

    def type(self, name: str) -> JobType:
        """Return one job type, by name or alias; print it to see what it takes."""
        return get_type(self._connection, name)

    def submit(
        self,
        type: str | JobType,
        parameters: Mapping[str, Any] | None = None,
        *,
        run_id: str | None = None,
        run: bool = True,
        execution_duration: int | None = None,
        destruction: datetime | Time | str | None = None,
        basket: str | Basket | None = None,
        files: Mapping[str, str | Path | BinaryIO] | None = None,
        **more: Any,
    ) -> Job:
        """Make a job, start it unless `run` is False, and return it at once.

        Parameters are given by name, or in `parameters` where a name is one of these here;
        quantities and positions of astropy are values as well.
        `execution_duration` is in seconds, `destruction` when the portal may delete the job. Its
        rows go into `basket` when it completes; "current" is your current one.
        `files` are paths, or files opened in binary mode, by the names of the parameters that
        they are for. Raises InvalidParametersError with all that is wrong.
        """
        wishes = {
            "type": type if isinstance(type, str) else type.name,
            "phase": "RUN" if run else None,
            "runId": run_id,
            "executionDuration": execution_duration,
            "destruction": None if destruction is None else as_instant(destruction),
            "basket": basket.ref if isinstance(basket, Basket) else basket,
        }
        values = self._as_json(type, {**(parameters or {}), **more})
        if files:
            with opened(files) as streams:
                form = as_form({**values, **wishes})
                return self.job(self._connection.send("uws", "jobs", form=form, files=streams))
        return self.job(
            self._connection.create("uws", "jobs", body={"parameters": values, **wishes})
        )

    def job(self, id_or_url: str) -> Job:
        """Return a job by its id or address; raises PortalError when you have no such job."""
        job_id = self._job_id(id_or_url)
        return Job(self._connection, self._connection.get("uws", "jobs", job_id))

    def jobs(
        self,
        *,
        phase: str | Collection[str] = (),
        after: datetime | Time | str | None = None,
        last: int | None = None,
        type: str | None = None,
    ) -> list[Job]:
        """Return your jobs, newest first; archived ones when `phase` asks for them.

        `after` leaves out those made before, `last` all but so many.
        """
        query = {
            "PHASE": [phase] if isinstance(phase, str) else list(phase),
            "AFTER": None if after is None else as_instant(after),
            "LAST": last,
        }
        listed = self._connection.get("uws", type or "jobs", query=query)["jobs"]
        return [Job(self._connection, {**one, "jobId": one["id"]}) for one in listed]

    def signed_url(
        self, job: str, result: str = "result", *, extension: str = "vot", rows: str = ""
    ) -> str:
        """Return an address that opens a result for a quarter of an hour, without a token.

        For programs that fetch it themselves. `rows` chooses some rows, from 0: "0-4,9".
        """
        query = {"job": self._job_id(job), "result": result, "format": extension}
        answer = self._connection.get(
            "samp", "link", query=query | ({"rows": rows} if rows else {})
        )
        return str(answer["url"])

    @cached_property
    def basket(self) -> Basket:
        """Your current basket, whichever that is at the time."""
        return Basket(self._connection)

    def baskets(self) -> list[Basket]:
        """Return your baskets, by name."""
        return list_baskets(self._connection)

    def new_basket(self, name: str, *, current: bool = True) -> Basket:
        """Make a basket, which is the current one then; raises PortalError for a taken name."""
        return make_basket(self._connection, name, current=current)

    def open_basket(self, ref: str) -> Basket:
        """Return a basket by its id, by the link that somebody shares, or by the link's key."""
        return Basket(self._connection, ref.rstrip("/").rpartition("/")[2])

    def __repr__(self) -> str:
        """Write the address; never the token."""
        return f"<Portal {self.url}>"

    def _as_json(self, wanted: str | JobType, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values as they are sent; for a quantity, the type is asked for the unit."""
        if isinstance(wanted, str):
            if not any(isinstance(value, Quantity) for value in values.values()):
                return as_json(values)
            wanted = self.type(wanted)
        return wanted.as_json(values)

    def _job_id(self, id_or_url: str) -> str:
        if "/" not in id_or_url:
            return id_or_url
        if not id_or_url.startswith(self.url):
            raise PortalError(f"This is not a job of {self.url}: {id_or_url}")
        return id_or_url.rstrip("/").rpartition("/")[2]
