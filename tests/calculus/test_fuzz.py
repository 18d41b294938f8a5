"""20,000 random nested sums: what the calculus makes of them has the value that the textbook's meaning gives.

Bound and free names are drawn from the same five letters. Each law of `fuzzing.LAWS` is tried on terms of
its own. Then the same with results that were tampered with, and with operations that make a known mistake:
the laws must notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fuzzing import LAWS, Case, Claim, mutated, spoiled, survey
from named_terms import LETTERS, SYMBOLS, build
from sympy import Add, Dummy, Expr, Integer

from symderive.calculus import Applied, Bracket, Entry, IndexSum
from symderive.calculus.contraction import contract

#: law -> how many terms it is tried on; slow laws get fewer
TERMS = {
    "meaning": 1500, "substitution": 2000, "simultaneous": 600, "capture": 2000, "other_tensors": 1000,
    "opening": 1000, "alpha": 1000, "derivative": 1000, "second_derivative": 400, "symbol_derivative": 1000,
    "total_differential": 800, "expanding": 800, "writing_out": 800, "rational": 400, "simplifying": 200,
    "printing": 700, "copying": 700, "contraction": 800, "deltas": 1000, "contracted_derivative": 900,
    "deciding": 500,
    "normalising": 900, "equality": 700,
}  # fmt: skip

#: law -> the share of terms that it may refuse: derivatives of brackets of reals
MAY_REFUSE = {"total_differential": 0.05, "symbol_derivative": 0.05}

#: law -> the share of claims about numbers other than 0: what a term does not contain has the derivative 0
NONZERO = {"second_derivative": 0.1, "symbol_derivative": 0.05, "deciding": 0.3, "derivative": 0.4,
           "contracted_derivative": 0.4, "deltas": 0.15}  # fmt: skip


def seeds_of(law: str) -> range:
    """Every law has its own terms."""
    first = 0
    for other, count in TERMS.items():
        if other == law:
            return range(first, first + count)
        first += count
    raise KeyError(law)


def test_every_law_is_tried_and_the_terms_are_enough() -> None:
    assert set(TERMS) == set(LAWS)
    assert sum(TERMS.values()) >= 20_000


def test_the_terms_are_what_they_claim_to_be() -> None:
    """Nested up to four deep; letters bound and free at once, and bound twice in each other."""
    both = shadowed = deep = 0
    for seed in range(200):
        c = Case(seed)
        bound: set[str] = set()
        free = {s.name for s in c.term.free_symbols if s.name in LETTERS}

        def visit(t: Any, around: frozenset[str], bound: set[str] = bound) -> int:
            nonlocal shadowed
            if not isinstance(t, tuple):
                return 0
            if t and t[0] == "sum":
                bound.add(t[1])
                shadowed += t[1] in around
                return 1 + visit(t[4], around | {t[1]})
            return max((visit(a, around) for a in t), default=0)

        deep += visit(c.tree, frozenset()) >= seed % 4 + 1
        both += bool(bound & free)
    assert deep == 200 and both > 100 and shadowed > 20


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds(law: str) -> None:
    found = survey(LAWS[law], seeds_of(law))
    assert found.failures == []
    count = found.counts
    assert count["terms"] + count["undefined"] >= TERMS[law]
    assert count["undefined"] <= 0.06 * TERMS[law], "too many divisions by zero"
    assert count["refused"] <= MAY_REFUSE.get(law, 0.03) * TERMS[law], "too many refusals"
    assert count["claims"] > 0 and count["nonzero claims"] >= NONZERO.get(law, 0.5) * count["claims"]


@pytest.mark.parametrize("law", LAWS)
def test_a_law_notices_a_result_that_was_tampered_with(law: str) -> None:
    """Not each time: a mistake under a factor 0, or in an empty sum, changes nothing."""
    found = survey(LAWS[law], range(10**6, 10**6 + 60), spoil=spoiled)
    assert len(found.failures) > 10, f"{len(found.failures)} of {found.counts['claims']} mistakes noticed"


# -------------------------------------------------------------------------- operations with a known mistake


def naive(e: Expr, rule: dict[Any, Any]) -> Expr:
    """Substitution that minds no names, as SymPy's under Sum: the new term is captured."""
    if isinstance(e, IndexSum):
        k, body = e.unbind()
        return IndexSum(naive(body, rule), (k, naive(e.lo, rule), naive(e.hi, rule)))
    if e in rule:
        return rule[e]
    return e.func(*(naive(a, rule) if isinstance(a, Expr) else a for a in e.args)) if e.args else e


def capturing(c: Case) -> Iterator[Claim]:
    t = c.g.term(2)
    value = c.meaning.value(c.tree, {**c.env, "t": c.meaning.value(t, c.env)})
    yield naive(c.term, {SYMBOLS["t"]: build(t)}), c.env, value


def capturing_an_index(c: Case) -> Iterator[Claim]:
    a, b = c.r.sample(LETTERS, 2)
    value = c.meaning.value(c.tree, {**c.env, a: c.env[b]})
    yield naive(c.term, {SYMBOLS[a]: SYMBOLS[b]}), c.env, value


def one_after_the_other(c: Case) -> Iterator[Claim]:
    a, b = c.r.sample(LETTERS, 2)
    value = c.meaning.value(c.tree, {**c.env, a: c.env[b], b: c.env[a]})
    yield c.term.subs([(SYMBOLS[a], SYMBOLS[b]), (SYMBOLS[b], SYMBOLS[a])]), c.env, value


def blind_to_bound_entries(c: Case) -> Iterator[Claim]:
    """Only the entry as it is written counts, as if x_k in a sum were no x_j."""
    u, held = c.variable(), Dummy("held", real=True)
    e = c.term.xreplace({build(u): held}).diff(held).xreplace({held: build(u)})
    yield e, c.env, c.derivative(u)


def without_range_brackets(c: Case) -> Iterator[Claim]:
    """sum_k [k = v] f(k) = f(v), wherever v lies."""
    u = c.variable()
    e = contract(c.diff(c.term, build(u)))
    e = e.replace(lambda b: isinstance(b, Bracket) and b.relation == "<=", lambda b: Integer(1))
    yield e, c.env, c.derivative(u)


def square_of_the_sum_is_the_sum_of_squares(c: Case) -> Iterator[Claim]:
    e = (c.term**2).replace(
        lambda p: p.is_Pow and isinstance(p.base, IndexSum) and p.exp == 2,
        lambda p: IndexSum(p.base.body**2, p.base.lo, p.base.hi),
    )
    yield e, c.env, c.value**2


def functions_are_linear(c: Case) -> Iterator[Claim]:
    """sigma(sum_k f) = sum_k sigma(f)"""
    e = c.term.replace(
        lambda f: isinstance(f, Applied) and isinstance(f.argument, IndexSum),
        lambda f: IndexSum(f.func(*f.args[:-1], f.argument.body), f.argument.lo, f.argument.hi),
    )
    yield e, c.env, c.value


def one_short(c: Case) -> Iterator[Claim]:
    """Python's range for a sum."""
    at = c.term.xreplace({SYMBOLS[s]: Integer(c.env[s]) for s in LETTERS})
    if isinstance(at, IndexSum) and at.lo.is_Integer and at.hi.is_Integer:
        yield Add(*(at.open(v) for v in range(int(at.lo), int(at.hi)))), c.env, c.value


def any_other_tree(c: Case) -> Iterator[Claim]:
    yield build(mutated(c.r, c.tree)), c.env, c.value


@pytest.mark.parametrize(
    "mistake",
    [
        capturing, capturing_an_index, one_after_the_other, blind_to_bound_entries, without_range_brackets,
        square_of_the_sum_is_the_sum_of_squares, functions_are_linear, one_short, any_other_tree,
    ],
)  # fmt: skip
def test_a_known_mistake_is_noticed(mistake: Callable[[Case], Iterator[Claim]]) -> None:
    found = survey(mistake, range(2 * 10**6, 2 * 10**6 + 300))
    assert len(found.failures) >= 3, f"noticed {len(found.failures)} times"
    assert all("Error" not in f for f in found.failures), found.failures


def test_mutations_reach_every_kind_of_node() -> None:
    """The mistakes differ from the tree and from each other."""
    c = Case(7)
    kinds = {build(mutated(c.r, c.tree)) for _ in range(60)}
    assert len(kinds) > 8
    assert any(e.atoms(Entry) != c.term.atoms(Entry) for e in kinds)
