r"""Terms and their LaTeX, side by side: each prints as the table says, and reads back as the term."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Float, Integer, Rational, cos, exp, gamma, log, sqrt, tanh

from symderive.calculus import (
    Bracket,
    CalculusError,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
    family,
    index_sum,
    indices,
    tensor,
)
from symderive.latex import (
    LatexError,
    Notation,
    SymbolTable,
    equation_to_latex,
    parse,
    parse_equation,
    ranges_to_latex,
    to_latex,
)
from symderive.systems.activations import NAMES, activation


def table(n: Any) -> list[tuple[Any, str]]:
    """(term, LaTeX)"""
    l, m, j, k, i, L, N = n.l, n.m, n.j, n.k, n.i, n.L, n.N
    w, b, z, a, x, y, v, delta, sigma, phi = n.w, n.b, n.z, n.a, n.x, n.y, n.v, n.delta, n.sigma, n.phi
    cost = n.C(family(a[L, j], (j, 1, n.n[L])), family(y[j], (j, 1, n.n[L])))

    def partial(*p: Any) -> Any:
        return FunctionalValue(n.C, p, *cost.families)

    return [
        # entries
        (w[l, j, k], r"w^{(l)}_{jk}"),
        (w[l - 1, j, 2 * k + 1], r"w^{(l-1)}_{j,2k+1}"),
        (w[1, 2, 3], r"w^{(1)}_{2,3}"),
        (x[12], r"x_{12}"),
        (x[n.n[l] - j + 1], r"x_{n_{l}-j+1}"),
        (x[L * j + 1], r"x_{L \cdot j+1}"),
        (x[-j], r"x_{-j}"),
        (n.u[n.t, l + 1, j], r"u^{(t,l+1)}_{j}"),
        (n.eta(), r"\eta"),
        (n.n[l - 1], r"n_{l-1}"),
        (n.wt[l, j, k], r"\tilde{w}^{(l)}_{jk}"),
        (n.pi[l, j], r"\pi_{l}(j)"),
        (w[l, n.pi[l, j], n.pi[l - 1, k]], r"w^{(l)}_{\pi_{l}(j),\pi_{l-1}(k)}"),
        (w.tangent()[l, j, k], r"\mathrm{d} w^{(l)}_{jk}"),
        (w.gradient()[l, j, k], r"\frac{\partial C}{\partial w^{(l)}_{jk}}"),
        (b.gradient().tangent()[l, j], r"\mathrm{d} \frac{\partial C}{\partial b^{(l)}_{j}}"),
        (PartialDerivative(z[m, i], a[l, j]), r"\frac{\partial z^{(m)}_{i}}{\partial a^{(l)}_{j}}"),
        # functions
        (sigma(z[l, j], order=2), r"\sigma''\left(z^{(l)}_{j}\right)"),
        (phi(z[l, j], l, order=1), r"\varphi'_{l}\left(z^{(l)}_{j}\right)"),
        (n.relu(x[j]), r"\operatorname{ReLU}\left(x_{j}\right)"),
        (exp(-x[j]), r"e^{-x_{j}}"),
        (exp(IndexSum(x[j], (j, 1, N))), r"\exp\left(\sum_{j=1}^{N} x_{j}\right)"),
        (log(1 + exp(x[j])), r"\log\left(1 + e^{x_{j}}\right)"),
        (tanh(x[j]) ** 2, r"\tanh\left(x_{j}\right)^{2}"),
        (sqrt(x[j]), r"\sqrt{x_{j}}"),
        # brackets
        (Bracket.equal(l, L), r"\left[ l = L \right]"),
        (Bracket.equal(m - 1, l), r"\left[ l = m - 1 \right]"),
        (Bracket.at_most(l + 1, L), r"\left[ l + 1 \leq L \right]"),
        (Bracket.less(0, x[j]), r"\left[ 0 < x_{j} \right]"),
        (Bracket.at_most(1, j) * Bracket.at_most(j, N) * x[j], r"\left[ 1 \leq j \leq N \right] x_{j}"),
        # products
        (2 * x[j] * y[k], r"2 x_{j} y_{k}"),
        (x[j] / 2, r"\frac{1}{2} x_{j}"),
        (-3 * x[j] / 2, r"-\frac{3}{2} x_{j}"),
        (x[j] / y[j], r"\frac{x_{j}}{y_{j}}"),
        (n.eta() * x[j] / n.B, r"\frac{\eta}{B} x_{j}"),
        (Bracket.equal(l, L) * x[j] / n.B, r"\frac{1}{B} \left[ l = L \right] x_{j}"),
        (1 / (1 + exp(-x[j])), r"\frac{1}{1 + e^{-x_{j}}}"),
        (x[j] ** -2, r"\frac{1}{x_{j}^{2}}"),
        (x[j] ** Rational(-1, 2), r"\frac{1}{\sqrt{x_{j}}}"),
        (w[l, j, k] ** 2, r"\left(w^{(l)}_{jk}\right)^{2}"),
        (x[j] ** N, r"x_{j}^{N}"),
        (Integer(2) ** N * 3, r"3 \cdot 2^{N}"),
        (a[l, k] * delta[l, j] * w[l, j, k], r"w^{(l)}_{jk} a^{(l)}_{k} \delta^{(l)}_{j}"),
        ((a[l, j] - y[j]) * sigma(z[l, j], order=1),
         r"\left(a^{(l)}_{j} - y_{j}\right) \sigma'\left(z^{(l)}_{j}\right)"),
        (n.cost() * (x[j] + y[k]), r"C \cdot \left(x_{j} + y_{k}\right)"),
        # sums of terms
        (x[j] - y[j], r"x_{j} - y_{j}"),
        (1 - x[j], r"1 - x_{j}"),
        (-x[j] - y[k], r"-x_{j} - y_{k}"),
        (w[l, j, k] - n.eta() * w.gradient()[l, j, k],
         r"w^{(l)}_{jk} - \eta \frac{\partial C}{\partial w^{(l)}_{jk}}"),
        # sums over an index
        (IndexSum(w[l, j, k] * a[l - 1, k], (k, 1, n.n[l - 1])) + b[l, j],
         r"\sum_{k=1}^{n_{l-1}} w^{(l)}_{jk} a^{(l-1)}_{k} + b^{(l)}_{j}"),
        (IndexSum(x[j] + y[j], (j, 1, N)), r"\sum_{j=1}^{N} \left(x_{j} + y_{j}\right)"),
        (IndexSum(-x[j], (j, 1, N)), r"\sum_{j=1}^{N} \left(-x_{j}\right)"),
        (-IndexSum(x[j], (j, 1, N)), r"-\sum_{j=1}^{N} x_{j}"),
        (x[j] - IndexSum(y[k], (k, 1, N)), r"x_{j} - \sum_{k=1}^{N} y_{k}"),
        (IndexSum(x[j], (j, 1, N)) ** 2, r"\left(\sum_{j=1}^{N} x_{j}\right)^{2}"),
        (IndexSum(x[j], (j, 1, N)) * IndexSum(y[j], (j, 1, N)),
         r"\left(\sum_{j=1}^{N} x_{j}\right) \sum_{j=1}^{N} y_{j}"),
        (exp(x[j]) / IndexSum(exp(x[k]), (k, 1, N)), r"\frac{e^{x_{j}}}{\sum_{k=1}^{N} e^{x_{k}}}"),
        (index_sum(v[j, k] * x[j] * x[k], (j, 1, N), (k, 1, N)),
         r"\sum_{j=1}^{N} \sum_{k=1}^{N} v_{jk} x_{j} x_{k}"),
        (IndexSum(delta[m, j], (m, l + 1, L)), r"\sum_{m=l+1}^{L} \delta^{(m)}_{j}"),
        # a functional
        (cost, r"C\left(a^{(L)}; y\right)"),
        (partial((0, j)), r"\frac{\partial C}{\partial a^{(L)}_{j}}"),
        (partial((1, j)), r"\frac{\partial C}{\partial y_{j}}"),
        (partial((0, j), (1, k)), r"\frac{\partial^{2} C}{\partial a^{(L)}_{j} \partial y_{k}}"),
        (n.E(family(x[j] ** 2, (j, 1, N))), r"\mathcal{E}\left(\left(x_{j}^{2}\right)_{j=1}^{N}\right)"),
        (n.E(family(x[j], (j, 2, N))), r"\mathcal{E}\left(\left(x_{j}\right)_{j=2}^{N}\right)"),
        (n.E(family(v[j, k], (k, 1, N))), r"\mathcal{E}\left(v_{j}\right)"),
        (n.E(family(family(v[j, k], (k, 1, N)), (j, 1, N))), r"\mathcal{E}\left(V\right)"),
        (FunctionalValue(n.E, ((0, k),), family(x[j] ** 2, (j, 1, N))),
         r"\partial_{1;k} \mathcal{E}\left(\left(x_{j}^{2}\right)_{j=1}^{N}\right)"),
    ]  # fmt: skip


def test_every_term_prints_as_a_textbook_has_it_and_reads_back(names: Any, everything: SymbolTable) -> None:
    rows = table(names)
    assert len(rows) > 60
    for term, latex in rows:
        assert to_latex(term, table=everything) == latex
        assert parse(latex, everything) == term


def test_the_four_equations_of_backpropagation(names: Any, everything: SymbolTable) -> None:
    n = names
    l, j, k, L = n.l, n.j, n.k, n.L
    cost = n.C(family(n.a[L, j], (j, 1, n.n[L])), family(n.y[j], (j, 1, n.n[L])))
    slope = FunctionalValue(n.C, ((0, j),), *cost.families)
    rows = [
        (n.delta[L, j], slope * n.sigma(n.z[L, j], order=1),
         r"\frac{\partial C}{\partial a^{(L)}_{j}} \sigma'\left(z^{(L)}_{j}\right)"),
        (n.delta[l, j],
         n.sigma(n.z[l, j], order=1) * IndexSum(n.w[l + 1, k, j] * n.delta[l + 1, k], (k, 1, n.n[l + 1])),
         r"\sigma'\left(z^{(l)}_{j}\right) \sum_{k=1}^{n_{l+1}} w^{(l+1)}_{kj} \delta^{(l+1)}_{k}"),
        (n.w.gradient()[l, j, k], n.a[l - 1, k] * n.delta[l, j], r"a^{(l-1)}_{k} \delta^{(l)}_{j}"),
        (n.b.gradient()[l, j], n.delta[l, j], r"\delta^{(l)}_{j}"),
    ]  # fmt: skip
    for lhs, rhs, latex in rows:
        assert equation_to_latex(lhs, rhs)[1] == latex
        assert parse_equation(" = ".join(equation_to_latex(lhs, rhs)), everything) == (lhs, rhs)


def test_a_bound_index_has_no_letter_that_is_free_on_either_side_or_bound_around(names: Any) -> None:
    n = names
    j, k, i = n.j, n.k, n.i
    body = IndexSum(n.v[j, k], (j, 1, n.N))
    assert to_latex(body) == r"\sum_{j=1}^{N} v_{jk}"
    assert equation_to_latex(n.x[j], body)[1] == r"\sum_{i=1}^{N} v_{ik}"
    assert equation_to_latex(n.x[j], body, avoid=[i])[1] == r"\sum_{m=1}^{N} v_{mk}"
    twice = IndexSum(IndexSum(n.v[j, k], (k, 1, n.N)), (j, 1, n.N))
    assert to_latex(twice) == r"\sum_{j=1}^{N} \sum_{k=1}^{N} v_{jk}"
    diagonal = IndexSum(IndexSum(n.x[j], (j, 1, n.N)) * n.x[k], (k, 1, n.N))
    assert to_latex(diagonal) == r"\sum_{j=1}^{N} x_{j} \sum_{k=1}^{N} x_{k}"


def test_a_bound_index_is_not_called_as_a_tensor_or_a_size(names: Any) -> None:
    (j,) = indices("j")
    k_tensor = tensor("k", (j, 1, 3))
    term = IndexSum(k_tensor[j] * names.x[j], (j, 1, 3)) * names.x[j]
    shown = to_latex(term)
    assert shown == r"x_{j} \sum_{i=1}^{3} k_{i} x_{i}"
    assert parse(shown, SymbolTable.of(term)) == term
    many = names.x[j]
    for letter in indices("k i m p q r s u v h g"):
        many = many * names.x[letter]
    crowded = IndexSum(names.v[j, j], (j, 1, 3)) * many
    assert r"\sum_{i_{1}=1}^{3} v_{i_{1},i_{1}}" in to_latex(crowded)
    assert parse(to_latex(crowded), SymbolTable.of(crowded)) == crowded


@pytest.mark.parametrize(
    ("notation", "expected"),
    [
        (Notation(layer="plain"), r"\sum_{k=1}^{n_{l-1}} w^{l}_{jk} a^{l-1}_{k} + b^{l}_{j}"),
        (Notation(layer="brackets"), r"\sum_{k=1}^{n_{l-1}} w^{[l]}_{jk} a^{[l-1]}_{k} + b^{[l]}_{j}"),
        (Notation(letters={"j": "i", "k": "j"}),
         r"\sum_{j=1}^{n_{l-1}} w^{(l)}_{ij} a^{(l-1)}_{j} + b^{(l)}_{i}"),
        (Notation(names={"w": r"\theta", "n": "d"}),
         r"\sum_{k=1}^{d_{l-1}} \theta^{(l)}_{jk} a^{(l-1)}_{k} + b^{(l)}_{j}"),
    ],
)  # fmt: skip
def test_notation_changes_every_equation_and_reads_back(
    names: Any, everything: SymbolTable, notation: Notation, expected: str
) -> None:
    n = names
    rhs = IndexSum(n.w[n.l, n.j, n.k] * n.a[n.l - 1, n.k], (n.k, 1, n.n[n.l - 1])) + n.b[n.l, n.j]
    assert to_latex(rhs, notation) == expected
    for term, _ in table(names):
        assert parse(to_latex(term, notation, table=everything), everything, notation) == term


def test_renaming_reaches_under_accents_and_into_derivatives(names: Any, everything: SymbolTable) -> None:
    n, notation = names, Notation(names={"w": r"\theta", "C": r"\mathcal{L}"})
    assert to_latex(n.wt[n.l, n.j, n.k], notation) == r"\tilde{\theta}^{(l)}_{jk}"
    gradient = to_latex(n.w.gradient()[n.l, n.j, n.k], notation)
    assert gradient == r"\frac{\partial \mathcal{L}}{\partial \theta^{(l)}_{jk}}"
    assert to_latex(n.w.tangent()[n.l, n.j, n.k], notation) == r"\mathrm{d} \theta^{(l)}_{jk}"


def test_a_print_in_one_notation_is_not_read_in_another(names: Any, everything: SymbolTable) -> None:
    shown = to_latex(names.w[names.l, names.j, names.k], Notation(layer="brackets"))
    with pytest.raises(LatexError, match=r"expected a term, \+ or -, found '\[' at column 4"):
        parse(shown, everything)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Notation(layer="above"),
            "expected layer as one of parentheses, brackets, plain, found 'above'",
        ),
        (lambda: Notation(letters={"j": "jj"}), "expected single letters as indices, found 'jj'"),
        (lambda: Notation(letters={"j": "i", "k": "i"}), "expected different names for different things"),
        (lambda: Notation(names={"w": "w_1"}), "expected a portable name for w, found 'w_1'"),
        (lambda: Notation(names={"w": r"\input{x}"}), "expected a portable name for w"),
    ],
)
def test_notation_refuses_what_formulas_cannot_hold(make: Any, message: str) -> None:
    with pytest.raises(LatexError, match=message):
        make()


def test_notation_refuses_names_that_meet(names: Any, everything: SymbolTable) -> None:
    with pytest.raises(LatexError, match="two things are written b"):
        to_latex(names.w[names.l, names.j, names.k], Notation(names={"w": "b"}), table=everything)


def test_what_has_no_print_is_refused(names: Any, everything: SymbolTable) -> None:
    n = names
    with pytest.raises(LatexError, match="expected a function that formulas can hold, found gamma"):
        to_latex(gamma(n.x[n.j]))
    with pytest.raises(LatexError, match="Float"):
        to_latex(Float(0.5) * n.x[n.j])
    with pytest.raises(LatexError, match="expected a term to print, found 'x'"):
        to_latex("x")  # type: ignore[arg-type]
    with pytest.raises(LatexError, match="expected an index, found Pow"):
        to_latex(n.x[n.j**2])
    with pytest.raises(CalculusError, match="bound index outside its sum"):
        to_latex(IndexSum(n.x[n.j], (n.j, 1, n.N)).body)
    assert to_latex(cos(n.x[n.j])) == r"\cos\left(x_{j}\right)"


def test_a_derivative_is_short_only_where_it_says_at_which_arguments(names: Any) -> None:
    n = names
    j, k, t, L = n.j, n.k, n.t, n.L
    steps = tensor("h", (t, 0, L), (j, 1, n.N), sup=1)
    one = n.E(family(steps[t, j], (j, 1, n.N)))
    slope = FunctionalValue(n.E, ((0, k),), *one.families)
    assert to_latex(slope) == r"\frac{\partial \mathcal{E}}{\partial h^{(t)}_{k}}"
    both = n.C(family(steps[t, j], (j, 1, n.N)), family(n.x[j], (j, 1, n.N)))
    other = n.C(family(steps[t, j], (j, 1, n.N)), family(n.y[j], (j, 1, n.n[L])))
    slope = FunctionalValue(n.C, ((0, k),), *both.families)
    table = SymbolTable.of(both, other)
    assert to_latex(slope, table=SymbolTable.of(both)) == r"\frac{\partial C}{\partial h^{(t)}_{k}}"
    shown = to_latex(slope, table=table)
    assert shown == r"\partial_{1;k} C\left(h^{(t)}; x\right)"
    assert parse(shown, table) == slope
    with pytest.raises(LatexError, match="is not clear: it could be at several arguments"):
        parse(r"\frac{\partial C}{\partial h^{(t)}_{k}}", table)
    later = slope.xreplace({t: t + 1})
    assert parse(r"\frac{\partial C}{\partial h^{(t+1)}_{k}}", SymbolTable.of(both)) == later


def test_an_explicit_derivative_is_no_gradient(names: Any, everything: SymbolTable) -> None:
    """With weights in the cost, dC/dw sums over everything; the last factor of the chain rule does not."""
    n = names
    explicit = PartialDerivative(n.cost(), n.w[n.l, n.j, n.k])
    assert to_latex(explicit) == r"\frac{\partial C}{\partial w^{(l)}_{jk}}"
    shown = to_latex(explicit, table=everything)
    assert shown == r"\partial_{w^{(l)}_{jk}} C"
    assert parse(shown, everything) == explicit
    gradient = n.w.gradient()[n.l, n.j, n.k]
    assert parse(to_latex(gradient * explicit * (1 + n.x[n.j]), table=everything), everything) == (
        gradient * explicit * (1 + n.x[n.j])
    )


@pytest.mark.parametrize("name", NAMES)
def test_formulas_of_activations(name: str) -> None:
    sigma = activation(name)
    for order in range(3):
        for formula in (sigma.derivative(order), sigma.negative_derivative(order)):
            assert parse(to_latex(formula), SymbolTable.of(formula)) == formula


def test_ranges(names: Any) -> None:
    n = names
    limits = ((n.l, Integer(1), n.L - 1), (n.j, Integer(1), n.n[n.l]), (n.k, Integer(2), Integer(2)))
    assert ranges_to_latex(limits) == (r"1 \leq l \leq L - 1", r"1 \leq j \leq n_{l}", "k = 2")
