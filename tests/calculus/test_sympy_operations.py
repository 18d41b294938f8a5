"""SymPy's ordinary operations on index terms are right, or refuse and say why.

What SymPy 1.14 gets silently wrong for its own sums is restated here for ours, one test for each.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import sympy
from sympy import (
    Abs,
    Function,
    Integer,
    KroneckerDelta,
    Matrix,
    Rational,
    Sum,
    Symbol,
    cos,
    exp,
    latex,
    log,
    sin,
    sqrt,
    srepr,
)

from symderive.calculus import (
    Applied,
    BoundIndex,
    Bracket,
    CalculusError,
    Entry,
    Functional,
    IndexSum,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.calculus.binding import binders, loose
from symderive.calculus.contraction import contract
from symderive.evaluation.exact import Assignment, ExactError, evaluate_exact

i, j, k, l, p = indices("i j k l p")
N, L = size("N"), size("L")
t = Symbol("t", real=True)
n = tensor("n", (l, 0, L), kind="dimension")
w = tensor("w", (j, 1, N), (k, 1, N))
x, y = tensor("x", (k, 1, N)), tensor("y", (k, 1, N))
a = tensor("a", (l, 0, L), (k, 1, n[l]), sup=1)
pi = tensor("pi", (j, 1, N), kind="permutation")
sigma, C = ScalarFunction("sigma"), Functional("C")
row = IndexSum(w[j, k] * x[k], (k, 1, N))
total = IndexSum(x[k], (k, 1, N))

SEEDS = range(3)


def values(e: Any, **names: int) -> list[Any]:
    """At a few assignments, with j, k and i different and N = 3."""
    at: dict[str, int] = {"i": 3, "j": 2, "k": 1, "l": 2, "p": 3, "N": 3, "L": 2, "t": 5} | names
    return [evaluate_exact(e, Assignment(at, seed=s)) for s in SEEDS]


def by_hand(f: Callable[[Any], Any], **names: int) -> list[Any]:
    """The same for a function of an evaluator of entries: f(v) with v(x[2]) the value of x_2."""
    found = []
    for s in SEEDS:
        at = Assignment({"t": 5, **names}, seed=s)
        found.append(f(lambda e, at=at: evaluate_exact(e, at)))
    return found


# -------------------------------------------------- the silent errors of SymPy 1.14, restated for our terms


def test_a_bound_index_is_not_the_free_one_of_the_same_name() -> None:
    """Sum(w[j,k]*x[k], (k,1,n)).diff(w[j,k]) gives Sum(x[k]) there; it is x_k, if k is in range."""
    assert values(row.diff(w[j, k])) == values(x[k]) == values(contract(row.diff(w[j, k])))
    assert values(row.diff(w[j, k]), k=7) == [0, 0, 0]
    assert values(row.diff(w[i, k])) == [0, 0, 0]


def test_substitution_does_not_capture() -> None:
    assert row.subs(j, k) == row.xreplace({j: k}) == IndexSum(w[k, i] * x[i], (i, 1, N))
    assert row.subs(j, k) != IndexSum(w[k, k] * x[k], (k, 1, N))
    assert values(row.subs(j, k)) == values(row, j=1)
    assert values(total.subs(N, k), k=2) == values(total, N=2)
    assert row.subs(k, j) == row  # the bound index is not there to be replaced
    scaled = IndexSum(t * x[k], (k, 1, N))
    assert values(scaled.subs(t, x[k])) == by_hand(lambda v: v(x[1]) * (v(x[1]) + v(x[2]) + v(x[3])))


def test_contraction_of_a_delta_does_not_capture() -> None:
    inner = IndexSum(w[k, p] * x[p], (p, 1, N))
    assert contract(IndexSum(Bracket.equal(k, p) * inner, (k, 1, N))) == (
        Bracket.at_most(1, p) * Bracket.at_most(p, N) * IndexSum(w[p, i] * x[i], (i, 1, N))
    )


def test_the_derivative_of_softmax() -> None:
    """(exp(x[j])/Sum(exp(x[j]), (j,0,n-1))).diff(x[j]) gives 0 there."""
    denominator = IndexSum(exp(x[j]), (j, 1, N))
    softmax = exp(x[j]) / denominator
    slope = softmax.diff(x[j])
    at = {N: 3, j: 2}
    numbers = {x[v]: Rational(v, 2) for v in (1, 2, 3)}
    got = contract(slope).subs(at).doit().subs(numbers)
    s = exp(1) / (exp(Rational(1, 2)) + exp(1) + exp(Rational(3, 2)))
    assert abs(sympy.N(got - s * (1 - s))) < 1e-12
    other = contract(softmax.diff(x[k])).subs({**at, k: 3}).doit().subs(numbers)
    assert (
        abs(sympy.N(other + s * exp(Rational(3, 2)) / (exp(Rational(1, 2)) + exp(1) + exp(Rational(3, 2)))))
        < 1e-12
    )


@pytest.mark.parametrize("odd", range(1, 11))
def test_a_strided_delta_stays(odd: int) -> None:
    """Sum(KroneckerDelta(2*k, p), (k,1,n)).doit() is wrong there for odd p."""
    strided = IndexSum(Bracket.equal(2 * k, p), (k, 1, N))
    expected = [1 if odd % 2 == 0 and odd <= 10 else 0] * 3
    assert values(strided, p=odd, N=5) == values(contract(strided), p=odd, N=5) == expected
    assert strided.subs({N: 5, p: odd}).doit() == expected[0]


def test_an_index_that_is_an_expression_counts() -> None:
    """Sum(a(l-1,k), ..).diff(a(l-1,p)) gives 0 there."""
    s = IndexSum(a[l - 1, k], (k, 1, n[l - 1]))
    assert values(s.diff(a[l - 1, p]), p=1) == [1, 1, 1]
    assert values(s.diff(a[l, p]), p=1) == [0, 0, 0]
    assert values(s.diff(a[i, p]), p=1, i=1) == [1, 1, 1]  # i is l - 1


def test_the_gradient_of_a_square() -> None:
    """(x.T*x)[0,0].diff(x) gives 0 there."""
    square = IndexSum(x[k] ** 2, (k, 1, N))
    assert values(square.diff(x[j])) == values(2 * x[j])
    assert values((total * x[j]).diff(x[j])) == values(total + x[j])


def test_no_dummy_leaks() -> None:
    """A Sum of Piecewise times KroneckerDelta leaks its dummy there."""
    e = IndexSum(Bracket.equal(j, k) * Bracket.at_most(k, p) * w[k, p], (k, 1, N))
    for done in (contract(e), e.doit(), e.expand(), sympy.simplify(e), contract(e.diff(w[j, p]))):
        assert done.free_symbols <= e.free_symbols
        assert values(done) == values(e) or done == contract(e.diff(w[j, p]))


def test_a_permutation_as_an_index_is_a_permutation() -> None:
    """change_index by a permutation symbol is refused or wrong there."""
    permuted = IndexSum(x[pi[k]] * y[pi[k]], (k, 1, N))
    assert values(permuted) == values(IndexSum(x[k] * y[k], (k, 1, N)))
    assert values(IndexSum(x[pi[k]] * y[k], (k, 1, N))) != values(IndexSum(x[k] * y[k], (k, 1, N)))


def test_substituting_an_entry_changes_what_is_written_and_no_more() -> None:
    """In sum_k x_k no x_k is free; SymPy's Sum replaces it all the same."""
    assert total.subs(x[k], w[k, k]) == total
    assert (x[k] * total).subs(x[k], 5) == 5 * total
    assert row.subs(row, t) == t


def test_a_softmax_jacobian_simplifies_or_stays() -> None:
    """simplify raises StopIteration there."""
    denominator = IndexSum(exp(x[k]), (k, 1, N))
    jacobian = Bracket.equal(i, p) / denominator - Bracket.equal(k, p) / denominator**2
    done = sympy.simplify(jacobian)
    numbers = {N: 2, i: 1, k: 2, p: 1, x[1]: 0, x[2]: 0}
    assert (
        done.doit().subs(numbers).doit().subs(numbers)
        == jacobian.subs(numbers).doit().subs(numbers)
        == Rational(1, 2)
    )


# ----------------------------------------------------------------------------- substitution and replacement


def test_simultaneous_substitution() -> None:
    e = w[j, k] * row
    assert values(e.xreplace({j: k, k: j})) == values(e, j=1, k=2)
    assert values(e.subs({j: k, k: j}, simultaneous=True)) == values(e, j=1, k=2)
    assert values(e.subs([(j, k), (k, p)])) == values(e, j=3, k=3)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (lambda: x[k].subs(k, Rational(1, 2)), "index of x: expected an integer expression, found 1/2"),
        (lambda: x[k].subs(k, 1.5), "index of x: expected an integer expression, found 1.5"),
        (lambda: row.subs(j, sympy.oo), "index of w: expected an integer expression, found oo"),
        (lambda: row.subs(N, Rational(7, 2)), "upper limit: expected an integer expression, found 7/2"),
        (lambda: row.subs(N, sympy.oo), "upper limit: expected an integer expression, found oo"),
        (lambda: row.subs(x, 2), "expected a tensor symbol, found 2"),
        (lambda: row.subs(x, w), "w: expected 2 indices, found 1"),
        (lambda: row.xreplace({BoundIndex(0): j}), "bound index outside its sum: open the sum"),
        (lambda: row.subs(BoundIndex(0), j), "bound index outside its sum: open the sum"),
        (lambda: row.subs(j, BoundIndex(0)), "bound index outside its sum: open the sum"),
        (lambda: (t * row).subs(t, row.args[0]), "bound index outside its sum: open the sum"),
        (lambda: row.open(BoundIndex(0)), "bound index outside its sum: open the sum"),
        (lambda: row.open(Rational(1, 2)), "index: expected an integer expression, found 1/2"),
        (lambda: x[1, 2], "x: expected 1 indices, found 2"),
        (lambda: x[()], "x: expected 1 indices, found 0"),
        (lambda: x[True], "index of x: expected an integer expression, found True"),
        (lambda: x["1"], "index of x: expected an integer expression, found '1'"),
        (lambda: x[1:2], "index of x: expected an integer expression, found slice"),
        (lambda: x[sympy.zoo], "index of x: expected an integer expression, found zoo"),
        (lambda: w[j], "w: expected 2 indices, found 1"),
        (lambda: IndexSum(x[k], k), r"IndexSum: expected limits \(index, low, high\), found \(k,\)"),
        (lambda: IndexSum(x[k], (t, 1, 3)), "IndexSum: expected an integer symbol as index, found t"),
        (lambda: IndexSum(x[k], (k, 1, Rational(1, 2))), "upper limit: expected an integer expression"),
        (lambda: Bracket("!=", j, k), r"bracket: expected one of .*, found '!='"),
        (lambda: sigma(t, order=-1), "sigma: expected a natural number as order, found -1"),
        (lambda: sigma(t, order=j), "sigma: expected a natural number as order, found j"),
        (lambda: sigma(t, 1), "sigma: expected 0 superscripts and an argument, found 2"),
        (lambda: C(family(x[k], (k, 1, 3)), partials=[(1, j)]), r"C: no partial \(1, j\)"),
        (lambda: C(family(x[k], (k, 1, 3)), partials=[(0,)]), r"C: no partial \(0,\)"),
        (lambda: C(), "C: expected 1 families, found 0"),
    ],
)  # fmt: skip
def test_refused(operation: Callable[[], Any], message: str) -> None:
    with pytest.raises(CalculusError, match=message):
        operation()


def test_limits_may_turn_a_sum_into_nothing() -> None:
    assert row.subs(N, 0) == 0 and row.subs(N, -5) == 0
    assert IndexSum(x[k], (k, N + 1, N)) == 0


def test_replace() -> None:
    assert row.replace(Entry, lambda s, *index: (y if s == x else s)[index]) == IndexSum(
        w[j, k] * y[k], (k, 1, N)
    )
    # a replacement with a sum of its own keeps the outer bound index apart from the new one
    deeper = row.replace(
        lambda e: isinstance(e, Entry) and e.symbol == x,
        lambda e: IndexSum(w[e.index[0], i] * y[i], (i, 1, N)),
    )
    assert deeper == IndexSum(w[j, k] * IndexSum(w[k, i] * y[i], (i, 1, N)), (k, 1, N))


def test_has_atoms_and_free_symbols() -> None:
    assert row.has(j) and row.has(x) and not row.has(k) and not row.has(t) and not row.has(x[k])
    assert row.free_symbols == {w, x, j, N}
    assert row.atoms(Symbol) == {j, N}
    assert {e.symbol for e in row.atoms(Entry)} == {w, x}
    inner = IndexSum(IndexSum(w[j, k], (k, 1, j)), (j, 1, N))
    assert inner.free_symbols == {w, N} and len(binders(inner)) == 2


# ---------------------------------------------------------------------------------------------- derivatives


def test_derivatives_in_one_call_or_two() -> None:
    e = sigma(row) * x[j]
    assert values(e.diff(x[i]).diff(x[j])) == values(e.diff(x[j]).diff(x[i]))
    assert values((x[j] ** 3 * total).diff(x[j], 2)) == values((x[j] ** 3 * total).diff(x[j]).diff(x[j]))
    assert values(sympy.diff(e, x[i], x[j])) == values(e.diff(x[i]).diff(x[j]))
    gradient = Matrix([total**2, x[j]]).jacobian([x[1], x[2]])
    assert values(gradient[0, 1]) == values(2 * total) and values(gradient[1, 1]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("operation", "error", "message"),
    [
        (lambda: row.diff(j), CalculusError, r"cannot differentiate w\[j, #0\] by its index j"),
        (lambda: row.diff(N), CalculusError, "cannot differentiate .* by N: it is in the limits of the sum"),
        (lambda: C(family(x[k] * t, (k, 1, 3))).diff(t), CalculusError, "expected a tensor entry"),
        (lambda: Bracket.less(0, x[j]).diff(x[k]), CalculusError, "state a convention for its jump"),
        (lambda: Bracket.equal(j, n[l]).diff(n[l]), CalculusError, "state a convention for its jump"),
        (lambda: family(x[k], (k, 1, 3)).diff(x[j]), CalculusError, "is no scalar: differentiate"),
        (lambda: row.diff(row), ValueError, "Can't calculate derivative wrt"),
        (lambda: row.diff(x[j] ** 2), ValueError, "Can't calculate derivative wrt"),
    ],
)  # fmt: skip
def test_refused_derivatives(operation: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        operation()


def test_a_real_factor_that_is_an_index_may_be_differentiated_by() -> None:
    e = IndexSum(j * k * x[k], (k, 1, N))
    assert values(e.diff(j)) == values(IndexSum(k * x[k], (k, 1, N)))


# ---------------------------------------------------------------------- printing, copying, code, evaluation

TERMS = [
    row,
    w[j, k] ** 2 * row + Bracket.equal(j, k) * sigma(row, order=1),
    IndexSum(IndexSum(w[j, k] * x[k], (k, 1, j)) ** 2, (j, 1, N)),
    C(family(IndexSum(w[j, k] * x[k], (k, 1, N)), (j, 1, N)), partials=[(0, i)]),
    IndexSum(a[l, k] * n[l], (l, 1, L)),
    x[pi[j]] / (1 + row),
    exp(IndexSum(log(x[k] ** 2), (k, 1, N))),
]


@pytest.mark.parametrize("e", TERMS, ids=str)
def test_printing_and_copying(e: Any) -> None:
    assert "#" not in str(e) and "#" not in latex(e) and "#" not in sympy.pretty(e)
    namespace = {**vars(sympy), **vars(sympy.core.symbol), **_names()}
    back = eval(srepr(e), namespace)  # our own output
    for other in (back, pickle.loads(pickle.dumps(e)), copy.copy(e), copy.deepcopy(e), e.func(*e.args)):
        assert other == e and hash(other) == hash(e) and str(other) == str(e)


def _names() -> dict[str, Any]:
    import symderive.calculus.atoms
    import symderive.calculus.terms

    return {**vars(symderive.calculus.atoms), **vars(symderive.calculus.terms)}


def test_equal_terms_print_the_same_whatever_their_letters() -> None:
    renamed = IndexSum(w[j, p] * x[p], (p, 1, N))
    assert renamed == row and str(renamed) == str(row) and latex(renamed) == latex(row)


def test_printers_avoid_the_free_letters() -> None:
    e = IndexSum(w[k, j] * x[j], (j, 1, N))
    assert str(e) == "sum(x[j]*w[k, j], j=1..N)" or "j" not in {s.name for s in e.free_symbols}
    shown = str(IndexSum(w[k, i] * x[i] * y[j], (i, 1, N)))
    assert shown.count("k") == 1 and shown.count("y[j]") == 1


@pytest.mark.parametrize("e", TERMS[:6], ids=str)
@pytest.mark.parametrize("modules", ["numpy", "math", "mpmath", "scipy", "sympy"])
def test_lambdify_is_refused(e: Any, modules: str) -> None:
    if modules == "scipy":
        pytest.importorskip("scipy")
    with pytest.raises(CalculusError, match=r"use symderive\.evaluation instead of lambdify"):
        sympy.lambdify([t], e, modules)


def test_lambdify_of_entries_alone_counts_as_sympy_does() -> None:
    assert sympy.lambdify([x[j], x[k]], x[j] ** 2 - x[k])(3, 4) == 5
    with pytest.raises(CalculusError, match=r"use symderive\.evaluation"):
        sympy.lambdify([x[1]], x[1] * x[2])


@pytest.mark.parametrize(
    "code", ["pycode", "ccode", "cxxcode", "fcode", "julia_code", "octave_code", "rust_code", "jscode"]
)
def test_code_printers_refuse(code: str) -> None:
    with pytest.raises((CalculusError, NotImplementedError, TypeError)) as caught:
        getattr(sympy, code)(row)
    assert "IndexSum" in str(caught.value)


def test_no_number_where_there_is_none() -> None:
    with pytest.raises(TypeError):
        float(row)
    with pytest.raises(TypeError):
        bool(row < 1)
    numeric = IndexSum(k, (k, 1, 3))
    assert numeric.doit() == 6 and numeric != 6
    with pytest.raises(TypeError):
        float(numeric)
    assert numeric.evalf() == numeric  # not a wrong number


def test_a_tensor_is_no_sequence() -> None:
    for f in (len, list, lambda s: k in s):
        with pytest.raises(TypeError):
            f(x)


# ------------------------------------------------------------------------------------- algebra keeps values

ALGEBRA = {
    "expand": sympy.expand, "factor": sympy.factor, "together": sympy.together, "cancel": sympy.cancel,
    "simplify": sympy.simplify, "factor_terms": sympy.factor_terms, "powsimp": sympy.powsimp,
    "collect": lambda e: sympy.collect(e, x[j]), "apart": lambda e: sympy.apart(e, x[j]),
    "trigsimp": sympy.trigsimp, "nsimplify": sympy.nsimplify, "signsimp": sympy.signsimp,
    "ratsimp": sympy.ratsimp,
}  # fmt: skip


@pytest.mark.parametrize("name", ALGEBRA)
@pytest.mark.parametrize(
    "e",
    [
        row**2 + 2 * row * x[j] + x[j] ** 2,
        1 / row - 1 / (row + x[j]),
        (y[j] + row) / ((x[j] ** 2 + 1) * (x[j] + Rational(1, 3))),
        IndexSum(x[k] * (y[k] + t) ** 2, (k, 1, N)) - t**2 * total,
        (row**2 - x[j] ** 2) / (row - x[j]),
        Bracket.equal(j, k) ** 3 * x[j] + Bracket.equal(k, j) * t,
    ],
    ids=str,
)
def test_algebra_keeps_values(name: str, e: Any) -> None:
    done = ALGEBRA[name](e)
    assert values(done) == values(e)
    assert not loose(done)


def test_trigonometry_of_a_sum() -> None:
    assert sympy.trigsimp(sin(row) ** 2 + cos(row) ** 2) == 1


def test_a_bracket_is_idempotent_and_no_more() -> None:
    b = Bracket.equal(j, k)
    assert b**2 == b and b ** Rational(1, 2) == b and b**0 == 1
    assert b**-1 != b and b**j != b
    assert sqrt(b * x[j] ** 2) == b * Abs(x[j])


# -------------------------------------------------------------------------- with SymPy's own Sum and others


def test_our_entries_in_sympys_sum() -> None:
    """SymPy's Sum stays SymPy's: written out it is right, and evaluation refuses the rest."""
    assert Sum(x[k], (k, 1, 3)).doit() == x[1] + x[2] + x[3]
    with pytest.raises(CalculusError, match="expected sums to be IndexSum"):
        IndexSum(Sum(w[j, k], (j, 1, k)), (k, 1, 3))
    with pytest.raises(ExactError, match="expected sums, products, powers and index terms, found Sum"):
        evaluate_exact(Sum(x[k], (k, 1, 3)))
    with pytest.raises((ValueError, CalculusError)):
        IndexSum(Sum(x[k], (k, 1, 3)) * x[k], (k, 1, 3))


def test_sympys_deltas_indexed_and_functions_inside_our_sums() -> None:
    z, f = sympy.IndexedBase("z"), Function("f")
    assert IndexSum(z[k] * x[k], (k, 1, 2)).doit() == z[1] * x[1] + z[2] * x[2]
    assert IndexSum(KroneckerDelta(j, k) * x[k], (k, 1, 2)).subs(j, 2).doit() == x[2]
    slope = IndexSum(f(x[k]), (k, 1, 3)).diff(x[2]).doit()
    assert slope == f(x[2]).diff(x[2])
    assert x[sympy.Idx("q")].subs(sympy.Idx("q"), 2) == x[2]


def test_lambda_and_subs_do_not_capture() -> None:
    assert sympy.Lambda(j, row)(k) == row.subs(j, k)
    assert sympy.Subs(row, j, k).doit() == row.subs(j, k)
    assert IndexSum(sympy.Lambda(k, x[k])(k), (k, 1, N)) == total


def test_the_order_of_a_derivative_is_no_number_of_the_term() -> None:
    assert isinstance(sigma(t, order=1), Applied)
    assert sigma(t, order=1).xreplace({t: Integer(2)}) == sigma(2, order=1)
