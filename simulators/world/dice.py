"""Randomness that belongs to a site: what other sites run beside it does not change what it draws."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from simulators.world.inertia import Floats, Ints

NORMALS = 6
"""Standard normal draws that each unit gets in a step."""
UNIFORMS = 6
"""Uniform draws on [0, 1) that each unit gets in a step."""
SITE_NORMALS = 2
"""Standard normal draws that each site gets in a step, for its weather."""


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


class _Blocks:
    """One vector with a block per site, so that each generator fills its own block at once."""

    def __init__(self, sizes: Sequence[int]) -> None:
        ends = np.cumsum([0, *sizes])
        self.begins = [int(end) for end in ends[:-1]]
        self.size = int(ends[-1])
        self._slices = [slice(int(a), int(b)) for a, b in pairwise(ends)]

    def of(self, vector: Floats, site: int) -> Floats:
        """The block of a site, a view."""
        return vector[self._slices[site]]


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
        self._tags = tuple(tags)
        parts = [
            (NORMALS * len(unit), SITE_NORMALS, len(signal), len(tag))
            for unit, signal, tag in zip(units, signals, tags, strict=True)
        ]
        self._normals = _Blocks([sum(part) for part in parts])
        self._uniforms = _Blocks([UNIFORMS * len(unit) for unit in units])
        begins = [np.cumsum([at, *part]) for part, at in zip(parts, self._normals.begins, strict=True)]
        self._unit_normal = _by_unit(units, [begin[0] for begin in begins], NORMALS)
        self._unit_uniform = _by_unit(units, self._uniforms.begins, UNIFORMS)
        self._site_normal = np.array([begin[1] + np.arange(SITE_NORMALS) for begin in begins], np.int64).T
        self._signal_normal = _by_row(signals, [begin[2] for begin in begins])
        self._tag_normal = _by_row(tags, [begin[3] for begin in begins])

    def draw(self) -> Draws:
        """Fresh numbers for one step."""
        normals, uniforms = np.empty(self._normals.size), np.empty(self._uniforms.size)
        for site, generator in enumerate(self._generators):
            generator.standard_normal(out=self._normals.of(normals, site))
            generator.random(out=self._uniforms.of(uniforms, site))
        return Draws(
            normal=normals[self._unit_normal],
            uniform=uniforms[self._unit_uniform],
            site_normal=normals[self._site_normal],
            signal_normal=normals[self._signal_normal],
            tag_normal=normals[self._tag_normal],
        )

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


def _by_unit(units: Sequence[Ints], begins: Sequence[int], draws: int) -> Ints:
    """Where in the vector each draw of each unit is, shape (draws, units)."""
    place = np.empty((draws, sum(len(rows) for rows in units)), np.int64)
    for rows, begin in zip(units, begins, strict=True):
        place[:, rows] = begin + np.arange(draws * len(rows)).reshape(draws, len(rows))
    return place


def _by_row(rows_of_sites: Sequence[Ints], begins: Sequence[int]) -> Ints:
    """Where in the vector the draw of each row is, shape (rows,)."""
    place = np.empty(sum(len(rows) for rows in rows_of_sites), np.int64)
    for rows, begin in zip(rows_of_sites, begins, strict=True):
        place[rows] = begin + np.arange(len(rows))
    return place
