"""Make `land.json` from Natural Earth's land: run by hand, once per new edition of the source.

    npm pack world-atlas && tar xf world-atlas-*.tgz
    python dashboard/geo/build_outline.py package/land-50m.json dashboard/geo/land.json

The source (Natural Earth, public domain) comes as TopoJSON: chains of quantised, delta-coded points that rings share.
We keep coastlines alone. Political borders are left out on purpose: the map says where the sites are, and a border
says nothing about production but is disputed somewhere, differs from country to country by law and ages.

`land.json` is a list of rings, each ``[lon, lat, dlon, dlat, ...]`` in hundredths of a degree: the first point, then
steps. All the world is in it, because the sites come from the model and may be anywhere.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

TOLERANCE_DEG = 0.03
"""A coastline may move by this much: about 3 km, a pixel of a map of 3 000 km."""
LEAST_AREA_DEG2 = 0.04
"""Smaller islands (about 15 km across) would be specks."""
HUNDREDTHS = 100

Points = NDArray[np.float64]


def rings(topology: dict[str, Any]) -> list[Points]:
    """Every ring of the land, degrees, shape (n, 2), first point repeated at the end (TopoJSON 1.0, clause 2.1)."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + translate for arc in topology["arcs"]]

    def ring(chain: list[int]) -> Points:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in chain]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    found: list[Points] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        found += [ring(chain) for polygon in polygons for chain in polygon]
    return found


def area(ring: Points) -> float:
    """Area that a ring encloses, square degrees (shoelace formula)."""
    x, y = ring[:, 0], ring[:, 1]
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2)


def simplified(line: Points, tolerance: float) -> Points:
    """The line with as few points as keep every point within `tolerance` of it (Douglas and Peucker, 1973)."""
    keep = np.zeros(len(line), np.bool_)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        start, along = line[first], line[last] - line[first]
        inner = line[first + 1 : last] - start
        length = float(np.hypot(*along))
        away = np.abs(along[0] * inner[:, 1] - along[1] * inner[:, 0]) / length if length else np.hypot(*inner.T)
        worst = int(np.argmax(away))
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return line[keep]


def main() -> None:
    """Read the TopoJSON, write the rings."""
    arguments = argparse.ArgumentParser(description="Make land.json from Natural Earth land (TopoJSON).")
    arguments.add_argument("source", type=Path, help="land-50m.json of the npm package world-atlas")
    arguments.add_argument("target", type=Path, help="dashboard/geo/land.json")
    given = arguments.parse_args()
    land = [ring for ring in rings(orjson.loads(given.source.read_bytes())) if area(ring) >= LEAST_AREA_DEG2]
    lines = []
    for ring in land:
        whole = np.rint(simplified(ring, TOLERANCE_DEG) * HUNDREDTHS).astype(int)
        lines.append(orjson.dumps(np.diff(whole, axis=0, prepend=0).ravel().tolist()))
    given.target.write_bytes(b"[\n" + b",\n".join(lines) + b"\n]\n")


if __name__ == "__main__":
    main()
