"""A symbol table holds the names of terms; two things of one name are an error before anything is read."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sympy import Integer, Symbol, pi, tanh

from symderive.calculus import Functional, IndexSum, ScalarFunction, family, indices, size, tensor
from symderive.derivation import derive
from symderive.latex import LatexError, Notation, SymbolTable, lexicon, parse, parse_equation, to_latex
from symderive.latex.notation import portable, readable
from symderive.systems import mlp


def test_of_terms_definitions_systems_and_derivations() -> None:
    system = mlp()
    d = derive(system)
    tables = [
        SymbolTable.of(system, d),
        SymbolTable.of([system, d]),
        SymbolTable.of(
            *system.definitions, *d.definitions, *(s for steps in d.steps.values() for s in steps)
        ),
    ]
    names = {t.name for t in tables[0].tensors}
    assert names >= {"w", "b", "z", "a", "x", "y", "C", "n", "delta", "grad_w", "grad_b"}
    assert [f.name for f in tables[0].functions] == ["sigma"]
    assert [f.name for f in tables[0].functionals] == ["cost"]
    assert len(tables[0].values) == 1
    assert {t.name for t in tables[2].tensors} == names
    for table in tables:
        assert to_latex(d.definitions[1].rhs, table=table).startswith(r"\sigma'")


def test_widths_are_known_from_the_system() -> None:
    system = mlp(widths=[4, 5, 3], cost="generic")
    cost = system.definitions[-1]
    with_sizes, without = SymbolTable.of(system), SymbolTable.of(cost)
    assert to_latex(cost.rhs, table=with_sizes) == r"C\left(a^{(2)}; y\right)"
    assert to_latex(cost.rhs, table=without).startswith(r"C\left(\left(a^{(2)}_{j}\right)_{j=1}^{3};")
    for table in (with_sizes, without):
        assert parse(to_latex(cost.rhs, table=table), table) == cost.rhs
    assert with_sizes.extended(cost).sizes == with_sizes.sizes


def test_a_table_does_not_depend_on_the_order_of_its_terms(names: Any) -> None:
    n = names
    terms = [n.w[n.l, n.j, n.k], n.x[n.j], n.sigma(n.y[n.j])]
    assert SymbolTable.of(terms) == SymbolTable.of(reversed(terms))
    assert lexicon(SymbolTable.of(terms), Notation()) is lexicon(SymbolTable.of(terms), Notation())


def test_what_is_no_term_is_refused() -> None:
    with pytest.raises(LatexError, match="expected terms, names or definitions, found float"):
        SymbolTable.of(1.5)


j, k, l = indices("j k l")
CLASHES = [
    (tensor("w", (j, 1, 3)), tensor("w", (j, 1, 4))),
    (tensor("u", (j, 1, 3), latex="w"), tensor("w", (j, 1, 3))),
    (tensor("w", (j, 1, 3)), tensor("w", (j, 1, 3), (k, 1, 3))),
    (tensor("B"), size("B")),
    (size("l"), l),
    (tensor("n", (j, 1, 3)), size("n1")),
    (tensor("f", (j, 1, 3)), ScalarFunction("f")),
    (ScalarFunction("f"), Functional("g", "f")),
    (ScalarFunction("f"), ScalarFunction("g", "f")),
    (Functional("f"), Functional("g", "f")),
    (tensor("eta"), Symbol("eta", real=True)),
]


@pytest.mark.parametrize("pair", CLASHES, ids=str)
def test_two_things_of_one_name_are_an_error(pair: tuple[Any, Any]) -> None:
    table = SymbolTable.of(*pair)
    with pytest.raises(LatexError, match=r"two things (are|may be) written"):
        lexicon(table, Notation())
    with pytest.raises(LatexError):
        parse("1", table)


def test_names_may_share_letters_where_the_grammar_tells_them_apart() -> None:
    n_size, L = size("n"), size("L")
    n = tensor("n", (l, 0, L), kind="dimension")
    C, cost = tensor("C"), Functional("cost", "C", 1)
    x = tensor("x", (j, 1, n_size))
    perm = tensor("pi", (j, 1, 3), kind="permutation", latex=r"\pi")
    terms = [
        n_size * n[l] * x[n_size],
        C() * cost(family(x[j], (j, 1, n_size))),
        C() * (x[j] + 1) + C() ** 2,
        pi * x[perm[j]],
    ]
    table = SymbolTable.of(terms)
    for term in terms:
        assert parse(to_latex(term, table=table), table) == term
    steps = tensor("w", (j, 0, 3), (l, 1, L), (k, 1, 3), sup=2), tensor("w", (l, 1, L), (k, 1, 3), sup=1)
    table = SymbolTable.of(steps)
    for t, index in zip(steps, ((j, l, k), (l, k)), strict=True):
        assert parse(to_latex(t[index], table=table), table) == t[index]


def test_derivatives_of_derivatives_are_told_apart() -> None:
    w = tensor("w", (l, 1, 3), (j, 1, 3), sup=1)
    first = w.gradient("C")
    second = first.derived("second", style="partial partial", mark="C H", latex_name="w")
    other = w.gradient("H")
    moved = first.derived("moved", style="partial tangent partial", mark="C H", latex_name="w")
    table = SymbolTable.of(w, first, second, other, moved)
    shown = to_latex(second[l, j], table=table)
    assert shown == r"\frac{\partial H}{\partial \frac{\partial C}{\partial w^{(l)}_{j}}}"
    for t in (w, first, second, other, moved):
        assert parse(to_latex(t[l, j], table=table), table) == t[l, j]


def test_powers_and_layers_are_told_apart_or_refused() -> None:
    with_layer, without = tensor("q", (l, 1, 3), sup=1), tensor("q")
    table = SymbolTable.of(with_layer, without)
    for term in (with_layer[2], without() ** 2, with_layer[2] ** 2):
        assert parse(to_latex(term, table=table), table) == term
    with pytest.raises(LatexError, match="in plain notation a power would look like one"):
        lexicon(table, Notation(layer="plain"))
    plain = Notation(layer="plain")
    for t, term in ((with_layer, with_layer[2]), (with_layer, with_layer[2] ** 2), (without, without() ** 2)):
        one = SymbolTable.of(t)
        assert parse(to_latex(term, plain, table=one), one, plain) == term


def test_a_function_of_sympy_and_one_of_the_same_name_are_told_apart_or_refused() -> None:
    own, x = ScalarFunction("tanh", r"\tanh"), tensor("x", (j, 1, 3))
    table = SymbolTable.of(own, x)
    assert parse(r"\tanh\left(x_{j}\right)", table) == own(x[j])
    assert parse(r"\tanh\left(x_{j}\right)", SymbolTable.of(x)) == tanh(x[j])
    with pytest.raises(LatexError, match="is both a function of SymPy and a declared one"):
        to_latex(tanh(x[j]) + own(x[j]))
    e = tensor("e", (j, 1, 3))
    assert to_latex(e[j] * parse(r"\exp\left(x_{j}\right)", table)) == r"e_{j} \exp\left(x_{j}\right)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("w", "w"),
        ("eta", r"\eta"),
        ("loss", r"\mathrm{loss}"),
        ("grad_out", r"\mathrm{gradout}"),
        (r"\hat{y}", r"\hat{y}"),
    ],
)
def test_names_are_made_readable(name: str, shown: str) -> None:
    assert readable(name) == shown
    term = tensor(name, (j, 1, 3))[j]
    assert parse(to_latex(term), SymbolTable.of(term)) == term


@pytest.mark.parametrize(
    "name", [r"\input", r"\frac", r"\def", "w_1", "", r"\tilde{\input}", "{", r"\bigl", r"\left"]
)
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    assert not portable(name)
    if "\\" in name or not name.strip("{}"):
        with pytest.raises(LatexError):
            readable(name)


def test_parsing_is_quick_once_the_grammar_is_there(everything: SymbolTable) -> None:
    """A new table costs no new grammar."""
    parse("1", everything)
    start = time.thread_time()
    for n in range(20):
        x = tensor(f"x{n}", (j, 1, 3), latex=f"\\mathrm{{x{n}}}")
        assert parse(rf"\mathrm{{x{n}}}_{{j}}", SymbolTable.of(x)) == x[j]
    assert time.thread_time() - start < 0.4


def test_threads_share_parsers(names: Any, everything: SymbolTable) -> None:
    n = names
    found: list[bool] = []

    def work(shift: int) -> None:
        for m in range(20):
            term = IndexSum(n.w[m + shift, n.j, n.k] * n.x[n.k], (n.k, 1, Integer(m + 2)))
            found.append(parse(to_latex(term, table=everything), everything) == term)

    threads = [threading.Thread(target=work, args=(s,)) for s in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert found == [True] * 80


def test_matrix_equation_gets_the_letters_of_the_left_side() -> None:
    system = mlp()
    table = SymbolTable.of(system)
    lhs, _ = parse_equation(r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}", table)
    assert lhs == system.tensor("z")[l, j]
    i = indices("i")[0]
    lhs, rhs = parse_equation(r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}", table, letters=(i,))
    assert lhs == system.tensor("z")[l, i] and i in rhs.free_symbols
    with pytest.raises(LatexError, match="expected letters for 1 indices, found 2"):
        parse_equation(r"z^{(l)} = b^{(l)}", table, letters=(i, j))
