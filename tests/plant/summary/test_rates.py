from __future__ import annotations

from pathlib import Path

import pytest

from plant.model.load import load, shipped
from plant.summary.rates import Rates, RatesError, load_rates, rates_file


@pytest.mark.parametrize("model", shipped())
def test_shipped_rates_price_every_product(model: str) -> None:
    """So that no stop of a shipped model is without roubles."""
    enterprise, file = load(model), rates_file(model)
    assert file is not None
    rates = load_rates(file, enterprise)
    assert rates.margin_rub.keys() == enterprise.products.keys()
    assert rates.power_rub_per_kwh


def test_a_product_may_have_a_margin_of_its_own(enterprise, tmp_path: Path) -> None:
    """Else that of its unit of measure; a product with neither has none."""
    file = tmp_path / "rates.yaml"
    file.write_text("margin: {m2: 70}\nproduct_margin: {board-9: 62.5, stucco: 650}\n")
    rates = load_rates(file, enterprise)
    assert (rates.margin_rub["board-12"], rates.margin_rub["board-9"], rates.margin_rub["stucco"]) == (70, 62.5, 650)
    assert "plaster-30" not in rates.margin_rub
    assert rates.gas_rub_per_m3 is None


def test_every_mistake_is_named_with_its_line(enterprise, tmp_path: Path) -> None:
    """Unknown products and units of measure, prices below 0, and keys that there are not."""
    file = tmp_path / "rates.yaml"
    file.write_text("gas: 8\nmargin:\n  m4: 70\nproduct_margin:\n  bord-9: 62\npallet:\n  sand: 1\n")
    with pytest.raises(RatesError) as caught:
        load_rates(file, enterprise)
    assert [mistake.line for mistake in caught.value.mistakes] == [3, 5, 7]
    assert "board-9" in str(caught.value)
    file.write_text("gas: -1\npriec: 2\n")
    with pytest.raises(RatesError) as caught:
        load_rates(file, enterprise)
    assert [mistake.line for mistake in caught.value.mistakes] == [1, 2]


def test_models_without_a_file_have_no_rates() -> None:
    """Nothing is invented."""
    assert rates_file("my/plant.yaml") is None


def test_energy_without_its_price_has_no_cost() -> None:
    """Unless none of it was used."""
    rates = Rates(power_rub_per_kwh=5.0)
    assert rates.energy_rub(0.0, 10.0) == 50
    assert rates.energy_rub(1.0, 10.0) is None
