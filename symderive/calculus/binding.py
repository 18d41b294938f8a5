"""Opening and closing of binders: (sum_k f(k)) opened at i is f(i), and back.

Terms are locally nameless: free indices have names, bound ones are `BoundIndex(level)`. A term without loose
bound indices means the same wherever it is put, so substitution under a binder cannot capture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sympy import Expr
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, CalculusError

if TYPE_CHECKING:
    from symderive.calculus.terms import Binder


def _is_binder(e: Basic) -> bool:
    return getattr(e, "is_binder", False)


def loose(e: Basic, level: int = 0) -> bool:
    """Whether a bound index points outside e, or at the `level` binders around it or beyond.

    >>> loose(BoundIndex(0)), loose(BoundIndex(0), 1)
    (True, False)
    """
    if isinstance(e, BoundIndex):
        return e.level >= level
    if not e.args:
        return False
    if _is_binder(e):
        body, lo, hi = e.args
        return loose(body, level + 1) or loose(lo, level) or loose(hi, level)
    return any(loose(a, level) for a in e.args)


def loose_levels(e: Basic, level: int = 0) -> frozenset[int]:
    """Which binders around e its bound indices point to: 0 is the innermost.

    >>> loose_levels(BoundIndex(0) + BoundIndex(2))
    frozenset({0, 2})
    """
    if isinstance(e, BoundIndex):
        return frozenset({e.level - level} if e.level >= level else ())
    if not e.args:
        return frozenset()
    if _is_binder(e):
        body, lo, hi = e.args
        return loose_levels(body, level + 1) | loose_levels(lo, level) | loose_levels(hi, level)
    return frozenset().union(*(loose_levels(a, level) for a in e.args))


def require_closed(*terms: Any) -> None:
    """Refuse terms with loose bound indices: outside their sum they mean nothing."""
    for e in terms:
        if isinstance(e, Basic) and loose(e):
            raise CalculusError(f"{e} has a bound index outside its sum: open the sum before taking it apart")


def rebuilt(e: Expr, args: Sequence[Basic]) -> Expr:
    """e with these arguments; SymPy's constructors are not asked again where nothing changed."""
    return e if all(a is b for a, b in zip(args, e.args, strict=True)) else e.func(*args)


def replace_level(e: Expr, value: Expr, level: int = 0) -> Expr:
    """e with the bound index of the binder just removed, `level` binders up, replaced by a closed value."""
    if isinstance(e, BoundIndex):
        if e.level < level:
            return e
        return value if e.level == level else BoundIndex(e.level - 1)
    if not e.args:
        return e
    if _is_binder(e):
        body, lo, hi = e.args
        new = (
            replace_level(body, value, level + 1),
            replace_level(lo, value, level),
            replace_level(hi, value, level),
        )
    else:
        new = tuple(replace_level(a, value, level) for a in e.args)
    return rebuilt(e, new)


def abstract(e: Expr, symbol: Expr, level: int = 0) -> Expr:
    """e with the free symbol turned into the bound index of a new binder around e; the inverse of opening."""
    if e == symbol:
        return BoundIndex(level)
    if isinstance(e, BoundIndex):
        return e if e.level < level else BoundIndex(e.level + 1)
    if not e.args:
        return e
    if _is_binder(e):
        body, lo, hi = e.args
        new = (abstract(body, symbol, level + 1), abstract(lo, symbol, level), abstract(hi, symbol, level))
    else:
        new = tuple(abstract(a, symbol, level) for a in e.args)
    return rebuilt(e, new)


def binders(e: Basic) -> list[Binder]:
    """All sums and families in e, outermost first."""
    found: list[Any] = [e] if _is_binder(e) else []
    for a in e.args:
        found += binders(a)
    return found
