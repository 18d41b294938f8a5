"""Wrong equations of backpropagation, wrong copies, ties that are none: the proofs of the library stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from sympy import Expr

from proofs import t3_permutation_invariance, t4_equivariance, t5_opposite_neurons, t5_tied_neurons
from proofs.setting import L, Setting, i, j, k, l, network, t
from proofs.t5_tied_by_any_optimiser import tied_by
from symderive.calculus import Entry, IndexSum, TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY
from symderive.derivation import derive
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.proof import equivariance, kernel, symmetry, ties
from symderive.proof.kernel import Hypothesis, KernelError, hypothesis_of
from symderive.proof.propagation import NotProved
from symderive.systems import System, mlp

STUCK = r"(rewrite|ring|congruence|reindex|transitivity|induction|no definition)"
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
    known = [x.theorem.rhs for x in module.prove().propositions]

    def noted(h: Hypothesis) -> Hypothesis:
        seen.append(h.name)
        return h._replace()

    assuming(monkeypatch, dict.fromkeys((W, B_, INPUTS, OUTPUTS), noted))
    proved = module.prove_for(mlp(per_layer=True))
    assert [x.theorem.rhs for x in proved.propositions] == known
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
