r"""Forward-mode derivatives modulo the prime: dual numbers through the definitions, without an adjoint.

(u + u' eps)(v + v' eps) = uv + (u'v + uv') eps, sigma(v + v' eps) = sigma(v) + sigma'(v) v' eps. So dC/dT of
any entry T is found from the system's definitions alone; what reverse mode derives has to agree with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import FunctionalValue
from symderive.evaluation.jets import JetModel
from symderive.evaluation.law import Law
from symderive.evaluation.modular import PRIME, Value
from symderive.evaluation.no_value import ModularError


class Outside(ModularError):
    """An entry whose index is outside its declared range: there the equation says nothing."""


class Dual:
    """v + d eps with eps^2 = 0, modulo the prime: a value and its derivative by one seeded entry.

    >>> x = Dual(3, 1)
    >>> x * x + 2
    Dual(11, 6)
    """

    __slots__ = ("d", "v")

    def __init__(self, v: int, d: int) -> None:
        self.v, self.d = v % PRIME, d % PRIME

    def __add__(self, other: Any) -> Dual:
        return Dual(self.v + _v(other), self.d + _d(other))

    __radd__ = __add__

    def __mul__(self, other: Any) -> Dual:
        return Dual(self.v * _v(other), self.v * _d(other) + self.d * _v(other))

    __rmul__ = __mul__

    def __mod__(self, prime: int) -> Dual:
        return self

    def __eq__(self, other: Any) -> bool:
        return (self.v, self.d) == (_v(other) % PRIME, _d(other) % PRIME)

    def __hash__(self) -> int:
        return hash((self.v, self.d))

    def __repr__(self) -> str:
        return f"Dual({self.v}, {self.d})"


def _v(n: Any) -> Any:
    return n.v if isinstance(n, Dual) else n


def _d(n: Any) -> Any:
    return n.d if isinstance(n, Dual) else 0


class DualModel(JetModel):
    """Forward-mode differentiation of definitions by one entry, modulo the prime; it knows no adjoint.

    The same seed draws the same numbers as in a `JetModel`. Degrees bound both parts over one denominator.

    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[1, 1], activation="identity", cost="squared_error")
    >>> b = net.tensor("b")
    >>> model = DualModel(net.definitions, net.sizes, seed=1, by=("b", (1, 1)))
    >>> cost = model.entry(net.cost, (), {}).number
    >>> a, y = (model.entry(net.tensor(n), i, {}).number for n, i in (("a", (1, 1)), ("y", (1,))))
    >>> (cost.d - a.v + y) % PRIME
    0
    """

    def __init__(
        self,
        laws: Sequence[Law],
        sizes: Mapping[Basic, int],
        seed: int,
        by: tuple[str, tuple[int, ...]],
    ) -> None:
        super().__init__(laws, sizes, seed)
        self.by = by

    def entry(self, t: Any, index: tuple[int, ...], shared: Mapping[Basic, int]) -> Value:
        """The entry, with the derivative 1 where it is the one differentiated by."""
        found = super().entry(t, index, shared)
        return found._replace(number=found.number + Dual(0, 1)) if (t.name, index) == self.by else found

    def reciprocal(self, n: Any) -> Any:
        """1/v - d/v^2 eps"""
        v = super().reciprocal(_v(n))
        return Dual(v, -_d(n) * v * v) if isinstance(n, Dual) else v

    def _inverse(self, a: Value) -> Value:
        found = super()._inverse(a)
        return Value(found.number, a.top + a.bottom, 2 * a.top)

    def scalar_function(self, name: str, sup: tuple[int, ...], order: int, z: Value) -> Value:
        """sigma(v) + sigma'(v) d eps"""
        n = z.number
        found = super().scalar_function(name, sup, order, z._replace(number=_v(n)))
        if not isinstance(n, Dual):
            return found
        slope = self.jet(name, sup, order + 1, n.v)
        return Value(Dual(found.number, slope * n.d), 1 + max(z.top, z.bottom), z.bottom)

    def _functional(self, e: FunctionalValue, values: Mapping[Basic, int], around: tuple[int, ...]) -> Value:
        """C + sum of its partials times the derivatives of its entries."""
        name, members, wanted = self.parts(e, values, around)
        argument = tuple((m, i, _v(v.number)) for m, i, v in members)
        self.met((name,), argument, [v for _, _, v in members])
        slopes = sum(
            _d(v.number) * self.jet(name, argument, tuple(sorted([*wanted, (m, i)])))
            for m, i, v in members
            if _d(v.number)
        )
        value = self.jet(name, argument, tuple(sorted(wanted)))
        moving = [v for _, _, v in members if isinstance(v.number, Dual)]
        bottom = sum(v.bottom for v in moving)
        top = 1 + max((max(v.top, v.bottom) + bottom - v.bottom for v in moving), default=0)
        return Value(Dual(value, slopes), top, bottom)


class ForwardModel(JetModel):
    """A model in which adjoints are what forward mode finds: delta[l, j] is dC/dz[l, j] by dual numbers.

    - `laws`: the definitions of a system, without derived ones; `cost`: the tensor that is differentiated.
    - `adjoints`: the name of a derivative -> the tensor by which the cost is differentiated.

    An entry outside its declared range raises `Outside`.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> net = mlp(widths=[2, 3, 2]); delta = derive(net).delta(1)[0]
    >>> model = ForwardModel(net.definitions, net.sizes, 1, net.cost, {"delta": net.tensor("z")})
    >>> j = delta.indices[0][0]
    >>> [model.test(delta.lhs, factor * delta.rhs, {j: 2}).holds for factor in (1, 2)]
    [True, False]
    """

    def __init__(
        self,
        laws: Sequence[Law],
        sizes: Mapping[Basic, int],
        seed: int,
        cost: TensorSymbol | None = None,
        adjoints: Mapping[str, TensorSymbol] | None = None,
    ) -> None:
        super().__init__(laws, sizes, seed)
        self.cost = cost
        self.adjoints = dict(adjoints or {})

    def entry(self, t: TensorSymbol, index: tuple[int, ...], shared: Mapping[Basic, int]) -> Value:
        """The entry; where it is an adjoint, the derivative of the cost by dual numbers."""
        of = self.adjoints.get(t.name)
        if t.kind == "real":
            self._require_inside(of or t, index)
        if of is None or self.cost is None:
            return super().entry(t, index, shared)
        key = (t.name, index, ())
        if key not in self.memo:
            dual = DualModel(self.given, self.sizes, self.seed, (of.name, index))
            found = dual.entry(self.cost, (), {})
            self.memo[key] = found._replace(number=_d(found.number))
            for function, seen in dual.arguments.items():
                self.arguments.setdefault(function, set()).update(seen)
            self.degree, self.divides = max(self.degree, dual.degree), self.divides or dual.divides
        return self.memo[key]

    def _require_inside(self, t: TensorSymbol, index: tuple[int, ...]) -> None:
        for i, (lo, hi) in zip(index, t.ranges(*index), strict=True):
            low, high = self.integer(lo, {}), self.integer(hi, {})
            if not low <= i <= high:
                at = ", ".join(map(str, index))
                raise Outside(
                    f"{t.name}[{at}]: expected indices in their ranges, found {i} outside {low}..{high}"
                )
