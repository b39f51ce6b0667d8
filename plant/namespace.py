"""The unified namespace: retained JSON on MQTT that any screen or third party can read without Sparkplug.

Topics are ``df/v1/<enterprise>/<level>.../<contract>`` with one to five levels before the contract, counting the
enterprise: enterprise, site, area, line, unit.

Valid::

    df/v1/gypsum/minsk/boards/board-1/former/values     a unit's values
    df/v1/gypsum/minsk/boards/board-1/former/state      a unit's PackML state
    df/v1/gypsum/minsk/boards/board-1/orders            what a line is to make
    df/v1/gypsum/minsk/health                           a site's collector and edge nodes

Invalid::

    df/v1/gypsum/minsk                                  no contract
    df/v2/gypsum/minsk/health                           another version
    df/v1/gypsum/Minsk/health                           upper case
    df/v1/gypsum/minsk/boards/board-1/former/x/values   too deep

The messages are documented for third parties in docs/asyncapi.yaml; each carries its ``schema``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from plant.errors import BadInputError

ROOT = ("df", "v1")
MAX_LEVELS = 5
SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class Contract(StrEnum):
    """The last level of a topic; reserved, no slug may be called so."""

    VALUES = "values"
    STATE = "state"
    ALARMS = "alarms"
    KPI = "kpi"
    HEALTH = "health"
    ORDERS = "orders"
    CMD = "cmd"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Topic:
    """One place in the namespace, checked when built.

    Attributes:
        levels: Enterprise, then up to site, area, line, unit.
        contract: What is published there.
    """

    levels: tuple[str, ...]
    contract: Contract

    def __post_init__(self) -> None:
        if not 1 <= len(self.levels) <= MAX_LEVELS:
            raise BadInputError("wrong_topic", f"a topic has 1 to {MAX_LEVELS} levels, not {len(self.levels)}")
        for level in self.levels:
            if not SLUG.fullmatch(level) or level in Contract.__members__.values() or "__" in level:
                raise BadInputError("wrong_topic", f"'{level}' is not a slug (lower case, digits, - or _)")

    def __str__(self) -> str:
        contract = "cmd/result" if self.contract is Contract.RESULT else self.contract.value
        return "/".join((*ROOT, *self.levels, contract))

    @classmethod
    def parse(cls, text: str) -> Topic:
        """The topic that `text` spells; `BadInputError` (``wrong_topic``) if it spells none."""
        parts = text.split("/")
        if tuple(parts[:2]) != ROOT:
            raise BadInputError("wrong_topic", f"'{text}' does not begin with {'/'.join(ROOT)}")
        if parts[-2:] == ["cmd", "result"]:
            return cls(tuple(parts[2:-2]), Contract.RESULT)
        try:
            contract = Contract(parts[-1])
        except ValueError:
            raise BadInputError("wrong_topic", f"'{parts[-1]}' in '{text}' is no contract") from None
        return cls(tuple(parts[2:-1]), contract)


def subscription(enterprise: str, contract: Contract) -> list[str]:
    """MQTT filters for every topic of one contract in one enterprise (depth differs, ``#`` cannot end in a name)."""
    middle = ["/".join(["+"] * depth) for depth in range(1, MAX_LEVELS)]
    return ["/".join((*ROOT, enterprise, levels, contract.value)) for levels in middle]
