"""Places inside a JSON payload.

A small, closed part of JSONPath, on purpose: a path is compiled once to a few dictionary look-ups, each part of it can
be explained in one line, and a typing error is found when the file is read and not when the message comes. Lists are
walked by the rule's `items`, so wildcards, filters and functions have no use here.

Grammar::

    PATH  = [ "$." ] STEP ( "." KEY | "[" INDEX "]" | '["' KEY '"]' )*        STEP = KEY | "[" INDEX "]" | '["' KEY '"]'

``$.`` begins at the payload even where a path would begin at a list's item. A negative index counts from the end.

Valid::

    power            total.power          phases[0].voltage
    ["P.total"]      $.meta.serial        samples[-1]

Invalid::

    a..b     a[x]     a[*]     .a     a.     (nothing)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from plant.mapping.wrong import wrong

_STEP: Final = re.compile(r'(?P<key>[^.\[\]"$]+)|\[(?P<index>-?\d{1,6})\]|\["(?P<quoted>[^"]+)"\]')
_ROOT: Final = "$."


class Absent(Enum):
    """The one value that JSON does not have."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Where a value lies.

    Attributes:
        text: As written.
        steps: Keys and indices that lead there.
        absolute: Begins at the payload, not at the item.
    """

    text: str
    steps: tuple[str | int, ...]
    absolute: bool = False

    @classmethod
    def parse(cls, text: str) -> JsonPath:
        """The path that `text` spells.

        Raises:
            PydanticCustomError: It spells none; says where and what would be right.
        """
        absolute = text.startswith(_ROOT)
        rest = text.removeprefix(_ROOT)
        steps: list[str | int] = []
        at = 0
        while at < len(rest) or not steps:
            dotted = bool(steps) and rest.startswith(".", at)
            found = _STEP.match(rest, at + dotted)
            if found is None or (found["key"] and steps and not dotted) or (found["key"] is None and dotted):
                mend = 'join keys by dots, and write [0] for a place in a list and ["a.b"] for a key with dots'
                raise wrong(f"'{text}' is no path", mend)
            steps.append(int(found["index"]) if found["index"] else found["key"] or found["quoted"])
            at = found.end()
        return cls(text, tuple(steps), absolute)

    def find(self, item: Any, payload: Any) -> Any:
        """The value there, `ABSENT` if there is none.

        Args:
            item: Where the path begins.
            payload: Where it begins if it is absolute.
        """
        value = payload if self.absolute else item
        for step in self.steps:
            if isinstance(step, str):
                if not isinstance(value, dict) or step not in value:
                    return ABSENT
                value = value[step]
            elif isinstance(value, list) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return ABSENT
        return value
