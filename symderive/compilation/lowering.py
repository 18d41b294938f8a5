"""Terms as array operations: an index is an axis or a number, a sum of products a contraction.

An index that names a layer or a time, or on which a range depends, cannot be an axis: its sum is written out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from sympy import (
    Abs,
    Dummy,
    Expr,
    Integer,
    Max,
    Min,
    Mul,
    NumberSymbol,
    Pow,
    Rational,
    Symbol,
    acos,
    asin,
    atan,
    cos,
    cosh,
    erf,
    exp,
    expand,
    log,
    sign,
    sin,
    sinh,
    tan,
    tanh,
)  # fmt: skip
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum
from symderive.compilation.contraction import contract
from symderive.compilation.graph import Graph
from symderive.compilation.labelled import Axis, Labelled, combine, over, product, reduced, total
from symderive.compilation.picking import pick
from symderive.compilation.stable import LOGISTIC, LOGSUMEXP, SOFTPLUS, stable
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation, X

Env = Mapping[Symbol, "Axis | Expr"]

UFUNCS: Mapping[type, str] = {
    exp: "exp", log: "log", sin: "sin", cos: "cos", tan: "tan", asin: "arcsin", acos: "arccos",
    atan: "arctan", sinh: "sinh", cosh: "cosh", tanh: "tanh", Abs: "absolute", sign: "sign", erf: "erf",
    Max: "maximum", Min: "minimum",
}  # fmt: skip
COMPARED = {"=": "equal", "<=": "less_equal", "<": "less"}
LONGEST = 10_000
"""So many terms a sum that must be written out may have."""


class Lowerer(ABC):
    """Nodes for terms; where tensors come from is left to the subclass."""

    def __init__(self, graph: Graph, activations: Mapping[Any, Activation]) -> None:
        self.graph = graph
        self.activations = activations
        self._order = count()

    @abstractmethod
    def tensor(self, t: TensorSymbol, sup: tuple[int, ...]) -> Labelled:
        """The array of a tensor at its superscripts, with new axes for the places that it depends on.

        Its axes are those of `places(t, sup)`, or fewer.
        """

    @abstractmethod
    def places(self, t: TensorSymbol, sup: tuple[int, ...]) -> tuple[Axis, ...]:
        """An axis for each of the component indices."""

    @abstractmethod
    def sized(self, e: Expr) -> Expr:
        """A term in sizes, with the known ones put in."""

    def fail(self, why: str) -> SymderiveError:
        """What cannot be compiled, and why."""
        return SymderiveError(f"compile: {why}")

    # ------------------------------------------------------------------------------- indices

    def axis(self, lo: Expr, hi: Expr) -> Axis:
        """A new axis, inside all that there are."""
        lo, hi = self.sized(lo), self.sized(hi)
        return Axis(next(self._order), lo, expand(hi - lo + 1))

    def whole(self, e: Expr, env: Env, what: str) -> int:
        """The value of an index that must be a number: a layer, a time."""
        value = self.sized(e.xreplace({k: v for k, v in env.items() if isinstance(v, Expr)}))
        if not value.is_Integer:
            raise self.fail(f"{what}: expected a number, found {value}: give its value in sizes")
        return int(value)

    # ------------------------------------------------------------------------------- terms

    def lower(self, e: Expr, env: Env) -> Labelled:
        """The array of a term."""
        if e.is_Add:
            c, rest = e.primitive()
            if c != 1 and c.is_number:  # a common number is multiplied once, after the sum
                return product(self.graph, [Labelled(self.graph.const(c)), self.lower(rest, env)])
            return total(self.graph, [self.lower(a, env) for a in e.args])
        if e.is_Mul or (isinstance(e, Pow) and e.exp.is_negative):
            return self._product(e, env, ())
        if isinstance(e, Pow):
            return self._power(self.lower(e.base, env), e.exp)
        rule = _RULES.get(type(e)) or next((r for kind, r in _RULES.items() if isinstance(e, kind)), None)
        if rule is not None:
            return rule(self, e, env)
        op = UFUNCS.get(e.func)
        if op is None:
            raise self.fail(f"expected index terms and elementary functions, found {type(e).__name__} {e}")
        parts = [self.lower(a, env) for a in e.args]
        if op in ("maximum", "minimum"):
            found = parts[0]
            for p in parts[1:]:
                found = combine(self.graph, op, found, p)
            return found
        if parts[0].number is not None:
            return self._number(e.func(parts[0].number), env)
        return combine(self.graph, op, parts[0])

    def _number(self, e: Expr, env: Env) -> Labelled:
        return Labelled(self.graph.const(e))

    def _symbol(self, e: Symbol, env: Env) -> Labelled:
        value = env.get(e)
        if isinstance(value, Axis):
            return Labelled(self.graph.arange(value.lo, value.size), (value,))
        return Labelled(self.graph.const(self.sized(e) if value is None else value))

    def _power(self, base: Labelled, n: Expr) -> Labelled:
        """base^n for n >= 0, or any n that is no number."""
        if base.number is not None:
            return Labelled(self.graph.const(base.number**n))
        if n.is_Integer and 1 <= n <= 64:
            found: Labelled | None = None
            square = base
            for digit in reversed(bin(int(n))[2:]):
                if digit == "1":
                    found = square if found is None else combine(self.graph, "multiply", found, square)
                square = combine(self.graph, "multiply", square, square)
            assert found is not None
            return found
        if n == Rational(1, 2):
            return combine(self.graph, "sqrt", base)
        if not (n.is_number or n.free_symbols <= self.size_symbols()):
            raise self.fail(f"expected a number as exponent, found {n}")
        return combine(self.graph, "power", base, Labelled(self.graph.const(n)))

    def size_symbols(self) -> set[Basic]:
        """The names of the sizes, which may stand in exponents."""
        return set()

    def _product(self, e: Expr, env: Env, summed: Sequence[Axis]) -> Labelled:
        """A product, summed over some axes; where a bracket is 0, the other factors need have no value."""
        above: list[Labelled] = []
        below: list[Labelled] = []
        for f in sorted(Mul.make_args(e), key=lambda f: not isinstance(f, Bracket)):
            if isinstance(f, Pow) and f.exp.is_negative:
                below.append(self._power(self.lower(f.base, env), -f.exp))
                continue
            if isinstance(f, Pow) and f.exp == 2 and summed:
                above += [self.lower(f.base, env)] * 2
                continue
            part = self.lower(f, env)
            if part.number == 0:
                return Labelled(self.graph.const(0))
            above.append(part)
        numbers = [p for p in below if p.number is not None]
        above += [Labelled(self.graph.const(1 / p.number)) for p in numbers if p.number is not None]
        below = [p for p in below if p.number is None]
        widest = max((len(p.axes) for p in above), default=0)
        for p in [p for p in below if len(p.axes) < widest or summed]:
            # the reciprocal of a small array is cheaper than a division of a large one
            above.append(combine(self.graph, "divide", Labelled(self.graph.const(1)), p))
            below.remove(p)
        found = contract(self.graph, above, summed) if summed else product(self.graph, above)
        return combine(self.graph, "divide", found, product(self.graph, below)) if below else found

    # ------------------------------------------------------------------------------- sums

    def _sum(self, e: IndexSum, env: Env, outer: tuple[Axis, ...] = ()) -> Labelled:
        k = Dummy("k", integer=True)
        body = e.open(k)
        lo, hi = (self.sized(self._put(x, env)) for x in (e.lo, e.hi))
        if _is_layer(body, k):
            if not (lo.is_Integer and hi.is_Integer):
                raise self.fail(
                    f"limits of {e}: expected numbers, found {lo}..{hi}: give their values in sizes"
                )
            if hi - lo >= LONGEST:
                raise self.fail(
                    f"{e}: expected at most {LONGEST} terms to be written out, found {hi - lo + 1}"
                )
            run = range(int(lo), int(hi) + 1)
            parts = [self._summed(body, {**env, k: Integer(v)}, outer) for v in run]
            return total(self.graph, parts)
        if (hi - lo).is_number and hi < lo:
            return Labelled(self.graph.const(0))
        axis = self.axis(lo, hi)
        return self._summed(body, {**env, k: axis}, (*outer, axis))

    def _summed(self, body: Expr, env: Env, summed: tuple[Axis, ...]) -> Labelled:
        if isinstance(body, IndexSum):
            return self._sum(body, env, summed)
        if body.is_Add and summed:
            return total(self.graph, [self._summed(a, env, summed) for a in body.args])
        if body.is_Mul and summed:
            # what is itself a sum goes into the same contraction: (sum_k f) / N over samples is one sum
            sums = [f for f in body.args if isinstance(f, IndexSum)]
            rest = Mul(*(f for f in body.args if not isinstance(f, IndexSum)))
            if len(sums) == 1 and not any(
                isinstance(v, Axis) and k in rest.free_symbols for k, v in env.items()
            ):
                return product(self.graph, [self.lower(rest, env), self._summed(sums[0], env, summed)])
        return self._product(body, env, summed)

    def _put(self, e: Expr, env: Env) -> Expr:
        return e.xreplace({k: v for k, v in env.items() if isinstance(v, Expr)})

    # ------------------------------------------------------------------------------- entries

    def _entry(self, e: Entry, env: Env) -> Labelled:
        t = e.symbol
        if t.kind == "dimension":
            return Labelled(self.graph.const(self.sized(self._put(e, env))))
        if t.kind != "real":
            raise self.fail(f"expected tensors of real numbers, found {t.name} of kind {t.kind}")
        return self.entry(e, env)

    def entry(self, e: Entry, env: Env) -> Labelled:
        """The entries of a tensor of real numbers."""
        t = e.symbol
        sup = tuple(self.whole(i, env, f"superscript of {e}") for i in e.index[: t.sup])
        places = self.places(t, sup)
        found = self.tensor(t, sup)
        return self.picked(found, places, e.index[t.sup :], env)

    def picked(self, found: Labelled, places: Sequence[Axis], index: Sequence[Expr], env: Env) -> Labelled:
        """An array at the values of its indices."""
        at = dict(zip(places, index, strict=True))
        wanted = [self.sized(self._put(at[a], env)) for a in found.axes]
        return pick(self.graph, found, wanted, env, lambda e: self.lower(e, env))

    # ------------------------------------------------------------------------------- functions

    def _bracket(self, e: Bracket, env: Env) -> Labelled:
        a, b = self.lower(e.a, env), self.lower(e.b, env)
        if a.number is not None and b.number is not None:
            value = Bracket(e.relation, a.number, b.number)
            if not value.is_Integer:
                raise self.fail(f"expected sizes that decide {e}, found {value}: give their values in sizes")
            return Labelled(self.graph.const(value))
        return combine(self.graph, COMPARED[e.relation], a, b)

    def _applied(self, e: Applied, env: Env) -> Labelled:
        g, z = self.graph, self.lower(e.argument, env)
        if e.function == LOGISTIC:
            inverse = combine(g, "exp", combine(g, "negative", z))
            return combine(g, "reciprocal", total(g, [Labelled(g.const(1)), inverse]))
        if e.function == SOFTPLUS:
            small = combine(g, "exp", combine(g, "negative", combine(g, "absolute", z)))
            return total(g, [combine(g, "maximum", z, Labelled(g.const(0))), combine(g, "log1p", small)])
        sigma = self.activations.get(e.function)
        if sigma is None:
            raise self.fail(
                f"expected a named activation, found the arbitrary function {e.function.name}: "
                "give the network one, as in mlp(activation='tanh')"
            )
        return self._two_sided(sigma, e.order, z, e.argument, env)

    def _two_sided(self, sigma: Activation, order: int, z: Labelled, argument: Expr, env: Env) -> Labelled:
        """An activation with a kink at 0, or a derivative of it, by masks."""
        g, zero = self.graph, Labelled(self.graph.const(0))
        up, down = sigma.derivative(order), sigma.negative_derivative(order)
        if order == 0 and up == X and down == 0:
            return combine(g, "maximum", z, zero)
        slope = down / X
        if order == 0 and up == X and slope.is_number and 0 < slope < 1:
            return combine(g, "maximum", z, product(g, [Labelled(g.const(slope)), z]))
        at_zero = _at_zero(sigma, order)
        sign_of = z
        if order and sigma.derivative(0) == X and at_zero == down and 0 <= sigma.negative_derivative(1) < 1:
            # z and sigma(z) have the same sign, or both count as not positive: z itself may be forgotten
            sign_of = self._two_sided(sigma, 0, z, argument, env)
        if up == down and _equal_at_zero(down, at_zero):
            return self.lower(up.xreplace({X: argument}), env)
        sides = [(up, argument), (down, argument)]
        if not (_linear(up) and _linear(down)) and up.subs(X, 0).is_finite and down.subs(X, 0).is_finite:
            # e^z for z > 0 is no part of an ELU, and would drown what is, or be too large for a float
            sides = [(up, Max(argument, 0, evaluate=False)), (down, Min(argument, 0, evaluate=False))]
        high, low = (self.lower(stable(f.xreplace({X: at})), env) for f, at in sides)
        if sides[0][1] != argument and _equal_at_zero(up, at_zero) and _equal_at_zero(down, at_zero):
            return total(g, [high, low, Labelled(g.const(-at_zero))])
        above = combine(g, "greater", sign_of, zero)
        jump = total(g, [high, product(g, [Labelled(g.const(-1)), low])])
        parts = [product(g, [above, jump]), low]
        if not _equal_at_zero(down, at_zero):
            extra = total(g, [Labelled(g.const(at_zero)), Labelled(g.const(-down.subs(X, 0)))])
            parts.append(product(g, [combine(g, "equal", z, zero), extra]))
        return total(g, parts)

    def _functional(self, e: FunctionalValue, env: Env) -> Labelled:
        if e.functional != LOGSUMEXP:
            raise self.fail(
                f"expected a cost with a formula, found the arbitrary function {e.functional.name}: "
                "give the network one, as in mlp(cost='squared_error')"
            )
        axes: list[Axis] = []
        inside, scope = e.families[0], dict(env)
        while isinstance(inside, Family):
            axes.append(self.axis(self._put(inside.lo, scope), self._put(inside.hi, scope)))
            k, inside = Dummy("k", integer=True), inside
            inside = inside.open(k)
            scope[k] = axes[-1]
        g, v = self.graph, self.lower(inside, scope)
        most = reduced(g, v, "max", axes)
        shifted = combine(g, "exp", combine(g, "subtract", v, most))
        sums = reduced(g, shifted, "sum", axes)
        if not e.partials:
            return total(g, [combine(g, "log", sums), most])
        if len(e.partials) > 1:
            raise self.fail(f"expected at most first partials of log sum exp, found {e}")
        share = combine(g, "multiply", shifted, combine(g, "divide", Labelled(g.const(1)), sums))
        others = [a for a in share.axes if a not in axes]
        inner = Labelled(over(g, share, [*others, *axes]), (*others, *axes))
        names = {Dummy("i", integer=True): a for a in others}
        index = [*names, *e.partials[0][1:]]
        return self.picked(inner, inner.axes, index, {**env, **names})


def _at_zero(sigma: Activation, order: int) -> Expr:
    """The value of a two-sided function, or of a derivative, at 0: half way where the sides do not meet."""
    up, down = (f.subs(X, 0) for f in (sigma.derivative(order), sigma.negative_derivative(order)))
    if order == 0:
        return (up + down) / 2
    if sigma.at_zero is None and up == down:
        return up
    return sigma.at_zero if order == 1 and sigma.at_zero is not None else Integer(0)


def _equal_at_zero(side: Expr, at_zero: Expr) -> bool:
    return bool(side.subs(X, 0) == at_zero)


def _linear(side: Expr) -> bool:
    return not side.diff(X).has(X)


def _is_layer(body: Expr, k: Symbol) -> bool:
    """Whether an index names a layer or a time, or a range depends on it, so that it cannot be an axis."""
    for e in _parts(body):
        if isinstance(e, Entry):
            above = e.index if e.symbol.kind == "dimension" else e.index[: e.symbol.sup]
        elif isinstance(e, Applied):
            above = e.sup
        elif isinstance(e, IndexSum | Family):
            above = (e.lo, e.hi)
        else:
            continue
        if any(k in i.free_symbols for i in above):
            return True
    return False


def _parts(e: Basic) -> Any:
    yield e
    for a in e.args:
        yield from _parts(a)


_RULES: dict[type, Callable[[Any, Any, Env], Labelled]] = {
    Rational: Lowerer._number,
    NumberSymbol: Lowerer._number,
    Symbol: Lowerer._symbol,
    Entry: Lowerer._entry,
    IndexSum: Lowerer._sum,
    Bracket: Lowerer._bracket,
    Applied: Lowerer._applied,
    FunctionalValue: Lowerer._functional,
}

__all__ = ["Env", "Lowerer"]
