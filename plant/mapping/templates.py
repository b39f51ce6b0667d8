"""Names that are put together from the parts of a topic: ``{site}/shop/{line}/{serial|meters}``.

``{part}`` is the part as it came, ``{part|table}`` what the table of that name has for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from plant.mapping.topics import NAME, PART
from plant.mapping.wrong import wrong

Tables: TypeAlias = Mapping[str, Mapping[str, str]]
"""Lookup tables by name."""
Piece: TypeAlias = tuple[str, str | None]
"""Name of a part, and of the table that it is looked up in."""
_ANY: Final = "[^/]+"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes.

    Attributes:
        text: As written.
        fixed: The texts before, between and behind the holes.
        holes: What goes into them.
    """

    text: str
    fixed: tuple[str, ...]
    holes: tuple[Piece, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """The template that `text` spells.

        Raises:
            PydanticCustomError: A hole holds no name.
        """
        split = PART.split(text)
        holes = []
        for hole in split[1::2]:
            part, bar, table = hole.partition("|")
            if not NAME.fullmatch(part) or (bar and not table):
                raise wrong(f"'{{{hole}}}' names no part", "write {part}, or {part|table} to look it up in a table")
            holes.append((part, table or None))
        if any(set(fixed) & set("{}") for fixed in split[::2]) or not text.strip():
            raise wrong(f"'{text}' cannot be read", "write a name, with {part} or {part|table} where it varies")
        return cls(text, tuple(split[::2]), tuple(holes))

    @property
    def is_closed(self) -> bool:
        """Whether tables name everything that it can give; otherwise a device may say anything."""
        return all(table is not None for _, table in self.holes)

    def fill(self, parts: Mapping[str, str], tables: Tables) -> str | None:
        """The name for these parts; None when a table has no entry for one of them.

        Args:
            parts: Texts by name; holds all that the template names.
            tables: Holds all tables that it names.
        """
        if not self.holes:
            return self.text
        filled = [self.fixed[0]]
        for (part, table), behind in zip(self.holes, self.fixed[1:], strict=True):
            text = parts[part] if table is None else tables[table].get(parts[part])
            if text is None:
                return None
            filled += (text, behind)
        return "".join(filled)

    def reach(self, tables: Tables) -> re.Pattern[str]:
        """All names that it may ever give."""
        pattern = [re.escape(self.fixed[0])]
        for (_, table), behind in zip(self.holes, self.fixed[1:], strict=True):
            words = _ANY if table is None else "|".join(map(re.escape, sorted(set(tables[table].values()))))
            pattern += (f"(?:{words})", re.escape(behind))
        return re.compile("".join(pattern))
