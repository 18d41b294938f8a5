"""The theorems of the library: each proves, from the declared hypotheses alone; mutated ones do not.

Every proposition is also evaluated in exact arithmetic at numbers that satisfy its hypotheses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from sympy import Expr
from worlds import in_worlds

import proofs
from proofs import t3_permutation_invariance, t4_equivariance, t5_opposite_neurons, t5_tied_neurons
from proofs.setting import L, Setting, i, j, k, l, network, t
from proofs.t5_tied_by_any_optimiser import COMPOSED, RULES, tied_by
from symderive.calculus import Entry, IndexSum, TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY
from symderive.derivation import derive
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.proof import equivariance, kernel, symmetry, ties
from symderive.proof.kernel import Hypothesis, KernelError, Theorem, hypothesis_of
from symderive.proof.propagation import NotProved
from symderive.systems import System, mlp

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
}  # fmt: skip
EACH = tuple(DECLARED)
STUCK = r"(rewrite|ring|congruence|reindex|transitivity|induction|no definition)"


def theorem(key: str, name: str) -> Theorem:
    (found,) = (x.theorem for x in proofs.find(key).prove().propositions if x.name == name)
    return found  # type: ignore[no-any-return]


def test_every_proposition_is_declared_here() -> None:
    found = {(module.KEY, x.name) for module in proofs.library() for x in module.prove().propositions}
    assert found == set(DECLARED)


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
    """L layers, T steps, B samples; one state and one number of an elementwise rule; M hidden layers."""
    return {"L": depth, "M": depth, "T": steps, "B": samples, "R": 1, "K": 1, "D": 1}


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


# ------------------------------------------------------------------- mutated settings do not prove


MODULES = ("total_differential", "t1_layer_equations", "t2_backpropagation", "t2_backpropagation_batch")


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Forget what was proved, and forget again what is proved from mutated settings."""

    def forget() -> None:
        for name in MODULES:
            for value in vars(import_module(f"proofs.{name}")).values():
                if hasattr(value, "cache_clear") and value is not network:
                    value.cache_clear()

    forget()
    yield forget
    monkeypatch.undo()
    forget()


def mutate(net: Setting, short: str, rhs: Callable[[Expr], Expr]) -> Setting:
    """The setting with another right side for one definition."""
    (h,) = net.laws[short].hypotheses
    changed = h._replace(rhs=rhs(h.rhs))
    assert changed != h, "a mutation that changes nothing"
    return replace(net, laws={**net.laws, short: kernel.assume(changed, EMPTY)})


def hidden_delta(
    net: Setting, swap: bool = False, total: bool = True, prime: bool = True, up: int = 1
) -> Expr:
    """delta^l_j = sigma'(z^l_j) sum_k w^{l+1}_{kj} delta^{l+1}_k, with a mistake."""
    delta, w, z, n = net.tensor("delta"), net.tensor("w"), net.tensor("z"), net.n
    (h,) = net.laws["a"].hypotheses
    sigma = h.rhs.func(h.rhs.function, int(prime), *h.rhs.args[2:-1], z[l, j])
    weight = w[l + 1, j, k] if swap else w[l + 1, k, j]
    body = weight * delta[l + up, k]
    return sigma * (IndexSum(body, (k, 1, n[l + 1])) if total else body.xreplace({k: j}))


BACKPROPAGATION: tuple[tuple[str, str, Callable[[Setting], Expr]], ...] = (
    ("delta: indices of w swapped", "delta", lambda net: hidden_delta(net, swap=True)),
    ("delta: sum missing", "delta", lambda net: hidden_delta(net, total=False)),
    ("delta: sigma instead of sigma'", "delta", lambda net: hidden_delta(net, prime=False)),
    ("delta: sigma' missing", "delta", lambda net: hidden_delta(net).args[1]),
    ("delta: of its own layer", "delta", lambda net: hidden_delta(net, up=0)),
    ("delta: sign", "delta", lambda net: -hidden_delta(net)),
    ("delta of the last layer: sigma' missing", "delta_L", lambda net: first_factor(net, "delta_L")),
    ("delta of the last layer: twice", "delta_L", lambda net: 2 * rhs_of(net, "delta_L")),
    (
        "gradient of w: of its own layer",
        "grad_w",
        lambda net: net.tensor("delta")[l, j] * net.tensor("a")[l, k],
    ),
    (
        "gradient of w: transposed",
        "grad_w",
        lambda net: net.tensor("delta")[l, k] * net.tensor("a")[l - 1, j],
    ),
    ("gradient of b: sign", "grad_b", lambda net: -net.tensor("delta")[l, j]),
    ("gradient of b: of the layer above", "grad_b", lambda net: net.tensor("delta")[l + 1, j]),
)


def rhs_of(net: Setting, short: str) -> Expr:
    (h,) = net.laws[short].hypotheses
    return h.rhs


def first_factor(net: Setting, short: str) -> Expr:
    """The product without its factor sigma'."""
    e = rhs_of(net, short)
    return e / next(f for f in e.args if f.func.__name__ == "Applied")


def test_the_recursion_without_a_mistake_is_the_derived_one() -> None:
    assert hidden_delta(network()) == rhs_of(network(), "delta")


@pytest.mark.parametrize(
    ("short", "wrong"), [row[1:] for row in BACKPROPAGATION], ids=[r[0] for r in BACKPROPAGATION]
)
def test_wrong_backpropagation_does_not_prove(
    short: str, wrong: Callable[[Setting], Expr], anew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = import_module("proofs.total_differential")
    mutated = mutate(network(), short, lambda _: wrong(network()))
    monkeypatch.setattr(total, "network", lambda batch=False: mutated)
    with pytest.raises(KernelError, match=STUCK):
        total.total_differential()


def test_unchanged_backpropagation_proves_here_too(anew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machinery of the test above does not refuse by itself."""
    total = import_module("proofs.total_differential")
    monkeypatch.setattr(total, "network", lambda batch=False: replace(network()))
    assert total.total_differential()[0].lhs == network().tensor("C").tangent()[()]


Change = Callable[[Hypothesis], Hypothesis]


def assuming(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Change]) -> None:
    """From now on these hypotheses are other ones when they are made."""

    def changed(*arguments: Any, **more: Any) -> Hypothesis:
        h = hypothesis_of(*arguments, **more)
        return changes[h.name](h) if h.name in changes else h

    for module in (equivariance, symmetry, ties):
        monkeypatch.setattr(module, "hypothesis_of", changed)


def right_index(position: int, value: Callable[[TensorSymbol], Expr]) -> Change:
    """The hypothesis with another index of the entry on its right side; `value` is given the permutation."""

    def change(h: Hypothesis) -> Hypothesis:
        index = list(h.rhs.index)
        (pi,) = {e.symbol for e in h.rhs.atoms(Entry) if e.symbol.kind == "permutation"}
        index[position] = value(pi)
        changed = h._replace(rhs=h.rhs.symbol[tuple(index)])
        assert changed != h, "a mutation that changes nothing"
        return changed

    return change


def nothing(h: Hypothesis) -> Hypothesis:
    """lhs = lhs"""
    return h._replace(rhs=h.lhs)


def kept(h: Hypothesis) -> Hypothesis:
    """The same, made anew."""
    return h._replace()


W, B_, INPUTS, OUTPUTS = (
    "permuted weights",
    "permuted biases",
    "inputs stay in place",
    "outputs stay in place",
)
PERMUTATIONS: tuple[tuple[str, dict[str, Change]], ...] = (
    ("columns not permuted", {W: right_index(2, lambda pi: k)}),
    ("rows not permuted", {W: right_index(1, lambda pi: j)}),
    ("columns permuted like rows", {W: right_index(2, lambda pi: pi[l, k])}),
    ("rows permuted as columns", {W: right_index(1, lambda pi: pi[l - 1, j])}),
    ("rows permuted twice", {W: right_index(1, lambda pi: pi[l, pi[l, j]])}),
    ("weights of the layer above", {W: right_index(0, lambda pi: l + 1)}),
    ("biases not permuted", {B_: right_index(1, lambda pi: j)}),
    ("biases permuted as the layer below", {B_: right_index(1, lambda pi: pi[l - 1, j])}),
    ("nothing said of the weights", {W: nothing}),
    ("nothing said of the biases", {B_: nothing}),
    ("inputs permuted", {INPUTS: nothing}),
    ("outputs permuted", {OUTPUTS: nothing}),
)
EITHER = pytest.mark.parametrize("module", [t3_permutation_invariance, t4_equivariance], ids=["T3", "T4"])


@EITHER
@pytest.mark.parametrize("changes", [c for _, c in PERMUTATIONS], ids=[name for name, _ in PERMUTATIONS])
def test_a_network_that_is_no_permuted_copy_does_not_prove(
    changes: dict[str, Change], module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assuming(monkeypatch, changes)
    with pytest.raises((NotProved, KernelError), match=STUCK):
        module.prove_for(mlp(per_layer=True))


@EITHER
def test_a_permuted_copy_proves_here_too(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machinery of the test above does not refuse by itself."""
    seen: list[str] = []

    def noted(h: Hypothesis) -> Hypothesis:
        seen.append(h.name)
        return h._replace()

    assuming(monkeypatch, dict.fromkeys((W, B_, INPUTS, OUTPUTS), noted))
    proved = module.prove_for(mlp(per_layer=True))
    assert [x.theorem.rhs for x in proved.propositions] == [
        x.theorem.rhs for x in module.prove().propositions
    ]
    assert sorted(seen) == sorted((W, B_, INPUTS, OUTPUTS))


def classes(change: str) -> list[symmetry.IndexClass]:
    """The neurons of the mlp, with a mistake."""
    (own,) = symmetry.symmetries(mlp(per_layer=True))
    members = dict(own.members)
    w, b = (next(t for t, *_ in members if t.name == name) for name in "wb")
    (rows,) = (node for node in members if node[:2] == (w, 1))
    (columns,) = (node for node in members if node[:2] == (w, 2))
    (biases,) = (node for node in members if node[:2] == (b, 1))
    if change.startswith("without "):
        members.pop({"rows": rows, "columns": columns, "biases": biases}[change.removeprefix("without ")])
    if change == "columns of their own layer":
        members[columns] = members[rows]
    if change == "rows of the layer below":
        members[rows] = members[columns]
    fixed = {"inputs move": own.fixed[1:], "outputs move": own.fixed[:1], "all move": ()}.get(
        change, own.fixed
    )
    return [replace(own, members=members, fixed=fixed)]


@pytest.mark.parametrize(
    "change",
    [
        "without rows", "without columns", "without biases", "columns of their own layer",
        "rows of the layer below", "inputs move", "outputs move", "all move",
    ],
)  # fmt: skip
@pytest.mark.parametrize("derived", [False, True], ids=["forward", "derivatives"])
def test_a_wrong_class_does_not_prove(change: str, derived: bool) -> None:
    system = mlp(per_layer=True)
    system = derive(system).as_system() if derived else system
    with pytest.raises((NotProved, KernelError), match=STUCK):
        equivariance.equivariance(system, classes=classes(change))


def test_the_right_class_proves_here_too() -> None:
    assert len(equivariance.equivariance(mlp(per_layer=True), classes=classes("none")).theorems) == 3


def changed_system(system: System, name: str, rhs: Callable[[Expr], Expr], *inputs: TensorSymbol) -> System:
    """The system with another right side for the last definition of a tensor, and with more inputs."""
    old = system.of(system.tensor(name))[-1]
    new = replace(old, rhs=rhs(old.rhs))
    assert new != old, "a mutation that changes nothing"
    definitions = tuple(new if d is old else d for d in system.definitions)
    return replace(system, definitions=definitions, inputs=(*system.inputs, *inputs))


def first_alone(e: Expr) -> Expr:
    """The first neuron of the next layer alone, in the place of the sum over all."""
    (total,) = e.atoms(IndexSum)
    return e.xreplace({total: total.open(1)})


@pytest.mark.parametrize(
    "rhs", [first_alone, lambda e: e * j, lambda e: e + j], ids=["no sum", "times j", "plus j"]
)
def test_deltas_that_tell_neurons_apart_are_not_equivariant(rhs: Callable[[Expr], Expr]) -> None:
    wrong = changed_system(derive(mlp(per_layer=True)).as_system(), "delta", rhs)
    with pytest.raises((NotProved, KernelError), match=STUCK):
        equivariance.equivariance(wrong, classes=classes("none"))
    with pytest.raises(SymderiveError, match="expected hidden indices that can be permuted"):
        equivariance.equivariance(wrong)


# ------------------------------------------------------------------------------------------------- ties


def first_row(h: Hypothesis) -> Hypothesis:
    """The first entry alone is equal."""
    ((index, lo, _),) = h.indices
    return h._replace(indices=((index, lo, lo),))


def rows_for_columns(h: Hypothesis) -> Hypothesis:
    """w_{pi} = w_{qi} in the next layer, in the place of w_{ip} = w_{iq}."""
    ((index, lo, hi),) = h.indices
    sides = (e.symbol[(*e.index[:-2], e.index[-1], e.index[-2])] for e in (h.lhs, h.rhs))
    lhs, rhs = sides
    return h._replace(lhs=lhs, rhs=rhs, indices=((index, lo, hi),))


def other_layer(h: Hypothesis) -> Hypothesis:
    """The same of the layer above."""
    position = next(n for n, x in enumerate(h.lhs.index) if x.free_symbols)
    sides = []
    for e in (h.lhs, h.rhs):
        index = list(e.index)
        index[position] = index[position] + 1
        sides.append(e.symbol[tuple(index)])
    return h._replace(lhs=sides[0], rhs=sides[1])


LOOSE: tuple[tuple[str, str, Change], ...] = (
    ("incoming weights", "equal incoming weights", nothing),
    ("biases", "equal biases", nothing),
    ("outgoing weights", "equal outgoing weights", nothing),
    ("one incoming weight alone", "equal incoming weights", first_row),
    ("one outgoing weight alone", "equal outgoing weights", first_row),
    ("rows instead of columns", "equal outgoing weights", rows_for_columns),
    ("columns instead of rows", "equal incoming weights", rows_for_columns),
    ("biases of the layer above", "equal biases", other_layer),
    ("incoming weights of the layer above", "equal incoming weights", other_layer),
)


@pytest.mark.parametrize(("name", "change"), [x[1:] for x in LOOSE], ids=[x[0] for x in LOOSE])
def test_neurons_that_are_not_tied_do_not_prove(
    name: str, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    assuming(monkeypatch, {name: change})
    with pytest.raises((NotProved, KernelError), match=STUCK):
        t5_tied_neurons.prove_for(mlp(per_layer=True, samples="B"))


@pytest.mark.parametrize("rule", ["heavy_ball", "adam", "elementwise"])
def test_states_that_are_not_tied_do_not_prove(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    word = {"heavy_ball": "velocities", "adam": "second moments", "elementwise": "states"}[rule]
    for name in (f"equal {word} of the incoming weights", f"equal {word} of the biases"):
        assuming(monkeypatch, {name: nothing})
        with pytest.raises((NotProved, KernelError), match=STUCK):
            tied_by(mlp(per_layer=True, samples="B"), rule)


def rates(run: System, name: str, per: str) -> System:
    """A step size of its own for every neuron, for every input of it, or for the step alone, as it was."""
    w, eta, T = run.tensor("w"), run.tensor("eta"), run.tensor("w").axes[0][1]
    n = next(e.symbol for e in w.axes[2][1].atoms(Entry))
    own = {"neuron": (j, 1, n[l]), "input": (k, 1, n[l - 1]), "step": (i, 1, 1)}[per]
    rate = tensor("rate", (t, 0, T), (l, 1, L), own)
    index = 1 if per == "step" else own[0]
    return changed_system(run, name, lambda e: e.xreplace({eta[t - 1]: rate[t - 1, l, index]}), rate)


@pytest.mark.parametrize(("name", "per"), [("w", "neuron"), ("w", "input"), ("b", "neuron")])
def test_a_descent_that_treats_neurons_differently_does_not_prove(name: str, per: str) -> None:
    run = rates(training(mlp(per_layer=True, samples="B"), "gd"), name, per)
    (own,) = symmetry.symmetries(training(mlp(per_layer=True, samples="B"), "gd"))
    with pytest.raises((NotProved, KernelError), match=STUCK):
        ties.ties(run, own)
    with pytest.raises(SymderiveError, match="expected a class of permutable indices"):
        ties.ties(run)  # and the class is not found at all


def test_a_step_size_of_its_own_for_each_step_proves_here_too() -> None:
    run = rates(training(mlp(per_layer=True, samples="B"), "gd"), "w", "step")
    assert len(ties.ties(run).theorems) == len(t5_tied_neurons.prove().propositions) == 9


def test_tied_neurons_prove_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("equal incoming weights", "equal biases", "equal outgoing weights")
    assuming(monkeypatch, dict.fromkeys(names, kept))
    assert len(t5_tied_neurons.prove_for(mlp(per_layer=True, samples="B")).propositions) == 9


@pytest.mark.parametrize("name", ["the activation is odd", "opposite biases", "opposite incoming weights"])
def test_neurons_that_are_not_opposite_do_not_prove(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "the activation is odd":
        monkeypatch.setattr(t5_opposite_neurons, "ODD", {"sgn": "the sign is odd"})
    else:
        assuming(monkeypatch, {name: nothing})
    with pytest.raises((NotProved, KernelError)):
        t5_opposite_neurons.opposite(mlp(per_layer=True, samples="B"), "gd")


def test_equal_weights_where_opposite_ones_are_assumed_do_not_prove(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(h: Hypothesis) -> Hypothesis:
        return h._replace(rhs=-h.rhs)

    for name in ("opposite biases", "opposite incoming weights", "opposite outgoing weights"):
        assuming(monkeypatch, {name: turned})
        with pytest.raises((NotProved, KernelError), match=STUCK):
            t5_opposite_neurons.opposite(mlp(per_layer=True, samples="B"), "gd")
