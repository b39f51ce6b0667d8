"""The connection on which commands come and results go: QoS 1, and never retained."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import structlog

from collectors.quarantine import Quarantine
from plant.errors import BadInputError
from plant.messages import CommandMessage, ResultMessage, decode_command, encode
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.namespace import MAX_LEVELS, ROOT, Contract, Topic

QOS = 1
LARGEST = 8_192
"""Bytes; a command is a few words."""

log = structlog.get_logger(__name__)

Take: TypeAlias = Callable[[Topic, CommandMessage, bool], None]
"""Told of the topic, the command, and whether it was retained."""


class CommandLink:
    """Hears commands for some sites; a `plant.mqtt.link.LinkHandler`.

    Args:
        broker: Where to connect.
        client_id: MQTT client id.
        enterprise: Slug, the first level of the topics.
        sites: Slugs of the sites that are served.
        take: Carries commands out.
        quarantine: Takes what is no command.
        rng: For the jitter of reconnects.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        client_id: str,
        enterprise: str,
        sites: Sequence[str],
        take: Take,
        quarantine: Quarantine,
        rng: random.Random,
    ) -> None:
        self._filters = [each for site in sites for each in _filters(enterprise, site)]
        self._take = take
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
        """Commands may come."""
        log.info("listening to commands", places=len(self._filters))

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A command, or what calls itself one."""
        if self._retired:
            return
        if len(payload) > LARGEST:
            self._quarantine.add("oversize", topic, f"a command of {len(payload)} bytes", payload)
            return
        try:
            self._take(Topic.parse(topic), decode_command(payload), retained)
        except BadInputError as error:
            self._quarantine.add(error.reason, topic, str(error), payload)

    def on_disconnected(self) -> None:
        """What comes meanwhile is not for us: a command is for now."""


def _filters(enterprise: str, site: str) -> list[str]:
    """A site and everything below it."""
    levels = [["+"] * depth for depth in range(MAX_LEVELS - 1)]
    return ["/".join((*ROOT, enterprise, site, *below, Contract.CMD)) for below in levels]
