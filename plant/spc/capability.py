"""Process capability: the width of the specification against that of the process, with how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from plant.errors import ConfigurationError

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Specification:
    """What is allowed, in the metric's unit; one side at least."""

    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if self.lower is None and self.upper is None:
            raise ConfigurationError("a specification needs a lower or an upper limit")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise ConfigurationError(f"the specification {self.lower} to {self.upper} holds nothing; swap its limits")


@dataclass(frozen=True, slots=True)
class Index:
    """A capability index with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Capability:
    """`cp` is None for a one-sided specification; `cpk` says the truth, `cp` what centring would give."""

    cp: Index | None
    cpk: Index


def capability(
    mean: float, sigma: float, count: int, specification: Specification, confidence: float = CONFIDENCE
) -> Capability:
    """Cp and Cpk (ISO 22514-2:2017) of a stable process.

    Args:
        mean: Of the process, in the metric's unit.
        sigma: Its deviation within subgroups (Cp, Cpk) or overall (then they are Pp and Ppk), more than 0.
        count: Values behind `sigma`, 2 at least.
        specification: What is allowed.
        confidence: Of the two-sided intervals.

    Cp = (U - L) / 6 s, interval by chi-squared with count - 1 degrees of freedom. Cpk = min(U - m, m - L) / 3 s,
    interval Cpk (1 -+ z sqrt(1 / (9 n Cpk^2) + 1 / (2 (n - 1)))), of A. F. Bissell, "How Reliable is Your Capability
    Index?", Applied Statistics 39, 1990.

    Raises:
        ConfigurationError: A process that does not vary, or of one value, has no capability.
    """
    if sigma <= 0.0 or count < 2:
        raise ConfigurationError("capability needs two different values at least")
    sides = [
        *([] if specification.upper is None else [specification.upper - mean]),
        *([] if specification.lower is None else [mean - specification.lower]),
    ]
    return Capability(_cp(sigma, count, specification, confidence), _cpk(min(sides) / (3.0 * sigma), count, confidence))


def chi_squared(share: float, freedom: int) -> float:
    """The value below which a share of the chi-squared distribution lies, to about 0.2 % from 10 degrees on.

    E. B. Wilson and M. M. Hilferty, "The Distribution of Chi-Square", PNAS 17, 1931: its cube root is nearly normal.
    """
    part = 2.0 / (9.0 * freedom)
    root = 1.0 - part + NormalDist().inv_cdf(share) * math.sqrt(part)
    return freedom * max(0.0, root) ** 3


def _cp(sigma: float, count: int, specification: Specification, confidence: float) -> Index | None:
    if specification.lower is None or specification.upper is None:
        return None
    value, freedom = (specification.upper - specification.lower) / (6.0 * sigma), count - 1
    tail = (1.0 - confidence) / 2.0
    low, high = (value * math.sqrt(chi_squared(share, freedom) / freedom) for share in (tail, 1.0 - tail))
    return Index(value, low, high)


def _cpk(value: float, count: int, confidence: float) -> Index:
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    half = z * math.sqrt(1.0 / (9.0 * count) + value * value / (2.0 * (count - 1)))
    return Index(value, value - half, value + half)
