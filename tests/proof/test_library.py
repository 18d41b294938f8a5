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
from worlds import both_sides

import proofs
from proofs import permutation, setting, t3_permutation_invariance, t4_equivariance, t5_tied_neurons
from proofs.setting import L, Setting, i, j, k, l, m, network, p, q
from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem, hypothesis_of

FORWARD = {"input of the network", "weighted input", "activation"}
DELTAS = {"delta of the last layer", "delta of a hidden layer"}
GRADIENTS = {"gradient of the weights", "gradient of the biases"}
TOTAL = FORWARD | DELTAS | GRADIENTS | {"cost", "targets are fixed", "inputs are fixed"}
COPIED = {f"{name}, permuted network" for name in FORWARD}
PERMUTED = FORWARD | COPIED | {"permuted weights", "permuted biases", "inputs stay in place"}
EQUIVARIANT = PERMUTED | DELTAS | {f"{name}, permuted network" for name in DELTAS} | {"outputs stay in place"}
TIE = {"equal incoming weights", "equal biases", "equal outgoing weights"}
DESCENT = {
    "weighted input", "activation", "delta of a hidden layer", *GRADIENTS,
    "gradient descent on the weights", "gradient descent on the biases",
}  # fmt: skip

ASSUMED = TIE | {
    "targets are fixed", "inputs are fixed", "only one weight moves", "biases do not move",
    "permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place",
}  # fmt: skip

DECLARED: dict[tuple[str, str], set[str]] = {
    ("T1", "one layer"): {"weighted input", "activation"},
    ("T1", "two layers"): {"weighted input", "activation"},
    ("T1", "first layer"): {"weighted input", "activation", "input of the network"},
    ("T2", "total differential"): TOTAL,
    ("T2", "one weight"): TOTAL | {"only one weight moves", "biases do not move"},
    ("T2", "last hidden layer"): {
        f"{name}, M hidden layers" for name in (*DELTAS, "gradient of the weights")
    },
    ("T2b", "total differential"): TOTAL,
    ("T2b", "one weight"): TOTAL | {"only one weight moves", "biases do not move"},
    ("T3", "activations"): PERMUTED,
    ("T3", "cost"): PERMUTED | {"cost", "cost, permuted network", "outputs stay in place"},
    ("T4", "deltas"): EQUIVARIANT,
    ("T4", "gradient of the weights"): EQUIVARIANT
    | {"gradient of the weights", "gradient of the weights, permuted network"},
    ("T4", "gradient of the biases"): EQUIVARIANT
    | {"gradient of the biases", "gradient of the biases, permuted network"},
    ("T5", "incoming weights"): TIE | DESCENT,
    ("T5", "biases"): TIE | DESCENT,
    ("T5", "outgoing weights"): TIE | DESCENT,
    ("T5", "activations"): TIE | DESCENT,
    ("T5", "deltas"): TIE | DESCENT,
    ("T5", "gradients"): TIE | DESCENT,
}
EACH = tuple(DECLARED)
STUCK = r"^(rewrite|ring|congruence|reindex|transitivity|induction)"  # in a proof, not in its setting


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
def test_the_argument_ends_in_what_it_shows(key: str, name: str) -> None:
    for x in proofs.find(key).prove().propositions:
        for argument in x.arguments:
            assert argument.lines[-1][0] == argument.theorem.rhs
            assert argument.start == argument.theorem.lhs
        if x.name == name and x.arguments and key != "T5":
            statements = [(a.theorem.lhs, a.theorem.rhs) for a in x.arguments]
            if name not in ("activations", "deltas"):
                assert (x.theorem.lhs, x.theorem.rhs) in statements


# ------------------------------------------------------------ the propositions at exact random numbers


@pytest.mark.parametrize(("key", "name"), EACH)
@pytest.mark.parametrize("depth", [1, 2])
def test_a_proposition_holds_at_numbers(key: str, name: str, depth: int) -> None:
    t = theorem(key, name)
    moving = key in ("T2", "T2b")  # differentials are differences with a step of 10^-30
    sizes = {"L": depth, "B": 2, "T": 1, "M": depth}
    seen = 0
    for left, right in both_sides(t, sizes, seed=depth):
        error = abs(left - right) / (1 + abs(right))
        assert error <= (Fraction(1, 10**20) if moving else 0), f"{t}: {float(left)} and {float(right)}"
        seen += 1
    needs_two_layers = key == "T5" or name == "two layers"
    assert seen > 0 or (depth == 1 and needs_two_layers)


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
    assert any(left != right for left, right in both_sides(claimed, {"L": 2}, seed=2))  # type: ignore[arg-type]


NEEDED = [(key, name, h) for (key, name), hs in DECLARED.items() for h in sorted(hs & ASSUMED)]


@pytest.mark.parametrize(("key", "name", "dropped"), NEEDED)
def test_each_assumption_is_needed(key: str, name: str, dropped: str) -> None:
    """Where one assumption is not met, there are numbers at which the proposition is false."""
    t = theorem(key, name)
    left = frozenset(h for h in t.hypotheses if h.name != dropped)
    assert len(left) == len(t.hypotheses) - 1
    without = Claimed(t.context, left, t.lhs, t.rhs)
    sizes = {"L": 2, "B": 2, "T": 1}
    found = (a != b for seed in range(1, 6) for a, b in both_sides(without, sizes, seed))  # type: ignore[arg-type]
    assert any(found)


@dataclass(frozen=True)
class Claimed:
    """What somebody says, without a proof."""

    context: Any
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr


# ------------------------------------------------------------------- mutated settings do not prove


MODULES = (
    "total_differential", "t1_layer_equations", "t2_backpropagation", "t2_backpropagation_batch",
    "t3_permutation_invariance", "t4_equivariance", "t5_tied_neurons",
)  # fmt: skip


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Forget what was proved, and forget again what is proved from mutated settings."""

    def forget() -> None:
        for name in MODULES:
            for value in vars(import_module(f"proofs.{name}")).values():
                if hasattr(value, "cache_clear") and value not in (network, permutation.permuted_network):
                    value.cache_clear()
        permutation.permuted_network.cache_clear()

    forget()
    yield forget
    monkeypatch.undo()
    forget()


def law(name: str, lhs: Expr, rhs: Expr, *ranges: Any) -> Theorem:
    return kernel.assume(hypothesis_of(name, lhs, rhs, ranges, "definition"), EMPTY)


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


PERMUTATIONS: tuple[tuple[str, str, Callable[[permutation.Permuted], Theorem]], ...] = (
    ("columns not permuted", "weights", lambda net: permuted_weights(net, net.pi[l, j], k)),
    ("rows not permuted", "weights", lambda net: permuted_weights(net, j, net.pi[l - 1, k])),
    ("columns permuted like rows", "weights", lambda net: permuted_weights(net, net.pi[l, j], net.pi[l, k])),
    (
        "rows permuted twice",
        "weights",
        lambda net: permuted_weights(net, net.pi[l, net.pi[l, j]], net.pi[l - 1, k]),
    ),
    ("biases not permuted", "biases", lambda net: permuted_biases(net, j)),
    ("biases permuted as the layer below", "biases", lambda net: permuted_biases(net, net.pi[l - 1, j])),
    (
        "inputs permuted",
        "inputs",
        lambda net: law("inputs", net.pi[0, j], net.pi[0, j], (j, 1, net.plain.n[0])),
    ),
    (
        "outputs permuted",
        "outputs",
        lambda net: law("outputs", net.pi[L, j], net.pi[L, j], (j, 1, net.plain.n[L])),
    ),
)


def permuted_weights(net: permutation.Permuted, row: Expr, column: Expr) -> Theorem:
    n, w = net.plain.n, net.plain.tensor("w")
    ranges = ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))
    return law("permuted weights", net.tilde("w")[l, j, k], w[l, row, column], *ranges)


def permuted_biases(net: permutation.Permuted, row: Expr) -> Theorem:
    b = net.plain.tensor("b")
    return law("permuted biases", net.tilde("b")[l, j], b[l, row], (l, 1, L), (j, 1, net.plain.n[l]))


@pytest.mark.parametrize("module", [t3_permutation_invariance, t4_equivariance], ids=["T3", "T4"])
@pytest.mark.parametrize(
    ("part", "wrong"), [row[1:] for row in PERMUTATIONS], ids=[row[0] for row in PERMUTATIONS]
)
def test_a_network_that_is_no_permuted_copy_does_not_prove(
    part: str,
    wrong: Callable[[permutation.Permuted], Theorem],
    module: ModuleType,
    anew: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = permutation.permuted_network()
    mutated = replace(net, **{part: wrong(net)})
    for each in (t3_permutation_invariance, t4_equivariance):
        monkeypatch.setattr(each, "permuted_network", lambda: mutated)
    with pytest.raises(KernelError, match=STUCK):
        module.prove()


@pytest.mark.parametrize("module", [t3_permutation_invariance, t4_equivariance], ids=["T3", "T4"])
def test_a_permuted_copy_proves_here_too(
    module: ModuleType, anew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = permutation.permuted_network()
    right = replace(net, weights=permuted_weights(net, net.pi[l, j], net.pi[l - 1, k]))
    for each in (t3_permutation_invariance, t4_equivariance):
        monkeypatch.setattr(each, "permuted_network", lambda: right)
    assert len(module.prove().propositions) >= 2


@dataclass(frozen=True)
class Loose(t5_tied_neurons.Training):
    """Neurons of which less is equal; `broken` says which of the three equalities says nothing."""

    broken: int | None = None
    other: str = ""

    def tie(self, step: Expr | int, kind: str) -> tuple[Hypothesis, ...]:
        whole = list(super().tie(step, kind))
        if self.broken is not None:
            h = whole[self.broken]
            whole[self.broken] = h._replace(rhs=h.lhs)
        if self.other == "one row":
            whole[0] = whole[0]._replace(indices=((k, 1 + 0 * L, 1 + 0 * L),))
        if self.other == "columns":
            w, n = self.tensors["w"], self.plain.n
            rows = hypothesis_of(
                whole[2].name, w[step, m + 1, p, i], w[step, m + 1, q, i], ((i, 1, n[m + 1]),), kind
            )
            whole[2] = rows
        return tuple(whole)


@pytest.mark.parametrize(
    ("broken", "other"),
    [(0, ""), (1, ""), (2, ""), (None, "one row"), (None, "columns")],
    ids=[
        "incoming weights",
        "biases",
        "outgoing weights",
        "one incoming weight alone",
        "rows instead of columns",
    ],
)
def test_neurons_that_are_not_tied_do_not_prove(
    broken: int | None, other: str, anew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = t5_tied_neurons.training()
    mutated = Loose(whole.plain, whole.tensors, whole.laws, broken, other)
    monkeypatch.setattr(t5_tied_neurons, "training", lambda: mutated)
    with pytest.raises(KernelError, match=STUCK):
        t5_tied_neurons.prove()


@pytest.mark.parametrize("short", ["update_w", "update_b"])
def test_a_descent_that_treats_neurons_differently_does_not_prove(
    short: str, anew: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step size of its own for every neuron."""
    whole = t5_tied_neurons.training()
    (h,) = whole.laws[short].hypotheses
    eta = t5_tied_neurons.eta
    own = tensor("rate", (l, 1, L), (j, 1, whole.plain.n[l]))
    changed = h._replace(rhs=h.rhs.xreplace({eta[setting.t]: own[l, j]}))
    assert changed != h
    mutated = Loose(whole.plain, whole.tensors, {**whole.laws, short: kernel.assume(changed, EMPTY)})
    monkeypatch.setattr(t5_tied_neurons, "training", lambda: mutated)
    with pytest.raises(KernelError, match=STUCK):
        t5_tied_neurons.prove()


def test_tied_neurons_prove_here_too(anew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = t5_tied_neurons.training()
    monkeypatch.setattr(t5_tied_neurons, "training", lambda: Loose(whole.plain, whole.tensors, whole.laws))
    assert len(t5_tied_neurons.prove().propositions) == 6
