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
"""

from __future__ import annotations

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
    """The store is lost, slow or overloaded: keep the data and try again."""


class StoreRejectedError(StoreError):
    """The store refuses these data; sending them again would not help."""
