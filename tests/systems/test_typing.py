"""Definitions and systems that do not fit are refused, by their text; and those that fit are not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sympy import Expr, Symbol

from symderive.calculus import Bracket, IndexSum, indices, size, tensor
from symderive.calculus.atoms import BoundIndex, CalculusError, ScalarFunction
from symderive.calculus.terms import family
from symderive.systems import Definition, System, SystemTypeError, mlp

l, j, k, t, m = indices("l j k t m")
L, N, M, T = size("L"), size("N"), size("M"), size("T")
C = tensor("C")
x, y, v = tensor("x", (k, 1, N)), tensor("y", (j, 1, M)), tensor("v", (j, 1, M))
w = tensor("w", (j, 1, M), (k, 1, N))
a, b = (tensor(name, (l, 0, L), (j, 1, N), sup=1) for name in "ab")
sigma = ScalarFunction("sigma")
of_j = (j, 1, M)
product = Definition(y[j], IndexSum(w[j, k] * x[k], (k, 1, N)), (of_j,))
cost = Definition(C(), IndexSum(y[j] ** 2, of_j))


def system(*definitions: Definition, **changes: Any) -> System:
    """The product of a matrix and a vector, or other definitions over the same x and w."""
    options: dict[str, Any] = {"inputs": (x,), "parameters": (w,), "cost": C, **changes}
    return System("net", definitions=definitions or (product, cost), **options)


def layers(*definitions: Definition, **changes: Any) -> System:
    """Definitions of a and b, and a cost over a[L]."""
    last = Definition(C(), IndexSum(a[L, k] * x[k], (k, 1, N)))
    return System("net", (x,), (), (*definitions, last), C, **changes)


def refuses(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(SystemTypeError) as caught:
        make()
    assert str(caught.value) == message


def test_the_base_of_these_tests_is_accepted() -> None:
    assert system().defined == (y, C)
    assert str(system()).count("\n") == 2


# ----------------------------------------------------------------------------------------- definitions

BAD_DEFINITIONS: list[tuple[Callable[[], Any], str]] = [
    (lambda: Definition(x, x[1]), "definition: expected a tensor entry on the left, found x"),
    (lambda: Definition(x[1] + 1, x[1]), "definition: expected a tensor entry on the left, found x[1] + 1"),
    (lambda: Definition(x[k], "x"), "definition of x[k]: expected a scalar term on the right, found 'x'"),
    (lambda: Definition(x[k], x), "definition of x[k]: expected a scalar term on the right, found x"),
    (
        lambda: Definition(C(), family(x[k], (k, 1, N))),
        "definition of C[]: expected a scalar term on the right, found family(x[k], k=1..N)",
    ),
    (
        lambda: Definition(x[k], x[k], (k, 1, N)),
        "definition of x[k]: expected ranges (index, low, high), found k",
    ),
    (
        lambda: Definition(x[k], x[k], ((k, 1),)),
        "definition of x[k]: expected ranges (index, low, high), found (k, 1)",
    ),
    (
        lambda: Definition(x[k], 1, ((k, 1, N), (j, 1, M))),
        "definition of x[k]: expected index j once on the left, found it 0 times",
    ),
    (
        lambda: Definition(w[j, j], 1, ((j, 1, N),)),
        "definition of w[j, j]: expected index j once on the left, found it 2 times",
    ),
    (
        lambda: Definition(w[j, j + 1], 1, ((j, 1, N),)),
        "definition of w[j, j + 1]: expected plain indices or constants on the left, found j in a term",
    ),
]


@pytest.mark.parametrize(("make", "message"), BAD_DEFINITIONS, ids=[m for _, m in BAD_DEFINITIONS])
def test_definitions_are_refused(make: Callable[[], Any], message: str) -> None:
    refuses(make, message)


def test_a_bound_index_outside_its_sum_is_refused() -> None:
    with pytest.raises(CalculusError, match="has a bound index outside its sum"):
        Definition(C(), x[BoundIndex(0)])


def test_a_definition_at_values() -> None:
    assert product.at(2)[0] == y[2]
    refuses(lambda: product.at(1, 2), "definition of y[j]: expected 1 index values, found 2")


def test_integers_and_names_are_taken_as_they_come() -> None:
    d = Definition(x[k], 0, ((k, 1, 3),), "zero")
    assert d.rhs == 0 and d.indices[0][1:] == (1, 3) and d.name == "zero"


# --------------------------------------------------------------------------------------------- ranges

WRONG_RANGES: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: system(Definition(y[j], IndexSum(w[j, k], (k, 1, M)), (of_j,)), cost),
        "definition of y[j]: index 2 of w[j, k]: expected a value in 1..N, found k (k in 1..M)",
    ),
    (
        lambda: system(Definition(y[j], IndexSum(w[k, 1] * x[k], (k, 1, N)), (of_j,)), cost),
        "definition of y[j]: index 1 of w[k, 1]: expected a value in 1..M, found k (k in 1..N)",
    ),
    (
        lambda: system(Definition(y[j], x[j], (of_j,)), cost),
        "definition of y[j]: index 1 of x[j]: expected a value in 1..N, found j (j in 1..M)",
    ),
    (
        lambda: system(Definition(y[j], x[1], ((j, 1, N),)), cost),
        "definition of y[j]: index 1 of y[j]: expected a value in 1..M, found j (j in 1..N)",
    ),
    (
        lambda: system(Definition(y[j], x[0], (of_j,)), cost),
        "definition of y[j]: index 1 of x[0]: expected a value in 1..N, found 0",
    ),
    (
        lambda: system(Definition(y[j], IndexSum(x[k + 1], (k, 1, N)), (of_j,)), cost),
        "definition of y[j]: index 1 of x[i + 1]: expected a value in 1..N, found i + 1 (i in 1..N)",
    ),
    (
        lambda: system(Definition(y[j], x[k], (of_j,)), cost),
        "definition of y[j]: expected a range for each index, found none for k",
    ),
    (
        lambda: system(Definition(y[j], 1), cost),
        "definition of y[j]: expected a range for each index, found none for j",
    ),
    (
        lambda: system(product, Definition(C(), y[1] * v[1])),
        "definition of C[]: expected v to be given or defined, found neither",
    ),
    (
        lambda: system(product, Definition(C(), y[1] * tensor("x", (k, 1, M))[1])),
        "definition of C[]: expected x to be given or defined, found another tensor of this name",
    ),
    (
        lambda: mlp(depth=2) and replace(mlp(depth=2), definitions=_transposed(mlp(depth=2))),
        "definition of z[2, j]: index 2 of w[2, k, j]: expected a value in 1..n[2], found k (k in 1..n[1])",
    ),
]


def _transposed(net: System) -> tuple[Definition, ...]:
    """The second layer with its weights transposed, as one writes it by mistake."""
    weights, before = net.tensor("w"), net.tensor("a")
    d = net.of(net.tensor("z"))[1]
    (n1, _) = (e.ranges()[1][1] for e in (before[1, 1], before[0, 1]))
    wrong = replace(d, rhs=IndexSum(weights[2, k, j] * before[1, k], (k, 1, n1)))
    return tuple(wrong if e == d else e for e in net.definitions)


@pytest.mark.parametrize(("make", "message"), WRONG_RANGES, ids=[m for _, m in WRONG_RANGES])
def test_indices_outside_their_ranges_are_refused(make: Callable[[], Any], message: str) -> None:
    refuses(make, message)


def test_equal_numbers_hide_a_transposition_and_different_ones_show_it() -> None:
    """Widths as numbers: the ranges agree by their values."""
    square = mlp([3, 3, 3])
    weights, before = square.tensor("w"), square.tensor("a")
    d = square.of(square.tensor("z"))[1]
    wrong = replace(d, rhs=IndexSum(weights[2, k, j] * before[1, k], (k, 1, 3)))
    assert replace(square, definitions=tuple(wrong if e == d else e for e in square.definitions))


GUARDED: list[tuple[Expr, bool]] = [
    (Bracket.at_most(j, N) * x[j], True),
    (Bracket.less(j, N) * x[j + 1], True),
    (Bracket.at_most(j, N) * x[j + 1], False),
    (Bracket.equal(j, N) * x[j], True),
    (Bracket.equal(j, N) * x[j - 1], False),
    (IndexSum(Bracket.at_most(m + j, N) * x[m + j] * Bracket.at_most(m, 5), (m, 1, M)), True),
    (Bracket.at_most(j, N) * sigma(x[j]) + 1, True),
    (Bracket.at_most(j, N) + x[j], False),
]


@pytest.mark.parametrize(("term", "fits"), GUARDED)
def test_where_a_bracket_is_0_an_entry_may_lie_outside(term: Expr, fits: bool) -> None:
    d = Definition(y[j], term, (of_j,))
    if fits:
        assert system(d, cost)
    else:
        with pytest.raises(SystemTypeError, match=r"y\[j\]: index 1 of x\[.*\]: expected a value in 1\.\.N"):
            system(d, cost)


# ------------------------------------------------------------------------------------------- the system

WRONG_SYSTEMS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: system(inputs=(x, x)),
        "net: expected inputs and parameters of different names, found x twice",
    ),
    (
        lambda: system(parameters=(w, tensor("x"))),
        "net: expected inputs and parameters of different names, found x twice",
    ),
    (
        lambda: System("net", (x,), (w,), (), C),
        "net: expected at least the definition of the cost, found no definition",
    ),
    (lambda: system(cost=y), "net: expected a cost without indices, found y with 1"),
    (lambda: system(product), "net: expected a definition of the cost C, found only y"),
    (lambda: system(product, cost, inputs=(x, y)), "net: y is defined, and an input or parameter too"),
    (
        lambda: system(product, cost, Definition(tensor("y", (j, 1, N))[j], x[j], ((j, 1, N),))),
        "net: two different tensors are called y",
    ),
    (lambda: system(inlined=frozenset({v})), "net: inlined: expected tensors of the system, found v"),
    (lambda: system(adjoints={v: y}), "net: adjoints: expected tensors of the system, found v"),
    (lambda: system(product, product, cost), "net: y[j] is defined twice"),
    (
        lambda: system(product, Definition(y[1], x[1]), cost),
        "net: y[1] is defined twice, also as y[j]",
    ),
    (
        lambda: layers(
            Definition(a[l, j], x[j], ((l, 0, L), (j, 1, N))), Definition(a[L, j], x[j], ((j, 1, N),))
        ),
        "net: a[L, j] is defined twice, also as a[l, j] for l in 0..L",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG_SYSTEMS, ids=[m for _, m in WRONG_SYSTEMS])
def test_systems_are_refused(make: Callable[[], Any], message: str) -> None:
    refuses(make, message)


# -------------------------------------------------------------------------------------- is all defined?

first = Definition(a[0, j], x[j], ((j, 1, N),))
step = Definition(a[l, j], sigma(a[l - 1, j]), ((l, 1, L), (j, 1, N)))


def test_what_covers_all_layers_is_accepted() -> None:
    assert layers(first, step)
    assert layers(step, first)
    last = Definition(a[L, j], a[L - 1, j] ** 2, ((j, 1, N),))
    assert layers(first, replace(step, indices=((l, 1, L - 1), (j, 1, N))), last)
    second = Definition(a[1, j], a[0, j], ((j, 1, N),))
    rest = Definition(a[l, j], a[l - 1, j] + a[l - 2, j], ((l, 2, L), (j, 1, N)))
    assert layers(first, second, rest)
    assert layers(first, step, Definition(b[l, j], a[l, j], ((l, 0, L), (j, 1, N))))


NOT_COVERED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: layers(step),
        "definition of a[l, j]: expected a definition of a[l - 1, j] (l in 1..L, j in 1..N), "
        "found only a[l, j] for l in 1..L",
    ),
    (
        lambda: layers(first, replace(step, indices=((l, 2, L), (j, 1, N)))),
        "definition of a[l, j]: expected a definition of a[l - 1, j] (l in 2..L, j in 1..N), "
        "found only a[0, j], a[l, j] for l in 2..L",
    ),
    (
        lambda: layers(first, replace(step, indices=((l, 1, L - 1), (j, 1, N)))),
        "definition of C[]: expected a definition of a[L, k] (k in 1..N), "
        "found only a[0, j], a[l, j] for l in 1..L - 1",
    ),
    (
        lambda: layers(Definition(a[0, 1], x[1]), step),
        "definition of a[l, j]: expected a definition of a[l - 1, j] (l in 1..L, j in 1..N), "
        "found only a[0, 1], a[l, j] for l in 1..L",
    ),
]


@pytest.mark.parametrize(("make", "message"), NOT_COVERED, ids=[m for _, m in NOT_COVERED])
def test_an_entry_that_nothing_defines_is_refused(make: Callable[[], Any], message: str) -> None:
    refuses(make, message)


# ------------------------------------------------------------------------------------- does it end?

every = ((l, 0, L), (j, 1, N))
CIRCLES: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: layers(Definition(a[l, j], b[l, j], every), Definition(b[l, j], sigma(a[l, j]), every)),
        "a[l, j] needs b[l, j], b[l, j] needs a[l, j]",
    ),
    (
        lambda: layers(first, Definition(a[l, j], a[l, j] / 2, ((l, 1, L), (j, 1, N)))),
        "a[l, j] needs a[l, j]",
    ),
    (  # one step down, one step up: back where it was
        lambda: layers(
            Definition(a[0, j], x[j], ((j, 1, N),)),
            Definition(b[L, j], x[j], ((j, 1, N),)),
            Definition(a[l, j], b[l - 1, j], ((l, 1, L), (j, 1, N))),
            Definition(b[l, j], a[l + 1, j], ((l, 0, L - 1), (j, 1, N))),
        ),
        "a[l, j] needs b[l - 1, j], b[l, j] needs a[l + 1, j]",
    ),
    (  # a neighbour on each side
        lambda: layers(
            first,
            Definition(a[L, j], x[j], ((j, 1, N),)),
            Definition(a[l, j], a[l - 1, j] + a[l + 1, j], ((l, 1, L - 1), (j, 1, N))),
        ),
        "a[l, j] needs a[l + 1, j], a[l, j] needs a[l - 1, j]",
    ),
    (  # the sum over all layers contains the layer itself
        lambda: layers(first, Definition(a[l, j], IndexSum(a[m, j], (m, 0, L)), ((l, 1, L), (j, 1, N)))),
        "a[l, j] needs a[m, j]",
    ),
    (
        lambda: system(Definition(y[j], y[j] + 1, (of_j,)), cost),
        "y[j] needs y[j]",
    ),
    (  # a recursion over a component is not evaluated layer by layer
        lambda: system(Definition(y[1], x[1]), Definition(y[j], y[j - 1], ((j, 2, M),)), cost),
        "y[j] needs y[j - 1]",
    ),
]


@pytest.mark.parametrize(("make", "way"), CIRCLES, ids=[m for _, m in CIRCLES])
def test_circles_are_refused_and_shown(make: Callable[[], Any], way: str) -> None:
    with pytest.raises(SystemTypeError) as caught:
        make()
    asked, found = str(caught.value).split("found ")
    assert asked == (
        "net: definitions need each other in a circle: expected every way round to go up, or every way to go "
        "down, in a superscript, "
    )
    assert set(re.split(r", (?=[a-z]\[.*needs)", found)) == set(re.split(r", (?=[a-z]\[.*needs)", way))


def test_recursions_that_end_are_accepted() -> None:
    # down, and down by two ways
    assert layers(first, Definition(a[l, j], IndexSum(a[m, j], (m, 0, l - 1)), ((l, 1, L), (j, 1, N))))
    # up
    assert layers(
        Definition(a[L, j], x[j], ((j, 1, N),)),
        Definition(a[l, j], a[l + 1, j], ((l, 0, L - 1), (j, 1, N))),
    )
    # through another tensor inside the layer
    assert layers(
        first,
        Definition(b[l, j], IndexSum(a[l - 1, k], (k, 1, N)), ((l, 1, L), (j, 1, N))),
        Definition(a[l, j], sigma(b[l, j]), ((l, 1, L), (j, 1, N))),
    )
    # numbers, in both directions
    fixed = tensor("f", (l, 1, 3), (j, 1, N), sup=1)
    assert System("net", (x,), (), (
        Definition(fixed[1, j], fixed[2, j], ((j, 1, N),)),
        Definition(fixed[3, j], fixed[2, j], ((j, 1, N),)),
        Definition(fixed[2, j], x[j], ((j, 1, N),)),
        Definition(C(), fixed[1, 1] * fixed[3, 1]),
    ), C)  # fmt: skip


def test_superscripts_in_different_places_are_paired() -> None:
    """h[t, l] and g[l] recur on l, which is the second superscript of one and the only one of the other."""
    h = tensor("h", (t, 1, T), (l, 0, L), sup=2)
    g = tensor("g", (l, 1, L), sup=1)
    start = Definition(h[t, 0], x[1], ((t, 1, T),))
    mean = Definition(g[l], IndexSum(h[t, l - 1], (t, 1, T)), ((l, 1, L),))
    layer = Definition(h[t, l], sigma(g[l]), ((t, 1, T), (l, 1, L)))
    end = Definition(C(), IndexSum(h[t, L], (t, 1, T)))
    assert System("net", (x,), (), (start, mean, layer, end), C)
    wrong = replace(mean, rhs=IndexSum(h[t, l], (t, 1, T)))
    with pytest.raises(SystemTypeError, match="in a circle"):
        System("net", (x,), (), (start, wrong, layer, end), C)


def test_real_constants_need_no_declaration() -> None:
    eta = Symbol("eta", real=True)
    assert system(product, Definition(C(), eta * IndexSum(y[j] ** 2, of_j)))
