from __future__ import annotations

import re
from pathlib import Path

from simulators.scenarios import load, shipped
from simulators.scenarios.effects import EFFECTS
from simulators.scenarios.stage import PARAMETERS

README = Path(__file__).parents[3] / "simulators/scenarios/README.md"


def rows(heading: str) -> dict[str, list[str]]:
    """Cells of the table that begins with `heading`, by the name in the first one."""
    text = README.read_text("utf-8")
    table = text[text.index(heading) :].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {cell[0].strip("`"): cell[1:] for cell in cells}


def test_every_scenario_has_its_row() -> None:
    """The README says of each shipped scenario what one should see, and of no other."""
    table = rows("| scenario |")
    assert sorted(table) == shipped()
    assert all(len(cells[1]) > 20 for cells in table.values())


def test_every_effect_has_its_row() -> None:
    """The README's table of effects is complete, and says rightly what each acts on."""
    table = rows("| effect |")
    assert sorted(table) == sorted(EFFECTS)
    on = {name: "edge nodes" if effect.on == "nodes" else effect.on for name, effect in EFFECTS.items()}
    assert {name: cells[0] for name, cells in table.items()} == on


def test_every_parameter_is_told() -> None:
    """What whoever injects may change stands in the README."""
    assert all(f"`{name}`" in README.read_text("utf-8") for name in PARAMETERS)


def test_the_example_is_the_shipped_file() -> None:
    """The README's example of the format has the steps of the file that it quotes."""
    example = re.search(r"```yaml\n(scenario: bearing_wear.*?)```", README.read_text("utf-8"), re.DOTALL)
    shipped_file = (README.parent / "data/bearing_wear.yaml").read_text("utf-8")
    assert example is not None
    assert example[1][example[1].index("steps:") :] == shipped_file[shipped_file.index("steps:") :]


def test_texts_are_bilingual_sentences() -> None:
    """What people see is there in Russian and in English."""
    for name in shipped():
        scenario = load(name)
        for text in (scenario.title, scenario.what_to_see):
            assert re.search("[а-я]", text.ru), name
            assert not re.search("[а-я]", text.en), name
