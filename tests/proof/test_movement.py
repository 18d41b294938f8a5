"""Which hypotheses a proof differentiates, in small proofs and in the whole library."""

from __future__ import annotations

from sympy import Integer

import proofs
from symderive.calculus import indices, size, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of
from symderive.proof.movement import differentiated, movement, moves
from symderive.proof.tactics import Chain

x, y, z = (tensor(name) for name in "xyz")
ALONG = {
    **{
        ("T4", f"Hessian, gradients of the {w}"): {
            "inputs stay in place", "outputs stay in place", "permuted biases", "permuted weights",
        }
        for w in ("weights", "biases")
    },
    ("T11", "Saxe's quantity"): {"positive output"},
}  # fmt: skip
"""All that the library assumes along a movement; a tie that a direction leaves must not be among it."""


def assumed(name: str, lhs: object, rhs: object) -> Theorem:
    return kernel.assume(hypothesis_of(name, lhs, rhs), EMPTY)  # type: ignore[arg-type]


def names(t: Theorem) -> set[str]:
    return {h.name for h in differentiated(t)}


def test_what_is_used_at_the_point_alone_is_not_among_them() -> None:
    t = assumed("a", x[()], y[()])
    assert names(t) == set() and names(kernel.differentiation(t)) == {"a"}
    here = assumed("b", y.tangent()[()], z[()])
    both = kernel.transitivity(kernel.differentiation(t), here)
    assert names(both) == {"a"} and {h.name for h in both.hypotheses} == {"a", "b"}
    assert moves(both) and not moves(t)
    again = kernel.transitivity(kernel.symmetry(both), kernel.reflexivity(x.tangent()[()], EMPTY))
    assert names(again) == {"a"}


def test_an_equation_that_is_used_on_the_way_makes_all_that_it_rests_on_hold_there() -> None:
    first, second = assumed("a", x[()], y[()]), assumed("b", y[()], z[()])
    assert names(kernel.differentiation(kernel.transitivity(first, second))) == {"a", "b"}


def inductively(differentiating: bool) -> Theorem:
    """u_t = x for all t, from u_0 = x and u_{t+1} = u_t; or from u_{t+1} = x + du_t - dx."""
    (t,), n = indices("t"), size("n")
    u, zero = tensor("u", (t, 0, n)), Integer(0)
    goal = hypothesis_of("goal", u[t], x[()], kind="induction")
    here = Context.of((t, 0, n - 1))
    start = assumed("start", u[0], x[()])
    known = kernel.assume(goal, here)
    value = x[()] + u.tangent()[t] - x.tangent()[()] if differentiating else u[t]
    rule = kernel.assume(hypothesis_of("rule", u[t + 1], value, ((t, 0, n - 1),)), EMPTY)
    step = Chain(u[t + 1], here).rewrite(rule)
    step.replace(kernel.differentiation(known) if differentiating else known)
    step.ring(x[()])
    return kernel.induction([goal], 0, [start], [step.theorem], (t, zero, n), EMPTY)


def test_what_an_induction_rests_on_holds_on_the_way_if_its_hypothesis_does() -> None:
    assert names(inductively(differentiating=False)) == set()
    assert names(kernel.differentiation(inductively(differentiating=False))) == {"start", "rule"}
    assert names(inductively(differentiating=True)) == {"start", "rule"}


def test_the_library_assumes_no_tie_along_a_movement() -> None:
    found = {}
    for module in proofs.library():
        for p in module.prove().propositions:
            on_the_way = {h.name for h in differentiated(p.theorem) if h.kind == "assumption"}
            if on_the_way:
                found[module.KEY, p.name] = on_the_way
    assert found == ALONG


def test_the_values_that_are_differentiated_are_those_of_the_steps_and_not_of_all_hypotheses() -> None:
    """A delta is differentiated with its slope; for the total differential sigma and the cost alone are."""

    def values(key: str, name: str) -> set[tuple[str, int]]:
        (t,) = (p.theorem for p in proofs.find(key).prove().propositions if p.name == name)
        found = movement(t)
        assert found.along == differentiated(t)
        return {
            (str(v.args[0]), v.order if isinstance(v, Applied) else len(v.partials)) for v in found.values
        }

    assert values("T2", "total differential") == {("sigma", 0), ("cost", 0)}
    assert values("T10", "activations after") == {("sigma", 0)}
    assert values("T10", "the form") == {("sigma", 0), ("sigma", 1), ("cost", 1)}
    assert values("T4", "Hessian, gradients of the biases") == set()
