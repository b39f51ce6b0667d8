"""Which requests are carried out."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from simulators.control import desk as desk_module
from simulators.control.desk import FARTHEST_MS, RequestDesk
from simulators.control.messages import Inject, Recover, Request, Result, Switch, encode

NOW = 1_790_000_000_000
REQUEST = Request("one", NOW + 5_000, Inject("bearing_wear", targets={"site": "alpha"}, parameters={"stretch": 2.0}))


def refused(answer: Request | Result) -> str:
    """The sentence of a refusal."""
    assert isinstance(answer, Result)
    assert not answer.ok
    return answer.text


def test_a_good_request_is_carried_out_once() -> None:
    """The same request a second time is refused, another one is not."""
    desk = RequestDesk()
    assert desk.read(encode(REQUEST), NOW, retained=False) == REQUEST
    assert "already" in refused(desk.read(encode(REQUEST), NOW + 1, retained=False))
    other = replace(REQUEST, id="two", do=Switch("stop", "alpha"))
    assert desk.read(encode(other), NOW + 1, retained=False) == other


def test_a_retained_request_is_refused_however_fresh() -> None:
    """What the broker kept may be years old; nothing is done, and its id stays free."""
    desk = RequestDesk()
    assert "retained" in refused(desk.read(encode(REQUEST), NOW, retained=True))
    assert desk.read(encode(REQUEST), NOW, retained=False) == REQUEST


@pytest.mark.parametrize(("late_ms", "says"), [(5_000, "expired 0.0 s ago"), (7_500, "expired 2.5 s ago")])
def test_an_expired_request_is_refused(late_ms: int, says: str) -> None:
    """From the moment of expiry on it is void, and the answer says by how much."""
    assert says in refused(RequestDesk().read(encode(REQUEST), NOW + late_ms, retained=False))


def test_a_request_cannot_be_valid_for_ever() -> None:
    """Ids are remembered until requests expire, so that time is bounded."""
    long = replace(REQUEST, expires_at=NOW + FARTHEST_MS + 1)
    assert "valid for too long" in refused(RequestDesk().read(encode(long), NOW, retained=False))


def test_ids_are_forgotten_when_their_requests_have_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is bounded in number, and room comes back with time."""
    monkeypatch.setattr(desk_module, "MOST_REMEMBERED", 2)
    desk = RequestDesk()
    for name in ("a", "b"):
        desk.read(encode(replace(REQUEST, id=name)), NOW, retained=False)
    late = replace(REQUEST, id="c", expires_at=NOW + 60_000)
    assert "more than 2 requests" in refused(desk.read(encode(late), NOW, retained=False))
    assert desk.read(encode(late), NOW + 5_000, retained=False) == late


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff\x00", "json"),
        (b"[]", "object"),
        (b"x" * 300_000, "more than"),
        (orjson.dumps({"id": "a"}), "expires_at"),
        (encode(REQUEST).replace(b'"inject"', b'"explode"'), "explode"),
        (encode(REQUEST).replace(b"cmd.v1", b"cmd.v2"), "cmd.v1"),
        (encode(REQUEST).replace(str(NOW + 5_000).encode(), b'"soon"'), "expires_at"),
        (encode(replace(REQUEST, do=Recover())).replace(b"null", b"7"), "injection"),
    ],
)
def test_what_is_no_request_is_answered_with_one_sentence(body: bytes, says: str) -> None:
    """Bad input of any kind is refused in words and never raises."""
    text = refused(RequestDesk().read(body, NOW, retained=False))
    assert says in text.lower()
    assert "\n" not in text
