"""Names that are put together from parts."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from plant.mapping.templates import Template

TABLES = {"meters": {"SN-1": "kiln-1/kiln", "SN-2": "board-1/former"}}


def test_a_template_takes_parts_as_they_are_or_from_a_table():
    """What a table does not have leads nowhere."""
    template = Template.parse("{site}/shop/{serial|meters}")
    assert template.fill({"site": "alpha", "serial": "SN-2"}, TABLES) == "alpha/shop/board-1/former"
    assert template.fill({"site": "alpha", "serial": "SN-9"}, TABLES) is None


def test_it_knows_all_names_that_it_may_ever_give():
    """A part may be anything but another level; a table gives what stands in it."""
    reach = Template.parse("{site}/shop/{serial|meters}").reach(TABLES)
    assert reach.fullmatch("beta/shop/kiln-1/kiln")
    assert not reach.fullmatch("beta/shop/kiln-2/kiln")
    assert not reach.fullmatch("a/b/shop/kiln-1/kiln")


@pytest.mark.parametrize("text", ["", "  ", "{}", "{a|}", "{A}", "a}b", "{a", "{{a}}"])
def test_what_is_no_template_is_refused(text: str):
    """When the file is read, not when the message comes."""
    with pytest.raises(PydanticCustomError):
        Template.parse(text)
