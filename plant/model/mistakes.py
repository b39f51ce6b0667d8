"""Mistakes of a model file, collected so that an engineer mends all of them in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from plant.errors import ModelError

Location = tuple[str | int, ...]
"""Keys and list positions that lead to a place in the file, such as ``("sites", "minsk", "zone")``."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing that is wrong in the file.

    Attributes:
        line: Line in the file, counted from 1.
        problem: What is wrong.
        mend: What would be right.
    """

    line: int
    problem: str
    mend: str


class InvalidModelError(ModelError):
    """A model file with one or more mistakes; the first one (by line) is the error's own.

    Attributes:
        mistakes: All that was found, by line.
    """

    def __init__(self, file: Path, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        first = self.mistakes[0]
        super().__init__(file, first.line, first.problem, first.mend)

    def __str__(self) -> str:
        others = len(self.mistakes) - 1
        rest = f" (and {others} more: factory model check {self.file})" if others else ""
        return f"{super().__str__()}{rest}"


class Mistakes:
    """Collects mistakes by their location and raises them together."""

    def __init__(self, file: Path, lines: dict[Location, int]) -> None:
        self._file = file
        self._lines = lines
        self._found: list[Mistake] = []

    def add(self, location: Location, problem: str, mend: str) -> None:
        """Note a mistake at the nearest place above `location` that stands in the file."""
        self.add_at(self.line(location), problem, mend)

    def add_at(self, line: int, problem: str, mend: str) -> None:
        """Note a mistake on a line."""
        self._found.append(Mistake(line, problem, mend))

    def line(self, location: Location) -> int:
        """Line of `location`, or of the nearest place above it."""
        for length in range(len(location), 0, -1):
            if (line := self._lines.get(location[:length])) is not None:
                return line
        return 1

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise `InvalidModelError` with everything found so far."""
        if self._found:
            raise InvalidModelError(self._file, self._found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A mend for an unknown word: the nearest known one, or the list of them."""
    known = list(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6) or [each for each in known if word and each.startswith(word)]
    if near:
        return f"did you mean '{near[0]}'?"
    if not known:
        return "there is none to choose from yet"
    return "known are " + ", ".join(f"'{each}'" for each in known)
