"""Read YAML as plain data together with the line on which each piece stands.

A small, strict YAML: no anchors, no tags, no key twice. Plain scalars follow YAML 1.2 (so ``08:00`` stays a text and
``on`` is no truth value); everything quoted is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from plant.errors import ModelError
from plant.model.mistakes import Location, Mistakes

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml parses about ten times faster
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
MAX_DEPTH = 24
"""Deepest nesting; the schema needs half of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as data.

    Attributes:
        data: Plain dicts, lists, texts, numbers, truth values and None.
        lines: Line, counted from 1, of each key and list item.
    """

    file: Path
    data: Any
    lines: dict[Location, int] = field(repr=False)


def read(file: Path) -> Source:
    """The content of a YAML file.

    Raises:
        ModelError: It cannot be read, is no YAML, or uses what this dialect leaves out.
    """
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ModelError(file, 0, "there is no such file", "give the path of a model file") from None
    except OSError as error:
        raise ModelError(file, 0, f"the file cannot be read ({error.strerror})", "make it readable") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ModelError(file, line, "the file is not UTF-8", "save it with the encoding UTF-8") from None
    return _Reader(file, text).read()


class _Reader:
    """Builds the data of one document from parser events, which carry the lines."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._last_line = max(1, len(text.splitlines()))
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._lines: dict[Location, int] = {}
        self._mistakes = Mistakes(file, self._lines)

    def read(self) -> Source:
        try:
            data = self._document()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            problem = f"this is no YAML ({error.problem or error.context})"
            line = min(mark.line + 1, self._last_line) if mark is not None else 1  # the end is behind the last line
            raise ModelError(self._file, line, problem, "check indentation, quotes and brackets there") from None
        except yaml.YAMLError as error:
            problem = f"this is no YAML ({str(error).splitlines()[0]})"
            raise ModelError(self._file, 1, problem, "remove characters that do not print") from None
        self._mistakes.raise_if_any()
        return Source(self._file, data, self._lines)

    def _document(self) -> Any:
        data: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fail(event, "a second document begins here", "keep one document (no '---') in a file")
                data = self._node(next(self._events), ())
        if documents == 0:
            raise ModelError(self._file, 1, "the file is empty", "begin with 'enterprise: SLUG'")
        return data

    def _node(self, event: Any, location: Location) -> Any:
        if len(location) > MAX_DEPTH:
            self._fail(event, f"more than {MAX_DEPTH} levels of nesting", "see docs/model.md for the format")
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._fail(event, "anchors and aliases (& and *) are not used here", "use 'extends' or a line type")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(location)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(location)
        return self._scalar(event)

    def _mapping(self, location: Location) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._fail(event, "a key must be a plain word", "put quotes around a text that begins with { or [")
            key = event.value
            place = (*location, key)
            line = event.start_mark.line + 1
            if key in data:
                self._mistakes.add_at(
                    line, f"'{key}' is already given on line {self._lines[place]}", "keep one of them"
                )
            self._lines.setdefault(place, line)
            value = self._node(next(self._events), place)
            data.setdefault(key, value)
        return data

    def _sequence(self, location: Location) -> list[Any]:
        data: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = (*location, len(data))
            self._lines[place] = event.start_mark.line + 1
            data.append(self._node(event, place))
        return data

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.tag is not None:
            self._fail(event, f"tags such as {event.tag} are not used here", "remove it")
        if event.style:  # quoted or a block; plain is '' in libyaml and None in Python
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.fullmatch(text):
            return int(text)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _fail(self, event: Any, problem: str, mend: str) -> None:
        raise ModelError(self._file, event.start_mark.line + 1, problem, mend)
