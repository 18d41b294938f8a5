"""The witnesses of T2 to T10: the stated numbers, one change each, and no contradiction without it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import fields, replace
from fractions import Fraction
from importlib import import_module
from itertools import permutations, product
from typing import Any

import pytest
from sympy import Integer

import proofs
from proofs.hidden_gradient import M, last_hidden
from proofs.setting import network
from proofs.witnesses import t2, t4, t5, t6, t7, t8
from proofs.witnesses.at_numbers import AtNumbers
from proofs.witnesses.pair import Pair
from proofs.witnesses.search import integers, smallest
from symderive import reference_exact as exact
from symderive.calculus.normal_form import equal
from symderive.calculus.terms import Entry
from symderive.derivation import composed, derive
from symderive.errors import SymderiveError
from symderive.proof.witness import Witness, Worked
from symderive.systems import mlp

KEYS = ("t2", "motion", "t3", "t4", "t5", "t5c", "t6", "t7", "t8", "t9", "t10")
ALL: list[tuple[str, int, Witness]] = [
    (key, n, w) for key in KEYS for n, w in enumerate(import_module(f"proofs.witnesses.{key}").witnesses())
]
EACH = pytest.mark.parametrize("witness", [w for *_, w in ALL], ids=[f"{key}-{n}" for key, n, _ in ALL])

DEFENDED = {
    "t2": ["delta of a hidden layer"] * 2 + ["last hidden layer"] * 2,
    "t3": ["permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place"],
    "motion": ["only one weight moves", "biases do not move", "inputs are fixed", "targets are fixed"],
    "t4": [
        "permuted weights", "permuted biases", "inputs stay in place", "outputs stay in place",
        "permuted weights",
    ],
    "t5": [
        "equal incoming weights", "equal biases", "equal outgoing weights", "equal optimiser states",
        "the same rule for both neurons", "the same rule for both neurons", "the same rule for both neurons",
        "equal incoming weights",
    ],
    "t5c": [
        "the activation is odd", "opposite incoming weights", "opposite biases", "opposite outgoing weights",
    ],
    "t6": [
        "equal incoming weights at step t", "equal biases at step t",
        "random outgoing weights alone break the symmetry",
        "random outgoing weights alone break the symmetry", "delta of a hidden layer",
    ],
    "t7": [
        "equal outgoing sums in a colour", "equal incoming sums in a colour", "equal biases in a colour",
        "inputs have colours of their own", "outputs have colours of their own",
        "equal states of the weights",
    ],
    "t8": [
        "constant weights", "constant biases", "activations are 0 at 0", "zero weights", "zero hidden biases",
        "a hidden layer",
    ],
    "t9": [
        "step size below 1/K", "Lipschitz gradient", "Lipschitz gradient", "Lipschitz gradient",
        "equal velocities after the step", "momentum is not 0",
    ],
    "t10": [
        "equal incoming weights", "equal biases", "equal outgoing weights", "the direction sums to 0",
        "weight decay attracts", "not by the mean of the factors",
    ],
}  # fmt: skip


def test_what_is_defended() -> None:
    assert {key: [w.defends for k, _, w in ALL if k == key] for key in KEYS} == DEFENDED


@EACH
def test_the_claim_fails_without_the_hypothesis_and_holds_with_it(witness: Witness) -> None:
    found, control = witness.run()
    assert not found.holds and control.holds
    assert (found, control) == (witness.found, witness.control)


@EACH
def test_the_mutation_that_restores_the_hypothesis_removes_the_contradiction(witness: Witness) -> None:
    with pytest.raises(SymderiveError, match="expected a false claim without it, found a true one"):
        replace(witness, broken=witness.restored)
    with pytest.raises(SymderiveError, match="expected a true claim with it"):
        replace(witness, restored=witness.broken)


PROPORTIONAL = {"w", "v"}  # w_2 = c w_1 comes with v_2 = v_1 / c: the change is that of c


@EACH
def test_the_two_cases_differ_in_one_thing(witness: Witness) -> None:
    one, other = witness.broken, witness.restored
    differ = {f.name for f in fields(one) if getattr(one, f.name) != getattr(other, f.name)}
    assert len(differ) == 1 or (witness.experiment is t5.proportional and differ == PROPORTIONAL)


@EACH
def test_the_numbers_are_small_enough_to_follow(witness: Witness) -> None:
    def flat(value: Any) -> list[Fraction]:
        return [v for part in value for v in flat(part)] if isinstance(value, tuple) else [value]

    for w in (witness.found, witness.control):
        for label, value in (*w.lines, (w.quantity, w.claimed), (w.quantity, w.true)):
            assert all(abs(v.numerator) < 1000 and v.denominator < 100 for v in flat(value)), label


LIBRARY = [m for m in proofs.library() if m.prove().witnesses]


def test_each_stands_in_a_theorem() -> None:
    """Every witness of this folder is carried by a theorem of the library."""
    shown = {(w.defends, w.text) for m in LIBRARY for w in m.prove().witnesses}
    assert {(w.defends, w.text) for *_, w in ALL} <= shown


UNDEFENDED = {
    # that a colouring is numbered 1..K is how it is written down, not what the theorem needs of a network
    "as many colours as outputs", "colours begin at 1", "colours end at K", "every colour has members",
}  # fmt: skip


@pytest.mark.parametrize("key", ["T2", "T2b", "T3", "T4", "T5", "T7", "T8"])
def test_every_assumption_has_its_witness(key: str) -> None:
    theorem = proofs.find(key).prove()
    defended = {w.defends for w in theorem.witnesses}
    left = {h.name for h in theorem.hypotheses() if h.kind == "assumption"} - defended - UNDEFENDED
    assert left <= LEFT.get(key, set())


LEFT = {
    # of the corollary on permutation ties, and of the biases, for which the same holds as for the weights
    "T7": {"equal weights between colours", "equal states of the biases"},
}


GENERAL = re.compile(r"\\sum|\\sigma|[_^]\{?\(?[a-zA-Z]")  # a sum, a layer's activation, a letter as an index


@EACH
def test_the_words_speak_of_one_network_of_numbers(witness: Witness) -> None:
    """No general formula is typed here: those come from the engine."""
    labels = [label for label, _ in witness.found.lines]
    for words in (witness.text, witness.found.quantity, *labels):
        assert words.count("$") % 2 == 0, words
        assert not any(GENERAL.search(formula) for formula in words.split("$")[1::2]), words


def test_all_of_them_take_less_than_three_seconds() -> None:
    start = time.process_time()
    for *_, w in ALL:
        w.run()
    for key in KEYS:
        import_module(f"proofs.witnesses.{key}").witnesses.__wrapped__()
    assert time.process_time() - start < 3


# ---------------------------------------------------------------- gradients are what forward passes say


PAIRS = [case for *_, w in ALL for case in (w.broken, w.restored) if isinstance(case, Pair)]


@pytest.mark.parametrize("case", PAIRS, ids=range(len(PAIRS)))
def test_backward_passes_agree_with_forward_passes(case: Pair) -> None:
    truth = exact.gradient_truth(case.network, case.theta, [1], [case.y])
    assert case.gradient().parameters == truth


def test_one_step_is_that_of_the_reference() -> None:
    case = Pair((1, 2), (0, 1), (1, -1), 3, "z+z^3")
    after, step = case.after(), exact.step(case.network, case.theta, [1], [3], 1)
    assert after.weights == step.weights and after.biases[0] == step.biases[0]
    assert after.biases[1] == (0,)  # the output has no bias
    rates = replace(case, rates=(2, 1)).after()
    assert rates.weights[0][1] == case.after().weights[0][1]
    assert rates.weights[0][0][0] - 1 == 2 * (case.after().weights[0][0][0] - 1)


# ---------------------------------------------------------------- T2


def test_the_numbers_of_t2() -> None:
    found = [(w.found.claimed, w.found.true) for w in t2.witnesses()]
    assert found == [((3, 7), (24, 34)), ((3,), (9,)), ((3, 7), (24, 34)), ((3,), (9,))]


def test_the_types_object_first() -> None:
    wide, _, step, _ = t2.witnesses()
    assert wide.found.objection.endswith(
        "index 2 of delta[l + 1, j]: expected a value in 1..n[l + 1], found j (j in 1..n[l])"
    )
    assert step.found.objection.endswith(
        "index 2 of z[M + 1, j]: expected a value in 1..n[M + 1], found j (j in 1..n[M])"
    )
    assert not wide.control.objection and not step.control.objection


def test_the_claims_are_read_from_latex() -> None:
    """What is evaluated is what was parsed: another formula gives other numbers."""
    wrong, right = t2.recursions()
    z, delta = network().tensor("z"), network().tensor("delta")
    assert {e.symbol for e in wrong.term.atoms(type(z[1, 1]))} == {z, delta}
    mended = replace(wrong, definition=replace(wrong.definition, rhs=2 * wrong.term), objection="")
    assert t2.deltas(t2.Case(mended, *t2.WIDE)).claimed == (6, 14)
    assert t2.deltas(t2.Case(right, *t2.WIDE)).claimed == (24, 34)


@pytest.mark.parametrize("experiment", [t2.deltas, t2.gradient])
def test_a_transposed_weight_is_refuted_too(experiment: Callable[[t2.Case], Worked]) -> None:
    """The sum alone does not save the claim: with w_{jk} for w_{kj} it is as wrong."""
    net = network()
    w = net.tensor("w")
    _, right = t2.recursions() if experiment is t2.deltas else t2.gradients()
    (entry,) = (e for e in right.term.atoms(type(w[1, 1, 1])) if e.symbol == w)
    layer, row, column = entry.index
    term = right.term.xreplace({entry: w[layer, column, row]})
    wrong = replace(right, definition=replace(right.definition, rhs=term))
    assert experiment(t2.Case(right, *t2.WIDE)).holds
    assert not experiment(t2.Case(wrong, *t2.WIDE)).holds


@pytest.mark.parametrize("seed", range(3))
def test_the_right_formulas_hold_in_unequal_widths(seed: int) -> None:
    source = [draw * (1 - 2 * (draw % 3 == seed)) for draw in range(1, 7)]
    first, second = source[:2], [source[0:2], source[2:4], source[4:6]]
    for (_, right), experiment in ((t2.recursions(), t2.deltas), (t2.gradients(), t2.gradient)):
        assert experiment(t2.Case(right, first, second)).holds


def test_the_right_step_is_proved_and_is_the_composed_form() -> None:
    """The kernel's chain, at one hidden layer, is what putting the derivatives into each other gives."""
    proved = last_hidden().theorem
    assert {h.name for h in proved.hypotheses} == {
        "gradient of the weights, M hidden layers",
        "delta of a hidden layer, M hidden layers",
        "delta of the last layer, M hidden layers",
    }
    d = derive(mlp(depth=3, per_layer=True))
    (gradient,) = (g for g in d.definitions if g.symbol.name == "grad_w" and g.lhs.index[0] == 2)
    whole = composed(gradient, d).rhs
    mine = {e.symbol.name: e.symbol for e in proved.rhs.atoms(Entry)}
    names = {e.symbol: mine[e.symbol.name] for e in whole.atoms(Entry)}  # their declared ranges have 3 for L
    two = proved.rhs.xreplace({M: Integer(2)})
    assert equal(two, whole.xreplace(names))
    assert not equal(proved.rhs.xreplace({M: Integer(1)}), whole.xreplace(names))


def test_names_that_are_neither_given_nor_defined() -> None:
    with pytest.raises(SymderiveError, match=r"expected x\[1\] to be given or defined, found neither"):
        AtNumbers([], {}, {}).value(network().tensor("x")[1], {})


# ---------------------------------------------------------------- T4


def test_rescaling_keeps_the_cost_but_is_not_orthogonal() -> None:
    def orthogonal(P: Any) -> bool:
        rows = range(4)
        return all(sum(P[i][n] * P[m][n] for n in rows) == int(i == m) for i, m in product(rows, rows))

    assert orthogonal(t4.SWAP) and not orthogonal(t4.SCALE)
    *_, w = t4.witnesses()
    for case in (w.found, w.control):
        lines = dict(case.lines)
        assert lines[r"$C(\theta)$"] == lines[r"$C(P \theta)$"] != 0
        assert lines[r"$\theta = (w_1, w_2, v_1, v_2)$"] != lines[r"$P \theta$"]
    w1, v1 = w.found.true[0], w.found.true[2]
    assert (w1, v1) == (w.found.claimed[0] / 4, w.found.claimed[2] * 4)


# ---------------------------------------------------------------- T5 and T6


def test_tied_neurons_move_in_every_example() -> None:
    for w in (*t5.witnesses(), *t6.witnesses()):
        if isinstance(w.broken, Pair):
            for case in (w.broken, w.restored):
                g = case.gradient().parameters
                assert any(v != 0 for v in g.numbers())


def test_nothing_smaller_breaks_a_tie() -> None:
    """By another search: no network of smaller numbers parts in outgoing weights at unequal biases."""
    w = t5.witnesses()[1]
    size = sum(map(abs, (w.broken.w[0], *w.broken.b, w.broken.v[0], w.broken.y)))
    for incoming, b1, b2, out, y in product((-1, 0, 1), repeat=5):
        if sum(map(abs, (incoming, b1, b2, out, y))) < size and b1 != b2:
            broken = Pair((incoming, incoming), (b1, b2), (out, out), y)
            restored = replace(broken, b=(b1, b1))
            moving = [c.after().weights[1] != c.theta.weights[1] for c in (broken, restored)]
            parts = broken.after().weights[1][0]
            assert not all(moving) or parts[0] == parts[1]


def test_the_break_of_t6_is_what_the_channel_carries() -> None:
    w = t6.witnesses()[2]
    lines = dict(w.found.lines)
    carried = lines["$Q (w^{(2)}_{11} - w^{(2)}_{12})$"]
    assert w.found.true == -carried != 0
    assert lines["$w^{(2)}_{11} - w^{(2)}_{12}$ after the step"] == w.broken.v[0] - w.broken.v[1]


def test_the_tie_breaks_at_the_first_step_at_which_something_is_carried() -> None:
    w = t6.witnesses()[3]
    carried = dict(w.found.lines)["$Q (w^{(2)}_{11} - w^{(2)}_{12})$ in steps 1, 2"]
    assert w.found.true == (0, -carried[1]) and carried[0] == 0 != carried[1]


def test_the_wrong_recursion_predicts_no_break() -> None:
    w = t6.witnesses()[4]
    assert (w.found.claimed, w.found.true) == (0, -2)
    assert (w.control.claimed, w.control.true) == (-2, -2)


# ---------------------------------------------------------------- T7 and T8


def test_no_permutation_exchanges_the_first_two_columns() -> None:
    """The tie is none of T5: over all ways to permute both hidden layers that keep W^2."""
    W = t7.BALANCED
    kept = [
        columns
        for rows, columns in product(permutations(range(2)), permutations(range(3)))
        if all(W[rows[r]][columns[c]] == W[r][c] for r, c in product(range(2), range(3)))
    ]
    assert (0, 1, 2) in kept and (2, 1, 0) in kept
    assert all(columns[0] != 1 for columns in kept)


def test_balanced_weights_stay_balanced_and_unequal() -> None:
    for theta in t7.Coloured(t7.BALANCED).run():
        sums = t7.sums(theta)
        assert all(len(set(values)) == 1 for values in sums.values())
        W2 = theta.weights[1]
        assert [W2[0][c] - W2[0][0] for c in range(3)] == [0, 1, 2]


def test_the_numbers_of_t8() -> None:
    constant, _, zero, *_, softmax = t8.witnesses()
    assert constant.control.true == ((4, 1, 3), (1, 1, 1))
    assert zero.found.true == 2 and softmax.found.true == 6
    bias = dict(softmax.found.lines)["gradient of the last bias"]
    assert bias == (Fraction(1, 3), Fraction(-2, 3), Fraction(1, 3))


def test_softmax_regression_trains_in_floats_too() -> None:
    """One step from zeros lowers the cost: the NumPy reference, which shares nothing with the exact one."""
    import numpy as np

    from symderive import reference

    net = reference.Network((2, 3), "identity", "softmax_cross_entropy")
    W, b = np.zeros((3, 2)), np.zeros(3)
    before = reference.cost(net, [W], [b], [1, 1], [0, 1, 0])
    g = np.array(t8.witnesses()[-1].broken.gradient().weights[0], float)
    assert reference.cost(net, [W - 0.1 * g], [b], [1, 1], [0, 1, 0]) < before


def test_rank() -> None:
    def matrix(*rows: tuple[int, ...]) -> Any:
        return [[Fraction(v) for v in row] for row in rows]

    assert t8.rank(matrix((0, 0), (0, 0))) == 0
    assert t8.rank(matrix((0, 1, 2), (0, 2, 4))) == 1
    assert t8.rank(matrix((0, 1, 2), (1, 2, 4), (1, 3, 6))) == 2


# ---------------------------------------------------------------- the search


def test_integers_come_in_the_order_of_their_size() -> None:
    seen = list(integers(3, 2))
    assert len(seen) == len(set(seen)) == 125
    sizes = [sum(map(abs, v)) for v in seen]
    assert sizes == sorted(sizes) and seen[0] == (0, 0, 0)


def test_a_search_without_a_find() -> None:
    def never(v: Any) -> Worked:
        return Worked((), "q", 0, 0)

    with pytest.raises(SymderiveError, match="expected a witness for x among integers up to 1, found none"):
        smallest("x", "", never, lambda v: (v, v), 2)
