r"""T7 by training: a balanced colouring stays balanced, though the weights differ and keep differing.

The weights between two colours are a constant and a part all of whose rows and columns sum to 0. Gradients
between two colours are equal, so that part does not change, or, with decay, is multiplied by a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from proofs.trained.run import RULES, SAMPLES, STEPS, Array, Parameters, Rule, after, run
from symderive import reference, reference_optimisers
from symderive.claims.colouring import coarsest_balanced_colouring, is_balanced
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.errors import SymderiveError

WIDTHS = (3, 6, 5, 2)
# inputs and outputs have a colour each; in the hidden layers three colours and two
COLOURS = ((0, 1, 2), (0, 0, 1, 1, 1, 2), (0, 0, 1, 1, 1), (0, 1))
DRIFT = 1e-9  # what rounding may add to a gap in 500 steps, relative to the largest number of its kind
APART = 1e-2  # a gap that no rounding explains
LINEAR = tuple(name for name in RULES if name != "adam with l2 decay")


def network() -> reference.Network:
    """Three layers with an activation each."""
    return reference.Network(WIDTHS, ["tanh", "softplus", "identity"], "squared_error", reduction="mean")


def members(m: int) -> list[Array]:
    """The neurons of each colour of layer m."""
    c = np.array(COLOURS[m])
    return [np.flatnonzero(c == k) for k in range(max(COLOURS[m]) + 1)]


def blocks() -> Iterator[tuple[int, Array, Array]]:
    """(l, neurons of one colour of layer l, those of one colour of layer l-1): W^l between two colours."""
    for m in range(1, len(WIDTHS)):
        for rows, columns in product(members(m), members(m - 1)):
            yield m, rows, columns


def centred(a: Array) -> Array:
    """The part of a matrix whose rows and columns sum to 0."""
    return np.asarray(a - a.mean(axis=0) - a.mean(axis=1, keepdims=True) + a.mean())


def balanced(seed: int) -> Parameters:
    """Random parameters for which the colouring is balanced; the weights of a block differ where they can."""
    rng = np.random.default_rng(seed)
    weights, biases = reference.random_parameters(network(), seed)
    for m, rows, columns in blocks():
        block = np.ix_(rows, columns)
        noise = rng.normal(size=(len(rows), len(columns))) / 2
        weights[m - 1][block] = weights[m - 1][block].mean() + centred(noise)
    for m in range(1, len(WIDTHS) - 1):
        for own in members(m):
            biases[m - 1][own] = biases[m - 1][own[0]]
    return Parameters(weights, biases)


def _spread(a: Array, axis: int | None = None) -> float:
    return float(np.max(np.ptp(a, axis=axis)))


def gap(at: Parameters, seed: int) -> float:
    """The largest gap between activations or deltas of a colour, or gradients between two, on fresh samples.

    Each relative to the largest number of its kind in its layer.
    """
    net = network()
    x, y = reference.random_data(net, SAMPLES, seed)
    _, a = reference.forward(net, at.weights, at.biases, x)
    g = reference.backward(net, at.weights, at.biases, x, y)
    found = 0.0
    for m in range(1, len(WIDTHS) - 1):
        for own in members(m):
            for values in (a[m], g.deltas[m - 1]):
                found = max(found, _spread(values[:, own], axis=1) / float(np.max(np.abs(values))))
    for m, rows, columns in blocks():
        d = g.weights[m - 1]
        found = max(found, _spread(d[np.ix_(rows, columns)]) / float(np.max(np.abs(d))))
    return found


def difference(at: Parameters) -> float:
    """The smallest spread of the weights of a block, of those that can differ: two rows and two columns."""
    return min(
        _spread(at.weights[m - 1][np.ix_(rows, columns)])
        for m, rows, columns in blocks()
        if min(len(rows), len(columns)) > 1
    )


def _rule(name: str) -> Rule:
    if name not in RULES:
        raise SymderiveError(f"rule: expected one of {', '.join(RULES)}, found {name!r}")
    return RULES[name]


def staying_balanced(seed: int, rule: str, steps: int = STEPS) -> Evidence:
    """The colouring after training: still balanced, and the coarsest; the weights still differ.

    >>> staying_balanced(0, "adamw", steps=20).status
    'numeric'
    """
    start = balanced(seed)
    end = after(run(network(), start, _rule(rule), seed, steps))
    what = f"balanced colouring after {steps} steps of {rule}"
    error = max(gap(start, seed), gap(end, seed))
    if not error <= DRIFT:
        raise CheckFailed(f"{what}: relative gap {error:.2g} within a colour, expected at most {DRIFT:g}")
    if not min(difference(start), difference(end)) >= APART:
        raise CheckFailed(
            f"{what}: weights that differ by {difference(end):.2g}, expected {APART:g} at least"
        )
    if not is_balanced(end.weights, end.biases, COLOURS, DRIFT):
        raise CheckFailed(f"{what}: sums of weights that differ by more than {DRIFT:g}")
    coarsest = coarsest_balanced_colouring(end.weights, end.biases, DRIFT)
    if coarsest != COLOURS:
        raise CheckFailed(f"{what}: expected the colours {COLOURS} as the coarsest, found {coarsest}")
    text = (
        f"{what}: activations, deltas and gradients of a colour; its weights differ by "
        f"{difference(end):.2g} and more; drift of {DRIFT:g} allowed"
    )
    return Evidence("numeric", text, error, seed=seed)


# ------------------------------------------------------------------------------- hypotheses, each broken


def _bias(at: Parameters, rule: Rule) -> Parameters:
    at.biases[0][0] += 0.3
    return at


def _incoming(at: Parameters, rule: Rule) -> Parameters:
    """Sums of incoming weights differ, those of outgoing ones do not."""
    (rows, columns) = members(2)[1], members(1)[0]
    at.weights[1][np.ix_(rows, columns)] += 0.3 * np.array([[1.0], [-1.0], [0.0]])
    return at


def _outgoing(at: Parameters, rule: Rule) -> Parameters:
    """Sums of outgoing weights differ, those of incoming ones do not."""
    (rows, columns) = members(2)[0], members(1)[1]
    at.weights[1][np.ix_(rows, columns)] += 0.3 * np.array([1.0, -1.0, 0.0])
    return at


def _states(at: Parameters, rule: Rule) -> Parameters:
    """The states of one weight start at 1/2, all others at 0."""
    state = reference_optimisers.start(rule.name, at.arrays())
    for s in state.arrays[1]:
        s[0, 0] = 0.5
    return replace(at, state=state)


def _nothing(at: Parameters, rule: Rule) -> Parameters:
    return at


BROKEN: Mapping[str, Callable[[Parameters, Rule], Parameters]] = {
    "unequal biases": _bias,
    "unequal sums of incoming weights": _incoming,
    "unequal sums of outgoing weights": _outgoing,
    "unequal states": _states,
    "an update that is not affine in the weight": _nothing,
}


def breakable(what: str, rule: str) -> bool:
    """Whether the optimiser has what is to be broken: states, or an update that bends the weights."""
    if what == "unequal states":
        return bool(reference_optimisers.TABLE[_rule(rule).name].states)
    return (rule not in LINEAR) if BROKEN.get(what) is _nothing else True


def coming_apart(seed: int, rule: str, what: str, steps: int = STEPS) -> Evidence:
    """Without the hypothesis a colour's activations, deltas or gradients come apart.

    Adam with l2 decay normalises g + alpha w, which differs within a block: it is elementwise, and not
    enough for a balanced colouring. CheckFailed where nothing comes apart.

    >>> coming_apart(0, "adam with l2 decay", "an update that is not affine in the weight").status
    'refuted'
    """
    if what not in BROKEN:
        raise SymderiveError(f"hypothesis: expected one of {', '.join(BROKEN)}, found {what!r}")
    start = BROKEN[what](balanced(seed), _rule(rule))
    for t, at in enumerate(run(network(), start, _rule(rule), seed, steps), 1):
        found = gap(at, seed)
        if found > APART:
            when = f"after {t} step{'s' if t > 1 else ''} of {rule}"
            return Evidence(
                "refuted", f"balanced colouring, {what}: relative gap {found:.2g} {when}", seed=seed
            )
    raise CheckFailed(f"{what}, {steps} steps of {rule}: expected a gap above {APART:g}, found {found:.2g}")


def every(seed: int) -> Iterator[Evidence]:
    """All of these experiments with every optimiser."""
    for rule in LINEAR:
        yield staying_balanced(seed, rule)
    for rule, what in product(RULES, BROKEN):
        if breakable(what, rule):
            yield coming_apart(seed, rule, what)
