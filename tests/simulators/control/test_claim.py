"""Two processes and one name."""

from __future__ import annotations

from simulators.control.claim import SILENCE_MS, NameClaim
from simulators.control.messages import Status


def status(instance: str, *, online: bool = True) -> Status:
    """A status of an instance."""
    return Status("simulators", instance, online, 0)


def claimed(instance: str, at_ms: int = 0) -> NameClaim:
    """A claim that holds the name."""
    claim = NameClaim(instance)
    claim.listen(at_ms - SILENCE_MS)
    assert claim.tick(at_ms)
    return claim


def test_a_silent_name_is_taken_after_listening() -> None:
    """Nobody speaks before having listened for two statuses."""
    claim = NameClaim("b")
    assert not claim.tick(0)
    claim.listen(100)
    assert not claim.tick(100 + SILENCE_MS - 1)
    assert claim.tick(100 + SILENCE_MS)


def test_who_comes_later_waits_until_the_name_is_free() -> None:
    """As long as another is heard the name is not taken; silence frees it."""
    claim = NameClaim("b")
    claim.listen(0)
    for at in range(0, 10_000, 1_000):
        claim.hear(status("z"), at, retained=False)
        assert not claim.tick(at)
    assert claim.rival == "z"
    assert claim.tick(9_000 + SILENCE_MS)
    assert claim.rival is None


def test_what_the_broker_kept_and_our_own_words_prove_no_rival() -> None:
    """A retained status may be of a dead process, and everyone hears himself."""
    claim = NameClaim("b")
    claim.listen(0)
    claim.hear(status("z"), SILENCE_MS - 1, retained=True)
    claim.hear(status("b"), SILENCE_MS - 1, retained=False)
    assert claim.tick(SILENCE_MS)


def test_of_two_that_began_together_one_gives_way() -> None:
    """Both hold the name and hear each other: the same one of them stays on both sides."""
    first, second = claimed("a"), claimed("b")
    first.hear(status("b"), 500, retained=False)
    second.hear(status("a"), 500, retained=False)
    assert first.tick(1_000)
    assert not second.tick(1_000)


def test_a_goodbye_frees_the_name_for_who_waits() -> None:
    """After the rival's last status nobody is named as a rival any more."""
    claim = NameClaim("b")
    claim.listen(0)
    claim.hear(status("z"), 1_000, retained=False)
    claim.hear(status("z", online=False), 2_000, retained=False)
    assert claim.rival is None
    assert claim.tick(1_000 + SILENCE_MS)


def test_a_new_connection_listens_again() -> None:
    """Somebody may have taken the name while we were away."""
    claim = claimed("b")
    claim.listen(10_000)
    assert not claim.tick(10_001)
