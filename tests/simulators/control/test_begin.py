"""From what an engineer types to an injection."""

from __future__ import annotations

import pytest

from plant.errors import ConfigurationError
from simulators.control.begin import asked_for, begin
from simulators.control.messages import Inject
from simulators.control.times import world_time
from simulators.world.influence import Injection

NOW = 1_790_000_000_000
EIGHT = 1_763_798_400_000
"""2025-11-22T08:00Z."""


class Stage:
    """Keeps what is injected."""

    def __init__(self) -> None:
        self.now_ms = NOW
        self.played: list[Injection] = []

    def inject(self, injection: Injection) -> None:
        """Keep it."""
        self.played.append(injection)

    def injections(self) -> tuple[Injection, ...]:
        """All of them."""
        return tuple(self.played)


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("now", NOW),
        ("+90s", NOW + 90_000),
        ("+10m", NOW + 600_000),
        ("+1.5h", NOW + 5_400_000),
        ("+1d", NOW + 86_400_000),
        ("2025-11-22T08:00Z", EIGHT),
        ("2025-11-22T11:00+03:00", EIGHT),
    ],
)
def test_times_are_of_the_world(text: str, at_ms: int) -> None:
    """Now, a while after now, or a moment with its zone."""
    assert world_time(text, NOW) == at_ms


@pytest.mark.parametrize("text", ["", "soon", "10m", "+10", "-5m", "2025-11-22T08:00", "2025-13-01T00:00Z"])
def test_what_is_no_time_is_said_with_examples(text: str) -> None:
    """A time without its zone is none either."""
    with pytest.raises(ConfigurationError, match=r"write now, \+90s"):
        world_time(text, NOW)


def test_a_scenario_begins_under_an_id_of_its_own() -> None:
    """Ids count up, so that each can be ended; the answer says the id, the time and what to see."""
    stage = Stage()
    said = [begin(stage, Inject("bearing_wear", "+1h")) for _ in range(2)]
    assert [each.id for each in stage.played] == ["bearing_wear-1", "bearing_wear-2"]
    assert stage.played[0].start_ms == NOW + 3_600_000
    assert said[0].startswith("bearing_wear-1 begins at 2026-09-21 15:13:20 UTC of the world; what to see: Vibration")


def test_what_is_past_begins_now() -> None:
    """A world does not go back."""
    stage = Stage()
    begin(stage, Inject("bearing_wear", "2025-11-22T08:00Z"))
    assert stage.played[0].start_ms == NOW


def test_unit_stands_for_the_first_target() -> None:
    """Nobody must know what a scenario calls it; other targets keep their names, parameters pass on."""
    stage = Stage()
    asked = Inject("bearing_wear", targets={"site": "minsk", "unit": "binder-1/mill"}, parameters={"stretch": 0.5})
    begin(stage, asked)
    assert stage.played[0].targets == {"site": "minsk", "mill": "binder-1/mill"}
    assert stage.played[0].parameters == {"stretch": 0.5}


def test_a_scenario_without_targets_takes_no_unit() -> None:
    """It is said instead of being ignored."""
    with pytest.raises(ConfigurationError, match="aimed at no unit"):
        begin(Stage(), Inject("normal_day", targets={"unit": "binder-1/mill"}))


def test_an_unknown_scenario_is_said() -> None:
    """With those that are close."""
    with pytest.raises(ConfigurationError, match="did you mean 'bearing_wear'"):
        begin(Stage(), Inject("bearing_weer"))


def test_the_command_line_says_scenario_and_time_in_one_word() -> None:
    """``NAME`` is now, ``NAME@TIME`` is then, ``NAME@TIME@UNIT`` is then and there."""
    assert asked_for("comms_loss") == Inject("comms_loss", "now")
    assert asked_for("comms_loss@+2h") == Inject("comms_loss", "+2h")
    assert asked_for("comms_loss@+2h@boards/former") == Inject("comms_loss", "+2h", {"unit": "boards/former"})
    assert asked_for("comms_loss@@boards/former") == Inject("comms_loss", "now", {"unit": "boards/former"})
