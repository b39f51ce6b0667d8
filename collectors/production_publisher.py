"""Publishes `kpi` of lines and sites: made where minutes are made, sent from the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collectors.counts import Counts
from collectors.production_kpi import KpiBoard


class KpiPublisher:
    """Sends what has changed; everything again when the broker may have forgotten it.

    Args:
        board: Makes the messages.
        publish: Sends a retained message; False when it could not leave now.
        counts: Messages are counted there.
    """

    def __init__(self, board: KpiBoard, publish: Callable[[str, bytes], bool], counts: Counts) -> None:
        self._board = board
        self._publish = publish
        self._counts = counts
        self._made: Mapping[str, bytes] = {}
        self._sent: dict[str, bytes] = {}

    def make(self, made_until: Mapping[str, int]) -> None:
        """New minutes are there: make the messages of them. Blocks; from any thread, but one at a time.

        Args:
            made_until: By site, until when its minutes are made, UTC ms.

        Raises:
            StoreUnavailableError: The historian does not answer.
        """
        self._made = self._board.messages(made_until)

    def turn(self) -> None:
        """Send what is new; on the loop's thread, every few seconds."""
        for topic, payload in self._made.items():
            if self._sent.get(topic) != payload and self._publish(topic, payload):
                self._sent[topic] = payload
                self._counts.published += 1

    def republish(self) -> None:
        """Everything is to be sent again, as soon as it can leave; on the loop's thread."""
        self._sent.clear()
        self.turn()
