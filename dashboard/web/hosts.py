"""Which names the dashboard answers to.

A page of another site can let its own name point to 127.0.0.1 and then read what is served there as if it were its own
(DNS rebinding); the request still carries the foreign name in ``Host``, and is refused for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from plant.service import is_loopback

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")


def answering_to(app: ASGIApp, host: str, names: Iterable[str]) -> ASGIApp:
    """The application for those who ask by a name of ours; others get 400.

    Args:
        app: What answers.
        host: Address that it listens on; beyond loopback any name is ours unless `names` says which.
        names: Our names besides those of loopback.
    """
    ours = tuple(names)
    if not ours and not is_loopback(host):
        return app
    return TrustedHostMiddleware(app, allowed_hosts=[*LOOPBACK, *ours], www_redirect=False)
