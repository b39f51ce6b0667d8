"""Fills the live store from the unified namespace; one MQTT connection, no Sparkplug."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from dashboard.live.store import LiveStore
from plant.errors import BadInputError
from plant.messages import decode_health, decode_state, decode_values
from plant.namespace import Contract, Topic, subscription

UNIT_LEVELS: Final = 5
SITE_LEVELS: Final = 2
READ: Final = (Contract.VALUES, Contract.STATE, Contract.HEALTH)

log = structlog.get_logger(__name__)


class NamespaceReader:
    """Handler of the link to the broker (`plant.mqtt.link.LinkHandler`).

    Args:
        enterprise: Slug of the enterprise whose namespace is read.
        store: Where the messages go.
        subscribe: The link's own `subscribe`, given once the link is there (`attach`).
    """

    def __init__(self, enterprise: str, store: LiveStore) -> None:
        self._enterprise = enterprise
        self._store = store
        self._subscribe: Callable[[list[tuple[str, int]]], None] | None = None

    def attach(self, subscribe: Callable[[list[tuple[str, int]]], None]) -> None:
        """Name the link's `subscribe`, which needs this handler first."""
        self._subscribe = subscribe

    def will(self) -> None:
        """A reader leaves nothing behind."""

    def on_connected(self) -> None:
        """Subscribe anew: the broker may have forgotten us, and retained messages fill the store."""
        if self._subscribe is None:
            raise RuntimeError("the reader has no link; call attach() before the link runs")
        filters = [name for contract in READ for name in subscription(self._enterprise, contract)]
        self._subscribe([(name, 0) for name in filters])

    def on_subscribed(self) -> None:
        """From here on what the store says is current."""
        self._store.connected = True

    def on_disconnected(self) -> None:
        """From here on nothing is current."""
        self._store.connected = False

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:  # noqa: ARG002 - the link's contract
        """Take in one message; a bad one is counted and forgotten, the next is as good as ever."""
        try:
            self._take(Topic.parse(topic), payload)
        except BadInputError as error:
            if error.reason not in self._store.refused:
                log.warning("message refused", reason=error.reason, topic=topic, error=str(error))
            self._store.refuse(error.reason)

    def _take(self, topic: Topic, payload: bytes) -> None:
        where = "/".join(topic.levels[1:])
        if topic.contract is Contract.HEALTH:
            if len(topic.levels) == SITE_LEVELS:
                self._store.put_health(where, decode_health(payload))
        elif len(topic.levels) != UNIT_LEVELS:
            raise BadInputError("wrong_topic", f"{topic} is not about a unit")
        elif topic.contract is Contract.VALUES:
            self._store.put_values(where, decode_values(payload))
        else:
            self._store.put_state(where, decode_state(payload))
