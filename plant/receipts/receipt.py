"""One warehouse receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Receipt:
    """One row of a receipt of finished product.

    Attributes:
        site: Slug of the site.
        product: Slug of the product.
        day: Production day of the site that it is for.
        quantity: Taken in, in `unit`; below 0 for a correction that takes back what was booked.
        unit: Key of the model's measures, that of the product.
        document: Number of the document.
    """

    site: str
    product: str
    day: date
    quantity: float
    unit: str
    document: str
