"""YAML files beside the model that engineers write, such as mappings and scenarios: read, checked, mistakes told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from plant.errors import ConfigurationError, ModelError
from plant.model.mistakes import InvalidModelError, Mistake, Mistakes
from plant.model.source import read
from plant.model.wording import note_findings

Spec = TypeVar("Spec", bound=BaseModel)
Made = TypeVar("Made")


class DocumentError(ConfigurationError):
    """A file that cannot be used.

    Attributes:
        file: The file.
        mistakes: All that was found, by line; line 0 when no single line is to blame.
    """

    def __init__(self, file: Path, mistakes: Iterable[Mistake]) -> None:
        self.file = file
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(_told(file, each) for each in self.mistakes))


class DocumentKind(Generic[Spec]):
    """One kind of file.

    Args:
        spec: What it is read as.
        guide: Where its format is explained.
        error: What is raised when it cannot be used.
    """

    def __init__(self, spec: type[Spec], guide: str, error: type[DocumentError]) -> None:
        self._spec = spec
        self._guide = guide
        self._error = error

    def load(self, file: Path, make: Callable[[Spec, Mistakes], Made]) -> Made:
        """What a file is made into.

        Args:
            file: YAML.
            make: From what was read; further mistakes go to its second argument.

        Raises:
            DocumentError: The file cannot be read or holds mistakes; of the kind's own type.
        """
        try:
            source = read(file)
            mistakes = Mistakes(file, source.lines)
            made = make(self._validated(source.data, mistakes), mistakes)
            mistakes.raise_if_any()
        except InvalidModelError as error:
            raise self._error(file, error.mistakes) from None
        except ModelError as error:
            raise self._error(file, (Mistake(error.line, error.problem, error.mend),)) from None
        return made

    def _validated(self, data: object, mistakes: Mistakes) -> Spec:
        try:
            return self._spec.model_validate(data)
        except ValidationError as error:
            note_findings(error, mistakes, self._spec, self._guide)
            mistakes.raise_if_any()
            raise


def _told(file: Path, mistake: Mistake) -> str:
    place = f"{file}:{mistake.line}" if mistake.line else str(file)
    return f"{place}: {mistake.problem}; {mistake.mend}"
