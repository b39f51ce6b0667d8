"""The engineer's end of the control channel: ask once and wait for the answer, or look on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from plant.errors import BadInputError, BrokerUnavailableError, FactoryError
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from simulators.control.messages import Action, Request, Result, Status, decode_result, decode_status, encode
from simulators.control.topics import ANY_STATUS, ControlTopics

BROKER_S = 5.0
"""A broker that has not answered within this time is not there."""
STATUS_S = 4.0
"""Simulators speak each second, the first time about 3 s after their start."""
ANSWER_S = 10.0
SILENT_S = 5.0
"""Simulators that have not spoken for so long are gone, or hang."""

Clock = Callable[[], int]
"""Wall clock, UTC ms."""


class Console:
    """Hears every status of a broker, and asks.

    Args:
        address: The broker.
        clock: Wall clock, UTC ms.
    """

    def __init__(self, address: BrokerAddress, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._statuses: dict[str, tuple[float, Status]] = {}
        self._results: dict[str, Result] = {}
        self._subscribed = False
        self._heard = asyncio.Event()
        self._link = Link(address, f"sim-console-{uuid4().hex[:12]}", self, rng=random.Random(), quiet=True)

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._link.connected

    @property
    def online(self) -> Mapping[str, Status]:
        """The latest status of all simulators that are there, by name."""
        since_s = asyncio.get_running_loop().time() - SILENT_S
        heard = sorted(self._statuses.items())
        return {name: status for name, (at_s, status) in heard if status.online and at_s > since_s}

    async def status_of(self, name: str, within_s: float = STATUS_S) -> Status:
        """The next status under a name.

        Raises:
            FactoryError: No such simulators; names those that are there.
        """
        topics = ControlTopics(name)
        await self._until(lambda: topics.name in self.online, within_s)
        if topics.name not in self.online:
            others = ", ".join(self.online)
            mend = f"there are: {others}; give --name" if others else "start some, or give another --broker"
            raise FactoryError(f"no simulators '{name}' answer on {self._address}; {mend}")
        return self.online[topics.name]

    async def ask(self, name: str, action: Action, within_s: float = ANSWER_S) -> Result:
        """Have something done.

        Raises:
            FactoryError: Nobody of that name is there, or does not answer in time.
        """
        await self.status_of(name)
        topics = ControlTopics(name)
        request = Request(uuid4().hex, self._clock() + round(1000 * within_s), action)
        self._link.subscribe([(topics.result, 1)])  # the broker takes this before the request: one connection
        self._link.publish(topics.command, encode(request), qos=1)
        await self._until(lambda: request.id in self._results, within_s)
        if request.id not in self._results:
            raise FactoryError(
                f"the simulators '{name}' have not answered within {within_s:g} s; see their log, then ask again"
            )
        return self._results.pop(request.id)

    async def run(self) -> None:
        """Serve until `close`."""
        await self._link.run()

    async def close(self) -> None:
        """Say goodbye to the broker."""
        await self._link.close()

    async def listening(self) -> None:
        """Wait for the broker.

        Raises:
            BrokerUnavailableError: It does not answer.
        """
        await self._until(lambda: self._subscribed, BROKER_S)
        if not self._subscribed:
            raise BrokerUnavailableError(f"no broker answers at {self._address}; start it, or give another --broker")

    def will(self) -> None:
        """A console that is gone is missed by nobody."""

    def on_connected(self) -> None:
        """Listen to all simulators."""
        self._link.subscribe([(ANY_STATUS, 1)])

    def on_subscribed(self) -> None:
        """The first of them: statuses come."""
        self._subscribed = True
        self._heard.set()

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A status or an answer; a status that the broker had kept proves nobody's life."""
        try:
            if topic.endswith("/status"):
                status = decode_status(payload)
                if not retained:
                    self._statuses[status.name] = asyncio.get_running_loop().time(), status
            else:
                result = decode_result(payload)
                self._results[result.id] = result
        except BadInputError:
            return  # the console shows what simulators say; it is not there to judge other publishers
        self._heard.set()

    def on_disconnected(self) -> None:
        """What was heard is old now."""
        self._statuses.clear()

    async def _until(self, condition: Callable[[], bool], within_s: float) -> None:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + within_s
        while not condition():
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), deadline_s - loop.time())
            except TimeoutError:
                return


@asynccontextmanager
async def console(address: BrokerAddress, clock: Clock) -> AsyncIterator[Console]:
    """A console that hears its broker.

    Raises:
        BrokerUnavailableError: The broker does not answer.
    """
    desk = Console(address, clock)
    serving = asyncio.create_task(desk.run())
    try:
        await desk.listening()
        yield desk
    finally:
        await desk.close()
        await serving
