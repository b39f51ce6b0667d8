"""The connection of all desks: commands come and results go on it, QoS 1 and never retained, and plans come in."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import structlog

from collectors.quarantine import Quarantine
from plant.errors import BadInputError
from plant.messages import CommandMessage, OrdersMessage, ResultMessage, decode_command, decode_orders, encode
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.namespace import MAX_LEVELS, ROOT, Contract, Topic

QOS = 1
LARGEST = {Contract.CMD: 8_192, Contract.ORDERS: 1 << 20}
"""Bytes: a command is a few words, a plan a week of orders."""

log = structlog.get_logger(__name__)

Take: TypeAlias = Callable[[Topic, CommandMessage, bool], None]
"""Told of the topic, the command, and whether it was retained."""
TakePlan: TypeAlias = Callable[[Topic, OrdersMessage], None]
"""Told of the topic and the plan."""


class DeskLink:
    """Hears commands and plans for some sites; a `plant.mqtt.link.LinkHandler`.

    Args:
        broker: Where to connect.
        client_id: MQTT client id.
        enterprise: Slug, the first level of the topics.
        sites: Slugs of the sites that are served.
        desks: Carry commands out, by the first word of the command (``alarm`` of ``alarm.shelve``); the first of them
            answers what is nobody's.
        plan: Takes plans of lines.
        quarantine: Takes what is no command.
        rng: For the jitter of reconnects.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        client_id: str,
        enterprise: str,
        sites: Sequence[str],
        desks: Mapping[str, Take],
        plan: TakePlan,
        quarantine: Quarantine,
        rng: random.Random,
    ) -> None:
        self._filters = [each for site in sites for each in _filters(enterprise, site)]
        self._desks = desks
        self._plan = plan
        self._quarantine = quarantine
        self._retired = False
        self._link = Link(broker, client_id, self, rng=rng, quiet=True)

    async def run(self) -> None:
        """Connect and serve until `close`."""
        await self._link.run()

    def answer(self, topic: str, result: ResultMessage) -> None:
        """Send a result; while the broker is away it is lost, and the sender knows nothing, which is true."""
        self._link.publish(topic, encode(result), QOS, retain=False)

    def retire(self) -> None:
        """Take no more; nobody answers what comes now."""
        self._retired = True

    async def close(self) -> None:
        """Say DISCONNECT."""
        await self._link.close()

    # LinkHandler

    def will(self) -> Will | None:
        """Nobody needs to know."""
        return None

    def on_connected(self) -> None:
        """Subscribe."""
        self._link.subscribe([(each, QOS) for each in self._filters])

    def on_subscribed(self) -> None:
        """Commands and plans may come."""
        log.info("listening to commands", places=len(self._filters))

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A command or a plan, or what calls itself one."""
        if self._retired:
            return
        try:
            place = Topic.parse(topic)
            _demand_size(place.contract, payload)
            if place.contract is Contract.CMD:
                self._command(place, decode_command(payload), retained=retained)
            elif payload:  # an empty one only ends what the broker had kept
                self._plan(place, decode_orders(payload))
        except BadInputError as error:
            self._quarantine.add(error.reason, topic, str(error), payload)

    def on_disconnected(self) -> None:
        """What comes meanwhile is not for us: a command is for now."""

    def _command(self, place: Topic, command: CommandMessage, *, retained: bool) -> None:
        first = next(iter(self._desks.values()))
        self._desks.get(command.command.partition(".")[0], first)(place, command, retained)


def _demand_size(contract: Contract, payload: bytes) -> None:
    if len(payload) > LARGEST[contract]:
        raise BadInputError("oversize", f"{len(payload)} bytes of {contract}, more than {LARGEST[contract]}")


def _filters(enterprise: str, site: str) -> list[str]:
    """Commands to a site and everything below it, and the plans of its lines."""
    levels = [["+"] * depth for depth in range(MAX_LEVELS - 1)]
    commands = ["/".join((*ROOT, enterprise, site, *below, Contract.CMD)) for below in levels]
    return [*commands, "/".join((*ROOT, enterprise, site, "+", "+", Contract.ORDERS))]
