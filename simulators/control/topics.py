"""Topics of the control channel: ``df-sim/v1/<name>/cmd``, ``.../result`` and ``.../status``.

Valid names: ``simulators``, ``line-4``, ``training_2``. Invalid: ``Line 4``, ``a/b``, ``+``, an empty one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plant.errors import ConfigurationError

ROOT = "df-sim/v1"
ANY_STATUS = f"{ROOT}/+/status"
"""Filter for the status of all simulators of a broker."""
_NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class ControlTopics:
    """Where the simulators of one name are reached.

    Raises:
        ConfigurationError: The name is not of lower-case letters, digits, ``-`` and ``_``.
    """

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"'{self.name}' cannot name simulators; use lower-case letters, digits, - and _, such as 'line-4'"
            )

    @property
    def command(self) -> str:
        """Requests go here."""
        return f"{ROOT}/{self.name}/cmd"

    @property
    def result(self) -> str:
        """Answers come from here."""
        return f"{ROOT}/{self.name}/result"

    @property
    def status(self) -> str:
        """How they are, retained."""
        return f"{ROOT}/{self.name}/status"
