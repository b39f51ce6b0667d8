"""The one error tree.

::

    FactoryError                     anything we raise on purpose
    ├── ConfigurationError           wrong settings or model: say so and stop before anything connects
    │   └── ModelError               the enterprise file: file, line, what is wrong, what would be right
    ├── BadInputError                one bad message or value: counted by reason, quarantined, never fatal
    ├── BrokerUnavailableError       the MQTT broker cannot be reached: retried with back-off
    └── StoreError                   a historian or an operations database
        ├── StoreUnavailableError    lost, slow or overloaded: spool and retry
        └── StoreRejectedError       the store refuses these data: retrying would not help
            └── StorePartlyRejectedError    it has taken all but a part of them, and says which
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FactoryError(Exception):
    """Anything that we raise on purpose; its text is one sentence that says what is wrong and how to mend it."""


class ConfigurationError(FactoryError):
    """Settings or model are wrong; nothing has been connected yet."""


class ModelError(ConfigurationError):
    """The enterprise file holds a mistake.

    Attributes:
        file: The model file.
        line: Line in the file, counted from 1; 0 when no single line is to blame.
        problem: What is wrong.
        mend: What would be right.
    """

    def __init__(self, file: Path, line: int, problem: str, mend: str) -> None:
        self.file = file
        self.line = line
        self.problem = problem
        self.mend = mend
        super().__init__(f"{file}:{line}: {problem}; {mend}")


class BadInputError(FactoryError):
    """One message or value that cannot be used.

    Attributes:
        reason: Stable key under which it is counted, such as ``malformed_payload``.
    """

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


class BrokerUnavailableError(FactoryError):
    """The MQTT broker cannot be reached."""


class StoreError(FactoryError):
    """A historian or an operations database failed."""


class StoreUnavailableError(StoreError):
    """The store is lost, slow or overloaded: keep the data and try again.

    Attributes:
        retry_after_s: How long the store asks to be left alone; 0 when it does not say.
    """

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(text)


class StoreRejectedError(StoreError):
    """The store refuses these data; sending them again would not help."""


@dataclass(frozen=True, slots=True)
class StoreRefusal:
    """A part of the data that a store has not taken.

    Attributes:
        reason: Stable key under which it is counted, such as ``type_conflict``.
        count: Rows.
        text: What is wrong with them, and one of them as an example.
    """

    reason: str
    count: int
    text: str


class StorePartlyRejectedError(StoreRejectedError):
    """The store has taken these data but for a part; sending any of them again would not help.

    Attributes:
        refusals: That part, by reason.
    """

    def __init__(self, text: str, refusals: Sequence[StoreRefusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(text)
