"""The theorems of the library: each proves, from the declared hypotheses alone; mutated ones do not.

Every proposition is also evaluated in exact arithmetic at numbers that satisfy its hypotheses.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from declared_training import TRAINING
from sympy import Expr
from worlds import in_worlds

import proofs
from proofs import t5_opposite_neurons
from proofs.setting import L, j, k, l, network
from proofs.t5_tied_by_any_optimiser import COMPOSED, RULES
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of

FORWARD = {"input of the network", "weighted input", "activation"}
DELTAS = {"delta of the last layer", "delta of a hidden layer"}
GRADIENTS = {"gradient of the weights", "gradient of the biases"}
TOTAL = FORWARD | DELTAS | GRADIENTS | {"cost", "targets are fixed", "inputs are fixed"}


def twice(names: set[str], mark: str = "permuted network") -> set[str]:
    """The definitions of both networks."""
    return names | {f"{name}, {mark}" for name in names}


PERMUTED = twice(FORWARD) | {"permuted weights", "permuted biases", "inputs stay in place"}
EQUIVARIANT = PERMUTED | twice(DELTAS) | {"outputs stay in place"}
TIE = {"incoming weights", "biases", "outgoing weights"}
RUN = {"weighted input", "activation", "delta of a hidden layer", *GRADIENTS}
UPDATES = {f"gradient descent on the {x}" for x in ("weights", "biases")}
COLLAPSE = RUN | UPDATES
COLOURED = {
    "colours begin at 1", "colours end at K", "every colour has members", "as many colours as outputs",
    "inputs have colours of their own", "outputs have colours of their own", "equal biases in a colour",
}  # fmt: skip
QUOTIENT = twice(FORWARD | DELTAS | GRADIENTS, "quotient network") | COLOURED
ELEMENTWISE = {"elementwise rule on the weights", "elementwise rule on the biases"} | {
    "states of the weights", "states of the biases",
}  # fmt: skip
STATES = {"equal states of the weights", "equal states of the biases"}
BALANCED = (
    QUOTIENT | twice(ELEMENTWISE, "quotient network") | STATES
    | {"equal incoming sums in a colour", "equal outgoing sums in a colour"}
)  # fmt: skip
BETWEEN = {"equal weights between colours", "weights of the quotient network"}
PERMUTATION_TIES = QUOTIENT | twice(ELEMENTWISE, "quotient network") | STATES | BETWEEN
NARROWER = QUOTIENT | twice(UPDATES, "quotient network") | BETWEEN


def at(step: str, *which: str) -> set[str]:
    return {f"equal {name} {step}" for name in which}


INCOMING = ("incoming weights", "biases")
NOW, THEN, ALWAYS = "at step t", "at step t + 1", "at every step"
LAYER = {"weighted input", "delta of a hidden layer"}
TO_WEIGHTS = LAYER | {"channel to the incoming weights", "gradient of the weights"}
TO_BIASES = LAYER | {"channel to the bias", "gradient of the biases"}
OUTWARDS = {"weighted input", "activation", "gradient of the weights"}
ON_W, ON_B = (f"gradient descent on the {x}" for x in ("weights", "biases"))


def trained(rule: str, word: str) -> set[str]:
    """What a tie under one optimiser rests on; in T5c moments of squares are equal, not opposite."""
    mark = f"{rule}: " if rule else ""
    states = {
        "heavy_ball": ["velocities"], "nesterov": ["velocities"], "adagrad": ["second moments"],
        "rmsprop": ["second moments"], "adam": ["first moments", "second moments"],
        "adamw": ["first moments", "second moments"], "elementwise": ["states"],
    }.get(rule.split(" + ")[-1], [])  # fmt: skip
    moved = ["", *(f"{s} of the " for s in states)]
    found = {
        f"{mark}{x} of the {s}{y}" for x in ("start", "rule") for s in moved for y in ("weights", "biases")
    }
    if rule.endswith("nesterov"):
        ahead = ("w_ahead[t, l, j, k]", "b_ahead[t, l, j]")
        found |= {f"{mark}definition of {x}" for e in ahead for x in (e, f"grad_{e}")} | {"activation"}
        found |= {f"{mark}{name}" for name in LAYER}
    else:
        found |= RUN
    for s in moved:
        sign = "equal" if s.startswith("second") else word
        found |= {f"{sign} {s}{x}" for x in TIE}
    if word == "opposite":
        found |= {"the activation is odd"}
        found |= {"the sign is odd"} if rule == "sign_descent" else set()
        if "second moments" in states:
            found |= {"the normalised gradient is odd in the gradient"}
    return found


CARRIED = (
    "incoming weights", "weighted inputs", "activations", "deltas", "gradients of the incoming weights",
    "gradients of the outgoing weights", "gradients of the biases", "outgoing weights", "biases",
)  # fmt: skip
ASSUMED_OF_T2 = {"only one weight moves", "biases do not move"}
HIDDEN = {"delta of a hidden layer", "delta of the last layer", "gradient of the weights"}
LEFT = {"output", "what the others leave"}
SEEN = {"equal inputs", "input of the network", "gradient of the weights"}

DECLARED: dict[tuple[str, str], set[str]] = {
    ("T1", "one layer"): {"weighted input", "activation"},
    ("T1", "two layers"): {"weighted input", "activation"},
    ("T1", "first layer"): FORWARD,
    ("T2", "total differential"): TOTAL,
    ("T2", "one weight"): TOTAL | ASSUMED_OF_T2,
    ("T2", "last hidden layer"): {f"{name}, M hidden layers" for name in HIDDEN},
    ("T2b", "total differential"): TOTAL,
    ("T2b", "one weight"): TOTAL | ASSUMED_OF_T2,
    ("T3", "activations"): PERMUTED,
    ("T3", "weighted inputs"): PERMUTED,
    ("T3", "cost"): PERMUTED | twice({"cost"}) | {"outputs stay in place"},
    ("T4", "deltas"): EQUIVARIANT,
    **{
        ("T4", f"{hessian}gradients of the {x}"): EQUIVARIANT | twice({f"gradient of the {x}"})
        for x in ("weights", "biases")
        for hessian in ("", "Hessian, ")
    },
    **{("T5", f"equal {name}"): trained("", "equal") for name in CARRIED},
    **{
        ("T5b", f"{rule}: equal {name}"): trained(rule, "equal")
        for rule in (*RULES, *COMPOSED)
        for name in sorted(TIE)
    },
    **{("T5c", f"opposite {name}"): trained("", "opposite") for name in CARRIED},
    **{
        ("T5c", f"{rule}: opposite {name}"): trained(rule, "opposite")
        for rule in t5_opposite_neurons.OTHERS
        for name in sorted(TIE)
    },
    ("T6", "incoming weights"): TO_WEIGHTS | at(NOW, *INCOMING),
    ("T6", "biases"): TO_BIASES | at(NOW, *INCOMING),
    ("T6", "outgoing weights"): OUTWARDS | at(NOW, *INCOMING),
    ("T6", "one step, incoming weights"): TO_WEIGHTS | {ON_W} | at(NOW, *INCOMING),
    ("T6", "one step, biases"): TO_BIASES | {ON_B} | at(NOW, *INCOMING),
    ("T6", "a tie that survives one step"): TO_WEIGHTS | {ON_W} | at(NOW, *INCOMING)
    | at(THEN, "incoming weights"),
    ("T6", "a tie of biases that survives one step"): TO_BIASES | {ON_B} | at(NOW, *INCOMING)
    | at(THEN, "biases"),
    ("T6", "outgoing difference"): OUTWARDS | {ON_W} | at(ALWAYS, *INCOMING),
    ("T6", "a lasting tie"): OUTWARDS | TO_WEIGHTS | {ON_W} | at(ALWAYS, *INCOMING),
    ("T6", "a lasting tie of biases"): OUTWARDS | TO_BIASES | {ON_W, ON_B} | at(ALWAYS, *INCOMING),
    **{
        ("T7", name): BALANCED
        for name in (
            "incoming sums", "outgoing sums", "biases", "states", "activations", "deltas", "gradients",
        )
    },
    ("T7", "permutation ties"): PERMUTATION_TIES,
    **{
        ("T8", name): COLLAPSE | {"constant weights", "constant biases"}
        for name in (
            "constant weights, rows", "constant weights, biases", "constant weights, columns",
            "rank one, into a hidden layer", "rank one, out of a hidden layer", "a single value",
        )
    },
    **{
        ("T8", f"zeros, {name}"): COLLAPSE
        | {"zero weights", "zero hidden biases", "activations are 0 at 0"}
        for name in ("hidden weights", "hidden biases", "weights after a hidden layer", "outputs")
    },
    **{("T8b", name): NARROWER for name in ("weights", "biases", "activations")},
    ("T8b", "cost"): NARROWER | twice({"cost"}, "quotient network"),
    ("T8b", "step sizes into a group"): {f"{ON_W}, quotient network", "no group in the layer before"},
    ("T8b", "step sizes out of a group"): {f"{ON_W}, quotient network", "no group in the layer after"},
    ("T18", "equal gradients"): SEEN,
    ("T18", "difference"): SEEN | {"rule of the weights", "start of the weights"},
    ("T18", "difference under weight decay"): SEEN | {"decay + gd: rule of the weights"},
    ("T19", "one neuron"): LEFT | {"cost"},
    ("T19", "gradient"): LEFT | {"error of the output", "gradient"},
    ("T19", "two targets"): LEFT,
}  # fmt: skip
EACH = tuple(DECLARED)
ELSEWHERE = {"T9", "T10", "T10b"}
"""Squares that say inequalities, bases of kernels: no numbers are drawn that obey. What these assume, what is
refused without it, and what is measured stands in tests of the library and of training."""


def theorem(key: str, name: str) -> Theorem:
    (found,) = (x.theorem for x in proofs.find(key).prove().propositions if x.name == name)
    return found  # type: ignore[no-any-return]


def test_every_proposition_is_declared_here() -> None:
    found = {(module.KEY, x.name) for module in proofs.library() for x in module.prove().propositions}
    assert {f for f in found if f[0] not in ELSEWHERE} == set(DECLARED) | set(TRAINING)


@pytest.mark.parametrize(("key", "name"), EACH)
def test_a_theorem_rests_on_its_declared_hypotheses(key: str, name: str) -> None:
    t = theorem(key, name)
    assert {h.name for h in t.hypotheses} == DECLARED[key, name]
    audit = t.audit()
    assert audit["induction"] == audit["citation"] == ()
    assert {h.name for kind in audit.values() for h in kind} == DECLARED[key, name]


@pytest.mark.parametrize(("key", "name"), EACH)
def test_an_argument_begins_and_ends_as_its_theorem(key: str, name: str) -> None:
    for x in proofs.find(key).prove().propositions:
        if x.name == name:
            for argument in x.arguments:
                assert argument.lines[-1][0] == argument.theorem.rhs
                assert argument.start == argument.theorem.lhs


def test_what_needs_no_induction_is_shown_in_one_argument() -> None:
    """The chain that ends a proof says the proposition; of an induction there are start and step instead."""
    seen = set()
    for module in proofs.library():
        for x in module.prove().propositions:
            said = [(a.theorem.lhs, a.theorem.rhs) for a in x.arguments]
            if (x.theorem.lhs, x.theorem.rhs) in said:
                seen.add((module.KEY, x.name))
    for key, name in EACH:
        if (key in ("T1", "T2", "T2b") and "differential" not in name) or (key, name) == ("T3", "cost"):
            assert (key, name) in seen
    assert ("T4", "gradients of the weights") in seen


# ------------------------------------------------------------ the propositions at exact random numbers


def sizes(depth: int, steps: int = 1, samples: int = 1) -> dict[str, int]:
    """L layers, T steps, B samples; one state and number of a rule by entries; M hidden layers, H neurons."""
    return {"L": depth, "M": depth, "T": steps, "B": samples, "R": 1, "K": 1, "D": 1, "H": 3}


def worlds_of(key: str) -> tuple[tuple[dict[str, int], tuple[int, int]], ...]:
    """The sizes at which the theorems of a module are evaluated, and the widths."""
    if key.startswith("T5") or key == "T6":
        return ((sizes(2), (2, 3)),)
    if key in ("T7", "T8", "T8b"):
        return (sizes(1), (2, 3)), (sizes(2), (2, 3)), (sizes(3), (2, 2))
    return (sizes(1, samples=2), (2, 3)), (sizes(2, samples=2), (2, 3))


@pytest.mark.parametrize(("key", "name"), EACH)
def test_a_proposition_holds_at_numbers(key: str, name: str) -> None:
    t = theorem(key, name)
    moving = key in ("T2", "T2b") or name.startswith("Hessian")  # differences with a step of 10^-30
    seen = 0
    for given, widths in worlds_of(key):
        checked: set[int] = set()
        for world, left, right in in_worlds(t, given, seed=given["L"], widths=widths):
            error = abs(left - right) / (1 + abs(right))
            assert error <= (Fraction(1, 10**20) if moving else 0), f"{t}: {float(left)} and {float(right)}"
            seen += 1
            if id(world) not in checked and len(checked) < 2:  # the numbers do satisfy the hypotheses
                checked.add(id(world))
                assert world.broken() == []
    assert seen > 0


def test_the_numbers_tell_a_false_proposition() -> None:
    """The gradient of the weights is not that of the transposed weights, in numbers."""
    net = network()
    n, delta, a = net.n, net.tensor("delta"), net.tensor("a")
    wrong = hypothesis_of(
        "gradient of the weights",
        net.tensor("grad_w")[l, j, k],
        delta[l, j] * a[l, k],
        ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1])),
        "definition",
    )
    t = theorem("T2", "one weight")
    changed = frozenset(wrong if h.name == wrong.name else h for h in t.hypotheses)
    claimed = Claimed(t.context, changed, t.lhs, t.rhs)
    assert is_false(claimed, sizes(2), 2, (2, 3))


def test_numbers_that_break_a_hypothesis_are_noticed() -> None:
    """`broken` can fail: in the world of one hypothesis, another one that contradicts it is not met."""
    t = theorem("T1", "one layer")
    (h,) = (h for h in t.hypotheses if h.name == "activation")
    both = frozenset({*t.hypotheses, h._replace(name="zzz", rhs=h.rhs + 1)})
    world, *_ = next(in_worlds(Claimed(t.context, both, t.lhs, t.rhs), sizes(1), 1, (2, 3)))  # type: ignore[arg-type]
    assert world.broken() != []


def is_false(claimed: Claimed, given: dict[str, int], seed: int, widths: tuple[int, int]) -> bool:
    """Whether the claim is false somewhere in this world."""
    return any(a != b for _, a, b in in_worlds(claimed, given, seed, widths))  # type: ignore[arg-type]


# As c_j = j for the outputs, c_j <= K_L, and every colour has members, K_L = n_L follows from the others.
IMPLIED = {"as many colours as outputs"}
OF_RULES = {  # of the many rules, those of a kind, and the weights alone
    *(f"{rule}: equal incoming weights" for rule in ("elementwise", "nesterov", "adam", "clip + gd")),
    *(f"{rule}: opposite incoming weights" for rule in ("rmsprop", "sign_descent")),
    *(f"opposite {name}" for name in CARRIED),
}
NEEDED = [
    (key, name, h.name)
    for key, name in EACH
    for h in sorted(theorem(key, name).hypotheses, key=str)
    if h.kind == "assumption" and h.name not in IMPLIED and (key not in ("T5b", "T5c") or name in OF_RULES)
]


@pytest.mark.parametrize(("key", "name", "dropped"), NEEDED)
def test_each_assumption_is_needed(key: str, name: str, dropped: str) -> None:
    """Where one assumption is not met, there are numbers at which the proposition is false."""
    t = theorem(key, name)
    left = frozenset(h for h in t.hypotheses if h.name != dropped)
    assert len(left) == len(t.hypotheses) - 1
    without = Claimed(t.context, left, t.lhs, t.rhs)
    depths = (3,) if (key, name) == ("T8", "a single value") else (2,)
    worlds = [(sizes(d, steps), seed) for steps in (1, 2) for seed in range(1, 6) for d in depths]
    # the state of one parameter needs two steps to reach another parameter
    far = "moments" in dropped or "velocities" in dropped or "states" in dropped
    if far:
        worlds = [(g, s) for g, s in worlds if s == 2] + worlds
    assert any(is_false(without, given, seed, (2, 3)) for given, seed in worlds)


@dataclass(frozen=True)
class Claimed:
    """What somebody says, without a proof."""

    context: Any
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr
