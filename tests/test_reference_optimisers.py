"""The NumPy optimisers against PyTorch's, and against two steps worked out on paper in fractions."""

from __future__ import annotations

from fractions import Fraction as Q
from typing import Any

import numpy as np
import pytest

from symderive import reference, reference_optimisers
from symderive.errors import SymderiveError
from symderive.reference_optimisers import NAMES, State, clipped, point, start, step

NETWORK = reference.Network((3, 5, 4, 2), "tanh", "squared_error", reduction="mean")
STEPS = 40

# ------------------------------------------------------------------------------------ on paper, exactly

# w = 1, eta = 1/2, mu = 1/2, gradients 1/3 and then -1
PAPER: tuple[tuple[str, dict[str, Any], tuple[Q, Q]], ...] = (
    ("gd", {}, (Q(5, 6), Q(4, 3))),
    ("heavy_ball", {"mu": Q(1, 2)}, (Q(5, 6), Q(5, 4))),
    ("nesterov", {"mu": Q(1, 2)}, (Q(5, 6), Q(5, 4))),
    ("sign_descent", {}, (Q(1, 2), Q(1))),
    ("gd", {"l2": Q(1, 5)}, (Q(11, 15), Q(29, 25))),
    ("gd", {"decay": Q(1, 5)}, (Q(11, 15), Q(29, 25))),
    ("heavy_ball", {"mu": Q(1, 2), "l2": Q(1, 5)}, (Q(11, 15), Q(77, 75))),
    ("heavy_ball", {"mu": Q(1, 2), "decay": Q(1, 5)}, (Q(11, 15), Q(323, 300))),
)


@pytest.mark.parametrize(("name", "numbers", "ends"), PAPER)
def test_two_steps_on_paper(name: str, numbers: dict[str, Any], ends: tuple[Q, Q]) -> None:
    w = [np.array([Q(1)], dtype=object)]
    state = start(name, w)
    for g, end in zip((Q(1, 3), Q(-1)), ends, strict=True):
        w, state = step(name, w, [np.array([g], dtype=object)], state, {"eta": Q(1, 2), **numbers})
        assert w[0][0] == end and type(w[0][0]) is Q
    assert state.count == 2


def test_nesterov_looks_ahead() -> None:
    """After the first step of the table above v = -1/6: the gradient is taken at 5/6 - 1/12."""
    at = point("nesterov", [np.array([Q(5, 6)])], State(1, ((np.array([Q(-1, 6)]),),)), {"mu": Q(1, 2)})
    assert at[0][0] == Q(3, 4)
    assert point("heavy_ball", [np.ones(1)], State(1, ((np.ones(1),),)))[0] == 1


def test_two_steps_with_roots_on_paper() -> None:
    """Gradients 3 and then 4: squares 9 and 25, whose roots are whole."""
    w, g, h = np.array([10.0]), (np.array([3.0]), np.array([4.0])), {"eta": 1.0, "eps": 0.0}
    first, state = step("adagrad", [w], [g[0]], start("adagrad", [w]), h)
    second, _ = step("adagrad", first, [g[1]], state, h)
    assert first[0] == 9.0 and second[0] == pytest.approx(9.0 - 4 / 5, rel=1e-15)
    first, state = step("rmsprop", [w], [g[0]], start("rmsprop", [w]), {**h, "gamma": 0.75})
    second, _ = step("rmsprop", first, [g[1]], state, {**h, "gamma": 0.75})
    assert first[0] == pytest.approx(10 - 3 / 1.5) and second[0] == pytest.approx(8 - 4 / np.sqrt(5.6875))
    # m = 3/2 and 11/4, corrected 3 and 11/3; s = 9/2 and 41/4, corrected 9 and 41/3
    numbers = {**h, "beta": 0.5, "gamma": 0.5}
    first, state = step("adam", [w], [g[0]], start("adam", [w]), numbers)
    second, _ = step("adam", first, [g[1]], state, numbers)
    assert first[0] == pytest.approx(9.0, rel=1e-15)
    assert second[0] == pytest.approx(9 - (11 / 3) / np.sqrt(41 / 3), rel=1e-15)


def test_clipping_is_of_all_arrays_at_once() -> None:
    assert [a.tolist() for a in clipped([np.array([3.0]), np.array([[4.0]])], 10.0)] == [[3.0], [[4.0]]]
    assert [a.tolist() for a in clipped([np.array([3.0]), np.array([[4.0]])], 2.5)] == [[1.5], [[2.0]]]
    assert clipped([np.zeros(2)], 1.0)[0].tolist() == [0, 0]


def test_rates_of_single_entries() -> None:
    """A list gives each parameter its own; an array each of its entries."""
    w = [np.ones(2), np.ones(1)]
    moved, _ = step("gd", w, w, start("gd", w), {"eta": [np.array([0.0, 1.0]), 0.5]})
    assert moved[0].tolist() == [1, 0] and moved[1].tolist() == [0.5]


# -------------------------------------------------------------------------------------- PyTorch as judge

RATES = [0.05 / (1 + t % 3) for t in range(STEPS)]
TORCH: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    # class and arguments there; name and numbers here
    "sgd": ("SGD", {}, "gd", {}),
    "sgd with l2": ("SGD", {"weight_decay": 0.1}, "gd", {"l2": 0.1}),
    "momentum": ("SGD", {"momentum": 0.9}, "heavy_ball", {"mu": 0.9}),
    "momentum with l2": ("SGD", {"momentum": 0.8, "weight_decay": 0.1}, "heavy_ball", {"mu": 0.8, "l2": 0.1}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, "nesterov", {"mu": 0.9}),
    "adagrad": ("Adagrad", {"eps": 1e-7}, "adagrad", {"eps": 1e-7}),
    "rmsprop": ("RMSprop", {"alpha": 0.95, "eps": 1e-7}, "rmsprop", {"gamma": 0.95, "eps": 1e-7}),
    "adam": ("Adam", {}, "adam", {}),
    "adam with l2": (
        "Adam", {"betas": (0.8, 0.95), "weight_decay": 0.1}, "adam", {"beta": 0.8, "gamma": 0.95, "l2": 0.1},
    ),
    "adamw": ("AdamW", {"weight_decay": 0.2}, "adam", {"decay": 0.2}),
}  # fmt: skip


def both(case: tuple[str, dict[str, Any], str, dict[str, Any]], radius: float | None = None) -> float:
    """The largest relative gap between the parameters after 40 mini-batch steps, PyTorch's and these."""
    torch = pytest.importorskip("torch")
    kind, there, name, here = case
    weights, biases = reference.random_parameters(NETWORK, 1)
    w = [*weights, *biases]
    half = len(weights)
    tensors = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in w]
    judge = getattr(torch.optim, kind)(tensors, lr=RATES[0], **there)
    state = start(name, w)
    # with schedules the two forms of nesterov are different methods: there the rate is constant
    rates = [RATES[0]] * STEPS if name == "nesterov" else RATES
    for t, rate in enumerate(rates):
        x, y = reference.random_data(NETWORK, 7, t)
        for group in judge.param_groups:
            group["lr"] = rate
        judge.zero_grad()
        a = torch.tensor(x)
        for W, b in zip(tensors[:half], tensors[half:], strict=True):
            a = torch.tanh(a @ W.T + b)
        (0.5 * ((a - torch.tensor(y)) ** 2).sum(dim=1)).mean().backward()
        numbers = {"eta": rate, **here, **({} if radius is None else {"radius": radius})}
        if radius is not None:
            torch.nn.utils.clip_grad_norm_(tensors, radius)
        judge.step()
        at = point(name, w, state, numbers)
        g = reference.backward(NETWORK, at[:half], at[half:], x, y)
        w, state = step(name, w, [*g.weights, *g.biases], state, numbers)
    # PyTorch's nesterov keeps the point where the gradient is taken
    mine = point(name, w, state, {"eta": rate, **here})
    theirs = [p.detach().numpy() for p in tensors]
    return max(float(np.max(np.abs(a - b)) / np.max(np.abs(b))) for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize("case", TORCH)
def test_pytorch_takes_the_same_steps(case: str) -> None:
    assert both(TORCH[case]) < 1e-11


def test_pytorch_clips_alike() -> None:
    """It divides by |g| + 1e-6, which is not in force here to more than that."""
    assert 1e-12 < both(TORCH["momentum"], 0.3) < 1e-4


def test_pytorch_tells_rules_apart() -> None:
    """Refusal: each rule with another's numbers or states leaves PyTorch's path."""
    assert both(("SGD", {"momentum": 0.9}, "heavy_ball", {"mu": 0.899})) > 1e-5
    assert both(("Adam", {"weight_decay": 0.1}, "adam", {"decay": 0.1})) > 1e-3


# ------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: start("newton", []), "optimiser: expected one of gd, heavy_ball, .*, found 'newton'"),
        (
            lambda: step("gd", [np.ones(1)], [np.ones(1)], State(0, ((),)), {"mu": 1}),
            "optimiser gd: expected numbers of eta, radius, l2, decay, found 'mu'",
        ),
        (
            lambda: step("gd", [np.ones(1)], [np.ones(2)], State(0, ((),))),
            "expected a gradient of the shape of each parameter, found another",
        ),
    ],
)
def test_what_does_not_fit_is_refused(made: Any, says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        made()


def test_every_optimiser_makes_a_step() -> None:
    for name in NAMES:
        w = [np.array([[1.0, 2.0]]), np.array([0.5])]
        moved, state = step(name, w, w, start(name, w))
        assert all(np.all(a < b) for a, b in zip(moved, w, strict=True)) and state.count == 1
    assert reference_optimisers.OPTIONS == ("radius", "l2", "decay")
