r"""The two languages' own ways to write a name or a text, so that no name can ever become a command.

InfluxQL takes ``"names"`` and ``'texts'`` with ``\`` before quotes; line protocol escapes ``,``, ``=`` and space in
keys and tag values, and ``"`` and ``\`` in texts. What the two cannot carry, by trial with 1.6.7, is refused: InfluxQL
has no NUL and no carriage return; names in lines have no line break either, no ``\`` at their end or before what is
escaped or a quote, and no tab at their beginning.
"""

from __future__ import annotations

import re
from typing import Final

from plant.errors import StoreRejectedError

_QL_NAME = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_QL_TEXT = str.maketrans({"\\": r"\\", "'": r"\'", "\n": r"\n"})
_LINE_NAME = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_LINE_TEXT = str.maketrans({"\\": r"\\", '"': r"\""})

_NO_QL: Final = re.compile(r"[\x00\r]")
_NO_NAME: Final = re.compile(r'[\x00\r\n]|^\t|\\(?=[,= "]|\Z)|\A\Z')


def ql_name(name: str) -> str:
    """A database, policy, measurement, field or tag key in InfluxQL; errors as of `ql_text`."""
    return f'"{_sayable(name).translate(_QL_NAME)}"'


def ql_text(text: str) -> str:
    """A string in InfluxQL.

    Raises:
        StoreRejectedError: It holds a NUL or a carriage return.
    """
    return f"'{_sayable(text).translate(_QL_TEXT)}'"


def ql_select(selection: str, source: str, condition: str, by: str = "") -> str:
    """A query of InfluxQL out of parts whose names and texts are quoted already."""
    return f"SELECT {selection} FROM {source} WHERE {condition} {by}".rstrip()  # noqa: S608 - quoted by the above


def ql_delete(measurement: str, condition: str) -> str:
    """A deletion of InfluxQL in all policies, with a condition whose names and texts are quoted already."""
    return f"DELETE FROM {ql_name(measurement)} WHERE {condition}"  # noqa: S608 - quoted by the above


def line_name(name: str) -> str:
    """A measurement, key or tag value in line protocol.

    Raises:
        StoreRejectedError: Line protocol cannot carry it; see above.
    """
    if _NO_NAME.search(name):
        raise StoreRejectedError(f"InfluxDB cannot carry the name {name!r}")
    return name.translate(_LINE_NAME)


def line_text(text: str) -> str:
    """A string field in line protocol."""
    return f'"{text.translate(_LINE_TEXT)}"'


def _sayable(text: str) -> str:
    if _NO_QL.search(text):
        raise StoreRejectedError(f"InfluxQL cannot carry {text!r}")
    return text
