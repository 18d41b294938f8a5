"""The language of theorems: terms that are real numbers whatever their names stand for.

Rational numbers, indices, sizes, sums, products, exp; powers and logarithms that exist; entries at integer
indices; finite sums over integers, brackets, applied functions and functionals. Nothing else: no floats, no
infinities, no functions of SymPy with evaluation rules of their own. A division by what may be 0 is
outside of the language, because SymPy cancels x/x to 1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, Tuple, exp, log
from sympy.core.basic import Basic
from sympy.core.numbers import Half, NegativeOne, One, Zero
from sympy.core.symbol import Str

from symderive.calculus.atoms import (
    BoundIndex,
    CalculusError,
    Functional,
    Name,
    ScalarFunction,
    Slot,
    TensorSymbol,
)
from symderive.calculus.binding import require_closed
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)

NUMBERS = frozenset({Integer, Rational, Zero, One, NegativeOne, Half})
NAMES = frozenset({TensorSymbol, ScalarFunction, Functional})
PARTS = frozenset({Str, Tuple, Family})  # parts of terms that are no scalars
SCALARS = NUMBERS | {
    Symbol, BoundIndex, Add, Mul, Pow, exp, log,
    Entry, IndexSum, Bracket, Applied, FunctionalValue, PartialDerivative,
}  # fmt: skip
NODES = SCALARS | NAMES | PARTS | {Slot}

Named = tuple[tuple[str, ...], Basic]


def _refuse(expected: str, found: object) -> NoReturn:
    raise CalculusError(f"expected {expected}, found {found}")


def is_index(s: Any) -> bool:
    """Whether s is an index: an integer symbol of which nothing else is assumed.

    >>> is_index(Symbol("k", integer=True)), is_index(Symbol("k", integer=True, even=True))
    (True, False)
    """
    return type(s) is Symbol and s == Symbol(s.name, integer=True)


def is_size(s: Any) -> bool:
    """Whether s is a size: a positive integer symbol of which nothing else is assumed."""
    return type(s) is Symbol and s == Symbol(s.name, integer=True, positive=True)


def require_term(e: Any, known: set[Symbol] | None = None) -> None:
    """Refuse what is no scalar term of the language in the known indices; CalculusError says why."""
    if _ADMITTED.get(id(e)) is not e:  # the very object: an equal one may be of another type
        _require_nodes(e, set())
        require_closed(e)
        _scalar(e)
        _admit(e)
    unknown = set() if known is None else _indices(e) - known
    if unknown:
        _refuse("an index with a range in the context", f"{min(map(str, unknown))} in {e}")


_ADMITTED: dict[int, Any] = {}


def _admit(e: Any) -> None:
    """These are not checked again; they are kept, so that no other object gets the place of one."""
    if len(_ADMITTED) > 50_000:
        _ADMITTED.clear()
    _ADMITTED[id(e)] = e


def require_integer(e: Any, known: set[Symbol] | None = None) -> None:
    """Refuse what is no integer whatever its names stand for: k/2 and real entries are not."""
    require_term(e, known)
    _whole(e)


def require_context(ctx: Any) -> None:
    """Refuse a context unless each index is plain, bound once, and its range is given by those before it."""
    if _ADMITTED.get(id(ctx)) is ctx:
        return
    if type(ctx) is not Context:
        _refuse("a context", repr(ctx))
    if type(ctx.limits) is not tuple or any(type(x) is not tuple or len(x) != 3 for x in ctx.limits):
        _refuse("a tuple of indices with their ranges", repr(ctx.limits))
    known: set[Basic] = set()
    for k, lo, hi in ctx.limits:
        if not is_index(k) or k in known:
            _refuse("a new index without assumptions in the context", repr(k))
        for e in (lo, hi):
            require_integer(e)
            if not free_indices(e) <= known:
                _refuse(f"a range of {k} from the indices before it", f"{lo}..{hi}")
        known.add(k)
    _admit(ctx)


def free_indices(e: Basic) -> set[Symbol]:
    """The free index symbols of a term; sizes are not indices."""
    return {s for s in e.free_symbols if isinstance(s, Symbol) and not s.is_positive}


@lru_cache(maxsize=50_000)
def _indices(e: Expr) -> frozenset[Symbol]:
    """The free indices of an admitted term."""
    return frozenset(free_indices(e))


def tangents(*terms: Basic) -> set[TensorSymbol]:
    """The differentials dT, ddT, .. in the terms."""
    found = {t for e in terms for t in e.free_symbols if isinstance(t, TensorSymbol)}
    return {t for t in found if "tangent" in t.style}


def jets(u: TensorSymbol, *terms: Basic) -> set[TensorSymbol]:
    """Which of u, du, ddu, .. stand in the terms."""
    found = {t for e in terms for t in e.free_symbols if isinstance(t, TensorSymbol)}
    jet = [u]
    while len(jet) <= max((t.style.count("tangent") for t in found), default=0):
        jet.append(jet[-1].tangent())
    return found & set(jet)


def _require_nodes(e: Any, seen: set[int]) -> None:
    """Exact types only, ranges of tensors included: a subclass could have an equality of its own."""
    if type(e) not in NODES:
        _refuse("numbers, indices and the terms of the calculus", f"{type(e).__name__} {e!s:.60}")
    if type(e) is TensorSymbol and id(e) not in seen:
        seen.add(id(e))
        for lo, hi in e.axes:
            _require_nodes(lo, seen)
            _require_nodes(hi, seen)
    for a in e.args:
        _require_nodes(a, seen)


@lru_cache(maxsize=50_000)
def _scalar(e: Expr) -> None:
    if type(e) not in SCALARS:
        _refuse("a real number", f"{type(e).__name__} {e}")
    if isinstance(e, Symbol) and not (is_index(e) or is_size(e)):
        _refuse("an index or a size without further assumptions", repr(e))
    if isinstance(e, BoundIndex) and e.level < 0:
        _refuse("a bound index of a sum", e)
    if isinstance(e, Pow):
        _power(e)
    elif isinstance(e, Entry):
        _entry(e)
    elif isinstance(e, IndexSum):
        _scalar(e.body)
        _whole(e.lo)
        _whole(e.hi)
    elif isinstance(e, Applied):
        for i in e.sup:
            _whole(i)
        _scalar(e.argument)
    elif isinstance(e, FunctionalValue):
        for f in e.families:
            _family(f)
        for partial in e.partials:
            for i in partial:
                _whole(i)
    else:
        for a in e.args[isinstance(e, Bracket) :]:
            _scalar(a)
        if isinstance(e, log) and not positive(e.args[0]):
            _refuse("the logarithm of what is known to be positive", e)
    if e.args and e.func(*e.args) != e:
        _refuse("a term as its constructor makes it", f"{type(e).__name__} {e}")


def _family(f: Basic) -> None:
    if not isinstance(f, Family):
        return _scalar(f)
    _family(f.body)
    _whole(f.lo)
    _whole(f.hi)


def _power(e: Pow) -> None:
    _scalar(e.base)
    if type(e.exp) not in NUMBERS:
        _refuse("a rational number as exponent", e)
    if (e.exp.is_Integer and e.exp > 0) or positive(e.base) or (e.exp > 0 and nonnegative(e.base)):
        return
    _refuse(f"a base known to be positive for the exponent {e.exp}", e)


def _entry(e: Entry) -> None:
    _declared(e.symbol)
    for i in e.index:
        _whole(i)


@lru_cache(maxsize=5_000)
def _declared(t: TensorSymbol) -> None:
    """Ranges use sizes, widths and the tensor's own earlier indices; no substitution reaches a free index."""
    if t.kind == "permutation" and not t.axes:
        _refuse("a permutation with an index", t.name)
    for p, axis in enumerate(t.axes):
        for e in axis:
            _whole(e, p)


@lru_cache(maxsize=50_000)
def _whole(e: Expr, slots: int = -1) -> None:
    """An integer; in the range of a tensor's index one of the `slots` indices before it, and no other."""
    if isinstance(e, Integer) or is_size(e):
        return
    if slots < 0:
        if is_index(e) or (isinstance(e, BoundIndex) and e.level >= 0):
            return
    elif isinstance(e, Slot) and 0 <= e.position < slots:
        return
    if isinstance(e, Entry) and e.symbol.kind != "real":
        _declared(e.symbol)
        parts = e.index
    elif isinstance(e, Bracket) and slots < 0:  # of integers: nothing that moves may stand in an index
        _scalar(e)
        parts = (e.a, e.b)
    elif isinstance(e, Add | Mul):
        parts = e.args
    elif isinstance(e, Pow) and isinstance(e.exp, Integer) and e.exp > 0:
        parts = (e.base,)
    else:
        _refuse("an integer" if slots < 0 else "an integer range of sizes and earlier indices", e)
    for a in parts:
        _whole(a, slots)


def positive(e: Basic) -> bool:
    """Whether e > 0 can be seen from its form.

    >>> x, n = Symbol("x", integer=True), Symbol("n", integer=True, positive=True)
    >>> positive(1 + x**2), positive(n + exp(x)), positive(n - 1)
    (True, True, False)
    """
    if isinstance(e, Rational):
        return bool(e > 0)
    if isinstance(e, Add):
        return all(map(nonnegative, e.args)) and any(map(positive, e.args))
    if isinstance(e, Mul):
        return all(map(positive, e.args))
    if isinstance(e, Pow):
        return positive(e.base)
    if isinstance(e, IndexSum):
        return positive(e.body) and EMPTY.nonnegative(e.hi - e.lo)
    return isinstance(e, exp) or is_size(e) or (isinstance(e, Entry) and e.symbol.kind == "dimension")


def nonnegative(e: Basic) -> bool:
    """Whether e >= 0 can be seen from its form."""
    if isinstance(e, Add | Mul):
        return all(map(nonnegative, e.args))
    if isinstance(e, Pow):
        return nonnegative(e.base) or e.exp % 2 == 0
    if isinstance(e, IndexSum):
        return nonnegative(e.body)
    return isinstance(e, Bracket) or e == 0 or positive(e)


@lru_cache(maxsize=50_000)
def names(e: Basic) -> frozenset[Named]:
    """What a reader sees of the names in a term, with what each stands for."""
    found: set[Named] = set()
    if isinstance(e, Symbol):
        found.add((("symbol", e.name), e))
    if isinstance(e, Name):
        kind = "tensor" if isinstance(e, TensorSymbol) else "function"
        look = (e.latex_name, e.style, e.mark) if isinstance(e, TensorSymbol) else (e.latex_name,)
        found |= {((kind, e.name), e), ((f"{kind} printed", *look), e)}
    if isinstance(e, TensorSymbol):
        found |= {n for axis in e.axes for end in axis for n in names(end)}
    return frozenset(found.union(*map(names, e.args)))


def clash(found: frozenset[Named]) -> str:
    """Two things that a reader could not tell apart; empty if there are none."""
    if len({shown for shown, _ in found}) == len(found):
        return ""
    seen: dict[tuple[str, ...], Basic] = {}
    for shown, thing in sorted(found, key=lambda f: f[0]):
        if seen.setdefault(shown, thing) != thing:
            return " ".join(shown)
    return ""


__all__ = [
    "clash", "free_indices", "is_index", "is_size", "jets", "names", "nonnegative", "positive",
    "require_context", "require_integer", "require_term", "tangents",
]  # fmt: skip
