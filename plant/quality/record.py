"""Quality in the historian: events, since both stores have them, keep them for as long as minutes, and replace by name.

====================  =============================  ==========  =======  ===========================================
event of              unit                           metric      code     text
====================  =============================  ==========  =======  ===========================================
a tag with defects    ``site/line/unit``             of the tag  score    amounts by cause, ``{"frozen":1800.0}``
the same, hour open   ``site/line/unit``             of the tag  -1       what was counted so far
a site                ``site/__site/__site``         ``score``   score    `plant.messages.SiteQuality` as JSON
====================  =============================  ==========  =======  ===========================================

Their time is the start of the hour. Tags without a defect have no event, so that an hour of a healthy plant costs one
row a site. Counts of an hour that is not over yet are kept so that they outlive the process. Slugs of the model never
hold ``__``, so no line can be taken for a site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
import orjson
from pydantic import TypeAdapter

from plant.messages import SiteQuality, TagQuality
from plant.model.tags import Tag, TagTable
from plant.quality.defects import CAUSES, NUMBER, Cause, Defects
from plant.quality.score import CLEAN, HourQuality
from plant.readings import GOOD, Event, EventKind

WORST: Final = 5
"""So many tags explain the score of a site."""
SCORE: Final = "score"
NOT_JUDGED: Final = -1
"""Code of an hour that is not over."""
_SITE: Final = "__site"
_QUALITY: Final = TypeAdapter(SiteQuality)


def site_unit(site: str) -> str:
    """Where the events of a site are, in place of the storage path of a unit."""
    return f"{site}/{_SITE}/{_SITE}"


def site_quality(quality: HourQuality, hour: int, tags: Sequence[Tag]) -> SiteQuality:
    """What there is to say about a site.

    Args:
        quality: Of all its tags.
        hour: Its start, UTC ms.
        tags: The tag table.
    """
    defective = np.flatnonzero(quality.defective)
    worst = defective[np.argsort(quality.score[defective], kind="stable")][:WORST]
    spoilt = quality.loss[:, defective] > CLEAN
    return SiteQuality(
        hour=hour,
        score=round(float(quality.score.mean()), 1) if len(quality) else 100.0,
        tags=len(quality),
        causes={str(cause): int(spoilt[number].sum()) for number, cause in enumerate(CAUSES) if spoilt[number].any()},
        worst=tuple(
            TagQuality(
                tags[quality.tag[place]].path,
                round(float(quality.score[place]), 1),
                _rounded(quality.causes(place, least=CLEAN)),
            )
            for place in worst.tolist()
        ),
    )


def site_event(site: str, quality: SiteQuality) -> Event:
    """The score of a site to be stored."""
    text = orjson.dumps(quality).decode()
    return Event(quality.hour, site_unit(site), EventKind.QUALITY, SCORE, text, int(quality.score), GOOD)


def tag_events(quality: HourQuality, hour: int, tags: Sequence[Tag]) -> list[Event]:
    """The quality of tags to be stored, each as it is, those without defects too."""
    return [
        _tag_event(tags[index], hour, quality.causes(place), int(quality.score[place]))
        for place, index in enumerate(quality.tag.tolist())
    ]


def count_events(counted: Defects, tags: Sequence[Tag]) -> list[Event]:
    """What was counted in hours that are not over, to be stored; `counted` as `Defects.summed` sorts it."""
    amounts: dict[tuple[int, int], dict[Cause, float]] = {}
    columns = (counted.hour, counted.tag, counted.cause, counted.amount)
    for hour, index, cause, amount in zip(*(column.tolist() for column in columns), strict=True):
        amounts.setdefault((hour, index), {})[CAUSES[cause]] = amount
    return [_tag_event(tags[index], hour, found, NOT_JUDGED) for (hour, index), found in amounts.items()]


def read_site(event: Event) -> SiteQuality:
    """The score of a site, as `site_event` stored it.

    Raises:
        ValueError: It is none.
    """
    return _QUALITY.validate_json(event.text)


def read_defects(events: Iterable[Event], tags: TagTable) -> Defects:
    """What was counted so far, from the events of tags; those that the model does not know any more are passed over.

    Raises:
        ValueError: An event does not hold amounts by cause.
    """
    rows = []
    for event in events:
        tag = tags.by_storage(f"{event.unit}/{event.metric}")
        if tag is not None:
            rows += [
                (event.time, tag.index, NUMBER[Cause(cause)], amount)
                for cause, amount in orjson.loads(event.text).items()
                if cause != Cause.GAP  # found anew whenever an hour is judged
            ]
    hour, index, cause, amount = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Defects(
        np.array(hour, np.int64), np.array(index, np.int32), np.array(cause, np.uint8), np.array(amount, np.float64)
    )


def _tag_event(tag: Tag, hour: int, amounts: Mapping[Cause, float], code: int) -> Event:
    unit, _, metric = tag.storage.rpartition("/")
    return Event(hour, unit, EventKind.QUALITY, metric, orjson.dumps(_rounded(amounts)).decode(), code, GOOD)


def _rounded(amounts: Mapping[Cause, float]) -> dict[str, float]:
    """By name, seconds to the millisecond."""
    return {str(cause): round(amount, 3) for cause, amount in amounts.items()}
