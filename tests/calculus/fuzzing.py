"""What the fuzz claims of random terms: each law gives triples (term, environment, the value it must have).

The values come from `named_terms.Meaning`, the terms from the calculus. `survey` counts how the claims of a
law fare.
"""

from __future__ import annotations

import copy
import pickle
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy
from named_terms import (
    LETTERS,
    REAL,
    SPARE,
    SYMBOLS,
    TENSORS,
    Dual,
    Generator,
    Meaning,
    Tree,
    build,
    free_names,
    map_tree,
    name,
    number,
)
from sympy import Expr, Integer, Symbol, latex, srepr
from sympy.core.symbol import Str

import symderive.calculus as calculus
from symderive.calculus import Bracket, CalculusError, Entry, IndexSum
from symderive.calculus.atoms import Slot
from symderive.calculus.binding import binders, loose
from symderive.calculus.contraction import contract, decide
from symderive.calculus.differential import differential
from symderive.calculus.normal_form import equal, normal_form
from symderive.calculus.ranges import Context
from symderive.evaluation.exact import Assignment, ZeroDenominator, evaluate_exact

Claim = tuple[Expr, dict[str, Any], Any]


class Refused(Exception):
    """The calculus refused, and may: the derivative of a bracket of reals."""


class Case:
    """One random nested sum with everything that an oracle needs to know of it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.g = Generator(seed)
        self.r = self.g.r
        self.tree = self.g.nested(seed % 4 + 1)
        self.env = self.g.env()
        self.assignment = Assignment(self.env, seed=seed)
        self.meaning = Meaning(self.assignment)
        self.term = build(self.tree)

    @cached_property
    def value(self) -> Any:
        return self.meaning.value(self.tree, self.env)

    def exact(self, e: Expr, env: dict[str, Any] | None = None) -> Fraction:
        return evaluate_exact(e, self.assignment if env is None else Assignment(env, seed=self.seed))

    def same(self, e: Expr) -> Claim:
        """e has the value of the term."""
        return e, self.env, self.value

    def variable(self) -> Tree:
        """An entry to differentiate by: mostly one that the term reads, with free letters in its indices."""
        read: list[Any] = []

        def note(n: str, i: tuple[int, ...]) -> Any:
            read.append((n, i))
            return self.meaning.read(n, i)

        Meaning(self.assignment, note).value(self.tree, self.env)
        real = sorted({(n, i) for n, i in read if n in REAL})
        if not real or self.r.random() < 0.15:
            return self.g.entry()
        n, index = self.r.choice(real)
        return ("entry", n, tuple(self._index(v) for v in index))

    def _index(self, v: int) -> Tree:
        """An index with this value."""
        s = self.r.choice(LETTERS)
        shift = v - self.env[s]
        return self.r.choice((number(v), name(s) if not shift else ("add", name(s), number(shift))))

    def derivative(self, *variables: Tree) -> Any:
        """By dual numbers, forward, with one number for each variable."""
        read = self.meaning.read
        for u in variables:
            at = (u[1], tuple(self.meaning.index(i, self.env) for i in u[2]))
            read = _direction(read, at)
        x = Meaning(self.assignment, read).value(self.tree, self.env)
        for _ in variables:
            x = x.d if isinstance(x, Dual) else 0
        return x

    def diff(self, e: Expr, *variables: Expr) -> Expr:
        try:
            for v in variables:
                e = e.diff(v)
        except CalculusError as error:
            if "state a convention for its jump" in str(error) and has_real_bracket(self.tree):
                raise Refused from error
            raise
        return e


def _direction(read: Any, at: Any) -> Any:
    return lambda n, i: Dual(read(n, i), int((n, i) == at)) if n in REAL else read(n, i)


def has_real_bracket(t: Any) -> bool:
    if not isinstance(t, tuple):
        return False
    if t and t[0] == "bracket":
        return any(a[0] == "entry" and a[1] in REAL for a in t[2:])
    return any(has_real_bracket(a) for a in t)


# --------------------------------------------------------------------------------- substitution and binding


def meaning(c: Case) -> Iterator[Claim]:
    """The term means what the tree says."""
    yield c.same(c.term)


def substitution(c: Case) -> Iterator[Claim]:
    """[t/k] e at the environment is e at the environment where k has the value of t."""
    k = c.g.letter()
    t = c.g.index() if c.r.random() < 0.8 else c.g.entry(("m", "p", "d"))
    old, new = SYMBOLS[k], build(t)
    inside = {**c.env, k: c.meaning.index(t, c.env)}
    ways: tuple[Callable[[], Expr], ...] = (
        lambda: c.term.subs(old, new),
        lambda: c.term.xreplace({old: new}),
        lambda: c.term.subs({old: new}, simultaneous=True),
        lambda: c.term.replace(old, new),
    )
    yield c.r.choice(ways)(), c.env, c.meaning.value(c.tree, inside)


def simultaneous(c: Case) -> Iterator[Claim]:
    """Indices change places all at once, or one after the other."""
    names = c.r.sample(LETTERS, len(LETTERS))
    rule = {SYMBOLS[a]: SYMBOLS[b] for a, b in zip(LETTERS, names, strict=True)}
    moved = {**c.env, **{a: c.env[b] for a, b in zip(LETTERS, names, strict=True)}}
    yield c.term.xreplace(rule), c.env, c.meaning.value(c.tree, moved)
    a, b = c.r.sample(LETTERS, 2)
    swap = {SYMBOLS[a]: SYMBOLS[b], SYMBOLS[b]: SYMBOLS[a]}
    moved = {**c.env, a: c.env[b], b: c.env[a]}
    yield c.term.subs(swap, simultaneous=True), c.env, c.meaning.value(c.tree, moved)
    after_second = {**c.env, b: c.env[a]}
    after_both = {**after_second, a: after_second[b] + 1}
    chain = c.term.subs([(SYMBOLS[a], SYMBOLS[b] + 1), (SYMBOLS[b], SYMBOLS[a])])
    yield chain, c.env, c.meaning.value(c.tree, after_both)


def capture(c: Case) -> Iterator[Claim]:
    """A term full of the bound letters goes under the sums."""
    t = c.g.term(2)
    inside = {**c.env, "t": c.meaning.value(t, c.env)}
    new = build(t)
    e = c.term.subs(SYMBOLS["t"], new) if c.r.random() < 0.5 else c.term.xreplace({SYMBOLS["t"]: new})
    yield e, c.env, c.meaning.value(c.tree, inside)


def other_tensors(c: Case) -> Iterator[Claim]:
    """Tensors change places."""
    names = {"A": "B", "B": "A", "x": "y", "y": "x"}
    moved = Meaning(c.assignment, lambda n, i: c.meaning.read(names.get(n, n), i))
    e = c.term.xreplace({TENSORS[a]: TENSORS[b] for a, b in names.items()})
    yield e, c.env, moved.value(c.tree, c.env)


def opening(c: Case) -> Iterator[Claim]:
    """A sum is the sum of its body at lo, .., hi; closing undoes opening."""
    spare = Symbol("spare", integer=True)
    for s in binders(c.term):
        if not isinstance(s, IndexSum) or loose(s):
            continue
        k, body = s.unbind()
        assert k not in s.free_symbols
        assert IndexSum(body, (k, s.lo, s.hi)) == s == IndexSum(s.open(spare), (spare, s.lo, s.hi))
        run = range(int(c.exact(s.lo)), int(c.exact(s.hi)) + 1)
        yield s, c.env, sum(c.exact(s.open(v)) for v in run)
        yield s, c.env, sum(c.exact(s.open(spare), {**c.env, "spare": v}) for v in run)


def renamed(c: Case, t: Any, names: dict[str, str]) -> Any:
    """The tree with other letters for its bound indices."""
    if not isinstance(t, tuple) or not t:
        return t
    if t[0] == "name":
        return name(names.get(str(t[1]), str(t[1])))
    if t[0] == "sum":
        _, k, lo, hi, body = t
        new, inside = _new_letter(c, k, body, names)
        return ("sum", new, renamed(c, lo, names), renamed(c, hi, names), renamed(c, body, inside))
    if t[0] == "functional":
        return ("functional", t[1], tuple(_renamed_family(c, limits, body, names) for limits, body in t[2]))
    return tuple(renamed(c, a, names) for a in t)


def _new_letter(c: Case, k: str, body: Tree, names: dict[str, str]) -> tuple[str, dict[str, str]]:
    taken = {names.get(s, s) for s in free_names(body) - {k}}
    new = c.r.choice([s for s in LETTERS + SPARE if s not in taken])
    return new, {**names, k: new}


def _renamed_family(c: Case, limits: Any, body: Tree, names: dict[str, str]) -> Any:
    if not limits:
        return (), renamed(c, body, names)
    (k, lo, hi), *rest = limits
    # the names that the inner ranges and the body leave free, as a family of the rest
    new, inside = _new_letter(c, k, ("functional", "C", ((tuple(rest), body),)), names)
    more, inner = _renamed_family(c, rest, body, inside)
    return ((new, renamed(c, lo, names), renamed(c, hi, names)), *more), inner


def alpha(c: Case) -> Iterator[Claim]:
    """Terms that differ by the names of bound indices are one and the same, and print the same."""
    e = build(renamed(c, c.tree, {}))
    assert e == c.term and hash(e) == hash(c.term) and str(e) == str(c.term)
    yield c.same(e)


# ---------------------------------------------------------------------------------------------- derivatives


def derivative(c: Case) -> Iterator[Claim]:
    u = c.variable()
    e = c.diff(c.term, build(u))
    assert "#" not in str(e)
    yield e, c.env, c.derivative(u)


def second_derivative(c: Case) -> Iterator[Claim]:
    u, v = c.variable(), c.variable()
    yield c.diff(c.term, build(u), build(v)), c.env, c.derivative(u, v)


def symbol_derivative(c: Case) -> Iterator[Claim]:
    x = c.meaning.value(c.tree, {**c.env, "t": Dual(c.env["t"], 1)})
    try:
        e = c.term.diff(SYMBOLS["t"])
    except CalculusError as error:
        if "expected a tensor entry to differentiate by" in str(error):
            raise Refused from error
        raise
    yield e, c.env, x.d if isinstance(x, Dual) else 0


def total_differential(c: Case) -> Iterator[Claim]:
    """dT is a direction: the differential is the derivative along it."""
    if has_real_bracket(c.tree):
        raise Refused
    tangents = {n: TENSORS[n].tangent() for n in REAL}
    along = Meaning(
        c.assignment,
        lambda n, i: (
            Dual(c.meaning.read(n, i), c.assignment.entry(tangents[n], i))
            if n in REAL
            else c.meaning.read(n, i)
        ),
    )
    x = along.value(c.tree, c.env)
    e = differential(c.term.xreplace({SYMBOLS["t"]: Integer(c.env["t"])}))
    yield e, c.env, x.d if isinstance(x, Dual) else 0


# ------------------------------------------------------------------------------------ SymPy's own rewriting


def expanding(c: Case) -> Iterator[Claim]:
    yield c.same(c.term.expand())


def writing_out(c: Case) -> Iterator[Claim]:
    """doit, with symbolic limits and with numbers."""
    yield c.same(c.term.doit())
    at_numbers = c.term.xreplace({SYMBOLS[s]: Integer(c.env[s]) for s in LETTERS})
    yield c.same(at_numbers)
    yield c.same(at_numbers.doit())


def rational(c: Case) -> Iterator[Claim]:
    """together, factor, cancel, collect, factor_terms: values stay."""
    small = build(c.g.term(2)) + c.term
    expected = c.exact(small)
    for f in (sympy.together, sympy.factor_terms, lambda e: sympy.collect(e, TENSORS["x"][SYMBOLS["i"]])):
        yield f(small), c.env, expected


def simplifying(c: Case) -> Iterator[Claim]:
    t = c.g.term(2)
    yield sympy.simplify(build(t)), c.env, c.meaning.value(t, c.env)
    t = ("add", ("mul", c.g.leaf(), c.g.leaf()), ("mul", c.g.leaf(), ("sum", *c.g.limits(), c.g.leaf())))
    value = c.meaning.value(t, c.env)
    yield sympy.factor(build(t)), c.env, value
    yield sympy.cancel(build(t)), c.env, value


# ------------------------------------------------------------------------------------- printing and copying

NAMESPACE: dict[str, Any] = {
    **vars(sympy),
    **{n: getattr(calculus, n) for n in calculus.__all__},
    "Slot": Slot,
    "Str": Str,
}


def printing(c: Case) -> Iterator[Claim]:
    """Printers show every bound index by a name."""
    assert "#" not in str(c.term) and "@" not in str(c.term)
    assert "#" not in latex(c.term)
    yield c.same(c.term)


def copying(c: Case) -> Iterator[Claim]:
    """srepr, pickle and copy give the term back."""
    for e in (
        eval(srepr(c.term), dict(NAMESPACE)),  # its own output, nobody's input
        pickle.loads(pickle.dumps(c.term)),
        copy.copy(c.term),
        copy.deepcopy(c.term),
    ):
        assert e == c.term and hash(e) == hash(c.term)
    yield c.same(e)


# -------------------------------------------------------------------------- contraction and the normal form


def contraction(c: Case) -> Iterator[Claim]:
    yield c.same(contract(c.term))


def contracted_derivative(c: Case) -> Iterator[Claim]:
    u = c.variable()
    yield contract(c.diff(c.term, build(u))), c.env, c.derivative(u)


def deltas(c: Case) -> Iterator[Claim]:
    """sum_k [c k = v] f(k), where v is an index, a real number, or contains k itself."""
    k, lo, hi = c.g.limits()
    a = c.r.choice((name(k), name(k), ("mul", number(c.r.choice((-1, 2, 3))), name(k))))
    b = c.r.choice(
        (c.g.index(), c.g.index(), c.g.entry(("x", "y")), ("mul", number(Fraction(1, 2)), c.g.index()))
    )
    delta = ("bracket", "=", *c.r.sample((a, b), 2))
    t = ("sum", k, lo, hi, ("mul", delta, ("add", c.g.leaf(), c.g.nested(c.r.choice((0, 0, 1))))))
    if c.r.random() < 0.3:
        t = ("sum", *c.g.limits(), ("mul", t, c.g.leaf()))
    yield contract(build(t)), c.env, c.meaning.value(t, c.env)


def true_context(c: Case) -> Context:
    """Ranges that the values of the indices lie in; some depend on others."""
    names = c.r.sample(LETTERS, c.r.randint(0, len(LETTERS)))

    def limit(n: int, sign: int) -> Expr:
        own = c.env[names[n]]
        if n and c.r.random() < 0.5:
            other = c.r.choice(names[:n])
            return SYMBOLS[other] + (own - c.env[other]) + sign * c.r.choice((0, 0, 1))
        outside = [s for s in LETTERS if s not in names]
        if outside and c.r.random() < 0.3:
            other = c.r.choice(outside)
            return SYMBOLS[other] + (own - c.env[other]) + sign * c.r.choice((0, 0, 1))
        return Integer(own + sign * c.r.choice((0, 1, 2)))

    return Context.of(*((SYMBOLS[s], limit(n, -1), limit(n, 1)) for n, s in enumerate(names)))


def deciding(c: Case) -> Iterator[Claim]:
    u = c.variable()
    derivative = contract(c.diff(c.term, build(u)))
    for e, value in ((c.term, c.value), (derivative, c.derivative(u))):
        yield decide(e, true_context(c)), c.env, value


def normalising(c: Case) -> Iterator[Claim]:
    e = normal_form(c.term)
    assert normal_form(e) == e
    yield c.same(e)


def shuffled(c: Case, t: Tree) -> Tree:
    """An equal tree: laws of a ring and of finite sums applied here and there."""

    def law(t: Tree) -> Tree | None:
        if c.r.random() < 0.3:
            return None
        if t[0] == "mul":
            a, b = t[1:]
            if a[0] == "add" and c.r.random() < 0.7:  # (a + a') b = a b + a' b
                return ("add", ("mul", again(a[1]), again(b)), ("mul", again(a[2]), again(b)))
            if a[0] == "sum" and a[1] not in free_names(b):  # (sum_k a) b = sum_k a b
                return ("sum", *a[1:4], ("mul", again(a[4]), again(b)))
            return ("mul", again(b), again(a))
        if t[0] == "add":
            return ("add", *(again(a) for a in reversed(t[1:])))
        if t[0] == "pow" and t[2] == 2:
            return ("mul", again(t[1]), renamed(c, again(t[1]), {}))
        if t[0] == "sum":
            _, k, lo, hi, body = t
            if body[0] == "add":
                return ("add", *(again(("sum", k, lo, hi, a)) for a in body[1:]))
            if body[0] == "sum" and k != body[1]:  # sum_k sum_j = sum_j sum_k
                _, j, a, b, inner = body
                if k not in free_names(a) | free_names(b) and j not in free_names(lo) | free_names(hi):
                    return ("sum", j, a, b, ("sum", k, lo, hi, again(inner)))
            if body[0] == "mul" and k not in free_names(body[2]):
                return ("mul", ("sum", k, lo, hi, again(body[1])), again(body[2]))
        return None

    def again(t: Tree) -> Tree:
        return map_tree(t, law)  # type: ignore[no-any-return]

    return renamed(c, again(t), {})  # type: ignore[no-any-return]


def equality(c: Case) -> Iterator[Claim]:
    """Equal after any shuffle; never equal to what has another value."""
    other = shuffled(c, c.tree)
    e = build(other)
    assert equal(c.term, e), f"not seen to be equal: {c.term}   and   {e}"
    yield c.same(e)
    wrong = mutated(c.r, c.tree)
    value = c.meaning.value(wrong, c.env)
    if value != c.value:
        assert not equal(c.term, build(wrong)), f"called equal: {c.term}   and   {build(wrong)}"
        yield build(wrong), c.env, value


# ------------------------------------------------------------------------------------------------- mutation


def mutated(r: random.Random, t: Tree) -> Tree:
    """The tree with one small mistake in it."""
    places = _count(t)
    target, seen = r.randrange(places), 0

    def change(node: Tree) -> Tree | None:
        nonlocal seen
        seen += 1
        return _mistake(r, node) if seen - 1 == target else None

    return map_tree(t, change)  # type: ignore[no-any-return]


def _count(t: Any) -> int:
    if not isinstance(t, tuple):
        return 0
    return int(bool(t) and isinstance(t[0], str)) + sum(map(_count, t))


def _mistake(r: random.Random, t: Tree) -> Tree | None:
    kind = t[0]
    if kind == "name" and t[1] in LETTERS:
        return ("add", t, number(1)) if r.random() < 0.5 else name(r.choice(LETTERS))
    if kind == "number":
        return number(t[1] + 1)
    if kind == "entry" and t[1] in "AB":
        return ("entry", "AB".replace(t[1], ""), t[2])
    if kind == "entry" and t[1] in "xy":
        return ("entry", "xy".replace(t[1], ""), t[2])
    if kind == "pow":
        return ("pow", t[1], t[2] + 1 or 1)
    if kind == "sum":
        return ("sum", t[1], t[2], ("add", t[3], number(1)), t[4])
    if kind == "bracket":
        return ("bracket", {"=": "<=", "<=": "<", "<": "="}[t[1]], *t[2:])
    if kind == "apply":
        return (*t[:2], t[2] + 1, *t[3:])
    first: Tree | None = t[1] if kind in ("add", "mul") else None
    return first


def spoiled(c: Case, e: Expr) -> Expr:
    """The term with one small mistake in it."""
    places = [node for node in sympy.preorder_traversal(e) if isinstance(node, Entry | IndexSum | Bracket)]
    if not places:
        return e + 1
    target, seen = c.r.randrange(len(places)), 0

    def visit(node: Any) -> Any:
        nonlocal seen
        if isinstance(node, Entry | IndexSum | Bracket):
            seen += 1
            if seen - 1 == target:
                if isinstance(node, Entry):
                    *index, last = node.index
                    return node.func(node.symbol, *index, last + 1)
                if isinstance(node, IndexSum):
                    return node.func(node.body, node.lo + 1, node.hi)
                return 1 - node
        if isinstance(node, Entry) or not node.args:
            return node
        return node.func(*map(visit, node.args))

    return visit(e)


LAWS: dict[str, Callable[[Case], Iterator[Claim]]] = {
    f.__name__: f
    for f in (
        meaning, substitution, simultaneous, capture, other_tensors, opening, alpha, derivative,
        second_derivative, symbol_derivative, total_differential, expanding, writing_out, rational,
        simplifying, printing, copying, contraction, deltas,
        contracted_derivative, deciding, normalising, equality,
    )
}  # fmt: skip


@dataclass
class Survey:
    """How the claims of a law fared."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def survey(
    law: Callable[[Case], Iterator[Claim]], seeds: range, spoil: Callable[[Case, Expr], Expr] | None = None
) -> Survey:
    """Try a law on random nested sums; with `spoil`, on results that were tampered with."""
    found = Survey()
    for seed in seeds:
        try:
            c = Case(seed)
            nonzero = c.value != 0
            found.counts["terms"] += 1
            found.counts["nonzero"] += nonzero
            for e, env, expected in law(c):
                value = c.exact(e if spoil is None else spoil(c, e), env)
                found.counts["claims"] += 1
                found.counts["nonzero claims"] += expected != 0
                if value != expected:
                    found.failures.append(f"seed {seed}: {c.term}: {e} = {value}, expected {expected}")
        except (ZeroDivisionError, ZeroDenominator):
            found.counts["undefined"] += 1
        except Refused:
            found.counts["refused"] += 1
        except CalculusError as error:
            if re.match("normal form: (power .* is expanded|more than .* monomials)", str(error)):
                found.counts["refused"] += 1  # its limits are its own
            else:
                found.failures.append(f"seed {seed}: {c.term}: {error}")
        except AssertionError as error:
            found.failures.append(f"seed {seed}: {error or law.__name__}")
        except Exception as error:
            found.failures.append(f"seed {seed}: {c.term}: {type(error).__name__}: {error}")
    return found


__all__ = ["LAWS", "Case", "Claim", "Refused", "Survey", "mutated", "spoiled", "survey"]
