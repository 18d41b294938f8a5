"""The smallest counterexample, worked: the fewest units and the simplest integers at which the code is wrong.

In exact fractions where the function keeps them (relu and identity, squared error); else in floats.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from symderive import reference_exact
from symderive.errors import SymderiveError
from symderive.systems import mlp
from symderive.verification.backward import Key
from symderive.verification.calling import CallError, raw
from symderive.verification.diagnosis import Candidate, Sight, diagnose
from symderive.verification.layout import Layout
from symderive.verification.measured import Found, close, floor_of
from symderive.verification.network import IDENTITY, SOFTMAX, Array, Network, network_of
from symderive.verification.oracles import reference_network
from symderive.verification.quantities import Case, Quantities, quantities
from symderive.verification.reading import Returned, UnreadableError, read

MOST_CALLS = 40
SEEDS = 2
WRONG = 1e-6  # relative; what is less is not worth an example
KINKED = ("relu", "leaky_relu")
OF_SEVERAL = frozenset({"other_network", "clipped", "not_finite"})  # which no single example can show again


@dataclass(frozen=True)
class Example:
    """A case in small integers, the entry that is wrong there, what the code gives, and what is right."""

    q: Quantities
    key: Key
    index: tuple[int, ...]
    found: Any
    right: Any
    exact: bool
    layout: Layout
    gradients: Found

    def lines(self) -> tuple[str, ...]:
        """The example as a reader can follow it: the numbers, forward, backward, the entry."""
        return tuple(_worked(self))


@dataclass(frozen=True)
class Asked:
    """A function, how it is called, and what its cost adds up."""

    fn: Callable[..., Any]
    layout: Layout
    reduction: str
    decay: float
    faults: frozenset[str] = frozenset()  # what was diagnosed, if anything was


def smallest(asked: Asked, q: Quantities) -> Example | None:
    """The smallest example found at which the function is wrong; None where none was."""
    for network in _networks(q, asked.reduction):
        for samples in (1,) if asked.layout.single else (1, 2, 3):
            found = _at(asked, network, _ones(network, samples))
            if found is not None and _of_these(asked, found, q):
                return _in_fractions(asked, found) or found
            for seed in range(SEEDS):
                found = _at(asked, network, _integers(network, samples, seed))
                if found is not None and _of_these(asked, found, q):
                    return _shrunk(asked, found)
    return None


def _of_these(asked: Asked, found: Example, q: Quantities) -> bool:
    """False where the code, at other widths than those it is for, is seen to do something else wrong."""
    if not asked.faults - OF_SEVERAL or found.q.network is q.network:
        return True
    there = diagnose([Candidate([Sight(found.q, found.gradients)], WRONG)])
    return there is None or bool(asked.faults & set(there[1].faults))


def _networks(q: Quantities, reduction: str) -> Iterator[Network]:
    """The same network with fewer units, the smallest first; then as it is."""
    net = q.network
    known = reference_network(net, q, reduction)
    if known is not None and all(isinstance(f, str) or f.at_zero in (None, 0) for f in net.activations):
        cost = "cross_entropy" if net.names[-1] == SOFTMAX else str(known.cost)
        least = 2 if net.one_hot else 1
        if cost == "squared_error" and abs(known.factor * net.widths[-1] - 1) < 1e-12:
            least = net.widths[-1]  # the factor may stand for 1/n_L
        depth = net.depth
        for widths in (
            (*(1,) * depth, least),
            (*(2,) * depth, least if net.widths[-1] == 1 else max(least, 2)),
            (*(1 + m % 3 for m in range(depth)), least),
        ):
            yield _of_widths(widths, net.names, cost, str(known.factor))
    yield net


@lru_cache(maxsize=64)
def _of_widths(widths: tuple[int, ...], names: tuple[str, ...], cost: str, factor: str) -> Network:
    given: dict[str, Any] = {"factor": Fraction(factor)} if cost == "squared_error" else {}
    hidden = list(names[:-1]) or IDENTITY
    if len(names) == 1:
        return network_of(mlp(widths=list(widths), activation=IDENTITY, output=names[0], cost=cost, **given))
    return network_of(mlp(widths=list(widths), activation=[*hidden, names[-1]], cost=cost, **given))


def _ones(network: Network, samples: int) -> Case:
    """The simplest numbers: weights 1, biases and targets 0, inputs 1, 2, .. by sample."""
    n = network.widths
    y = np.zeros((samples, n[-1]))
    if network.one_hot:
        y[:, 0] = 1.0
    x = np.repeat(np.arange(1.0, samples + 1)[:, None], n[0], axis=1)
    return Case(tuple(np.ones((b, a)) for a, b in itertools.pairwise(n)), tuple(map(np.zeros, n[1:])), x, y)


def _integers(network: Network, samples: int, seed: int) -> Case:
    rng = np.random.default_rng([seed, samples, 7])
    n = network.widths

    def draw(*shape: int) -> Array:
        return np.asarray(rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], size=shape))

    W = tuple(draw(b, a) for a, b in itertools.pairwise(n))
    y = draw(samples, n[-1])
    if network.one_hot:
        y = np.eye(n[-1])[rng.integers(0, n[-1], size=samples)]
    elif network.classes:
        y = (y > 0).astype(float)
    return Case(W, tuple(draw(m) for m in n[1:]), draw(samples, n[0]), y)


def _at(asked: Asked, network: Network, case: Case) -> Example | None:
    """The example that this case is; None where the code is right there, or gives nothing."""
    try:
        q = quantities(network, case, asked.reduction, asked.decay)
        if any(np.any(q.z[l] == 0) for l, f in enumerate(network.names, 1) if f in KINKED):
            return None
        returned = read(raw(asked.fn, asked.layout.arguments(case)), asked.layout, network.widths)
    except (CallError, UnreadableError, SymderiveError):
        return None
    wrong = _wrong(returned, q)
    if wrong is None:
        return None
    key, index, found, right = wrong
    gradients = {(kind, l): v for kind, l, v in returned.each()}
    return Example(q, key, index, found, right, False, asked.layout, gradients)


def _wrong(returned: Returned, q: Quantities) -> tuple[Key, tuple[int, ...], Any, Any] | None:
    """The last layer's first entry that is wrong; None where a shape is, which shows by itself."""
    found = {(kind, l): v for kind, l, v in returned.each()}
    truth = q.by_key
    if any(v is None or v.shape != truth[k].shape or not np.all(np.isfinite(v)) for k, v in found.items()):
        return None
    floor = max(floor_of(found), floor_of(truth))
    for l in range(q.depth, 0, -1):
        for kind in "Wb":
            v, right = found[kind, l], truth[kind, l]
            if v is not None and not close(v, right, WRONG, floor):
                at = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(v - right))), v.shape))
                return (kind, l), at, v[at], right[at]
    return None


def _shrunk(asked: Asked, example: Example) -> Example:
    """Each number set to 0, else to 1, where the code stays wrong; then asked for in fractions."""
    calls = 0
    for name in ("biases", "weights", "x", "y"):
        if name == "y" and example.q.network.classes:
            continue
        arrays = getattr(example.q.case, name)
        for part, at in _places(arrays):
            for value in (0.0, 1.0):
                own = getattr(example.q.case, name)
                own = own[part] if isinstance(own, tuple) else own
                if own[at] in (0.0, value) or calls >= MOST_CALLS:
                    continue
                calls += 1
                changed = own.copy()
                changed[at] = value
                tried = _at(asked, example.q.network, _with(example.q.case, name, part, changed))
                if tried is not None and np.any(tried.q.case.x):
                    example = tried
    return _in_fractions(asked, example) or example


def _places(arrays: Any) -> Iterator[tuple[int, tuple[int, ...]]]:
    for part, array in enumerate(arrays if isinstance(arrays, tuple) else (arrays,)):
        for at in np.ndindex(array.shape):
            yield part, at


def _with(case: Case, name: str, part: int, array: Array) -> Case:
    if name in ("x", "y"):
        return replace(case, x=array) if name == "x" else replace(case, y=array)
    old = list(getattr(case, name))
    old[part] = array
    return replace(case, weights=tuple(old)) if name == "weights" else replace(case, biases=tuple(old))


def _in_fractions(asked: Asked, example: Example) -> Example | None:
    """The same example with the function's own fractions beside exact slopes of the forward pass."""
    q, net = example.q, example.q.network
    if not set(net.names) <= {"relu", IDENTITY} or net.classes or asked.decay:
        return None
    known = reference_network(net, q, asked.reduction)
    if known is None:
        return None

    def exact(a: Array) -> Array:
        return np.array([Fraction(int(v)) for v in a.ravel()], dtype=object).reshape(a.shape)

    c = q.case
    case = Case(tuple(map(exact, c.weights)), tuple(map(exact, c.biases)), exact(c.x), exact(c.y))
    try:
        ref = reference_exact.Network(net.widths, list(net.names), Fraction(known.factor), asked.reduction)
        theta = reference_exact.Parameters.of(
            [w.tolist() for w in case.weights], [b.tolist() for b in case.biases]
        )
        truth = reference_exact.gradient_truth(ref, theta, case.x.tolist(), case.y.tolist())
        returned = read(raw(asked.fn, asked.layout.arguments(case)), asked.layout, net.widths, exact=True)
    except SymderiveError:
        return None
    kind, l = example.key
    v = (returned.weights if kind == "W" else returned.biases)[l - 1]
    right = np.array((truth.weights if kind == "W" else truth.biases)[l - 1], dtype=object)
    if v is None or v.dtype != object or v.shape != right.shape or v[example.index] == right[example.index]:
        return None
    return replace(example, found=v[example.index], right=right[example.index], exact=True)


# ------------------------------------------------------------------------------------------- in words


def _worked(e: Example) -> Iterator[str]:
    q, case, layout = e.q, e.q.case, e.layout
    how = "in exact fractions" if e.exact else "in floats"
    yield f"widths {'-'.join(map(str, q.network.widths))}, {how}, arrays as your code takes them:"
    parameters = [
        f"{name}{l} = {_listed(v)}"
        for l, (w, b) in enumerate(zip(case.weights, case.biases, strict=True), 1)
        for name, v in (("W", layout.weight(w)), ("b", layout.bias(b)))
    ]
    *_, x, y = layout.arguments(case)
    yield f"  {', '.join([*parameters, f'x = {_listed(x)}', f'y = {_listed(y)}'])}"
    layers = range(1, q.depth + 1)

    def turned(v: Array) -> Any:
        return v[0] if layout.single else v.T if layout.columns else v

    yield "  forward: " + ", ".join(
        f"z{l} = {_listed(turned(q.z[l]))}, a{l} = {_listed(turned(q.a[l]))}" for l in layers
    )
    yield "  backward: " + ", ".join(f"delta{l} = {_listed(turned(q.delta[l]))}" for l in reversed(layers))
    yield f"  {_sum(e)}; yours is {_number(e.found)}"


def _sum(e: Example) -> str:
    """The wrong entry as the sum that it is: over the samples, the mean, the regularisation."""
    q, (kind, l) = e.q, e.key
    j = e.index[0]
    deltas = q.delta[l][:, j]
    shown = e.index
    if kind == "W":
        shown = e.index[::-1] if e.layout.in_by_out else e.index
        inputs = q.a[l - 1][:, e.index[1]]
        terms = [f"{_factor(d)} * {_factor(a)}" for d, a in zip(deltas, inputs, strict=True)]
    else:
        terms = [_number(d) for d in deltas]
    total = " + ".join(terms)
    if q.scale != 1 and q.case.samples > 1:
        total = f"({total}) / {q.case.samples}"
    if q.decay and kind == "W":
        total += f" + {q.decay:g} * {_factor(q.case.weights[l - 1][e.index])}"
    name = f"d{kind}{l}[{', '.join(map(str, shown))}]"
    return f"{name} = {total} = {_number(e.right)}" if total != _number(e.right) else f"{name} = {total}"


def _factor(v: Any) -> str:
    text = _number(v)
    return f"({text})" if text.startswith("-") else text


def _number(v: Any) -> str:
    """A number as a small fraction where it is one, else with six digits.

    >>> _number(0.5), _number(-3.0), _number(0.7615941559557649)
    ('1/2', '-3', '0.761594')
    """
    if isinstance(v, Fraction | int):
        return str(v)
    value = float(v)
    near = Fraction(value).limit_denominator(60)
    return str(near) if abs(float(near) - value) <= 1e-12 * max(1.0, abs(value)) else f"{value:.6g}"


def _listed(v: Any) -> str:
    a = np.asarray(v)
    return _number(a.item()) if a.ndim == 0 else f"[{', '.join(_listed(u) for u in a)}]"
