"""Start children, watch them, start again with back-off those that die, and end all of them in order."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plant.errors import FactoryError

READY_POLL_S = 0.05
STOP_BUDGET_S = 4.5
"""Time for all children to end; whoever is not done by then is killed."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep alive.

    Attributes:
        name: For people, and of its log file.
        arguments: Module and its command line, run by `factory.child`.
        ready: Whether it serves; asked until it does.
        ends_in_turn: Children of a higher number end before those of a lower one, equal ones together.
        ready_timeout_s: After this time without being ready the start has failed.
    """

    name: str
    arguments: Sequence[str]
    ready: Callable[[], Awaitable[bool]]
    ends_in_turn: int = 0
    ready_timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays before a restart: doubling from `first_s` to `most_s`, from the start again after `calm_s` of life."""

    first_s: float = 0.5
    most_s: float = 30.0
    calm_s: float = 60.0

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row (1 for the first)."""
        return float(min(self.most_s, self.first_s * 2 ** min(failures - 1, 30)))

    def failures(self, before: int, lived_s: float) -> int:
        """Failures in a row, after a child that had failed `before` times lived `lived_s` and died."""
        return 1 if lived_s >= self.calm_s else before + 1


class ChildFailedError(FactoryError):
    """A child did not come up."""


class Supervisor:
    """Starts children in the order of the calls, keeps them alive and ends them turn by turn.

    Attributes:
        say: Tells people one sentence.
    """

    def __init__(
        self, logs: Path, environment: Mapping[str, str], say: Callable[[str], None], backoff: Backoff | None = None
    ) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._say = say
        self._backoff = backoff or Backoff()
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._turns: dict[str, int] = {}
        self._watchers: list[asyncio.Task[None]] = []
        self._stopping = False

    @property
    def processes(self) -> dict[str, int]:
        """Process ids of the children that run, by name."""
        return {name: process.pid for name, process in self._running.items()}

    async def start(self, child: Child) -> None:
        """Start a child, wait until it is ready and keep it alive from then on.

        Raises:
            ChildFailedError: It ended, or was not ready in time; names its log.
        """
        process = await self._spawn(child)
        await self._until_ready(child, process)
        self._watchers.append(asyncio.create_task(self._keep(child, process), name=f"keep {child.name}"))

    async def stop(self) -> None:
        """End all children, turn by turn, and return when none is left."""
        self._stopping = True
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        deadline = time.monotonic() + STOP_BUDGET_S
        for turn in sorted(set(self._turns.values()), reverse=True):
            names = [name for name in self._running if self._turns[name] == turn]
            await asyncio.gather(*(self._end(name, deadline) for name in names))

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{child.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "factory.child",
                *child.arguments,
                stdin=asyncio.subprocess.PIPE,  # held open: its end tells the child that we are gone
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,  # Ctrl-C reaches us alone; children are ended in order
            )
        self._running[child.name] = process
        self._turns[child.name] = child.ends_in_turn
        return process

    async def _until_ready(self, child: Child, process: asyncio.subprocess.Process) -> None:
        log = self._logs / f"{child.name}.log"
        deadline = time.monotonic() + child.ready_timeout_s
        while not await child.ready():
            if process.returncode is not None:
                raise ChildFailedError(f"{child.name} ended with code {process.returncode}; see {log}")
            if time.monotonic() > deadline:
                raise ChildFailedError(f"{child.name} was not ready within {child.ready_timeout_s:g} s; see {log}")
            await asyncio.sleep(READY_POLL_S)

    async def _keep(self, child: Child, process: asyncio.subprocess.Process) -> None:
        failures = 0
        started = time.monotonic()
        while True:
            code = await process.wait()
            failures = self._backoff.failures(failures, time.monotonic() - started)
            delay = self._backoff.delay(failures)
            self._say(f"{child.name} ended with code {code}, starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            started = time.monotonic()
            process = await self._spawn(child)
            try:
                await self._until_ready(child, process)
            except ChildFailedError as error:
                self._say(str(error))
                with suppress(ProcessLookupError):
                    process.kill()
            else:
                self._say(f"{child.name} is back")

    async def _end(self, name: str, deadline: float) -> None:
        process = self._running.pop(name)
        if process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), max(0.2, deadline - time.monotonic()))
        except TimeoutError:
            self._say(f"{name} did not end in time and was killed")
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
