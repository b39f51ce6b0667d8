"""From a device's message to the pipeline: what it says, for whom it speaks, and who has fallen silent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from collectors.binding import Binding
from collectors.counts import Counts
from collectors.devices.silence import DeviceTags, Silences
from collectors.pipeline import Pipeline
from collectors.quarantine import Quarantine
from plant.mapping.refusals import Refusal
from plant.mapping.rules import Mapping, Rule
from plant.mapping.translate import MappedValue, Refused, Translator
from plant.model.tags import TagTable, TextTag
from plant.mqtt.handler import Delivery
from plant.sparkplug.samples import OtherSample, Reading, Samples
from plant.sparkplug.topic import Source

DEVICES = Source("", "devices")
"""All devices, for the pipeline; no Sparkplug group has an empty name."""


class DeviceFeed:
    """Feeds the pipeline from messages. On the loop's thread.

    Args:
        mappings: What messages mean.
        tags: The model's numbers; `texts` its texts.
        sites: Slugs of the sites that are served; what concerns others is left to their collectors.
        pipeline: Takes readings.
        quarantine: Takes what cannot be used.
        counts: Messages and silences are counted there.
        now_s: Now, on a clock that never goes back.

    Attributes:
        filters: What to subscribe to; empty when no rule leads to a site that is served.
    """

    def __init__(
        self,
        mappings: Iterable[Mapping],
        tags: TagTable,
        texts: Sequence[TextTag],
        sites: Sequence[str],
        pipeline: Pipeline,
        quarantine: Quarantine,
        counts: Counts,
        now_s: float,
    ) -> None:
        self._translator = Translator(mappings)
        self._texts = texts
        self._sites = frozenset(sites)
        self._pipeline = pipeline
        self._quarantine = quarantine
        self._counts = counts
        self._silences = Silences()
        self._claimed = DeviceTags()
        served = [rule for rule in self._translator.rules if self._is_served(rule)]
        self.filters = tuple(sorted({rule.topic.filter for rule in served}))
        pipeline.enroll(DEVICES, Binding(None, list(range(len(tags))), dict(enumerate(texts)), ()))
        for rule in served:
            self._expect(rule, now_s)

    @property
    def claimed(self) -> NDArray[np.intp]:
        """Tags that devices speak for, as far as is known, ascending."""
        return np.array(sorted(self._claimed.numbers), np.intp)

    def take(
        self, topic: str, payload: bytes, delivery: Delivery | None, now: int, now_s: float, *, retained: bool = False
    ) -> None:
        """Take a message in.

        Args:
            topic: Its topic.
            payload: Its bytes.
            delivery: What to acknowledge when all of it is kept; None if nobody waits for that.
            now: Host time, UTC ms.
            now_s: The same moment on a clock that never goes back.
            retained: The broker has kept it from before the subscription.
        """
        self._counts.device_messages += 1
        found = self._translator.translate(topic, payload, now, retained=retained)
        for refused in found.refused:
            self._refuse(refused, topic, payload)
        values = [value for value in found.values if value.target.unit.site in self._sites]
        if values:
            self._listen(values, now_s)
            self._pipeline.data(DEVICES, _reading(values), now)
        if delivery is not None:
            self._pipeline.received(delivery)

    def tick(self, now: int, now_s: float) -> bool:
        """Withdraw the values of devices that have fallen silent; True if there were any. Times as for `take`."""
        silent = self._silences.due(now_s)
        for tags in silent:
            self._counts.device_silences += 1
            self._pipeline.silent(_indices(tags), self._named(tags), now, now)
        return bool(silent)

    def retire(self, now: int) -> None:
        """This collector goes away: what it showed of devices is stale, what is stored stays. `now` is UTC ms."""
        self._pipeline.silent(self.claimed, self._named(self._claimed), now, now, store=False)

    def _is_served(self, rule: Rule) -> bool:
        return any(target.unit.site in self._sites for target in rule.targets.values())

    def _expect(self, rule: Rule, now_s: float) -> None:
        """A device that a table names is silent too if it never begins to speak."""
        if not rule.unit.is_closed:
            return
        for (row, _, _), target in rule.targets.items():
            if rule.rows[row].metric.is_closed and target.unit.site in self._sites:
                tags = self._silences.heard((rule.name, target.unit.storage), rule.stale_after_ms, now_s)
                self._claim(tags, target.index, numeric=target.metric.is_numeric)

    def _listen(self, values: list[MappedValue], now_s: float) -> None:
        """Note who speaks, and for which tags."""
        for value in values:
            target = value.target
            tags = self._silences.heard((value.rule.name, target.unit.storage), value.rule.stale_after_ms, now_s)
            self._claim(tags, target.index, numeric=target.metric.is_numeric)

    def _claim(self, tags: DeviceTags, index: int, *, numeric: bool) -> None:
        """From now on births and deaths of Sparkplug devices do not touch this tag."""
        mine, all_ = (tags.numbers, self._claimed.numbers) if numeric else (tags.texts, self._claimed.texts)
        mine.add(index)
        if index in all_:
            return
        all_.add(index)
        if numeric:
            self._pipeline.claim(index)
        else:
            self._pipeline.claim_text(self._texts[index])

    def _named(self, tags: DeviceTags) -> list[TextTag]:
        return [self._texts[index] for index in sorted(tags.texts)]

    def _refuse(self, refused: Refused, topic: str, payload: bytes) -> None:
        if refused.reason is Refusal.RETAINED:
            self._quarantine.count(refused.reason, refused.count)  # they come at every connect, and are no mistake
        else:
            self._quarantine.add(refused.reason, topic, refused.text, payload, refused.count)


def _indices(tags: DeviceTags) -> NDArray[np.intp]:
    return np.array(sorted(tags.numbers), np.intp)


def _reading(values: list[MappedValue]) -> Reading:
    """The same as a Sparkplug payload would be read."""
    live, others = Samples(), []
    for found in values:
        target, value = found.target, found.value
        if target.metric.is_numeric:
            live.indices.append(target.index)
            live.timestamps_ms.append(found.time)
            live.values.append(value if isinstance(value, float | int) else math.nan)
            live.qualities.append(found.quality)
        else:
            text = value if isinstance(value, str) else None
            others.append(OtherSample(target.index, found.time, text, found.quality, historical=False))
    return Reading(live, Samples(), others, {})
