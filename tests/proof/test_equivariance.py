"""The permuted network: what is assumed and shown of it, what it is called, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hidden_systems import HIDDEN

from symderive.calculus import indices, tensor
from symderive.derivation import derive
from symderive.errors import SymderiveError
from symderive.library import prove
from symderive.proof.equivariance import distinct, entry_patterns, equivariance, permuted, plain_name
from symderive.proof.kernel import KernelError
from symderive.proof.propagation import NotProved
from symderive.proof.symmetry import symmetries
from symderive.systems import Definition, System, mlp

l, j, k, t = indices("l j k t")


def test_what_is_assumed_of_the_copy() -> None:
    found = equivariance(mlp())
    assert [str(h) for h in found.assumptions] == [
        "permuted w: w_tilde[l, j, k] = w[l, pi[l, j], pi[l - 1, k]] "
        "for l in 1..L for j in 1..n[l] for k in 1..n[l - 1]",
        "permuted b: b_tilde[l, j] = b[l, pi[l, j]] for l in 1..L for j in 1..n[l]",
        "pi at 0 stays in place: pi[0, j] = j for j in 1..n[0]",
        "pi at L stays in place: pi[L, j] = j for j in 1..n[L]",
    ]


def test_inputs_that_no_class_touches_have_no_copy() -> None:
    found = equivariance(HIDDEN["shared_layer"]().system)
    assert {t.name for t in found.copy} == {"w", "v", "g", "h", "o", "f", "C"}


@pytest.mark.parametrize("output", ["identity", "tanh", "softmax"])
@pytest.mark.parametrize("widths", [None, [3, 4, 2]])
def test_a_network_with_another_last_layer(output: str, widths: list[int] | None) -> None:
    if output == "softmax":
        system = mlp(activation="relu", output="identity", cost="softmax_cross_entropy", widths=widths)
    else:
        system = mlp(activation="relu", output=output, cost="squared_error", widths=widths)
    for key in ("T3", "T4", "T5"):
        assert prove(key, system).propositions
    (cost,) = [p.theorem for p in prove("T3", system).propositions if p.theorem.rhs == system.cost[()]]
    assert "cost" in {h.name for h in cost.hypotheses}


def test_one_name_for_two_definitions_is_told_apart() -> None:
    definitions = mlp().definitions
    found = distinct(definitions, lambda d: "one")
    assert found == ["one, a[0, j]", "one, z[l, j]", "one, a[l, j]", "one, C[]"]
    assert len(
        {h.name for t in equivariance(mlp(), names=lambda d: "one").theorems.values() for h in t.hypotheses}
    )
    assert distinct(definitions, plain_name) == [plain_name(d) for d in definitions]


def test_a_claim_speaks_of_what_is_defined() -> None:
    derived = derive(HIDDEN["unusual_letters"]().system).as_system()
    ((entry, limits),) = entry_patterns(derived, derived.tensor("bar_a"))
    assert str(entry) == "bar_a[r, p]" and str(limits[0]) == "(r, 1, L)"  # not 0, where a is the input
    stacked = HIDDEN["stacked_recurrent"]().system
    assert [str(e) for e, _ in entry_patterns(stacked, stacked.tensor("h"))] == [
        "h[0, t, j]", "h[l, 0, j]", "h[l, t, j]",
    ]  # fmt: skip


def test_an_entry_at_permuted_indices() -> None:
    system = HIDDEN["heads"]().system
    s, r = indices("s r")
    assert str(permuted(system.tensor("w_q")[s, r, k], symmetries(system))) == "w_q[pi[s], r, rho[k]]"


def test_one_class_alone() -> None:
    system = HIDDEN["two_classes"]().system
    pi, rho = symmetries(system)
    for own in (pi, rho):
        found = equivariance(system, classes=[own])
        used = {
            e.symbol
            for h in found.assumptions
            for e in h.rhs.atoms(type(h.lhs))
            if e.symbol.kind == "permutation"
        }
        assert used == {own.permutation}
        assert found.of("C")[0].rhs == system.cost[()]


def test_a_class_of_another_system_is_refused() -> None:
    (pi,) = symmetries(HIDDEN["shared_layer"]().system)
    with pytest.raises((NotProved, KernelError)):
        equivariance(HIDDEN["two_classes"]().system, classes=[replace(pi)])


def test_a_system_with_sums_that_were_never_permuted_is_refused() -> None:
    """The copy's readout is not permuted: the cost of it is another one."""
    system = HIDDEN["shared_layer"]().system
    (own,) = symmetries(system)
    less = replace(own, members={n: v for n, v in own.members.items() if n[0].name != "g"})
    with pytest.raises(NotProved, match=r"^f: ring: normal forms differ: "):
        equivariance(system, classes=[less])


def test_terms_outside_of_the_language_are_refused_in_one_line() -> None:
    from sympy import tanh

    x, w, a, C = tensor("x", (k, 1, 2)), tensor("w", (j, 1, 3)), tensor("a", (j, 1, 3)), tensor("C")
    from symderive.calculus import IndexSum

    system = System("raw tanh", (x,), (w,), (
        Definition(a[j], tanh(w[j] * x[1]), ((j, 1, 3),)),
        Definition(C(), IndexSum(a[j], (j, 1, 3)) * x[2]),
    ), C)  # fmt: skip
    assert len(symmetries(system)) == 1
    with pytest.raises(KernelError, match=r"^assume: expected numbers, indices and the terms.*, found tanh"):
        equivariance(system)


# ----------------------------------------------------------------------------------- prove(name, system)

USERS = (
    "shared_layer",
    "embedded_skip",
    "tied_autoencoder",
    "learned_start",
    "cost_over_hidden",
    "unusual_letters",
)


@pytest.mark.parametrize("name", USERS)
@pytest.mark.parametrize("key", ["T3", "T4", "T5"])
def test_a_theorem_of_the_library_about_a_system_of_your_own(key: str, name: str) -> None:
    system = HIDDEN[name]().system
    result = prove(key, system)
    assert result.system is system and result.propositions
    names = [p.name for p in result.propositions]
    assert len(set(names)) == len(names)
    # textbook names are those of the mlp: here tensors are called as they are
    assert not any(word in n for n in names for word in ("weights", "biases", "activations"))
    for p in result.propositions:
        assert {h.kind for h in p.theorem.hypotheses} <= {"definition", "assumption"}
        for a in p.arguments:
            assert (a.start, a.lines[-1][0]) == (a.theorem.lhs, a.theorem.rhs)


def test_every_optimiser_ties_a_system_of_your_own() -> None:
    result = prove("T5b", HIDDEN["cost_over_hidden"]().system)
    assert {p.name for p in result.propositions} >= {"adam: equal w", "clip + decay + nesterov: equal g"}
    by_name = {}
    for p in result.propositions:
        for h in p.theorem.hypotheses:
            assert by_name.setdefault(h.name, h) == h  # one name, one hypothesis


def test_a_class_is_chosen_by_its_permutation() -> None:
    system = HIDDEN["two_classes"]().system
    tied = {c: {p.name for p in prove("T5", system, c).propositions} for c in ("pi", "rho")}
    assert "equal f" in tied["pi"] - tied["rho"] and "equal h" in tied["rho"] - tied["pi"]


@pytest.mark.parametrize(
    ("key", "system", "chosen", "says"),
    [
        (
            "T5", "two_classes", "",
            r"^two hidden layers, trained by gd: expected a class of permutable indices to be the only one, "
            r"found pi\[j\], j in 1..H: moves w_0.1, v_0.2; rho\[i\], i in 1..H: moves v_0.1, g_0.1$",
        ),
        ("T5", "two_classes", "tau", r"expected a class of permutable indices named tau, found pi\[j\]"),
        ("T3", "two_classes", "pi", r"^T3: expected no class of indices, as all are permuted, found pi$"),
        (
            "T1", "two_classes", "",
            r"^T1: expected a theorem about any system \(permutation_invariance, .*\), found one of the mlp$",
        ),
        ("T7", "two_classes", "", r"^T7: expected a theorem about any system"),
        ("T99", "two_classes", "", r"^expected a theorem of the library .*, found 'T99'$"),
        ("T3", "mlp of one layer", "", r"^mlp: expected hidden indices that can be permuted, found that"),
        ("T5", "mlp of one layer", "", r"^mlp, trained by gd: expected a class of .* only one, found none$"),
        ("T3", "text", "", r"^T3: expected a system, found 'mlp'$"),
        ("T4", "text", "", r"^T4: expected a system, found 'mlp'$"),
        ("T5", "nothing", "pi", r"^T5: expected a system, found None$"),
    ],
)  # fmt: skip
def test_what_cannot_be_proved_of_a_system_is_said_in_one_line(
    key: str, system: str, chosen: str, says: str
) -> None:
    given = {"mlp of one layer": mlp(depth=1), "text": "mlp", "nothing": None}
    with pytest.raises(SymderiveError, match=says) as error:
        prove(key, given[system] if system in given else HIDDEN[system]().system, chosen)
    assert "\n" not in str(error.value)
