"""Sparkplug primary hosts: whose STATE the edge nodes of a site wait for."""

from __future__ import annotations

import re
from typing import Final

from plant.model.mistakes import Location, Mistakes
from plant.model.schema import EnterpriseSpec

_HOST: Final = re.compile(r"[A-Za-z0-9_-]+")
"""What `plant.settings` takes as a host id."""


def primary_host(spec: EnterpriseSpec, site: str) -> str:
    """The site's own primary host, or the enterprise's; empty if neither is given."""
    own = spec.sites[site].primary_host
    return spec.primary_host if own is None else own


def check(spec: EnterpriseSpec, mistakes: Mistakes) -> None:
    """Each site has a host; ids are well formed and differ by more than case (case-sensitivity-sparkplug-ids)."""
    spellings = {spec.primary_host.lower(): spec.primary_host}
    for site in spec.sites:
        host, where = primary_host(spec, site), _where(spec, site)
        if not host:
            mend = "write 'primary_host: collector-1' at the beginning of the file"
            mistakes.add(where, f"site '{site}' has no primary host", mend)
        elif not _HOST.fullmatch(host):
            mistakes.add(
                where, f"'{host}' is no Sparkplug host id", "use letters, digits, - and _, such as 'collector-1'"
            )
        elif (other := spellings.setdefault(host.lower(), host)) != host:
            problem = f"primary hosts '{other}' and '{host}' differ only by case"
            mistakes.add(where, problem, "write both the same way")


def _where(spec: EnterpriseSpec, site: str) -> Location:
    if spec.sites[site].primary_host is not None:
        return ("sites", site, "primary_host")
    return ("primary_host",) if "primary_host" in spec.model_fields_set else ("sites", site)
