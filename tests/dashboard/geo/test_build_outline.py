"""Making the outline of the land from its source."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.geo.build_outline import area, rings, simplified


def test_rings_are_put_together_from_shared_chains() -> None:
    """Two chains of steps, the second one run backwards, make a square of two degrees."""
    topology = {
        "transform": {"scale": [0.5, 0.5], "translate": [10.0, 50.0]},
        "arcs": [[[0, 0], [4, 0], [0, 4]], [[0, 0], [0, 4], [4, 0]]],
        "objects": {"land": {"geometries": [{"type": "Polygon", "arcs": [[0, -2]]}]}},
    }
    (ring,) = rings(topology)
    assert ring.tolist() == [[10, 50], [12, 50], [12, 52], [10, 52], [10, 50]]
    assert area(ring) == pytest.approx(4.0)


def test_points_that_no_eye_would_miss_go() -> None:
    """What lies within the tolerance of its neighbours' line goes, a cape stays; ends stay always."""
    line = np.array([[0.0, 0.0], [1.0, 0.01], [2.0, 0.0], [3.0, 1.0], [4.0, 0.0]])
    assert simplified(line, 0.03).tolist() == [[0, 0], [2, 0], [3, 1], [4, 0]]
    closed = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    assert len(simplified(closed, 0.03)) == 4
