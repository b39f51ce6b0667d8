from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import pytest
from starlette.responses import PlainTextResponse

from dashboard.web.hosts import answering_to


def asked(name: str, host: str, names: Sequence[str] = ()) -> int:
    """The status of a request to a server that listens on `host`, by somebody who calls it `name`."""
    app = answering_to(PlainTextResponse("here"), host, names)

    async def ask() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{name}") as client:
            return (await client.get("/")).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize("name", ["localhost:8050", "127.0.0.1:8050", "[::1]:8050", "127.0.0.1"])
def test_loopback_answers_to_its_names(name: str) -> None:
    """Whoever asks on this machine by one of its own names is served, whatever the port."""
    assert asked(name, "127.0.0.1") == 200


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_a_foreign_name_is_refused(name: str) -> None:
    """A name that somebody else points here reads nothing."""
    assert asked(name, "127.0.0.1") == 400


def test_a_proxy_is_answered_by_its_name_alone() -> None:
    """Names that were given count besides those of loopback; then no other does, on any address."""
    assert asked("factory.example", "127.0.0.1", ["factory.example"]) == 200
    assert asked("factory.example", "0.0.0.0", ["factory.example"]) == 200
    assert asked("other.example", "0.0.0.0", ["factory.example"]) == 400


def test_without_names_an_open_address_answers_to_all() -> None:
    """Who listens to the whole network and says no names is reached by any."""
    assert asked("factory.example", "0.0.0.0") == 200
