"""Finding one of thousands of tags by any word of its path, in either language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from plant.model.enterprise import Enterprise, Language, Role
from plant.model.tags import Tag, TagTable

MOST_FOUND: Final = 60
"""More results are not read; one more word makes them fewer."""


@dataclass(frozen=True, slots=True)
class Found:
    """Tags that match, at most `MOST_FOUND`, and how many there are in all."""

    tags: tuple[Tag, ...]
    total: int


class TagSearch:
    """The words of every live tag, made once: names of site, area, line, unit and metric in both languages, slugs."""

    def __init__(self, enterprise: Enterprise, tags: TagTable) -> None:
        places: dict[tuple[str, str, str], str] = {}
        for site in enterprise.sites:
            for area in site.areas:
                for line in area.lines:
                    names = (site.name, area.name, line.name)
                    places[site.slug, area.slug, line.slug] = " ".join(f"{name.ru} {name.en}" for name in names)
        self._rows = tuple(
            (tag, _plain(f"{places[tag.unit.path[:3]]} {_own_words(tag)}")) for tag in tags if is_shown(tag)
        )

    def find(self, query: str, site: str | None = None) -> Found:
        """Tags that hold every word of `query`, in the order of the model; of one site if given."""
        words = _plain(query).split()
        hits = [
            tag
            for tag, words_of_tag in self._rows
            if (site is None or tag.unit.site == site) and all(word in words_of_tag for word in words)
        ]
        return Found(tuple(hits[:MOST_FOUND]), len(hits))


def is_shown(tag: Tag) -> bool:
    """Whether somebody may look for its course: the last command to a machine has none, its state and mode do."""
    return tag.is_live and tag.metric.role is not Role.COMMAND


def label(tag: Tag, enterprise: Enterprise, spoken: Language) -> str:
    """Where a tag is measured and what it is, without ids: ``Минск, Линия 1, Формующая машина: скорость``."""
    site = enterprise.site(tag.unit.site)
    line = site.line(tag.unit.line)
    place = ", ".join(part.name[spoken] for part in (site, line, tag.unit))
    return f"{place}: {tag.metric.name[spoken]}"


def _own_words(tag: Tag) -> str:
    names = (tag.unit.name, tag.metric.name)
    return " ".join((*(f"{name.ru} {name.en}" for name in names), tag.path.replace("/", " ")))


def _plain(words: str) -> str:
    """Without case, and with one letter for е and ё, which people type alike."""
    return words.casefold().replace("ё", "е")
