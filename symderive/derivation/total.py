r"""du/dv for two entries of a system, along its definitions: the chain rule, where v is cut and all else
is held.

    d z^{l+1}_k / d z^l_j = sum_i w^{l+1}_{ki} d a^l_i / d z^l_j = w^{l+1}_{kj} sigma'(z^l_j)

What stands before v does not move; inputs and parameters other than v do not move. Layers may be symbols, as
long as the ranges say which of two layers is the later one, and how many lie between.
"""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, exp, expand, log

from symderive.calculus.atoms import BoundIndex, TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.derivation.adjoint import simplified
from symderive.derivation.reach import depends, reach
from symderive.derivation.substitution import by_cases
from symderive.errors import SymderiveError
from symderive.systems.scope import Scope
from symderive.systems.system import System

UNFOLDINGS, NESTED = 200, 50
UNDECIDED = 6
"""So many definitions in each other may be one of several, as a^l is x in the first layer."""


def total(system: System, u: Entry, v: Entry, ctx: Context) -> Expr:
    r"""The total derivative of the entry u by the entry v; their indices have their ranges in `ctx`.

    Entries of one tensor that no definition leads between give Kronecker deltas; where v does not occur below
    u, the derivative is 0. Raises SymderiveError where the ranges do not say which of two layers comes first,
    where no number of layers lies between (from layer l down to the input), where more than 200 definitions
    would have to be put in, or 50 into each other, and at a kink without a convention.

    >>> from symderive.calculus import indices, size
    >>> from symderive.systems import mlp
    >>> net = mlp(); z, w = net.tensor("z"), net.tensor("w"); l, m, j, k = indices("l m j k"); L = size("L")
    >>> n = net.definitions[1].indices[1][2].symbol
    >>> ctx = Context.of((l, 1, L - 1), (m, 1, L), (j, 1, n[l]), (k, 1, n[l + 1]))
    >>> total(net, z[l + 1, k], z[l, j], ctx)
    sigma'(z[l, j])*w[l + 1, k, j]
    >>> total(net, z[l, j], z[l + 1, k], ctx), total(net, z[l, j], z[l, 1], ctx)
    (0, [1 = j])
    >>> total(net, z[m, 1], z[l, j], ctx)
    Traceback (most recent call last):
        ...
    symderive.errors.SymderiveError: derivative of z[m, 1] by z[l, j]: expected ranges that say which layer
    comes first, found m and l
    """
    known = {*system.inputs, *system.parameters, *system.defined}
    for e in (u, v):
        if e.symbol not in known:
            names = ", ".join(sorted(t.name for t in known))
            raise SymderiveError(
                f"derivative of {u} by {v}: expected entries of {names}, found {e.symbol.name}"
            )
    return _Way(system, u, v).entry(u, ctx)


class _Way:
    """The ways from u down to v."""

    def __init__(self, system: System, u: Entry, v: Entry) -> None:
        self.system, self.u, self.v = system, u, v
        self.near = reach(system.definitions, v.symbol)
        self.avoid = u.free_symbols | v.free_symbols
        self.left, self.depth, self.undecided = UNFOLDINGS, 0, 0
        self.known: dict[tuple[Entry, Context], Expr] = {}

    def fail(self, why: str) -> SymderiveError:
        return SymderiveError(f"derivative of {self.u} by {self.v}: {why}")

    def entry(self, e: Entry, ctx: Context) -> Expr:
        """The derivative of an entry."""
        if e.symbol.kind != "real" or not depends(e, self.v, self.near, ctx):
            return Integer(0)
        if e.symbol == self.v.symbol:
            found = self._same(e, ctx)
            if found is not None:
                return found
        if (e, ctx) not in self.known:
            self.known[e, ctx] = self._unfolded(e, ctx)
        return self.known[e, ctx]

    def _same(self, e: Entry, ctx: Context) -> Expr | None:
        """Deltas for entries of one tensor; None where definitions lead from one to the other."""
        deltas = [ctx.decide(Bracket.equal(a, b)) for a, b in zip(e.index, self.v.index, strict=True)]
        if e.symbol not in self.system.defined:
            return Mul(*deltas)
        sup = e.symbol.sup
        if any(d == 0 for d in deltas[:sup]):
            return None
        for d, a, b in zip(deltas, e.index[:sup], self.v.index, strict=False):
            if d != 1:
                where = f"found {expand(a)} and {b}"
                raise self.fail(f"expected ranges that say which layer comes first, {where}")
        return Mul(*deltas)

    def _unfolded(self, e: Entry, ctx: Context) -> Expr:
        if not self.left or self.depth == NESTED:
            most = f"{UNFOLDINGS} definitions on the way, {NESTED} in each other"
            raise self.fail(f"expected at most {most}, found more")
        self.left -= 1
        found = by_cases(e, Scope(ctx), self.system.lookup.candidates(e))
        if not found:
            raise self.fail(f"expected a definition of {e}, found none there")
        several = len(found) > 1
        if several and self.undecided == UNDECIDED:
            raise self.fail("expected a known number of layers between them, found no end")
        self.depth, self.undecided = self.depth + 1, self.undecided + several
        value = Add(*(self.moved(rhs, ctx) for rhs in found))
        self.depth, self.undecided = self.depth - 1, self.undecided - several
        # at once, as a delta that stays makes a sum of every layer below
        steps = simplified(e, value, ctx)
        return steps[-1].rhs if steps else value

    def moved(self, e: Expr, ctx: Context) -> Expr:
        """How a term moves when v does."""
        if isinstance(e, Entry):
            return self.entry(e, ctx)
        if e.is_Number or isinstance(e, Symbol | BoundIndex):
            return Integer(0)
        if not any(isinstance(s, TensorSymbol) and s in self.near for s in e.free_symbols):
            return Integer(0)
        if isinstance(e, IndexSum):
            k, body = e.unbind(ctx.taken | self.avoid)
            return IndexSum(self.moved(body, ctx.bind(k, e.lo, e.hi)), (k, e.lo, e.hi))
        if isinstance(e, Applied):
            return Applied(e.function, e.order + 1, *e.sup, e.argument) * self.moved(e.argument, ctx)
        if isinstance(e, FunctionalValue):
            return Add(*(self._family(e, m, f, (), ctx) for m, f in enumerate(e.families)))
        if e.is_Add:
            return Add(*(self.moved(a, ctx) for a in e.args))
        if e.is_Mul:
            return Add(
                *(Mul(*e.args[:n], self.moved(f, ctx), *e.args[n + 1 :]) for n, f in enumerate(e.args))
            )
        if isinstance(e, Pow) and e.exp.is_Number:
            return e.exp * Pow(e.base, e.exp - 1) * self.moved(e.base, ctx)
        if isinstance(e, exp):
            return e * self.moved(e.args[0], ctx)
        if isinstance(e, log):
            return self.moved(e.args[0], ctx) / e.args[0]
        if isinstance(e, Bracket):
            raise self.fail(f"expected a function that is differentiable everywhere, found {e}")
        if isinstance(e, PartialDerivative):
            raise self.fail(f"expected definitions without derivatives, found {e}")
        raise self.fail(f"expected sums, products, powers, exp and log, found {type(e).__name__}")

    def _family(self, e: FunctionalValue, m: int, f: Expr, index: tuple[Symbol, ...], ctx: Context) -> Expr:
        """sum over the entries of one family: the partial by the entry, times how the entry moves."""
        if isinstance(f, Family):
            k, body = f.unbind(ctx.taken | self.avoid | e.free_symbols)
            inner = self._family(e, m, body, (*index, k), ctx.bind(k, f.lo, f.hi))
            return IndexSum(inner, (k, f.lo, f.hi))
        return FunctionalValue(e.functional, (*e.partials, (m, *index)), *e.families) * self.moved(f, ctx)
