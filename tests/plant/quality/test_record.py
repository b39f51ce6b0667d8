"""`plant.quality.record`: what is stored is read again, whatever the store."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from instruments import FEED, FREE, HOUR, TEMPERATURE

from plant.historian.open import open_historian
from plant.historian.protocol import HOUR_MS, Retention, TierColumns
from plant.messages import SiteQuality, TagQuality
from plant.quality.defects import CAUSES, Cause, Defects
from plant.quality.record import count_events, read_defects, read_site, site_event, site_quality, site_unit, tag_events
from plant.quality.score import HourQuality, score
from plant.readings import Event, EventKind


def judged(tags) -> HourQuality:
    """An hour in which the feed stood still and the temperature was away for a while; the others never spoke."""
    found = Defects.concat(
        (
            Defects.lasting(Cause.FROZEN, np.array([FEED]), np.array([HOUR]), np.array([HOUR + 900_250])),
            Defects.of(Cause.SPIKE, np.array([FEED, FEED]), np.array([HOUR, HOUR + 1])),
        )
    )
    tag, good = np.array([TEMPERATURE, FEED, FREE], np.int32), np.array([HOUR_MS // 2, HOUR_MS, HOUR_MS], np.int64)
    value, hour, count = np.ones(3), np.full(3, HOUR, np.int64), np.full(3, 7, np.int64)
    return score(np.array(tag), TierColumns(tag, hour, value, value, value, value, count, good), found)


def test_a_site_is_explained_by_its_worst_tags(tags):
    """The mean of its tags, how many have which defect, and the worst of them by name."""
    quality = site_quality(judged(tags), HOUR, tags)
    assert quality == SiteQuality(
        HOUR,
        pytest.approx((50 + 100 * (1 - 0.8 * 900.25 / 3600 - 0.5 * 2 / 6) + 100) / 3, abs=0.05),
        3,
        {Cause.GAP: 1, Cause.FROZEN: 1, Cause.SPIKE: 1},
        (
            TagQuality("alpha/shop/kiln/drum/temperature", 50.0, {Cause.GAP: 1800.0}),
            TagQuality("alpha/shop/kiln/drum/feed", 63.3, {Cause.FROZEN: 900.25, Cause.SPIKE: 2.0}),
        ),
    )


def test_a_site_without_tags_has_nothing_to_complain_about(tags):
    """All of its units may be retired."""
    quality = site_quality(judged(tags).take(np.zeros(3, np.bool_)), HOUR, tags)
    assert quality == SiteQuality(HOUR, 100.0, 0, {}, ())


def test_counts_of_an_open_hour_are_not_a_judgement(tags):
    """They carry no score."""
    found = Defects.of(Cause.LATE, np.array([FEED, FEED]), np.array([HOUR, HOUR + HOUR_MS])).summed()
    events = count_events(found, tags)
    assert [(event.time, event.metric, event.text, event.code) for event in events] == [
        (HOUR, "feed", '{"late":1.0}', -1),
        (HOUR + HOUR_MS, "feed", '{"late":1.0}', -1),
    ]
    again = read_defects(events, tags)
    assert again.hour.tolist() == found.hour.tolist()
    assert again.amount.tolist() == found.amount.tolist()


def test_tags_that_the_model_does_not_know_any_more_are_passed_over(tags):
    """Their history is still there, nobody judges them."""
    event = Event(HOUR, "alpha/kiln/gone", EventKind.QUALITY, "feed", '{"late":1.0}', 0, 192)
    assert len(read_defects([event], tags)) == 0


@pytest.mark.parametrize("store", ["memory", "duckdb", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def test_every_store_gives_back_what_was_written(store, tags, tmp_path, request):
    """Scores and counts, the later ones in place of the earlier; gaps are found anew and not read back."""
    address = {"memory": "memory:", "duckdb": ""}.get(store) or (
        request.getfixturevalue("influxdb") if store == "influxdb" else ""
    )
    quality = judged(tags)
    site = site_quality(quality, HOUR, tags)
    with closing(open_historian(address, tags, tmp_path, Retention())) as historian:
        historian.write_events(count_events(Defects.of(Cause.LATE, np.array([FEED]), np.array([HOUR])), tags))
        historian.write_events([*tag_events(quality, HOUR, tags), site_event("alpha", site)])
        stored = historian.events(["alpha/kiln/drum", "alpha/kiln/meter"], [EventKind.QUALITY], HOUR, HOUR + 1)
        (of_site,) = historian.events([site_unit("alpha")], [EventKind.QUALITY], HOUR + 1, HOUR + 2)
        assert historian.events(["alpha/kiln/drum"], [EventKind.STATE, EventKind.TEXT], HOUR, HOUR + 1) == []
    assert read_site(of_site) == site
    assert {(event.metric, event.code) for event in stored} == {("temperature", 50), ("feed", 63), ("free", 100)}
    found = read_defects(stored, tags).summed()
    assert [(CAUSES[c], a) for c, a in zip(found.cause.tolist(), found.amount.tolist(), strict=True)] == [
        (Cause.FROZEN, 900.25),
        (Cause.SPIKE, 2.0),
    ]
