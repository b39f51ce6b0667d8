"""From a device's message to the pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from collecting import NOW, Clock, birth_rows, reading, tiny
from devices import MAPPING, POWER, TEMPERATURE, TOPIC, message

from collectors.binding import Binder
from collectors.counts import Counts
from collectors.devices.feed import DeviceFeed
from collectors.devices.nodes import DeviceNodes
from collectors.live import LiveState
from collectors.pipeline import Pipeline
from collectors.quality import QualityCounter
from collectors.quarantine import Quarantine
from collectors.texts import TextState
from collectors.units import UnitTable
from collectors.validation import Validator
from plant.changes import ChangeDetector
from plant.mapping.load import load
from plant.model.tags import text_tags
from plant.mqtt.handler import Delivery
from plant.readings import BAD, GOOD, STALE, Columns
from plant.sparkplug.topic import Source

ENTERPRISE, TAGS = tiny()
KILN = next(unit for unit in ENTERPRISE.units if unit.slug == "kiln")
SOURCE = Source("alpha", "kiln-1", "kiln")
MINUTE_S = 60.0


class Room:
    """A pipeline and what feeds it."""

    def __init__(self, folder: Path, sites: tuple[str, ...] = ("alpha", "beta"), text: str = MAPPING) -> None:
        file = folder / "meters.yaml"
        file.write_text(text.format(stale_after="1 min"), encoding="utf-8")
        self.units = UnitTable(ENTERPRISE, TAGS, sites)
        self.live, self.texts, self.counts = LiveState(self.units), TextState(), Counts()
        self.quarantine = Quarantine(Clock())
        self.pipeline = Pipeline(
            self.units,
            Binder(ENTERPRISE, TAGS, sites),
            Validator(TAGS, 14),
            self.live,
            self.texts,
            ChangeDetector(TAGS),
            self.quarantine,
            self.counts,
            QualityCounter(TAGS, NOW),
        )
        mapping = load(file, ENTERPRISE, TAGS)
        self.feed = DeviceFeed(
            [mapping], TAGS, text_tags(ENTERPRISE), sites, self.pipeline, self.quarantine, self.counts, 0.0
        )

    def take(self, payload: bytes, topic: str = TOPIC, *, now_s: float = 0.0, mid: int = 1) -> None:
        """A message comes."""
        self.feed.take(topic, payload, Delivery(1, mid, 1), NOW, now_s)

    def stored(self) -> list[tuple[int, int, float, int]]:
        """What the next turn stores: tag, time, value, quality."""
        columns = self.pipeline.turn(NOW).batch.columns
        return [
            (tag, time, value, quality)
            for tag, time, value, quality in zip(
                columns.tag.tolist(),
                columns.time.tolist(),
                columns.value.tolist(),
                columns.quality.tolist(),
                strict=True,
            )
        ]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A pipeline with the mapping of the meters."""
    return Room(tmp_path)


def test_values_take_the_way_of_all_others(room: Room):
    """Stored, shown, checked against the model; texts become events."""
    room.take(message(NOW - 10, 12.5, why="jam"))
    room.take(message(NOW - 5, 9_000.0), mid=2)
    turn = room.pipeline.turn(NOW)
    assert turn.batch.columns.time.tolist() == [NOW - 10, NOW - 5]
    assert turn.batch.columns.quality.tolist() == [GOOD, BAD]
    assert [(event.metric, event.text) for event in turn.batch.events] == [("reason", "jam")]
    assert [receipt.mid for receipt in turn.batch.receipts] == [1, 2]
    assert room.quarantine.counts == {"out_of_range": 1}
    assert room.units[int(turn.changed[0])].unit == KILN
    assert room.counts.device_messages == 2


def test_a_message_without_values_is_to_be_acknowledged_all_the_same(room: Room):
    """Or it would come for ever; what is wrong with it is counted, with a specimen."""
    room.take(b"{")
    batch = room.pipeline.turn(NOW).batch
    assert (len(batch), [receipt.mid for receipt in batch.receipts]) == (0, [1])
    assert room.quarantine.counts == {"malformed_payload": 1}
    assert (room.quarantine.newest()[0].topic, room.quarantine.newest()[0].payload) == (TOPIC, b"{")


def test_retained_messages_that_are_not_wanted_are_counted_without_a_specimen(room: Room):
    """They come at every connect."""
    room.feed.take("sensors/k-1/t", b"150", None, NOW, 0.0, retained=True)
    assert room.quarantine.counts == {"retained": 1}
    assert room.quarantine.newest() == []


def test_a_site_that_another_collector_serves_is_left_to_it(tmp_path: Path):
    """No topic is asked for that leads to no unit here, and no value of it is taken."""
    room = Room(tmp_path, sites=("alpha",))
    room.take(message(NOW, 1.0), "meters/b-1/data")
    assert room.stored() == []
    assert room.quarantine.counts == {}
    beta = MAPPING.replace("k-1: alpha/shop/kiln-1/kiln, ", "").replace("metric: temperature", "metric: speed")
    assert Room(tmp_path, sites=("alpha",), text=beta).feed.filters == ()
    assert room.feed.filters == ("meters/+/data", "sensors/+/+")


def test_a_device_that_falls_silent_goes_stale_once(room: Room):
    """One stale row a tag, its text too; the next message brings it back."""
    room.take(message(NOW - 10, 12.5, why="jam"))
    room.stored()
    assert not room.feed.tick(NOW, MINUTE_S - 1)
    assert room.feed.tick(NOW, MINUTE_S)
    turn = room.pipeline.turn(NOW)
    assert turn.batch.columns.tag.tolist() == [POWER]
    assert turn.batch.columns.quality.tolist() == [STALE]
    assert turn.batch.columns.time.tolist() == [NOW]
    assert [(event.metric, event.quality) for event in turn.batch.events] == [("reason", STALE)]
    assert room.live.quality[POWER] == STALE
    assert not room.feed.tick(NOW, 2 * MINUTE_S)
    room.take(message(NOW + 5, 13.0), now_s=3 * MINUTE_S)
    assert room.stored() == [(POWER, NOW + 5, 13.0, GOOD)]
    assert room.live.quality[POWER] == GOOD


def test_devices_fall_silent_one_by_one(room: Room):
    """A rule and a unit are one device; another rule's values of the same unit stay."""
    room.take(message(NOW, 12.5))
    room.take(b"150", "sensors/k-1/t", now_s=30.0)
    room.stored()
    room.feed.tick(NOW, MINUTE_S)
    assert room.live.quality[[POWER, TEMPERATURE]].tolist() == [STALE, GOOD]


def test_what_was_known_before_the_start_ends_if_its_device_never_speaks(room: Room):
    """The value of yesterday does not hold for ever because nobody said that it ended."""
    room.live.seed(Columns.of([POWER], [NOW - 1_000], [77.0], [GOOD]), {})
    room.feed.tick(NOW, MINUTE_S)
    ((tag, time, _, quality),) = room.stored()
    assert (tag, time, quality) == (POWER, NOW, STALE)


def test_births_and_deaths_of_a_sparkplug_device_leave_mapped_tags_alone(room: Room):
    """A tag has one source: the meter speaks for the power, the gateway for the rest."""
    rows = [row for row in birth_rows(KILN) if row.name != "power"]
    temperature = next(index for index, row in enumerate(rows) if row.name == "temperature")
    born = reading([(temperature, NOW - 50, 150.0, GOOD)])
    room.take(message(NOW - 100, 12.5))
    room.pipeline.birth(SOURCE, rows, born, NOW)
    assert room.live.quality[[POWER, TEMPERATURE]].tolist() == [GOOD, GOOD]
    room.pipeline.away(SOURCE, NOW, NOW)
    assert room.live.quality[POWER] == GOOD
    stale = [row[0] for row in room.stored() if row[3] == STALE]
    assert POWER not in stale


def test_a_collector_that_goes_shows_devices_as_stale_and_stores_nothing(room: Room):
    """Nobody will be there to correct what is shown; what happens meanwhile the next collector will hear."""
    room.take(message(NOW - 10, 12.5))
    room.stored()
    room.feed.retire(NOW)
    assert room.stored() == []
    assert room.live.quality[POWER] == STALE


def test_a_gateway_with_devices_alone_is_shown_as_a_node(tmp_path: Path):
    """It is online while one of its devices speaks; a gateway that has tags of its own is left to Sparkplug."""
    keys = "{" + ", ".join(metric.key + ": " + metric.key for metric in KILN.metrics) + "}"
    text = MAPPING.replace("tables:", "tables:\n  keys: " + keys.replace("{", "{{").replace("}", "}}"))
    text = text.replace("{{serial}}/{{name}}", "{{serial}}/{{name}}").replace(
        "      t: {{metric: temperature}}", '      "*": {{metric: "{{name|keys}}"}}'
    )
    room = Room(tmp_path, text=text)
    nodes = DeviceNodes(room.units, room.live)
    (status,) = nodes.nodes(room.feed.claimed, NOW)
    assert (str(status.node), status.online, status.devices_online) == ("alpha/kiln-1", False, 0)
    room.take(b"150", "sensors/k-1/temperature")
    room.stored()
    (status,) = nodes.nodes(room.feed.claimed, NOW + 5)
    assert (status.online, status.devices_online, status.since_ms, status.last_seen_ms) == (True, 1, NOW + 5, NOW)
    assert nodes.nodes(np.array([POWER]), NOW) == []
