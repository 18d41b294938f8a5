r"""Matrix form is a view of the component form: it reads back as the components, or it is refused."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from sympy import Expr, Integer, Mul, exp, tanh

from symderive.calculus import Bracket, IndexSum, TensorSymbol, index_sum, indices, size, tensor
from symderive.calculus.normal_form import equal
from symderive.derivation import derive
from symderive.documents.formula import parse as parse_formula
from symderive.latex import (
    LatexError,
    MatrixForm,
    Notation,
    Refused,
    SymbolTable,
    lexicon,
    matrix_form,
    parse,
    parse_equation,
)
from symderive.systems import mlp

ONE_SAMPLE = [
    r"a^{(0)} = x",
    r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}",
    r"a^{(l)} = \sigma\left(z^{(l)}\right)",
    r"C = C\left(a^{(L)}; y\right)",
    r"\delta^{(L)} = \frac{\partial C}{\partial a^{(L)}} \odot \sigma'\left(z^{(L)}\right)",
    r"\delta^{(l)} = \left(W^{(l+1)}\right)^{\top} \delta^{(l+1)} \odot \sigma'\left(z^{(l)}\right)",
    r"\frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} \left(a^{(l-1)}\right)^{\top}",
    r"\frac{\partial C}{\partial b^{(l)}} = \delta^{(l)}",
]
BATCH = [
    r"A^{(0)} = X",
    r"Z^{(l)} = A^{(l-1)} \left(W^{(l)}\right)^{\top} + \mathbf{1}_{B} \left(b^{(l)}\right)^{\top}",
    r"A^{(l)} = \sigma\left(Z^{(l)}\right)",
    "",
    r"\Delta^{(L)} = \frac{1}{B} \frac{\partial \ell}{\partial A^{(L)}} \odot \sigma'\left(Z^{(L)}\right)",
    r"\Delta^{(l)} = \Delta^{(l+1)} W^{(l+1)} \odot \sigma'\left(Z^{(l)}\right)",
    r"\frac{\partial C}{\partial W^{(l)}} = \left(\Delta^{(l)}\right)^{\top} A^{(l-1)}",
    r"\frac{\partial C}{\partial b^{(l)}} = \left(\Delta^{(l)}\right)^{\top} \mathbf{1}_{B}",
]


@pytest.mark.parametrize(("samples", "expected"), [(None, ONE_SAMPLE), ("B", BATCH)])
@pytest.mark.parametrize("layer", ["parentheses", "plain", "brackets"])
def test_a_network_in_matrix_form(samples: str | None, expected: list[str], layer: str) -> None:
    notation = Notation(layer=layer)
    system = mlp(samples=samples)
    d = derive(system)
    table = SymbolTable.of(system, d)
    for e, latex in zip((*system.definitions, *d.definitions), expected, strict=True):
        view = matrix_form(e.lhs, e.rhs, e.indices, notation, table=table)
        if not latex:
            assert view == Refused(r"\ell is taken at one index at a time")
            continue
        assert isinstance(view, MatrixForm), view
        if layer == "parentheses":
            assert view.latex == latex
        parse_formula(view.latex)
        back = parse_equation(view.latex, table, notation, letters=view.indices)
        assert equal(back[0], e.lhs) and equal(back[1], e.rhs)


def test_names_of_matrices_meet_nothing_else() -> None:
    l, j, k, s = indices("l j k s")
    L = size("L")
    w = tensor("w", (l, 1, L), (j, 1, 3), (k, 1, 2), sup=1)
    big = tensor("W", (j, 1, 3))
    names = lexicon(SymbolTable.of(w, big), Notation())
    assert names.bare(w, 2) == r"\mathbf{W}"
    beta = tensor("beta", (j, 1, 3), (k, 1, 2), latex=r"\beta")
    assert lexicon(SymbolTable.of(beta), Notation()).bare(beta, 2) == r"\boldsymbol{\beta}"
    tilde = tensor("d", (s, 1, 3), (j, 1, 2), latex=r"\tilde{\delta}")
    assert lexicon(SymbolTable.of(tilde), Notation()).bare(tilde, 2) == r"\tilde{\Delta}"


@pytest.fixture(scope="module")
def arrays() -> dict[str, TensorSymbol]:
    """Vectors and matrices of sizes n, m, p, all different; S is square."""
    i, j = indices("i j")
    sizes = {"n": size("n"), "m": size("m"), "p": size("p")}
    found = {f"{c}{s}": tensor(f"{c}", (j, 1, sizes[s])) for c, s in zip("abuvxy", "nnmmpp", strict=True)}
    for c, (r, s) in zip("efgh", ("nm", "mp", "np", "nm"), strict=True):
        found[f"{c}{r}{s}"] = tensor(c, (i, 1, sizes[r]), (j, 1, sizes[s]))
    found["snn"] = tensor("s", (i, 1, sizes["n"]), (j, 1, sizes["n"]))
    return found


def rows(t: dict[str, TensorSymbol]) -> list[tuple[tuple[Any, ...], Expr, str]]:
    """(free indices, right side, its matrix form)"""
    i, j, k, q = indices("i j k q")
    n, m, p = size("n"), size("m"), size("p")
    a, b, u, v, x = t["an"], t["bn"], t["um"], t["vm"], t["xp"]
    e, f, g, h, s = t["enm"], t["fmp"], t["gnp"], t["hnm"], t["snn"]
    K, M = (k, 1, m), (q, 1, p)
    return [
        ((i,), IndexSum(e[i, k] * u[k], K), r"E u"),
        ((i,), IndexSum(e[i, k] * IndexSum(f[k, q] * x[q], M), K), r"E F x"),
        ((i,), IndexSum(e[i, k] * u[k] * v[k], K), r"E \left(u \odot v\right)"),
        ((i,), a[i] * IndexSum(e[i, k] * u[k], K), r"E u \odot a"),
        ((k,), IndexSum(e[i, k] * a[i], (i, 1, n)), r"E^{\top} a"),
        ((i, q), IndexSum(e[i, k] * f[k, q], K), r"E F"),
        ((q, i), IndexSum(e[i, k] * f[k, q], K), r"F^{\top} E^{\top}"),
        ((i, q), IndexSum(e[i, k] * u[k] * f[k, q], K), r"E \operatorname{diag}\left(u\right) F"),
        ((i, k), a[i] * u[k], r"a u^{\top}"),
        ((i, k), a[i] * e[i, k], r"\operatorname{diag}\left(a\right) E"),
        ((i, k), e[i, k] * u[k], r"E \operatorname{diag}\left(u\right)"),
        ((i, k), e[i, k] * h[i, k], r"E \odot H"),
        ((i, k), e[i, k] ** 2, r"E \odot E"),
        ((i, q), g[i, q] * IndexSum(e[i, k] * f[k, q], K), r"E F \odot G"),
        ((i,), IndexSum(e[i, k] * h[i, k] * u[k], K), r"\left(E \odot H\right) u"),
        ((i,), IndexSum(e[i, k], K), r"E \mathbf{1}_{m}"),
        ((i,), a[i] - 2 * b[i], r"a - 2 b"),
        ((i,), 1 - tanh(a[i]) ** 2,
         r"\mathbf{1}_{n} - \tanh\left(a\right) \odot \tanh\left(a\right)"),
        ((i,), (a[i] - b[i]) * exp(a[i]), r"\left(a - b\right) \odot \exp\left(a\right)"),
        ((i, k), a[i] + e[i, k], r"a \mathbf{1}_{m}^{\top} + E"),
        ((), IndexSum(a[i] * b[i], (i, 1, n)), r"a^{\top} b"),
        ((), IndexSum(a[i], (i, 1, n)), r"\mathbf{1}_{n}^{\top} a"),
        ((), IndexSum(a[i] * IndexSum(e[i, k] * u[k], K), (i, 1, n)), None),
        ((i,), IndexSum(u[k] * v[k], K) * a[i], None),
        ((i,), IndexSum(s[i, j] * a[j], (j, 1, n)), r"S a"),
    ]  # fmt: skip


def left(free: tuple[Any, ...], e: Expr) -> tuple[Any, SymbolTable, tuple[Any, ...]]:
    """A tensor with the free indices, in their ranges, for the left side."""
    limits = tuple((k, Integer(1), size({"i": "n", "j": "n", "k": "m", "q": "p"}[k.name])) for k in free)
    t = tensor("r", *limits)
    return t[tuple(free)], SymbolTable.of(t, e), limits


def test_products_of_arrays(arrays: dict[str, TensorSymbol]) -> None:
    for free, e, expected in rows(arrays):
        lhs, table, limits = left(free, e)
        view = matrix_form(lhs, e, limits, table=table)
        assert isinstance(view, MatrixForm), f"{e}: {view}"
        assert expected is None or view.rhs == expected
        back = parse_equation(view.latex, table, letters=view.indices)
        assert equal(back[1], e) and back[0] == lhs
        parse_formula(view.latex)


def test_random_products_read_back(arrays: dict[str, TensorSymbol]) -> None:
    """Products of up to five arrays with indices at random: the view is right, or there is none."""
    r = random.Random(3)
    letters = {"n": indices("i j"), "m": indices("k l"), "p": indices("q t")}
    ranges = {k: size(s) for s, ks in letters.items() for k in ks}
    shown = refused = 0
    for _ in range(1500):
        factors = []
        for name in r.choices(sorted(arrays), k=r.randrange(1, 6)):
            factors.append(arrays[name][tuple(r.choice(letters[s]) for s in name[1:])])
        e: Expr = Mul(*factors) * r.choice([1, 1, -1, 2, size("n")])
        used = sorted((k for k in e.free_symbols if k in ranges), key=str)
        free = tuple(r.sample(used, min(len(used), r.randrange(0, 3))))
        for k in used:
            if k not in free:
                e = IndexSum(e, (k, 1, ranges[k]))
        limits = tuple((k, Integer(1), ranges[k]) for k in free)
        t = tensor("r", *limits)
        table = SymbolTable.of(t, e)
        view = matrix_form(t[free], e, limits, table=table)
        if isinstance(view, Refused):
            assert "would be read as" not in view.reason and "formula" not in view.reason, view.reason
            refused += 1
            continue
        shown += 1
        back = parse_equation(view.latex, table, letters=view.indices)
        assert equal(back[1], e), view.latex
    assert shown > 500 and refused > 50


def test_what_matrices_cannot_say_is_refused(arrays: dict[str, TensorSymbol]) -> None:
    i, j, k, l = indices("i j k l")
    n, m = size("n"), size("m")
    a, e, s = arrays["an"], arrays["enm"], arrays["snn"]
    triple = tensor("c", (i, 1, n), (j, 1, n), (k, 1, n))
    layered = tensor("d", (l, 1, n), (j, 1, n), sup=1)
    cases = [
        ((i,), s[i, i], "has one index twice"),
        ((i,), a[i + 1], "is no plain array"),
        ((i,), IndexSum(e[i, k] * a[k], (k, 1, m)), "runs from 1 to m, which is not the range of a"),
        ((i,), IndexSum(e[i, k], (k, 2, m)), "runs from 2 to m, which is not the range of e"),
        ((i,), index_sum(triple[i, j, k] * a[j] * a[k], (j, 1, n), (k, 1, n)), "more than two component"),
        ((i,), 1 / a[i], "is neither a vector nor a matrix"),
        ((i,), a[i] * Bracket.equal(i, 1), "is neither a vector nor a matrix"),
        ((i,), IndexSum(layered[l, i], (l, 1, n)), "component index as a superscript"),
        ((i,), IndexSum(IndexSum(a[j] * s[i, k], (j, 1, k)), (k, 1, n)), "depends on another index"),
        ((i,), IndexSum(s[i, j] * s[j, i] * s[j, i] * a[j], (j, 1, n)), None),
    ]  # fmt: skip
    for free, term, reason in cases:
        lhs, table, limits = left(free, term)
        view = matrix_form(lhs, term, limits, table=table)
        if reason is None:
            assert isinstance(view, MatrixForm)
            continue
        assert isinstance(view, Refused) and not view, view
        assert reason in view.reason, view.reason
    assert "has no range" in matrix_form(a[i], a[i], ()).reason  # type: ignore[union-attr]
    assert "is a single entry" in matrix_form(a[1], a[1]).reason  # type: ignore[union-attr]


def test_a_graph_without_ends_or_paths_is_refused(arrays: dict[str, TensorSymbol]) -> None:
    i, j, k, q = indices("i j k q")
    n, m, p = size("n"), size("m"), size("p")
    e, f, g, s = arrays["enm"], arrays["fmp"], arrays["gnp"], arrays["snn"]
    path = f[k, q] * g[i, q] * g[j, q] * s[i, j]
    t = tensor("r", (i, 1, n), (k, 1, m))
    for term, found in ((path, MatrixForm), (path * e[j, k], Refused)):
        total = index_sum(term, (j, 1, n), (q, 1, p))
        view = matrix_form(t[i, k], total, ((i, 1, n), (k, 1, m)), table=SymbolTable.of(t, total))
        assert isinstance(view, found), view
    assert view == Refused("an index is summed over in more than two matrices")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "r = E a",
            "cannot multiply a n x m array by a n x 1 array: expected as many rows as columns at column 7",
        ),
        ("r = E^{\\top} u", "cannot multiply"),
        ("r = u", "expected two sides of one shape, found a n x 1 array = a m x 1 array"),
        ("r = E \\odot F", "cannot take the Hadamard product of a n x m array and a m x p array"),
        ("r = a + 1", "cannot take the sum of a n x 1 array and a scalar"),
        ("r = a \\odot 2", "cannot take the Hadamard product of a n x 1 array and a scalar"),
        ("r = E F", "expected two sides of one shape, found a n x 1 array = a n x p array"),
        ("r = 2^{\\top} a", "expected a vector or a matrix to transpose, found the scalar 2"),
        (
            "r = \\operatorname{diag}\\left(E\\right) u",
            "expected a vector on the diagonal, found a n x m array",
        ),
        ("r = \\mathbf{1}_{m}", "expected two sides of one shape"),
        ("r = e u", "expected 2 indices below e, found 0"),
        ("r_{i} = E u", "expected two sides of one shape, found a scalar = a n x 1 array"),
        ("r = a^{2}", "expected a scalar, found a n x 1 array"),
        ("r = \\frac{1}{a}", "expected a scalar, found a n x 1 array"),
        (
            "r = \\sum_{i=1}^{n} a",
            "expected a scalar under the sum, found a n x 1 array: is an index missing",
        ),
    ],
)
def test_shapes_are_typed(arrays: dict[str, TensorSymbol], text: str, message: str) -> None:
    i, n = indices("i")[0], size("n")
    table = SymbolTable.of(arrays.values(), tensor("r", (i, 1, n)))
    with pytest.raises(LatexError) as caught:
        parse_equation(text, table)
    assert message in str(caught.value)


def test_matrix_formulas_by_hand(arrays: dict[str, TensorSymbol]) -> None:
    """Formulas that the view never prints, but that mean something."""
    i, j, k, q = indices("i j k q")
    n, m, p = size("n"), size("m"), size("p")
    e, f, a, u, x, s = (arrays[c] for c in ("enm", "fmp", "an", "um", "xp", "snn"))
    t = tensor("r", (i, 1, n))
    table = SymbolTable.of(arrays.values(), t)
    for text, rhs in (
        (r"r = E \left(F x\right)", IndexSum(e[i, k] * IndexSum(f[k, q] * x[q], (q, 1, p)), (k, 1, m))),
        (r"r = a \left(u^{\top} u\right)", a[i] * IndexSum(u[k] ** 2, (k, 1, m))),
        (r"r = a u^{\top} u", a[i] * IndexSum(u[k] ** 2, (k, 1, m))),
        (r"r = \left(a^{\top}\right)^{\top}", a[i]),
        (r"r = S^{\top} S a", IndexSum(IndexSum(s[j, i] * s[j, k], (j, 1, n)) * a[k], (k, 1, n))),
        (r"r = \frac{E u}{n}", IndexSum(e[i, k] * u[k], (k, 1, m)) / n),
        (r"r = \operatorname{diag}\left(a\right) a", a[i] ** 2),
        (r"r = -a", -a[i]),
    ):
        lhs, found = parse_equation(text, table, letters=(i,))
        assert lhs == t[i] and equal(found, rhs), text
    assert equal(
        parse(r"a^{\top} E u", table), parse(r"\sum_{i=1}^{n} \sum_{k=1}^{m} a_{i} e_{ik} u_{k}", table)
    )


def test_every_pair_of_different_views_differs(arrays: dict[str, TensorSymbol]) -> None:
    """No two of the products above are taken for each other."""
    found = []
    for free, e, _ in rows(arrays):
        lhs, table, limits = left(free, e)
        view = matrix_form(lhs, e, limits, table=table)
        assert isinstance(view, MatrixForm)
        found.append((free, view.rhs))
    assert all(a != b for a, b in itertools.combinations(found, 2))
