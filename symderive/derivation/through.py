r"""du/dv for entries of a system: along the definitions that lead from v to u, everything else held.

d z^{l+1}_k / d z^l_j = w^{l+1}_{kj} sigma'(z^l_j), for a symbolic layer l: the definitions are unfolded until v is met.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, exp, expand, log

from symderive.calculus.atoms import BoundIndex, TensorSymbol
from symderive.calculus.contraction import contract, decide
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum
from symderive.errors import SymderiveError
from symderive.systems.definition import Definition
from symderive.systems.system import System

MOST = 60


def through(system: System, u: Entry, v: Entry, ctx: Context) -> Expr:
    r"""du/dv, a term; SymderiveError where the order of two symbolic layers is not known, or after MOST unfoldings.

    >>> from symderive.calculus import indices
    >>> from symderive.systems import mlp
    >>> net = mlp(); l, j, k = indices("l j k"); z = net.tensor("z")
    >>> (_, _, L), (_, _, width) = net.definitions[1].indices; n = width.symbol
    >>> ctx = Context.of((l, 1, L - 1), (j, 1, n[l]), (k, 1, n[l + 1]))
    >>> through(net, z[l + 1, k], z[l, j], ctx)
    sigma'(z[l, j])*w[l + 1, k, j]
    """
    return _Way(system, v).total(u, ctx)


class _Way:
    def __init__(self, system: System, v: Entry) -> None:
        self.system, self.v, self.left = system, v, MOST
        self.above = _above(system.definitions, v.symbol)

    def total(self, u: Entry, ctx: Context) -> Expr:
        """du/dv of an entry."""
        v = self.v
        if u.symbol == v.symbol:
            order = self._order(u, v)
            if order == 0:
                sup = u.symbol.sup
                return Mul(*(Bracket.equal(a, b) for a, b in zip(u.index[sup:], v.index[sup:], strict=True)))
            if order < 0:
                return Integer(0)
        if u.symbol not in self.above:
            return Integer(0)
        reach = self.above[u.symbol]
        if reach is not None and ctx.nonnegative(expand(v.index[0] - u.index[0]) - reach - 1):
            return Integer(0)
        self.left -= 1
        if self.left < 0:
            raise SymderiveError(f"derivative of {u} by {v}: expected at most {MOST} definitions on the way")
        for d in self.system.of(u.symbol):
            values = d.matches(u)
            if values is None:
                continue
            rule = dict(values)
            inside = all(
                ctx.within(rule[k], lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in d.indices
            )
            if inside:
                _, rhs = d.at(*(values[k] for k, _, _ in d.indices))
                return decide(contract(decide(self.moved(rhs, ctx), ctx)), ctx)
        raise SymderiveError(f"derivative of {u} by {v}: expected a definition of {u} there, found none")

    def _order(self, u: Entry, v: Entry) -> int:
        """1 where u stands in a later layer than v, -1 in an earlier one, 0 in the same."""
        for a, b in zip(u.index[: u.symbol.sup], v.index[: u.symbol.sup], strict=True):
            gap = expand(a - b)
            if not gap.is_Integer:
                raise SymderiveError(f"derivative of {u} by {v}: expected layers whose order is known")
            if gap != 0:
                return 1 if gap > 0 else -1
        return 0

    def moved(self, e: Expr, ctx: Context) -> Expr:
        """How a term moves with v."""
        if isinstance(e, Entry):
            return self.total(e, ctx) if e.symbol.kind == "real" else Integer(0)
        if e.is_Number or isinstance(e, Symbol | BoundIndex | Bracket):
            return Integer(0)
        if isinstance(e, IndexSum):
            k, body = e.unbind(ctx.taken | self.v.free_symbols)
            return IndexSum(self.moved(body, ctx.bind(k, e.lo, e.hi)), (k, e.lo, e.hi))
        if isinstance(e, Applied):
            return Applied(e.function, e.order + 1, *e.sup, e.argument) * self.moved(e.argument, ctx)
        if isinstance(e, FunctionalValue):
            return Add(*(self._family(e, m, f, (), ctx) for m, f in enumerate(e.families)))
        if e.is_Add:
            return Add(*(self.moved(a, ctx) for a in e.args))
        if e.is_Mul:
            return Add(*(Mul(*e.args[:n], self.moved(f, ctx), *e.args[n + 1 :]) for n, f in enumerate(e.args)))
        if isinstance(e, Pow) and e.exp.is_Number:
            return e.exp * Pow(e.base, e.exp - 1) * self.moved(e.base, ctx)
        if isinstance(e, exp):
            return e * self.moved(e.args[0], ctx)
        if isinstance(e, log):
            return self.moved(e.args[0], ctx) / e.args[0]
        raise SymderiveError(f"expected a term with a derivative, found {type(e).__name__}")

    def _family(self, e: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], ctx: Context) -> Expr:
        if isinstance(f, Family):
            k, body = f.unbind(ctx.taken | self.v.free_symbols)
            return IndexSum(self._family(e, m, body, (*index, k), ctx.bind(k, f.lo, f.hi)), (k, f.lo, f.hi))
        return FunctionalValue(e.functional, (*e.partials, (m, *index)), *e.families) * self.moved(f, ctx)


@lru_cache(maxsize=1_000)
def _above(definitions: tuple[Definition, ...], t: TensorSymbol) -> dict[TensorSymbol, int | None]:
    """The tensors u that depend on t, with the greatest r such that u[m] may depend on t[m + r]; None: no bound."""
    found: dict[TensorSymbol, int | None] = {t: 0 if t.sup else None}
    for _ in range(4 * len(definitions) + 4):
        changed = False
        for d in definitions:
            for e in d.rhs.atoms(Entry):
                if e.symbol not in found:
                    continue
                inner, shift = found[e.symbol], _shift(d, e)
                new = None if inner is None or shift is None else inner + shift
                old = found.get(d.symbol, -(10**6))
                if d.symbol == t or old is None or (new is not None and new <= old):
                    continue
                found[d.symbol] = new
                changed = True
        if not changed:
            return found
    return dict.fromkeys(found)


def _shift(d: Definition, e: Entry) -> int | None:
    """By how many layers an entry of the right side stands behind the left side; None where that is not fixed."""
    if not d.symbol.sup or not e.symbol.sup:
        return None
    gap = expand(e.index[0] - d.lhs.index[0])
    return int(gap) if gap.is_Integer else None
