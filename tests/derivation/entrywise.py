"""Values of systems, one entry at a time, and the truth about derivatives by the complex step Im C(x + ih)/h.

Shares neither arrays nor rules with the package: a term is a number as it stands, an entry is what its one
fitting definition says. `Truth` knows what dC/dT is for every T, intermediate ones included: it shifts the
entry itself and runs the forward definitions, so nothing derived is ever used to judge what was derived.
"""

from __future__ import annotations

import cmath
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy
from sympy import Add, Mul, Pow, Symbol

from symderive.calculus.atoms import BoundIndex, TensorSymbol
from symderive.calculus.terms import (
    Applied,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.derivation.adjoint import adjoint_symbol
from symderive.systems import Definition, System

STEP = 1e-40
Key = tuple[str, tuple[int, ...]]

ELEMENTARY: dict[Any, Callable[[complex], complex]] = {
    sympy.exp: cmath.exp,
    sympy.log: cmath.log,
    sympy.tanh: cmath.tanh,
}


def drawn(*key: Any, low: float = -1.0, high: float = 1.0) -> float:
    """A number in low..high that depends on the key alone."""
    digest = hashlib.blake2b(repr(key).encode(), digest_size=8).digest()
    return low + (high - low) * int.from_bytes(digest, "big") / 2**64


def sine(sup: Sequence[int], order: int, z: complex) -> complex:
    """The default for a generic sigma: sin(z + sum of the superscripts), and its derivatives."""
    return cmath.sin(z + sum(sup) + order * math.pi / 2)


class Values:
    """Numbers for the entries of a system: drawn for what is given, by definition for the rest."""

    def __init__(
        self,
        definitions: Sequence[Definition],
        sizes: Mapping[Any, Any],
        seed: int = 0,
        functions: Mapping[str, Callable[[Sequence[int], int, complex], complex]] | None = None,
        positive: Sequence[str] = (),
    ) -> None:
        self.definitions: dict[str, list[Definition]] = {}
        for d in definitions:
            self.definitions.setdefault(d.symbol.name, []).append(d)
        self.sizes = {str(k): v for k, v in sizes.items()}
        self.seed = seed
        self.functions = functions or {}
        self.positive = positive
        self.memo: dict[Key, complex] = {}
        self.shift: dict[Key, complex] = {}

    # ----------------------------------------------------------------------------------------- entries

    def entry(self, t: TensorSymbol, index: tuple[int, ...]) -> complex:
        key = (t.name, index)
        if key not in self.memo:
            self.memo[key] = self.fresh(t, index) + self.shift.get(key, 0)
        return self.memo[key]

    def fresh(self, t: TensorSymbol, index: tuple[int, ...]) -> complex:
        known = self.definitions.get(t.name, ())
        found = [(d, env) for d in known if (env := self.fit(d, index)) is not None]
        assert len(found) <= 1, f"{t.name}{index} is defined twice"
        if found:
            return self.value(found[0][0].rhs, found[0][1], ())
        low = 0.2 if t.name in self.positive else -1.0
        return drawn(self.seed, t.name, index, low=low)

    def fit(self, d: Definition, index: tuple[int, ...]) -> dict[Symbol, int] | None:
        own = {k for k, _, _ in d.indices}
        env = {k: v for k, v in zip(d.lhs.index, index, strict=True) if k in own}
        if any(self.integer(k, env, ()) != v for k, v in zip(d.lhs.index, index, strict=True)):
            return None
        for k, lo, hi in d.indices:
            if not self.integer(lo, env, ()) <= env[k] <= self.integer(hi, env, ()):
                return None
        return env

    def in_range(self, t: TensorSymbol, index: tuple[int, ...]) -> bool:
        for n, v in enumerate(index):
            lo, hi = t.ranges(*index)[n]
            if not self.integer(lo, {}, ()) <= v <= self.integer(hi, {}, ()):
                return False  # before a later range is asked for what lies outside
        return True

    # ------------------------------------------------------------------------------------------- terms

    def integer(self, e: Any, env: Mapping[Symbol, int], around: Sequence[int]) -> int:
        if isinstance(e, int):
            return e
        if e.is_Integer:
            return int(e)
        if isinstance(e, BoundIndex):
            return around[-1 - e.level]
        if isinstance(e, Symbol):
            return env[e] if e in env else int(self.sizes[e.name])
        if isinstance(e, Entry):
            (at,) = (self.integer(i, env, around) for i in e.index)
            widths = self.sizes[e.symbol.name]
            return int(widths[at]) if 0 <= at < len(widths) else 1
        parts = [self.integer(a, env, around) for a in e.args]
        return sum(parts) if isinstance(e, Add) else math.prod(parts)

    def value(self, e: Any, env: Mapping[Symbol, int], around: tuple[int, ...]) -> complex:
        if isinstance(e, Add):
            return sum(self.value(a, env, around) for a in e.args)
        if isinstance(e, Mul):
            total: complex = 1
            for a in sorted(e.args, key=lambda a: not isinstance(a, Bracket)):
                total *= self.value(a, env, around)
                if isinstance(a, Bracket) and total == 0:
                    return 0  # the rest may lie outside all ranges
            return total
        if isinstance(e, Pow):
            base = self.value(e.base, env, around)
            if e.exp.is_Integer:
                return base ** int(e.exp)
            return cmath.exp(self.value(e.exp, env, around) * cmath.log(base))
        if isinstance(e, IndexSum):
            run = range(self.integer(e.lo, env, around), self.integer(e.hi, env, around) + 1)
            return sum(self.value(e.body, env, (*around, v)) for v in run)
        if isinstance(e, Entry) and e.symbol.kind == "real":
            return self.entry(e.symbol, tuple(self.integer(i, env, around) for i in e.index))
        if isinstance(e, Bracket):
            a, b = self.integer(e.a, env, around), self.integer(e.b, env, around)
            return int({"=": a == b, "<=": a <= b, "<": a < b}[e.relation])
        if isinstance(e, Applied):
            f = self.functions.get(e.function.name, sine)
            sup = [self.integer(i, env, around) for i in e.sup]
            return f(sup, e.order, self.value(e.argument, env, around))
        if isinstance(e, FunctionalValue):
            return self.functional(e, env, around)
        if isinstance(e, PartialDerivative):
            return self.partial(e, env, around)
        if type(e) in ELEMENTARY:
            return ELEMENTARY[type(e)](self.value(e.args[0], env, around))
        if e.is_number:
            return complex(e)
        if isinstance(e, Symbol) and e.name not in self.sizes and e not in env:
            return drawn(self.seed, e.name, low=0.2)  # a real constant
        return self.integer(e, env, around)

    def functional(self, e: FunctionalValue, env: Mapping[Symbol, int], around: tuple[int, ...]) -> complex:
        """C(v) = sin(sum c_i v_i) + sum d_i v_i^2 / 2, or a partial derivative of it."""
        name = e.functional.name
        members = {(m, *i): v for m, f in enumerate(e.families) for i, v in self.members(f, env, around, ())}
        s = sum(drawn(self.seed, name, "c", key) * v for key, v in members.items())
        by = [tuple(self.integer(i, env, around) for i in p) for p in e.partials]
        total = cmath.sin(s + len(by) * math.pi / 2) * math.prod(drawn(self.seed, name, "c", p) for p in by)
        if len(by) == 0:
            total += sum(drawn(self.seed, name, "d", key) * v**2 / 2 for key, v in members.items())
        if len(by) == 1:
            total += drawn(self.seed, name, "d", by[0]) * members[by[0]]
        if len(by) == 2 and by[0] == by[1]:
            total += drawn(self.seed, name, "d", by[0])
        return total

    def members(
        self, f: Any, env: Mapping[Symbol, int], around: tuple[int, ...], index: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], complex]]:
        if isinstance(f, Family):
            for v in range(self.integer(f.lo, env, around), self.integer(f.hi, env, around) + 1):
                yield from self.members(f.body, env, (*around, v), (*index, v))
        else:
            yield index, self.value(f, env, around)

    def partial(self, e: PartialDerivative, env: Mapping[Symbol, int], around: tuple[int, ...]) -> complex:
        """du/dv: the one definition of u, with the entry v shifted and every other entry as it is."""
        u, v = ((x.symbol.name, tuple(self.integer(i, env, around) for i in x.index)) for x in e.args)
        (found,) = [(d, at) for d in self.definitions[u[0]] if (at := self.fit(d, u[1])) is not None]
        values = Frozen(self, v)
        return values.value(found[0].rhs, found[1], ()).imag / STEP


class Frozen(Values):
    """Entries have the values that another `Values` gives them, but one that is shifted."""

    def __init__(self, other: Values, key: Key) -> None:
        super().__init__((), other.sizes, other.seed, other.functions, other.positive)
        self.other, self.key = other, key

    def entry(self, t: TensorSymbol, index: tuple[int, ...]) -> complex:
        value = self.other.entry(t, index).real
        return value + STEP * 1j if (t.name, index) == self.key else value


class Truth(Values):
    """The values of a system, and of dC/dT for each of its tensors T: shifted there, and run forward."""

    def __init__(self, system: System, sizes: Mapping[Any, Any], **options: Any) -> None:
        named = {**sizes, **{k: v for k, v in system.sizes.items() if isinstance(k, Symbol)}}
        if system.sizes and "n" not in named:
            named["n"] = [v for _, v in sorted((int(k.index[0]), v) for k, v in system.sizes.items())]
        super().__init__(system.definitions, named, **options)
        self.system, self.options = system, {"sizes": named, **options}
        known = {*system.inputs, *system.parameters, *system.defined}
        self.of_bar = {adjoint_symbol(system, t).name: t for t in known}

    def fresh(self, t: TensorSymbol, index: tuple[int, ...]) -> complex:
        of = self.of_bar.get(t.name)
        if of is None or not self.in_range(of, index):
            return super().fresh(t, index)
        run = Values(self.system.definitions, **self.options)
        run.shift[of.name, index] = STEP * 1j
        return run.entry(self.system.cost, ()).imag / STEP

    def points(self, limits: Sequence[tuple[Symbol, Any, Any]]) -> list[dict[Symbol, int]]:
        """All values of indices in their ranges."""
        found: list[dict[Symbol, int]] = [{}]
        for k, lo, hi in limits:
            found = [
                {**env, k: v}
                for env in found
                for v in range(self.integer(lo, env, ()), self.integer(hi, env, ()) + 1)
            ]
        return found

    def gap(self, lhs: Any, rhs: Any, limits: Sequence[tuple[Symbol, Any, Any]]) -> tuple[float, int]:
        """The largest |lhs - rhs| / max(1, |lhs|) over all index values, and how many there were."""
        worst, points = 0.0, self.points(limits)
        for env in points:
            a, b = self.value(lhs, env, ()), self.value(rhs, env, ())
            worst = max(worst, abs(a - b) / max(1.0, abs(a)))
        return worst, len(points)


__all__ = ["Truth", "Values", "drawn", "sine"]
