"""What the checker speaks of: contexts, hypotheses, sequents; and one line for whatever is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

from sympy import Add, Expr, Integer, Mul, Pow, Symbol
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Bracket, Entry
from symderive.errors import SymderiveError

KINDS = ("definition", "assumption", "citation", "induction")

LETTER = Symbol(" k", integer=True)  # no name in a file begins with a space

Limits = tuple[Symbol, Expr, Expr]
Context = tuple[Limits, ...]


class CheckerError(SymderiveError):
    """A certificate that proves nothing: the step, its rule, and the condition that failed."""


class NotJSON(CheckerError):
    """A text that is no JSON, or not such as a certificate may be."""


def refuse(condition: str) -> NoReturn:
    """CheckerError, with what was expected and found."""
    raise CheckerError(condition)


def need(holds: object, condition: str, *found: object) -> None:
    """Refuse unless it holds; what was found is only printed then."""
    if not holds:
        refuse(condition.format(*found))


class Hypothesis(NamedTuple):
    """For all own indices in their ranges and all own real numbers: lhs = rhs."""

    name: str
    kind: str
    lhs: Expr
    rhs: Expr
    indices: Context
    reals: tuple[TensorSymbol, ...]

    def terms(self) -> tuple[Expr, ...]:
        """All terms of it."""
        return (self.lhs, self.rhs, *(e for _, lo, hi in self.indices for e in (lo, hi)))

    def shared(self) -> set[Symbol]:
        """The indices that it shares with the theorem."""
        return {s for e in self.terms() for s in letters(e)} - {k for k, _, _ in self.indices}

    def moved(self, rule: Mapping[Basic, Basic]) -> Hypothesis:
        """The hypothesis at other values of shared indices, which must not meet its own."""
        used = {s for v in rule.values() for s in letters(v)} | set(rule)
        need(
            not used & {k for k, _, _ in self.indices}, "capture of an own index of hypothesis {}", self.name
        )
        limits = tuple((k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices)
        return self._replace(lhs=self.lhs.xreplace(rule), rhs=self.rhs.xreplace(rule), indices=limits)

    def __str__(self) -> str:
        ranges = "".join(f" for {k} in {lo}..{hi}" for k, lo, hi in self.indices)
        reals = "".join(f" for all real {u}" for u in self.reals)
        return f"{self.name}: {self.lhs} = {self.rhs}{ranges}{reals}"

    def says(self, u: TensorSymbol) -> bool:
        """Whether u, du, .. stands in it, and is not its own."""
        return u not in self.reals and any(descends(s, u) for e in self.terms() for s in e.free_symbols)


class Sequent(NamedTuple):
    """What a step concludes."""

    context: Context
    hypotheses: frozenset[Hypothesis]
    lhs: Expr
    rhs: Expr


@contextmanager
def within_one_line(where: str, kind: type[CheckerError] = CheckerError) -> Iterator[None]:
    """Whatever a hostile file provokes becomes one line that says where."""
    try:
        yield
    except Exception as error:
        text = " ".join(f"{where}: {str(error) or type(error).__name__}".split())
        raise kind(text[:500]) from None


def letters(e: Basic) -> set[Symbol]:
    """The free indices of a term: integer symbols that are no sizes."""
    return {s for s in e.free_symbols if isinstance(s, Symbol) and not s.is_positive}


def known(ctx: Context) -> set[Symbol]:
    """The indices of a context."""
    return {k for k, _, _ in ctx}


def plain(k: Basic | None) -> bool:
    """Whether k is an index of which nothing else is assumed."""
    return isinstance(k, Symbol) and k == Symbol(k.name, integer=True)


def is_real(u: Any) -> bool:
    """Whether u is a real tensor without an index."""
    return isinstance(u, TensorSymbol) and (u.kind, u.rank, u.style) == ("real", 0, "plain")


def tangents(*terms: Expr) -> set[Basic]:
    """The differentials in the terms."""
    return {t for e in terms for t in e.free_symbols if isinstance(t, TensorSymbol) and "tangent" in t.style}


def integral(e: Basic) -> bool:
    """Whether a term is an integer that does not move, whatever its names stand for."""
    if isinstance(e, Entry):
        return e.symbol.kind != "real" and all(map(integral, e.index))
    if isinstance(e, Add | Mul | Bracket):
        return all(integral(a) for a in e.args if not isinstance(a, Str))
    if isinstance(e, Pow):
        return integral(e.base) and isinstance(e.exp, Integer) and bool(e.exp > 0)
    return isinstance(e, Integer | Symbol)


def descends(t: Basic, u: TensorSymbol) -> bool:
    """Whether t is u, du, ddu, .."""
    while isinstance(t, TensorSymbol) and u.style.count("tangent") < t.style.count("tangent"):
        u = u.tangent()
    return bool(t == u)
