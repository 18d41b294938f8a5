"""Signs that turn: of terms, by the odd functions; as laws of the kernel; and where nothing can be said."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Rational

from symderive.calculus import Functional, IndexSum, ScalarFunction, indices, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Entry, family
from symderive.derivation.training import training
from symderive.errors import SymderiveError
from symderive.proof.kernel import KernelError
from symderive.proof.propagation import NotProved
from symderive.proof.signs import Signs, odd_laws
from symderive.proof.ties import ties
from symderive.systems import mlp

j, l = indices("j l")
phi, psi, even = ScalarFunction("phi"), ScalarFunction("psi", sup=1), ScalarFunction("even")
F = Functional("F", arity=2)
up, down, unknown = tensor("u"), tensor("d"), tensor("q")
v = tensor("v", (j, 1, 3))


def of_entry(e: Entry) -> int | None:
    return {"u": 1, "d": -1, "v": -1}.get(e.symbol.name)


SIGNS = Signs(of_entry, frozenset({phi, psi, F}))


@pytest.mark.parametrize(
    ("term", "sign"),
    [
        (down(), -1), (up(), 1), (unknown(), None), (3 * down(), -1), (-down(), -1), (Rational(2), 1),
        (down() * down(), 1), (down() ** 3, -1), (down() ** -2, 1), (down() * up() * v[1], 1),
        (down() + v[2], -1), (down() + up(), None), (1 + up(), 1), (down() + 1, None),
        (IndexSum(v[j], (j, 1, 3)), -1), (IndexSum(v[j] ** 2, (j, 1, 3)), 1),
        (phi(down()), -1), (phi(up()), 1), (phi(unknown()), None), (phi(down(), order=1), 1),
        (phi(down(), order=2), -1), (even(down()), None), (even(up()), 1), (even(down() ** 2), 1),
        (psi(down(), l), -1), (phi(phi(down()) * down()), 1),
        (F(down(), up()), -1), (F(up(), up()), 1), (F(down(), down()), None), (F(up(), down()), None),
        (F(family(v[j], (j, 1, 3)), up()), None), (unknown() * down(), None),
    ],
)  # fmt: skip
def test_the_sign_of_a_term(term: Any, sign: int | None) -> None:
    assert SIGNS.of(term) == sign


def test_a_sum_has_the_sign_of_what_is_known_of_it() -> None:
    """w - eta g, where g depends on w: a guess, and no more than that."""
    assert SIGNS.of(down() + unknown()) == -1
    assert SIGNS.of(down() + up() + unknown()) is None
    assert SIGNS.of(unknown() + even(down())) is None


def test_the_laws_of_an_odd_function() -> None:
    odd, derived = odd_laws([psi(down(), l)], {psi: "psi is odd"}, EMPTY.bind(l, 1, 2))
    u = tensor("u")
    assert (odd.lhs, odd.rhs) == (psi(-u(), l), -psi(u(), l))
    assert (derived.lhs, derived.rhs) == (psi(-u(), l, order=1), psi(u(), l, order=1))
    assert [h.name for h in derived.hypotheses] == ["psi is odd"]
    assert odd_laws([psi(down(), l)], {psi: "psi is odd"}, EMPTY) == []  # l is no index of the context
    assert odd_laws([phi(down())], {psi: "psi is odd"}, EMPTY) == []


def test_each_superscript_has_a_law_of_its_own() -> None:
    found = odd_laws([psi(down(), 1) + psi(down(), 2)], {psi: "odd"}, EMPTY)
    assert {h.name for t in found for h in t.hypotheses} == {"odd, 1", "odd, 2"}


def test_a_functional_turns_in_its_first_argument() -> None:
    (law,) = odd_laws([F(down(), up())], {F: "F is odd"}, EMPTY)
    assert str(law.lhs) == "F(-u[], u_1[])" and str(law.rhs) == "-F(u[], u_1[])"


# ----------------------------------------------------------------------------------------- opposite ties


def opposite(rule: str, names: tuple[str, ...]) -> Any:
    """A run in which initial weights are opposite, where these functions are odd."""
    net = mlp(per_layer=True)
    run = training(net, rule)
    odd = {f: f"{f.name} is odd" for f in (*run.functions(), *run.functionals()) if f.name in names}
    return ties(run, odd=odd, turned=[t for t in run.parameters if t.name in ("w_0", "b_0")])


def test_opposite_neurons_stay_opposite() -> None:
    found = opposite("gd", ("sigma",))
    (a,) = found.of("a")
    assert (str(a.lhs), str(a.rhs)) == ("a[t, m, p]", "-a[t, m, q]")
    assert {h.name for h in a.hypotheses if h.reals} == {"sigma is odd"}


@pytest.mark.parametrize(
    ("rule", "names"),
    [("gd", ()), ("sign_descent", ("sigma",)), ("adam", ("sigma",)), ("adagrad", ("sigma",))],
)
def test_a_function_that_is_not_odd_is_refused(rule: str, names: tuple[str, ...]) -> None:
    with pytest.raises((NotProved, KernelError, SymderiveError), match=r"no sign of|normal forms differ"):
        opposite(rule, names)


def test_what_is_added_to_an_odd_rule_breaks_it() -> None:
    """elementwise rules are arbitrary: an odd one is no assumption of theirs."""
    with pytest.raises(NotProved, match=r"no sign of|no induction found"):
        opposite("elementwise", ("sigma",))
