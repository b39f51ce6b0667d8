"""Sends one command over the namespace and waits for its answer."""

from __future__ import annotations

import asyncio
import random
from typing import Final, TypeVar

from plant.errors import BadInputError, BrokerUnavailableError, FactoryError
from plant.messages import CommandMessage, ResultMessage, decode_result, encode
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.namespace import Contract, Topic
from plant.settings import Settings

BROKER_S: Final = 5.0
ANSWER_S: Final = 30.0
"""A collector may have to read a day of counters before it answers."""
QOS: Final = 1

Told = TypeVar("Told")


def broker_of(settings: Settings) -> BrokerAddress:
    """The broker that the settings name; without one, where our own listens unless its port was taken."""
    return BrokerAddress.parse(settings.broker or f"mqtt://127.0.0.1:{settings.broker_port}")


def ask(broker: BrokerAddress, levels: tuple[str, ...], command: CommandMessage) -> ResultMessage:
    """Have something done; blocks until it is answered.

    Args:
        broker: Where to ask.
        levels: Place in the namespace, with the enterprise.
        command: What is asked.

    Raises:
        BrokerUnavailableError: Nobody answers there.
        FactoryError: No collector has answered in time.
    """
    return asyncio.run(_ask(broker, levels, command))


async def _ask(broker: BrokerAddress, levels: tuple[str, ...], command: CommandMessage) -> ResultMessage:
    asker = _Asker(broker, levels, command)
    serving = asyncio.create_task(asker.link.run())
    try:
        await _within(asker.sent, BROKER_S, BrokerUnavailableError(_silent(broker)))
        return await _within(asker.answered, ANSWER_S, FactoryError(_unanswered(levels)))
    finally:
        await asker.link.close()
        await serving


class _Asker:
    """A `plant.mqtt.link.LinkHandler` that asks once it hears."""

    def __init__(self, broker: BrokerAddress, levels: tuple[str, ...], command: CommandMessage) -> None:
        self._levels = levels
        self._command = command
        loop = asyncio.get_running_loop()
        self.sent: asyncio.Future[None] = loop.create_future()
        self.answered: asyncio.Future[ResultMessage] = loop.create_future()
        self.link = Link(broker, f"factory-{command.id[:16]}", self, rng=random.Random(), quiet=True)

    def will(self) -> Will | None:
        """Nobody needs to know."""
        return None

    def on_connected(self) -> None:
        """Hear the answer."""
        self.link.subscribe([(str(Topic(self._levels, Contract.RESULT)), QOS)])

    def on_subscribed(self) -> None:
        """Now it can be asked; after a broken connection again, with the same id, which is carried out once."""
        self.link.publish(str(Topic(self._levels, Contract.CMD)), encode(self._command), QOS)
        if not self.sent.done():
            self.sent.set_result(None)

    def on_message(self, _topic: str, payload: bytes, _retained: bool) -> None:
        """An answer, perhaps to somebody else."""
        try:
            result = decode_result(payload)
        except BadInputError:
            return  # whatever others publish there, it is no answer to us
        if result.id == self._command.id and not self.answered.done():
            self.answered.set_result(result)

    def on_disconnected(self) -> None:
        """The link tries again."""


async def _within(future: asyncio.Future[Told], seconds: float, otherwise: FactoryError) -> Told:
    try:
        return await asyncio.wait_for(future, seconds)
    except TimeoutError:
        raise otherwise from None


def _silent(broker: BrokerAddress) -> str:
    return f"no broker answers at {broker}; start the system, or give its --broker (factory up shows it)"


def _unanswered(levels: tuple[str, ...]) -> str:
    return (
        f"no collector has answered for {'/'.join(levels[1:])} within {ANSWER_S:.0f} s, so it is not known whether it "
        "was done; look at 'factory doctor' and 'factory counts list', then ask again"
    )
