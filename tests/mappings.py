"""What tests of mappings share: a mapping file from a text, checked against the tiny model."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from collecting import tiny

from plant.mapping.load import load
from plant.mapping.rules import Mapping
from plant.mapping.translate import Translation, Translator

ENTERPRISE, TAGS = tiny()
ARRIVED = 1_790_000_000_000
KILN = "alpha/shop/kiln-1/kiln"


def written(folder: Path, text: str) -> Path:
    """A mapping file with this text."""
    file = folder / "mapping.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    return file


def mapping(folder: Path, text: str) -> Mapping:
    """The mapping of this text, for the tiny model."""
    return load(written(folder, text), ENTERPRISE, TAGS)


def translation(
    mapped: Mapping, topic: str, payload: str | bytes, *, arrived: int = ARRIVED, retained: bool = False
) -> Translation:
    """What a message becomes."""
    data = payload.encode() if isinstance(payload, str) else payload
    return Translator([mapped]).translate(topic, data, arrived, retained=retained)


def values(found: Translation) -> dict[str, tuple[float | str | None, int, int]]:
    """Value, time and quality by metric key."""
    return {each.target.metric.key: (each.value, each.time, each.quality) for each in found.values}


def reasons(found: Translation) -> dict[str, int]:
    """How many were refused, by reason."""
    counted: dict[str, int] = {}
    for each in found.refused:
        counted[each.reason] = counted.get(each.reason, 0) + each.count
    return counted
