"""Load a scenario: `load("bearing_wear")`, or `load("my/scenario.yaml")`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plant.model.document import DocumentError, DocumentKind
from plant.model.mistakes import Mistake, Mistakes, did_you_mean
from simulators.scenarios.schema import Scenario, check

_DATA: Final = Path(__file__).with_name("data")


class ScenarioError(DocumentError):
    """A scenario file that cannot be used."""


_KIND: Final = DocumentKind(Scenario, "simulators/scenarios/README.md", ScenarioError)


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
    def checked(scenario: Scenario, mistakes: Mistakes) -> Scenario:
        check(scenario, mistakes)
        if scenario.scenario != file.stem:
            problem = f"'{scenario.scenario}' is not the name of its file"
            mistakes.add(("scenario",), problem, f"write 'scenario: {file.stem}'")
        return scenario

    return _KIND.load(file, checked)
