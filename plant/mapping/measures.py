"""Conversions between units of measure that plants and meters commonly use.

Factors are those of the SI brochure (BIPM, 9th edition, tables 2 to 8); inch, pound-force and US units those of NIST SP
811, appendix B. A unit that is not here needs `scale` and `offset` in the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plant.model.enterprise import Text


@dataclass(frozen=True, slots=True)
class Linear:
    """y = gain * x + shift."""

    gain: float = 1.0
    shift: float = 0.0

    def then(self, other: Linear) -> Linear:
        """First this, then the other."""
        return Linear(other.gain * self.gain, other.gain * self.shift + other.shift)

    def inverse(self) -> Linear:
        """From y back to x."""
        return Linear(1 / self.gain, -self.shift / self.gain)

    def of(self, x: float) -> float:
        """The y of an x."""
        return self.gain * x + self.shift


IDENTITY: Final = Linear()
_DIMENSIONS: Final[Mapping[str, Mapping[str, Linear]]] = {
    "power": {"W": Linear(), "kW": Linear(1e3), "MW": Linear(1e6), "hp": Linear(745.699_872)},
    "apparent power": {"VA": Linear(), "kVA": Linear(1e3), "MVA": Linear(1e6)},
    "reactive power": {"var": Linear(), "kvar": Linear(1e3), "Mvar": Linear(1e6)},
    "energy": {
        "Wh": Linear(3.6e3), "kWh": Linear(3.6e6), "MWh": Linear(3.6e9), "J": Linear(), "kJ": Linear(1e3),
        "MJ": Linear(1e6), "GJ": Linear(1e9), "Gcal": Linear(4.1868e9),
    },
    "voltage": {"mV": Linear(1e-3), "V": Linear(), "kV": Linear(1e3)},
    "current": {"mA": Linear(1e-3), "A": Linear(), "kA": Linear(1e3)},
    "temperature": {"K": Linear(), "degC": Linear(1.0, 273.15), "degF": Linear(5 / 9, 459.67 * 5 / 9)},
    "pressure": {
        "Pa": Linear(), "hPa": Linear(1e2), "mbar": Linear(1e2), "kPa": Linear(1e3), "bar": Linear(1e5),
        "MPa": Linear(1e6), "atm": Linear(101_325.0), "mmHg": Linear(133.322_387), "psi": Linear(6_894.757_293),
    },
    "mass": {"mg": Linear(1e-6), "g": Linear(1e-3), "kg": Linear(), "t": Linear(1e3), "lb": Linear(0.453_592_37)},
    "length": {
        "um": Linear(1e-6), "mm": Linear(1e-3), "cm": Linear(1e-2), "m": Linear(), "km": Linear(1e3),
        "in": Linear(0.0254), "ft": Linear(0.3048),
    },
    "area": {"mm2": Linear(1e-6), "cm2": Linear(1e-4), "m2": Linear()},
    "volume": {"ml": Linear(1e-6), "l": Linear(1e-3), "m3": Linear(), "gal": Linear(3.785_411_784e-3)},
    "time": {"ms": Linear(1e-3), "s": Linear(), "min": Linear(60.0), "h": Linear(3.6e3), "d": Linear(86.4e3)},
    "speed": {"mm/s": Linear(1e-3), "m/s": Linear(), "m/min": Linear(1 / 60), "m/h": Linear(1 / 3.6e3)},
    "mass flow": {"kg/s": Linear(), "kg/min": Linear(1 / 60), "kg/h": Linear(1 / 3.6e3), "t/h": Linear(1 / 3.6)},
    "volume flow": {
        "l/s": Linear(1e-3), "l/min": Linear(1e-3 / 60), "l/h": Linear(1e-3 / 3.6e3), "m3/s": Linear(),
        "m3/min": Linear(1 / 60), "m3/h": Linear(1 / 3.6e3),
    },
    "area rate": {"m2/min": Linear(60.0), "m2/h": Linear()},
    "share": {"1": Linear(), "%": Linear(1e-2), "ppm": Linear(1e-6)},
    "frequency": {"Hz": Linear(), "kHz": Linear(1e3)},
    "rotation": {"rpm": Linear(), "1/s": Linear(60.0)},
    "force": {"N": Linear(), "kN": Linear(1e3)},
    "concentration": {"mg/m3": Linear(1e-6), "g/m3": Linear(1e-3), "mg/l": Linear(1e-3), "g/l": Linear()},
}  # fmt: skip
"""To the base unit of each dimension."""
_SPELLINGS: Final = {
    "°C": "degC", "C": "degC", "℃": "degC", "°F": "degF", "F": "degF", "m³": "m3", "m³/h": "m3/h", "m3/hr": "m3/h",
    "m²": "m2", "m²/h": "m2/h", "µm": "um", "μm": "um", "mm²": "mm2", "cm²": "cm2", "L": "l", "L/min": "l/min",
    "L/s": "l/s", "L/h": "l/h", "lpm": "l/min", "KW": "kW", "kWH": "kWh", "KWh": "kWh", "sec": "s", "hr": "h",
    "VAr": "var", "kVAr": "kvar", "kVAR": "kvar", "VAR": "var", "mg/m³": "mg/m3", "g/m³": "g/m3", "r/min": "rpm",
    "percent": "%",
}  # fmt: skip
"""How else the same units are written."""
_KNOWN: Final = {
    unit: (dimension, linear) for dimension, units in _DIMENSIONS.items() for unit, linear in units.items()
}


def conversion(given: str, wanted: str, measures: Mapping[str, Text]) -> Linear | None:
    """From one unit of measure to another.

    Args:
        given: What the device measures in: a key or a name of the model's measures, or a unit that is known here.
        wanted: Key of the metric's unit in the model's measures.
        measures: The model's units of measure.

    Returns:
        The conversion; None when the two measure different things, or one is not known.
    """
    if _key(given, measures) == wanted:
        return IDENTITY
    source, target = _KNOWN.get(_spelt(given, measures)), _KNOWN.get(_spelt(wanted, measures))
    if source is None or target is None or source[0] != target[0]:
        return None
    return source[1].then(target[1].inverse())


def spelt(name: str) -> str:
    """The usual spelling of a unit: ``°C`` is degC, ``L/min`` is l/min; one that is not known stays as it is."""
    return _SPELLINGS.get(name.strip(), name.strip())


def _key(name: str, measures: Mapping[str, Text]) -> str:
    """Key of the measure that is called so."""
    return next((key for key, text in measures.items() if name in {key, text.ru, text.en}), name)


def _spelt(name: str, measures: Mapping[str, Text]) -> str:
    """The name that `_KNOWN` has for a unit, whatever it is called."""
    key = _key(name, measures)
    names = [name, key, measures[key].en] if key in measures else [name]
    return next((known for each in names if (known := _SPELLINGS.get(each, each)) in _KNOWN), name)
