"""Layers of written specs, general first, special last: a later layer changes only the keys that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from plant.model.mistakes import Location
from plant.model.schema import UnitSpec, UnitTypeSpec, Written

S = TypeVar("S", bound=Written)


@dataclass(frozen=True, slots=True)
class Layer(Generic[S]):
    """One written spec and where it stands."""

    location: Location
    spec: S

    def gives(self, key: str) -> bool:
        """Whether the key is written here and not left empty."""
        return key in self.spec.model_fields_set and getattr(self.spec, key) is not None


@dataclass(frozen=True, slots=True)
class Layered(Generic[S]):
    """A spec made of one or more layers.

    Attributes:
        layers: General first; of the same or of a derived class.
        spec: All layers as one: for each key the last one that gives it.
    """

    layers: tuple[Layer[S], ...]
    spec: S

    @classmethod
    def of(cls, *layers: Layer[S]) -> Layered[S]:
        """The layers, put over each other; mappings (rows, units, parameters) are replaced, not joined."""
        last = layers[-1]
        inherited = {
            key: getattr(layer.spec, key)
            for layer in layers[:-1]
            for key in layer.spec.model_fields_set
            if layer.gives(key) and not last.gives(key)
        }
        return cls(layers, last.spec.model_copy(update=inherited) if inherited else last.spec)

    def over(self, layer: Layer[S]) -> Layered[S]:
        """The same with one more, more special, layer."""
        return Layered.of(*self.layers, layer)

    @property
    def location(self) -> Location:
        """Where the most special layer stands."""
        return self.layers[-1].location

    def where(self, *keys: str) -> Location:
        """Where the last given of these keys stands; the place of the spec itself if none is given."""
        for key in keys:
            for layer in reversed(self.layers):
                if layer.gives(key):
                    return (*layer.location, key)
        return self.location


def joined_parameters(*specs: UnitTypeSpec | UnitSpec) -> dict[str, float | str]:
    """The `simulation` parameters of all specs; a later one wins parameter by parameter."""
    return {key: value for spec in specs for key, value in spec.simulation.items()}
