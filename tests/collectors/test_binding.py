"""What a birth means in the model."""

from __future__ import annotations

import pytest
from collecting import birth_rows, tiny

from collectors.binding import IGNORED, REFUSALS, Binder
from collectors.reasons import Reason
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.samples import BirthRow
from plant.sparkplug.topic import Source

KILN = Source("alpha", "kiln-1", "kiln")


@pytest.fixture
def binder():
    """For the first site of two."""
    enterprise, tags = tiny()
    return Binder(enterprise, tags, ["alpha"])


def refused(binding) -> set[Reason]:
    """Reasons in a binding's tags."""
    return {REFUSALS[code] for code in binding.tags if code in REFUSALS}


def test_each_number_is_bound_to_its_tag_and_each_text_to_its_metric(binder):
    """Names of a complete birth are looked up once and nothing is doubted."""
    enterprise, tags = tiny()
    unit = next(enterprise.units)
    binding = binder.bind(KILN, birth_rows(unit))
    assert binding.unit == unit
    assert binding.doubts == ()
    for row, index in zip(birth_rows(unit), binding.tags, strict=True):
        if row.datatype == DataType.STRING:
            assert index == IGNORED
        else:
            assert tags[index].path == f"alpha/shop/kiln-1/kiln/{row.name}"
    assert [text.metric.key for text in binding.texts.values()] == ["reason"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (Source("beta", "plant", "former"), Reason.UNKNOWN_NODE),
        (Source("alpha", "plant", "former"), Reason.UNKNOWN_NODE),
        (Source("alpha", "kiln-1", "mixer"), Reason.UNKNOWN_DEVICE),
        (Source("alpha", "board-1", "kiln"), Reason.UNKNOWN_DEVICE),
    ],
)
def test_strangers_are_refused_with_the_reason(binder, source, reason):
    """Neither another collector's site nor an unknown gateway or device reaches a tag."""
    binding = binder.bind(source, [BirthRow("power", 1, DataType.DOUBLE)])
    assert refused(binding) == {reason}
    assert [doubt.reason for doubt in binding.doubts] == [reason]


def test_an_edge_nodes_own_metrics_are_ignored_in_silence(binder):
    """Versions and diagnostics of a gateway are legal and no part of the model."""
    binding = binder.bind(Source("alpha", "kiln-1"), [BirthRow("Node Info/Version", 1, DataType.STRING)])
    assert (binding.tags, binding.doubts) == ([IGNORED], ())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (BirthRow("colour", 1, DataType.DOUBLE), Reason.UNKNOWN_METRIC),
        (BirthRow("power", 1, DataType.STRING), Reason.WRONG_TYPE),
        (BirthRow("power", 1, DataType.BYTES), Reason.WRONG_TYPE),
        (BirthRow("power", 1, 99), Reason.WRONG_TYPE),
        (BirthRow("reason", 1, DataType.INT32), Reason.WRONG_TYPE),
        (BirthRow("reason", 1, DataType.BYTES), Reason.WRONG_TYPE),
    ],
)
def test_one_wrong_metric_does_not_cost_the_others(binder, row, reason):
    """An unknown name or a text for a number is refused alone, and named."""
    binding = binder.bind(KILN, [BirthRow("rate", 2, DataType.FLOAT), row])
    assert binding.tags[0] >= 0
    assert refused(binding) == {reason}
    assert row.name in binding.doubts[0].text


def test_any_number_serves_for_a_number(binder):
    """Gateways choose their own widths: an integer or a boolean is a number too."""
    rows = [BirthRow("power", 1, DataType.UINT16), BirthRow("rate", 2, DataType.BOOLEAN)]
    assert binder.bind(KILN, rows).doubts == ()


def test_a_thousand_unknown_metrics_are_one_entry(binder):
    """A hostile birth fills neither log nor quarantine."""
    rows = [BirthRow(f"m{n}", n, DataType.DOUBLE) for n in range(1_000)]
    (doubt,) = binder.bind(KILN, rows).doubts
    assert doubt.count == 1_000
    assert "and 995 more" in doubt.text


@pytest.mark.parametrize(
    ("named", "doubts"), [("kW", 0), ("кВт", 0), ("", 0), ("MW", 1)], ids=["key", "name", "none", "another"]
)
def test_another_unit_of_measure_is_noted_and_the_value_taken(binder, named, doubts):
    """`engUnit` may be the model's key or name; another one is a doubt, not a refusal."""
    binding = binder.bind(KILN, [BirthRow("power", 1, DataType.DOUBLE, named)])
    assert binding.tags[0] >= 0
    assert [doubt.reason for doubt in binding.doubts] == [Reason.UNIT_MISMATCH] * doubts
