"""Which topics a rule is for, and what their levels are called.

Grammar: levels joined by ``/``. A level is a text, a text with ``{name}`` in it, ``+`` (any level) or, as the last one,
``#`` (any levels).

Valid::

    meters/{serial}/telemetry      tele/{device}/SENSOR      plant-{hall}/+/{sensor}/{name}      gateways/{serial}/#

Invalid::

    #                              all topics of the broker, Sparkplug too
    meters/{serial}/{serial}       a name twice
    meters//telemetry              an empty level
    meters/{a}{b}                  where would a end?
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from plant.mapping.wrong import wrong

PART: Final = re.compile(r"\{([^{}]*)\}")
NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
OWN: Final = ("spBv1.0/", "df/", "df-sim/", "$")
"""What is spoken here is no device's, even if a wildcard reaches it."""


@dataclass(frozen=True, slots=True)
class TopicPattern:
    """Topics of one kind.

    Attributes:
        text: As written.
        filter: What to subscribe to.
        names: Named parts, in their order.
    """

    text: str
    filter: str
    names: tuple[str, ...]
    _pattern: re.Pattern[str] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> TopicPattern:
        """The pattern that `text` spells.

        Raises:
            PydanticCustomError: It spells none; says why and what would be right.
        """
        levels = text.split("/")
        if levels[0] in {"#", "+"} or "" in levels or len(text) > 512 or text.startswith(OWN):
            raise wrong(f"'{text}' is no topic of a device", "write it like meters/{serial}/telemetry")
        names = [name for level in levels for name in PART.findall(level)]
        for name in names:
            if not NAME.fullmatch(name) or names.count(name) > 1:
                raise wrong(f"the part '{{{name}}}' has no name of its own", "name each part once, such as {serial}")
        pieces = [_level(level, text, last=number == len(levels)) for number, level in enumerate(levels, 1)]
        filters = ["+" if "{" in level else level for level in levels]
        return cls(text, "/".join(filters), tuple(names), re.compile("/".join(pieces).replace("/.*\0", "(?:/.*)?")))

    def match(self, topic: str) -> dict[str, str] | None:
        """The named parts of a topic, None if it is of another kind."""
        found = self._pattern.fullmatch(topic)
        return None if found is None or topic.startswith(OWN) else found.groupdict()


def _level(level: str, text: str, *, last: bool) -> str:
    """A regular expression for one level."""
    if level == "#" and last:
        return ".*\0"
    if level == "+":
        return "[^/]+"
    rest = PART.sub("", level)
    if set(rest) & set("+#{}") or "}{" in level:
        raise wrong(f"level '{level}' of '{text}' cannot be read", "a level is a text, {name}, + or, at the end, #")
    fixed = PART.split(level)  # texts and names by turns
    return "".join(f"(?P<{piece}>[^/]+)" if number % 2 else re.escape(piece) for number, piece in enumerate(fixed))
