"""Load a scenario: `load("bearing_wear")`, or `load("my/scenario.yaml")`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import ValidationError

from plant.errors import ConfigurationError, ModelError
from plant.model.mistakes import InvalidModelError, Mistake, Mistakes, did_you_mean
from plant.model.source import read
from plant.model.wording import note_findings
from simulators.scenarios.schema import Scenario, check

GUIDE: Final = "simulators/scenarios/README.md"
_DATA: Final = Path(__file__).with_name("data")


class ScenarioError(ConfigurationError):
    """A scenario file that cannot be used.

    Attributes:
        file: The file.
        mistakes: All that was found, by line; line 0 when no single line is to blame.
    """

    def __init__(self, file: Path, mistakes: tuple[Mistake, ...]) -> None:
        self.file = file
        self.mistakes = mistakes
        super().__init__("\n".join(f"{file}:{each.line}: {each.problem}; {each.mend}" for each in mistakes))


def shipped() -> list[str]:
    """Names of the scenarios that come with the package."""
    return sorted(file.stem for file in _DATA.glob("*.yaml"))


def load(name_or_path: str | Path) -> Scenario:
    """The scenario of that shipped name or YAML file.

    Raises:
        ScenarioError: There is no such scenario, or its file holds mistakes.
    """
    name = str(name_or_path)
    if name in shipped():
        return _parse(_DATA / f"{name}.yaml")
    path = Path(name_or_path)
    if not path.suffix and "/" not in name and not path.is_file():
        mend = f"{did_you_mean(name, shipped())} (or give a file)"
        raise ScenarioError(path, (Mistake(0, f"there is no scenario '{name}'", mend),))
    return _parse(path)


def _parse(file: Path) -> Scenario:
    try:
        source = read(file)
        mistakes = Mistakes(file, source.lines)
        scenario = _validated(source.data, mistakes)
        check(scenario, mistakes)
        if scenario.scenario != file.stem:
            mistakes.add(
                ("scenario",), f"'{scenario.scenario}' is not the name of its file", f"write 'scenario: {file.stem}'"
            )
        mistakes.raise_if_any()
    except InvalidModelError as error:
        raise ScenarioError(file, error.mistakes) from None
    except ModelError as error:
        raise ScenarioError(file, (Mistake(error.line, error.problem, error.mend),)) from None
    return scenario


def _validated(data: object, mistakes: Mistakes) -> Scenario:
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        note_findings(error, mistakes, Scenario, GUIDE)
        mistakes.raise_if_any()
        raise
