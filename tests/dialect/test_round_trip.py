"""What is written back reads the same: every tree that was read, and trees that were made or edited, but for
the parentheses that they need.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symderive.dialect import DialectError, read, write
from symderive.dialect import syntax as s
from tests.dialect.test_bounds import mutated
from tests.dialect.test_meaning import READ, STATEMENTS
from tests.dialect.test_reader import FORMULAS

TEXTS = (*FORMULAS, *(t for t, _ in READ), *(t for t, _ in STATEMENTS))


def same(text: str) -> None:
    """Read, written and read again, each statement is the same."""
    for found in read(text):
        again = read(write(found))
        assert [(x.sides, x.relations) for x in again] == [(found.sides, found.relations)], write(found)
        assert write(again[0]) == write(found)


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_read_reads_the_same_again(text: str) -> None:
    same(text)


def test_mutated_formulas_read_the_same_again() -> None:
    r = random.Random(11)
    count = 0
    for _ in range(3_000):
        text = mutated(r, r.choice(TEXTS))
        try:
            read(text)
        except DialectError:
            continue
        same(text)
        count += 1
    assert count > 300


# ------------------------------------------------------------------------- made and edited trees


def bare(e: Any) -> Any:
    """The tree without parentheses, and with products and values side by side: what the mathematics is."""
    if isinstance(e, tuple):
        return tuple(map(bare, e))
    if not isinstance(e, s.Node):
        return e
    if (
        isinstance(e, s.Transposed | s.Power)
        and isinstance(e.base, s.Call)
        and beside(e.base)
        and not e.base.bare
    ):  # f (z)^T
        return bare(s.Product((e.base.function, replace(e, base=e.base.arguments[0])), ("",)))
    if isinstance(e, s.Call) and beside(e):
        return bare(s.Product((e.function, e.arguments[0]), ("",)))
    e = replace(e, **{f.name: bare(getattr(e, f.name)) for f in fields(e)})
    if isinstance(e, s.Group) and not e.sub:
        return e.body
    if (
        isinstance(e, s.Call)
        and isinstance(e.function, s.Name)
        and len(e.arguments) == 1
        and e.brackets != "{"
    ):
        return bare(s.Product((e.function, e.arguments[0]), ("",)))
    if (
        isinstance(e, s.Fraction)
        and isinstance(e.above, s.Differential)
        and isinstance(e.below, s.Differential)
    ):
        return s.Derivative(e.above.of, (e.below.of,), e.above.d, e.command, e.inline)
    if isinstance(e, s.Product):
        factors: list[s.Node] = []
        operators: list[str] = []
        for f, o in zip(e.factors, ("", *e.operators), strict=True):
            inner = f if isinstance(f, s.Product) else s.Product((f,), ())
            operators += [o, *inner.operators]
            factors += inner.factors
        return s.Product(tuple(factors), tuple(operators[1:]))
    if isinstance(e, s.Sum) and len(e.terms) == 1 and e.signs == ("+",):
        return e.terms[0]
    return e


def beside(e: s.Call) -> bool:
    """Whether a name may stand as a factor before parentheses, or before the argument of a function."""
    return isinstance(e.function, s.Name) and len(e.arguments) == 1 and e.brackets != "{"


INDICES = ("function", "index", "low", "high", "unequal", "exponent", "power")


def edits(e: Any) -> Iterator[Any]:
    """The tree with one small change, at each place."""
    if isinstance(e, s.Node):
        if isinstance(e, s.Name | s.Group | s.Sum | s.Product | s.Derivative | s.Fraction):
            yield s.Transposed(e)
        if isinstance(e, s.Sum):
            for n, sign in enumerate(e.signs):
                yield replace(e, signs=(*e.signs[:n], "-" if sign == "+" else "+", *e.signs[n + 1 :]))
        if isinstance(e, s.Product):
            for n in range(len(e.factors)):
                left = (*e.factors[:n], *e.factors[n + 1 :])
                at = min(n, len(e.operators) - 1)
                operators = (*e.operators[:at], *e.operators[at + 1 :])
                yield s.Product(left, operators) if len(left) > 1 else left[0]
            yield s.Product(e.factors[::-1], e.operators[::-1])
            yield s.Sum((e, s.Number("1")), ("-", "+"))
        if isinstance(e, s.Name) and e.sup:
            yield replace(e, sup=(s.Sum((e.sup[0], s.Number("1")), ("+", "+")), *e.sup[1:]))
            yield replace(e, sup=(s.Number("1"),))
            yield replace(e, primes=e.primes + 1)
        if isinstance(e, s.Name) and not e.sup:
            yield s.Sum((e, s.Name("q", shown="q")), ("+", "-"))
        if isinstance(e, s.BigOperator):
            yield e.body
        for f in fields(e):
            value = getattr(e, f.name)
            if isinstance(value, s.Node | tuple) and not isinstance(e, s.Name) and f.name not in INDICES:
                for new in edits(value):
                    yield replace(e, **{f.name: new})
    elif isinstance(e, tuple):
        for n, x in enumerate(e):
            for new in edits(x):
                yield (*e[:n], new, *e[n + 1 :])


@pytest.mark.parametrize("text", FORMULAS)
def test_edited_trees_are_written_with_the_parentheses_that_they_need(text: str) -> None:
    count = 0
    for found in read(text):
        for side in found.sides:
            for new in edits(side):
                shown = write(new)
                (again,) = read(shown)
                assert bare(again.sides[0]) == bare(new), shown
                count += 1
    assert count > 10


LETTERS = "abcjkwxyzWXCL"
INDEX = st.sampled_from("ijkl").map(lambda c: s.Name(c, shown=c))
NUMBER = st.sampled_from(["1", "2", "0.5", "12"]).map(s.Number)
SHIFTED = st.builds(lambda i, n, sign: s.Sum((i, n), ("+", sign)), INDEX, NUMBER, st.sampled_from("+-"))
ENTRIES = st.lists(st.one_of(INDEX, NUMBER, SHIFTED), max_size=2).map(tuple)
BASES = st.sampled_from([*LETTERS, r"\sigma", r"\delta", "net", "loss"])


@st.composite
def names(draw: st.DrawFn) -> s.Name:
    """A name with scripts."""
    base = draw(BASES)
    sup, sub = draw(ENTRIES), draw(ENTRIES)
    around = draw(st.sampled_from(["", "(", "["])) if sup else ""
    primes = draw(st.integers(0, 2))
    return s.Name(base, sup, sub, around, primes, base, draw(st.booleans()) and bool(sub))


def above(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nodes that hold others."""
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)

    def joined(kind: type, signs: list[str]) -> st.SearchStrategy[Any]:
        def made(parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
            count = len(parts) - (kind is s.Product)
            chosen = st.lists(st.sampled_from(signs), min_size=count, max_size=count)
            return chosen.map(lambda c: kind(parts, tuple(c)))

        return several.flatmap(made)

    plain = st.one_of(names(), st.builds(s.Group, inner))
    return st.one_of(
        joined(s.Product, ["", "", r"\cdot", r"\odot", "*"]),
        joined(s.Sum, ["+", "-"]),
        st.builds(
            s.Group, inner, st.sampled_from(["(", "["]), st.one_of(st.just(()), INDEX.map(lambda i: (i,)))
        ),
        st.builds(lambda a, b: s.Fraction(a, b, True, "/"), inner, inner),
        st.builds(s.Fraction, inner, inner),
        st.builds(lambda e: s.Transposed(e, r"\top"), st.one_of(inner, names())),
        st.builds(s.Power, st.builds(s.Group, inner), st.one_of(NUMBER, SHIFTED, names())),
        st.builds(lambda b, i, n: s.BigOperator("sum", i, s.Number("1"), n, b), inner, INDEX, names()),
        st.builds(lambda b, i, u: s.BigOperator("prod", i, None, None, b, u, r"\prod"), inner, INDEX, INDEX),
        st.builds(lambda u, v: s.Derivative(u, (v,)), plain, names()),
        st.builds(lambda v, w: s.Derivative(names_like(v), (v, w)), names(), names()),
        st.builds(s.Nabla, names(), plain),
        st.builds(lambda f, a: s.Call(f, (a,)), names(), inner),
        st.builds(lambda f, a: s.Call(f, a), names(), several),
        st.builds(lambda a: s.Call(s.Name(r"\log", shown=r"\log"), (a,), True), plain),
        st.builds(lambda a: s.Call(s.Name(r"\sqrt", shown=r"\sqrt"), (a,), False, "{"), inner),
        st.builds(s.Norm, inner, st.booleans()),
        st.builds(s.Tuple, several),
        st.builds(lambda a, b: s.Group(s.Comparison(a, r"\leq", b)), inner, inner),
        st.builds(lambda rows: s.Matrix((rows, rows)), several),
        st.builds(s.Differential, names()),
        st.builds(s.Change, names()),
    )


def names_like(e: s.Name) -> s.Name:
    """The cost that is differentiated twice."""
    return s.Name("C", shown="C", primes=e.primes)


TREES = st.recursive(st.one_of(names(), NUMBER), above, max_leaves=8)


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_made_trees_read_back(tree: s.Node) -> None:
    shown = write(tree)
    (found,) = read(shown)
    assert len(found.sides) == 1
    assert bare(found.sides[0]) == bare(tree), (shown, tree)
    same(shown)


def test_the_test_sees_what_is_lost() -> None:
    (a,), (b,) = read("a - (b - c)")[0].sides, read("a - b - c")[0].sides
    assert bare(a) != bare(b)
    (a,), (b,) = read("(W x)^T y")[0].sides, read("W x^T y")[0].sides
    assert bare(a) != bare(b)
    (a,), (b,) = read(r"\sum_j (x_j + y)")[0].sides, read(r"\sum_j x_j + y")[0].sides
    assert bare(a) != bare(b)
