"""What the link of a trend asks for, and what of it one picture can show.

``?tags=site/area/line/unit/metric,...``: paths of the model, so that a link lives as long as the names in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plant.model.tags import Tag, TagTable

MOST_TAGS: Final = 8
MOST_AXES: Final = 4
"""More units of measure than this and nobody can tell which line belongs to which axis."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tags of a trend.

    Attributes:
        tags: Shown, in the order asked for, at most `MOST_TAGS` in at most `MOST_AXES` units of measure.
        unknown: Paths that the model does not have.
        too_many: Tags left out because there are `MOST_TAGS` already.
        no_axis: Tags left out because their unit of measure would need one axis too many.
    """

    tags: tuple[Tag, ...]
    unknown: tuple[str, ...] = ()
    too_many: tuple[Tag, ...] = ()
    no_axis: tuple[Tag, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """Units of measure, one axis each, in the order in which they appear."""
        return tuple(dict.fromkeys(tag.metric.unit for tag in self.tags))

    @property
    def query(self) -> str:
        """Value of ``tags`` in a link that shows the same."""
        return ",".join(tag.path for tag in self.tags)


def choose(query: str, tags: TagTable) -> Choice:
    """What ``tags=query`` asks for; repeated paths count once."""
    shown: list[Tag] = []
    unknown, too_many, no_axis = [], [], []
    for path in dict.fromkeys(part for part in query.split(",") if part):
        try:
            tag = tags.by_path(path)
        except KeyError:
            unknown.append(path)
            continue
        units = {other.metric.unit for other in shown} | {tag.metric.unit}
        if len(shown) == MOST_TAGS:
            too_many.append(tag)
        elif len(units) > MOST_AXES:
            no_axis.append(tag)
        else:
            shown.append(tag)
    return Choice(tuple(shown), tuple(unknown), tuple(too_many), tuple(no_axis))


def with_tag(chosen: Sequence[Tag], tag: Tag) -> str:
    """Value of ``tags`` with one more."""
    return ",".join(dict.fromkeys(t.path for t in (*chosen, tag)))


def without_tag(chosen: Sequence[Tag], tag: Tag) -> str:
    """Value of ``tags`` with one less."""
    return ",".join(t.path for t in chosen if t.index != tag.index)
