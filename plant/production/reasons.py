"""The reason tree: two levels of why a line stands, in both languages, as data (``data/reasons.yaml``).

A reason is named by its slug, ``mechanical`` or ``mechanical/bearing``, and kept with the minutes under it. Codes
are places in the tree and valid inside this process only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from plant.errors import ConfigurationError
from plant.model.enterprise import Text
from plant.model.schema import Slug, TextSpec

SHIPPED: Final = Path(__file__).with_name("data") / "reasons.yaml"
UNCODED: Final = -1
"""Code of no reason, or of one that nobody has told yet."""
MATERIAL, DOWNSTREAM, CHANGEOVER = "material", "downstream", "changeover"
PLANNED: Final = "planned"
_AUTOMATIC: Final = (MATERIAL, DOWNSTREAM, CHANGEOVER, PLANNED)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `parent` is the slug of its first level, None on the first level."""

    slug: str
    name: Text
    parent: str | None = None


class _GroupSpec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: TextSpec
    told: list[str] = Field(default_factory=list)
    reasons: dict[Slug, TextSpec] = Field(default_factory=dict)


_FILE: Final = TypeAdapter(Annotated[dict[Slug, _GroupSpec], Field(min_length=1)])


class ReasonTree(Sequence[Reason]):
    """All reasons, each first level before its second.

    Args:
        reasons: First levels before their second ones.
        told: Slug by what controllers write instead of it.

    Raises:
        ConfigurationError: A slug is there twice, or one is missing that the engine gives by itself.
    """

    def __init__(self, reasons: Sequence[Reason], told: dict[str, str]) -> None:
        self._reasons = tuple(reasons)
        self._code = {reason.slug: code for code, reason in enumerate(self._reasons)}
        if len(self._code) < len(self._reasons):
            raise ConfigurationError("a reason is there twice; give each a slug of its own")
        missing = [slug for slug in _AUTOMATIC if slug not in self._code]
        if missing:
            raise ConfigurationError(f"the reason tree lacks {', '.join(missing)}, which lines are given by themselves")
        self._told = {_folded(text): self._code[slug] for text, slug in told.items()}

    def __getitem__(self, code: int) -> Reason:  # type: ignore[override]  # slices of reasons have no use here
        return self._reasons[code]

    def __len__(self) -> int:
        return len(self._reasons)

    def __iter__(self) -> Iterator[Reason]:
        return iter(self._reasons)

    def code(self, slug: str) -> int:
        """Code of a slug, `UNCODED` if the tree does not have it."""
        return self._code.get(slug, UNCODED)

    def of_text(self, text: str) -> int:
        """Code of what a controller tells, `UNCODED` for nothing and for what nobody knows."""
        folded = _folded(text)
        return self._told.get(folded, self._code.get(folded, UNCODED))

    def group(self, code: int) -> int:
        """Code of the first level of a reason; `UNCODED` stays."""
        if code == UNCODED:
            return UNCODED
        parent = self._reasons[code].parent
        return code if parent is None else self._code[parent]


def load_reasons(path: Path = SHIPPED) -> ReasonTree:
    """The tree in a file.

    Raises:
        ConfigurationError: The file cannot be read, or is no reason tree.
    """
    try:
        groups = _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path} is no reason tree: {error}") from error
    reasons: list[Reason] = []
    for slug, group in groups.items():
        reasons.append(Reason(slug, Text(group.name.ru, group.name.en)))
        reasons += (Reason(f"{slug}/{key}", Text(name.ru, name.en), slug) for key, name in group.reasons.items())
    return ReasonTree(reasons, {text: slug for slug, group in groups.items() for text in group.told})


def _folded(text: str) -> str:
    return text.strip().lower()
