"""The simulators' end of the control channel: requests in, answers and a status a second out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

import structlog

from plant.errors import BadInputError, FactoryError
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from simulators.control.claim import NameClaim
from simulators.control.desk import RequestDesk
from simulators.control.messages import Action, Request, Result, Status, decode_status, encode
from simulators.control.topics import ControlTopics

log = structlog.get_logger(__name__)

EVERY_S = 1.0

Clock = Callable[[], int]
"""Wall clock, UTC ms."""


class ControlChannel:
    """Carries out what is asked over the broker, as long as no other process has the name.

    Args:
        address: The broker.
        topics: Of the name.
        carry_out: Does what is asked and says so in one sentence; a `FactoryError` is the refusal.
        status: How the simulators are now.
        clock: Wall clock, UTC ms.
        rng: For the back-off of the link and the name of this instance.
    """

    def __init__(
        self,
        address: BrokerAddress,
        topics: ControlTopics,
        carry_out: Callable[[Action], str],
        status: Callable[[], Status],
        *,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._topics = topics
        self._carry_out = carry_out
        self._status = status
        self._clock = clock
        self._instance = f"{rng.getrandbits(64):016x}"
        self._desk = RequestDesk()
        self._claim = NameClaim(self._instance)
        self._said_rival: str | None = None
        self._link = Link(address, f"sim-{topics.name}-{self._instance[:8]}", self, rng=rng, quiet=True)

    async def run(self) -> None:
        """Serve until cancelled; the status at the end says that the simulators are gone."""
        link = asyncio.create_task(self._link.run())
        try:
            while True:
                self._tick()
                await asyncio.sleep(EVERY_S)
        finally:
            if self._claim.held:
                self._publish(self._gone(), retain=True)
            await self._link.close()
            await link

    def will(self) -> Will:
        """The status that says that we are gone.

        While we stand back it would speak for a name that is not ours; its holder says otherwise a second later.
        """
        return Will(self._topics.status, encode(self._gone()), qos=1, retain=True)

    def on_connected(self) -> None:
        """Listen before speaking."""
        self._claim.listen(_monotonic_ms())
        self._link.subscribe([(self._topics.status, 1), (self._topics.command, 1)])

    def on_subscribed(self) -> None:
        """The claim waits for silence, not for this."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A request, or somebody's status under our name."""
        if topic == self._topics.status:
            self._hear(payload, retained=retained)
        elif self._claim.held:
            self._answer(self._desk.read(payload, self._clock(), retained=retained))

    def on_disconnected(self) -> None:
        """Nothing is asked of nobody."""

    def _tick(self) -> None:
        if self._link.connected and self._claim.tick(_monotonic_ms()):
            self._publish(replace(self._status(), name=self._topics.name, instance=self._instance), retain=True)
        if self._claim.rival != self._said_rival:
            self._said_rival = self._claim.rival
            if self._said_rival is not None:
                log.warning(
                    "other simulators have this name on the broker; these cannot be steered, start them with --name",
                    name=self._topics.name,
                )

    def _hear(self, payload: bytes, *, retained: bool) -> None:
        try:
            status = decode_status(payload)
        except BadInputError as error:
            log.warning("a status under our name cannot be read", text=str(error))
            return
        self._claim.hear(status, _monotonic_ms(), retained=retained)

    def _answer(self, read: Request | Result) -> None:
        result = read if isinstance(read, Result) else self._done(read)
        if result.ok:
            log.info("an engineer's request is carried out", text=result.text)
        else:
            log.warning("an engineer's request is refused", text=result.text)
        self._publish(result)

    def _done(self, request: Request) -> Result:
        try:
            text, ok = self._carry_out(request.do), True
        except FactoryError as error:
            text, ok = str(error), False
        return Result(request.id, ok, text, self._clock())

    def _publish(self, message: Result | Status, *, retain: bool = False) -> None:
        topic = self._topics.status if isinstance(message, Status) else self._topics.result
        self._link.publish(topic, encode(message), qos=0 if retain else 1, retain=retain)

    def _gone(self) -> Status:
        return Status(self._topics.name, self._instance, online=False, time=self._clock())


def _monotonic_ms() -> int:
    return round(1000 * asyncio.get_running_loop().time())
