"""Figures: the numbers come from runs, the files are the same at every time, a wrong rate is visible."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from symderive.errors import SymderiveError
from symderive.training import figures, xor
from symderive.training.nearly_tied import nearly_tied, transverse

FORMS = pytest.mark.parametrize("form", ["svg", "pdf", "png"])


@pytest.fixture(scope="module")
def flow() -> figures.Figure:
    return figures.figure("flow", 1)


@pytest.fixture(scope="module")
def tied() -> object:
    return nearly_tied(20_260)


def test_the_gap_grows_at_the_predicted_rate(tied: object) -> None:
    """Within 1% of the exponent, over seven orders of magnitude; another rate is not within 5%."""
    shown = figures.gap(20_260, run=tied)  # type: ignore[arg-type]
    measured, predicted = shown.panels[0].lines
    inside = measured.y < 1e-2
    steps = int(inside.sum()) - 1
    growth = np.log(measured.y[steps] / measured.y[0])
    assert growth > np.log(1e7)
    assert abs(growth / np.log(predicted.y[steps] / predicted.y[0]) - 1) < 0.01
    other = figures.gap(20_260, rate=1.01, run=tied).panels[0].lines[1]  # type: ignore[arg-type]
    assert abs(growth / np.log(other.y[steps] / other.y[0]) - 1) > 0.05


def test_regressions_meet_and_neurons_do_not() -> None:
    one, many = figures.one_answer(20_260).panels
    ends = [np.array([[line.x[-1], line.y[-1]] for line in panel.lines]) for panel in (one, many)]
    starts = [np.array([[line.x[0], line.y[0]] for line in panel.lines]) for panel in (one, many)]
    assert np.array_equal(*starts)
    spread = [max(float(np.linalg.norm(a - b)) for a in e for b in e) for e in ends]
    assert spread[0] < 1e-3 < 0.5 < spread[1]
    least = min(float(np.linalg.norm(a - b)) for n, a in enumerate(ends[1]) for b in ends[1][:n])
    assert least > 0.1


def test_the_flow_keeps_products(flow: figures.Figure) -> None:
    runs = [line for line in flow.panels[0].lines if line.ends]
    assert len(runs) == 6
    for line in runs:
        product = line.x * line.y
        assert np.allclose(product, product[0], atol=1e-6)
        assert abs((line.x[-1] ** 2 - line.y[-1] ** 2) / 4 - 1) < 1e-2


def test_xor_shows_the_bound() -> None:
    shown = figures.xor_loss(20_260, steps=300, times=1)
    by_name = {line.label: line for line in shown.panels[0].lines}
    assert by_name["tied starts"].y.min() >= xor.BOUND > by_name["random starts"].y.min()
    assert by_name["1/6, the bound for tied neurons"].y.tolist() == [xor.BOUND] * 2


def test_the_same_seed_gives_the_same_numbers(flow: figures.Figure) -> None:
    again, other = figures.figure("flow", 1), figures.figure("flow", 2)
    assert all(np.array_equal(a, again.arrays()[name]) for name, a in flow.arrays().items())
    assert any(not np.array_equal(a, other.arrays()[name]) for name, a in flow.arrays().items())


def test_the_block_is_symmetric_and_repels(tied: object) -> None:
    from symderive import reference

    net = reference.Network((2, 2, 1), ["tanh", "identity"], "squared_error", reduction="mean")
    weights, biases = reference.random_parameters(net, 1)
    x, y = reference.random_data(net, 5, 1)
    B = transverse(net, (weights, biases), x, y)
    assert B.shape == (4, 4) and np.array_equal(B, B.T)
    assert tied.rate > 1.01  # type: ignore[attr-defined]


def test_unknown_names() -> None:
    with pytest.raises(SymderiveError, match="expected a figure of gap, one_answer, flow, xor, found 'x'"):
        figures.figure("x", 1)


# ------------------------------------------------------------------------------------------- drawing


@FORMS
def test_a_figure_is_drawn_to_the_same_bytes(flow: figures.Figure, form: str) -> None:
    from symderive.training.drawing import render

    one, two = render(flow, form), render(flow, form)
    assert one == two
    assert one.startswith({"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[form])


def test_the_picture_has_a_title_and_no_date(flow: figures.Figure) -> None:
    from symderive.training.drawing import render

    text = render(flow, "svg").decode()
    assert f"<dc:title>{flow.title}" in text or flow.title in text
    assert "<dc:date>" not in text
    assert not re.search(r"https?://(?!www\.w3\.org|purl\.org|creativecommons\.org|matplotlib\.org)", text)
    assert b"CreationDate" not in render(flow, "pdf")


def test_other_data_give_another_picture(flow: figures.Figure) -> None:
    from symderive.training.drawing import render

    assert render(flow) != render(figures.figure("flow", 2))


def test_a_form_that_is_none(flow: figures.Figure) -> None:
    from symderive.training.drawing import render

    with pytest.raises(SymderiveError, match="format: expected one of svg, pdf, png, found 'gif'"):
        render(flow, "gif")


def test_without_matplotlib_one_line_says_so(flow: figures.Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    from symderive.training.drawing import render

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SymderiveError, match="found none: pip install matplotlib"):
        render(flow)


def test_drawing_imports_matplotlib_late() -> None:
    """The data of a figure need no matplotlib."""
    import symderive.training.drawing as drawing

    head = Path(drawing.__file__).read_text().split("def render")[0]
    assert "import matplotlib" not in head and "from matplotlib" not in head
