from screens import FORMER, KILN, tiny

from dashboard.live.scopes import scopes


def test_a_site_scope_holds_everything_of_its_site() -> None:
    """``site/<slug>`` holds every metric of every unit of that site and nothing of another."""
    found = scopes(tiny())["site/alpha"]
    alpha = tiny().site("alpha")
    assert set(found.metrics) == {"/".join(unit.path) for unit in alpha.units}
    assert found.metrics[KILN] == {metric.key for unit in alpha.units if unit.slug == "kiln" for metric in unit.metrics}


def test_the_group_scope_holds_what_the_overview_needs() -> None:
    """``group`` holds every unit for its state, and rate, power, gas flow and good count of what limits a line."""
    found = scopes(tiny())["group"]
    assert set(found.metrics) == {"/".join(unit.path) for unit in tiny().units}
    assert found.metrics[KILN] == {"rate", "power", "gas_flow", "good_total"}
    assert found.metrics[FORMER] == {"speed", "power", "good_total"}


def test_there_is_one_scope_for_each_site() -> None:
    """Nothing else may be asked for."""
    assert set(scopes(tiny())) == {"group", "site/alpha", "site/beta"}
