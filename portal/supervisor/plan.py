"""Run several programs as one: start in order, keep running, stop in reverse order."""

import asyncio
import signal
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from portal.supervisor.child import Child
from portal.supervisor.child import GaveUpError
from portal.supervisor.child import Patience
from portal.supervisor.child import Program
from portal.supervisor.child import say

STOPPED = 0
FAILED = 1


@dataclass(frozen=True)
class Plan:
    """What runs: the broker from first to last, the preparation once, then the services.

    A broker that gives up is done without; a service that gives up ends everything.
    `broker_ready` is awaited before the services start, `announce` beside them.
    """

    broker: Program | None
    broker_ready: Callable[[], Awaitable[object]]
    preparation: Program
    services: tuple[Program, ...]
    announce: Callable[[], Awaitable[None]]


def carry_out(plan: Plan, patience: Patience) -> int:
    """Run the plan until a service gives up (1) or SIGINT, SIGTERM or SIGHUP comes (0).

    A second signal kills what is still stopping.
    """
    return asyncio.run(_Run(plan, patience).until_ended())


class _Run:
    """One carrying out of a plan."""

    def __init__(self, plan: Plan, patience: Patience) -> None:
        self._plan = plan
        self._broker = Child(plan.broker, patience) if plan.broker else None
        self._preparation = Child(plan.preparation, patience)
        self._services = [Child(program, patience) for program in plan.services]
        self._status = STOPPED

    async def until_ended(self) -> int:
        self._work = asyncio.ensure_future(self._everything())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                loop.add_signal_handler(number, self._on_signal)
        with suppress(asyncio.CancelledError):
            await self._work
        say("portal", "stopped")
        return self._status

    async def _everything(self) -> None:
        async with asyncio.TaskGroup() as outer:
            if self._broker is not None:
                outer.create_task(self._keep_broker(self._broker))
            if await self._preparation.run_once() != 0:
                self._fail(f"{self._preparation.program.name} failed; its last lines say why.")
                return
            await self._plan.broker_ready()
            async with asyncio.TaskGroup() as inner:
                for child in self._services:
                    inner.create_task(self._keep_service(child))
                await self._plan.announce()

    async def _keep_broker(self, child: Child) -> None:
        try:
            await child.keep_running()
        except GaveUpError as error:
            say("portal", f"{error} Going on without it.")

    async def _keep_service(self, child: Child) -> None:
        try:
            await child.keep_running()
        except GaveUpError as error:
            self._fail(str(error))

    def _fail(self, message: str) -> None:
        say("portal", message)
        self._status = FAILED
        self._work.cancel()

    def _on_signal(self) -> None:
        if not self._work.cancelling():
            say("portal", "stopping; once more to stop at once")
            self._work.cancel()
            return
        for child in (self._broker, self._preparation, *self._services):
            if child is not None:
                child.kill()
