"""What the checker calculates itself, against exact numbers: ring laws, ranges of indices, differentials."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from fuzzing import Case, has_real_bracket, mutated, shuffled
from named_terms import SYMBOLS, build
from sympy import Add, Expr, Integer, Mul, Symbol

from symderive.calculus import Bracket, CalculusError, Entry, indices, size, tensor
from symderive.calculus.differential import differential as differential_of_the_engine
from symderive.calculus.normal_form import equal
from symderive.evaluation.exact import ZeroDenominator
from symderive.proof.checker import CheckerError
from symderive.proof.checker.differential import differential
from symderive.proof.checker.ranges import nonnegative, truth
from symderive.proof.checker.ring import Ring

UNDEFINED = (ZeroDivisionError, ZeroDenominator)


def is_equal(a: Expr, b: Expr) -> bool:
    """Whether the checker says so; where its limits end, it does not."""
    try:
        return Ring().equal(a, b)
    except CheckerError:
        return False


def cases(number: int) -> Iterator[Case]:
    """Random nested sums whose value is defined."""
    for seed in range(number):
        case = Case(seed)
        try:
            assert isinstance(case.value, int | Fraction)
        except UNDEFINED:
            continue
        yield case


def test_what_the_ring_calls_equal_has_one_value() -> None:
    """Terms with one mistake in them: bound and free names are of the same few letters."""
    found: Counter[str] = Counter()
    for case in cases(500):
        for _ in range(6):
            wrong = build(mutated(case.r, case.tree))
            found["pairs"] += 1
            try:
                other = case.exact(wrong)
            except UNDEFINED:
                found["undefined"] += 1
                continue
            said = is_equal(case.term, wrong)
            found["equal" if said else "not seen to be equal"] += 1
            found["different"] += other != case.value
            assert not said or other == case.value, f"seed {case.seed}: {case.term} called {wrong}"
    print(dict(found))
    assert found["pairs"] > 2500 and found["different"] > 1000
    assert found["equal"] > 200, "mistakes that change nothing must be among them"


def test_the_ring_sees_nearly_all_that_the_normal_form_sees() -> None:
    """A checker that accepts nothing is sound too: this one accepts what laws of rings make equal."""
    found: Counter[str] = Counter()
    for case in cases(500):
        same = build(shuffled(case, case.tree))
        try:
            engine = equal(case.term, same)
        except CalculusError:  # beyond the limits of the normal form
            continue
        mine = is_equal(case.term, same)
        found["engine"] += engine
        found["both"] += engine and mine
        if mine:
            try:
                assert case.exact(same) == case.value, f"seed {case.seed}: {case.term} called {same}"
            except UNDEFINED:
                found["undefined"] += 1
    print(dict(found), f"{found['both'] / found['engine']:.1%}")
    assert found["engine"] > 400
    assert found["both"] > 0.95 * found["engine"]


# --------------------------------------------------------------------------------------------------- ranges

I, J = indices("i j")
N, L = size("N"), size("L")
n = tensor("n", (Symbol("l", integer=True), 0, L), kind="dimension")
rho = tensor("rho", (Symbol("k", integer=True), 1, N), kind="permutation")
SIZES = range(1, 4)


def random_integer(r: random.Random, letters: list[Any]) -> Expr:
    """Mostly a sum of a few letters; sometimes a product, a width or a permuted index in it."""
    terms: list[Any] = [Integer(r.randint(-2, 2))]
    for _ in range(r.randint(1, 3)):
        t = r.choice([*letters, N, L, n[Integer(r.randint(0, 1))]])
        if r.random() < 0.15:
            t = t * r.choice([*letters, N, L])
        if r.random() < 0.15:
            t = rho[r.choice([*letters, N])]
        terms.append(r.choice((-2, -1, 1, 1, 2)) * t)
    return Add(*terms)


def random_context(r: random.Random) -> Any:
    first = (I, Integer(r.randint(0, 1)), r.choice([N, N - 1, L, Integer(3)]))
    second = (J, r.choice([I, Integer(1), I - 1]), r.choice([N, L, I + 1, N + 1]))
    return ((), (first,), (first, second))[r.randint(0, 2)]


def value(e: Any, world: dict[Any, Any]) -> Fraction:
    """The number that an integer term is, by its form."""
    if e.is_Rational:
        return Fraction(int(e.p), int(e.q))
    if isinstance(e, Entry):
        at = value(e.index[0], world)
        return Fraction(world[e.symbol](int(at)))
    if isinstance(e, Add):
        return sum((value(a, world) for a in e.args), Fraction(0))
    if isinstance(e, Mul):
        one = Fraction(1)
        for a in e.args:
            one *= value(a, world)
        return one
    if e.is_Pow:
        return value(e.base, world) ** int(e.exp)
    return Fraction(world[e])


def worlds(r: random.Random, ctx: Any) -> Iterator[dict[Any, Any]]:
    """Small sizes, some widths, some permutations, and all indices in their ranges."""
    for sizes in product(SIZES, SIZES):
        world: dict[Any, Any] = dict(zip((N, L), sizes, strict=True))
        widths, image = [r.choice(SIZES) for _ in range(2)], list(range(1, sizes[0] + 1))
        r.shuffle(image)
        far = r.randint(-9, 9)  # outside of 1..N a permutation may be any integer
        world[n] = lambda a, widths=widths: widths[a]
        world[rho] = lambda a, image=image, far=far: image[a - 1] if 0 < a <= len(image) else far
        yield from inside(world, ctx)


def inside(world: dict[Any, Any], ctx: Any) -> Iterator[dict[Any, Any]]:
    if not ctx:
        yield world
        return
    (k, lo, hi), *rest = ctx
    for v in range(int(value(lo, world)), int(value(hi, world)) + 1):
        yield from inside({**world, k: v}, rest)


def test_what_the_ranges_decide_is_so() -> None:
    found: Counter[str] = Counter()
    r = random.Random(3)
    for _ in range(1_500):
        ctx = random_context(r)
        e = random_integer(r, [k for k, _, _ in ctx])
        said, all_values = nonnegative(e, ctx), [value(e, w) for w in worlds(r, ctx)]
        so = all(v >= 0 for v in all_values)
        found[f"{'so' if so else 'not so'}, {'said' if said else 'not said'}"] += 1
        assert so or not said, f"{e} >= 0 in {ctx}"
    print(dict(found))
    assert found["so, said"] > 200 and found["not so, not said"] > 500


def test_brackets_that_the_ranges_decide() -> None:
    found: Counter[str] = Counter()
    r = random.Random(4)
    for _ in range(1_500):
        ctx = random_context(r)
        letters = [k for k, _, _ in ctx]
        relation = r.choice(("=", "<=", "<"))
        b = Bracket(relation, random_integer(r, letters), random_integer(r, letters))
        if not isinstance(b, Bracket):
            continue
        said = truth(b, ctx)
        found[str(said)] += 1
        for w in worlds(r, ctx) if said is not None else ():
            x, y = value(b.a, w), value(b.b, w)
            holds = {"=": x == y, "<=": x <= y, "<": x < y}[relation]
            assert holds == (said == 1), f"{b} called {said} in {ctx}"
    assert truth(Bracket("=", N + I, L + I + J), ((I, N, N), (J, N - L, N - L))) == 1
    print(dict(found))
    assert found["1"] > 50 and found["0"] > 50 and found["None"] > 500


# --------------------------------------------------------------------------------------------- differentials


def test_differentials_are_those_of_the_engine() -> None:
    """Nested sums and functionals with the same few letters inside and outside of them."""
    found: Counter[str] = Counter()
    for case in cases(700):
        e = case.term.xreplace({SYMBOLS["t"]: Integer(case.env["t"])})
        try:
            theirs = differential_of_the_engine(e)
        except CalculusError as error:
            assert "no differential everywhere" in str(error) and has_real_bracket(case.tree)
            with pytest.raises(CheckerError, match="has no differential everywhere"):
                differential(e)
            found["no differential"] += 1
            continue
        mine = differential(e)
        found["same form" if mine == theirs else "other form"] += 1
        if mine != theirs:
            try:
                assert case.exact(mine) == case.exact(theirs), f"d {e} = {mine}, not {theirs}"
            except UNDEFINED:
                found["undefined"] += 1
        found["not zero"] += mine != 0
    print(dict(found))
    assert found["not zero"] > 300 and found["no differential"] > 20
