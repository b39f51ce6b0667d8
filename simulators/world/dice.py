"""Randomness that belongs to a site: what other sites run beside it does not change what it draws."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulators.world.inertia import Floats, Ints

NORMALS = 6
"""Standard normal draws that each unit gets in a step."""
UNIFORMS = 6
"""Uniform draws on [0, 1) that each unit gets in a step."""


@dataclass(frozen=True, slots=True)
class Draws:
    """The random numbers of one step.

    Attributes:
        normal: Standard normal, shape (NORMALS, units).
        uniform: On [0, 1), shape (UNIFORMS, units).
        site_normal: Standard normal, shape (2, sites).
        signal_normal: Standard normal, shape (generic signals,).
        tag_normal: Standard normal, shape (tags,).
    """

    normal: Floats
    uniform: Floats
    site_normal: Floats
    signal_normal: Floats
    tag_normal: Floats


class Dice:
    """One PCG64 generator per site, seeded from the world's seed and the site's slug.

    Args:
        sites: Slugs.
        seed: Of the world.
        units: For each site the rows of its units, in an order that depends on the site alone.
        signals: For each site the rows of its generic signals, likewise.
        tags: For each site the rows of its tags, likewise.
    """

    def __init__(
        self, sites: Sequence[str], seed: int, units: Sequence[Ints], signals: Sequence[Ints], tags: Sequence[Ints]
    ) -> None:
        self._sites = tuple(sites)
        seeds = [np.random.SeedSequence([seed, zlib.crc32(site.encode())]) for site in sites]
        self._generators = [np.random.Generator(np.random.PCG64(each)) for each in seeds]
        self._units = tuple(units)
        self._signals = tuple(signals)
        self._tags = tuple(tags)
        self._unit_count = sum(len(rows) for rows in units)

    def draw(self) -> Draws:
        """Fresh numbers for one step."""
        normal = np.empty((NORMALS, self._unit_count))
        uniform = np.empty((UNIFORMS, self._unit_count))
        site_normal = np.empty((2, len(self._generators)))
        signal_normal = np.empty(sum(len(rows) for rows in self._signals))
        tag_normal = np.empty(sum(len(rows) for rows in self._tags))
        for site, generator in enumerate(self._generators):
            units, signals, tags = self._units[site], self._signals[site], self._tags[site]
            normal[:, units] = generator.standard_normal((NORMALS, len(units)))
            uniform[:, units] = generator.random((UNIFORMS, len(units)))
            site_normal[:, site] = generator.standard_normal(2)
            signal_normal[signals] = generator.standard_normal(len(signals))
            tag_normal[tags] = generator.standard_normal(len(tags))
        return Draws(normal, uniform, site_normal, signal_normal, tag_normal)

    def tag_uniform(self) -> Floats:
        """Draws on [0, 1), shape (tags,)."""
        uniform = np.empty(sum(len(rows) for rows in self._tags))
        for tags, generator in zip(self._tags, self._generators, strict=True):
            uniform[tags] = generator.random(len(tags))
        return uniform

    def snapshot(self) -> dict[str, Mapping[str, Any]]:
        """States of the generators by site, fit for JSON."""
        return {
            site: generator.bit_generator.state for site, generator in zip(self._sites, self._generators, strict=True)
        }

    def restore(self, snapshot: Mapping[str, Mapping[str, Any]]) -> None:
        """Go on from a `snapshot` of the same sites."""
        for site, generator in zip(self._sites, self._generators, strict=True):
            generator.bit_generator.state = snapshot[site]
