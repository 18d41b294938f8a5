r"""A theorem at one instance: numbers that obey its hypotheses, and what its equation gives at them.

Where hypotheses are inequalities with slack squares, or solve a system of equations, no random numbers obey
them. An instance that does comes from elsewhere: from NumPy, or from a run of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sympy.core.basic import Basic

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Entry
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.evaluation.floating import FloatModel
from symderive.evaluation.law import Law
from symderive.evaluation.modular import Value
from symderive.evaluation.no_value import ModularError
from symderive.evaluation.points import points
from symderive.evaluation.tested import Tested
from symderive.proof.kernel import Theorem
from symderive.reference_arrays import Array

TOLERANCE = 1e-9
UNIT = 0.01
MOST_POINTS = 40
Function = Callable[[int, float], float]
"""The value of the derivative of an order, at a number."""


class Instance(FloatModel):
    """A model in which the entries of the given tensors are these numbers; laws define the others.

    An array's first entry is that at the declared first value of each index.

    >>> from symderive.calculus import indices, tensor
    >>> k, = indices("k"); x = tensor("x", (k, 1, 2))
    >>> Instance((), {}, 1, {"x": [3.0, 4.0]}).test(x[1] ** 2 + x[2] ** 2, 25 * x[1] ** 0, {}).holds
    True
    """

    def __init__(
        self, laws: Sequence[Law], sizes: Mapping[Basic, int], seed: int, given: Mapping[str, ArrayLike],
        functions: Mapping[str, Function] | None = None,
    ) -> None:  # fmt: skip
        self.numbers: dict[str, Array] = {name: np.asarray(a, float) for name, a in given.items()}
        self.functions = dict(functions or {})
        super().__init__(laws, sizes, seed)

    def scalar_function(self, name: str, sup: tuple[int, ...], order: int, z: Value) -> Value:
        """The given function, or a drawn one."""
        if name not in self.functions:
            return super().scalar_function(name, sup, order, z)
        return Value(float(self.functions[name](order, z.number)))

    def entry(self, t: TensorSymbol, index: tuple[int, ...], shared: Mapping[Basic, int]) -> Value:
        """The given number; CheckFailed where the array has none for this index."""
        if t.name not in self.numbers:
            return super().entry(t, index, shared)
        array = self.numbers[t.name]
        lows = [self.integer(lo, {}) for lo, _ in t.ranges(*index)]
        at = tuple(i - lo for i, lo in zip(index, lows, strict=True))
        if array.ndim != len(at) or not all(0 <= i < n for i, n in zip(at, array.shape, strict=True)):
            shown = ", ".join(map(str, index))
            raise CheckFailed(f"{t.name}: expected a number for [{shown}], found shape {array.shape}")
        return Value(float(array[at]))

    def compared(self, a: Value, b: Value) -> tuple[bool, float]:
        """Up to rounding; what should be 0 is measured by numbers of order 1, as those that are given."""
        scale = max(abs(a.number), abs(b.number), UNIT)
        error = float(abs(a.number - b.number) / scale)
        return error <= TOLERANCE, error

    def agree(self, lhs: Any, rhs: Any, ctx: Context, most: int = MOST_POINTS) -> Tested:
        """Whether both sides agree at up to so many values of the indices."""
        return self.test_everywhere(lhs, rhs, ctx, most)


def at_instance(
    theorem: Theorem, what: str, given: Mapping[str, ArrayLike], sizes: Mapping[Basic, int], seed: int,
    definitions: Sequence[Law] = (), functions: Mapping[str, Function] | None = None,
) -> Evidence:  # fmt: skip
    """Numeric evidence for a theorem: these numbers obey its hypotheses, and its equation.

    Entries that are not given come from the definitions among the hypotheses, from further `definitions`, or
    are drawn, as functions are that are not given; definitions of what is given are tested like assumptions
    and citations. Raises CheckFailed where the numbers disobey a hypothesis, or the equation fails.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof import kernel
    >>> x, y = tensor("x")(), tensor("y")()
    >>> t = kernel.assume(kernel.hypothesis_of("circle", x**2 + y**2, 25 * x**0), EMPTY)
    >>> at_instance(t, "a point of the circle", {"x": 3.0, "y": 4.0}, {}, seed=1).status
    'numeric'
    >>> at_instance(t, "a point of the circle", {"x": 3.0, "y": 3.0}, {}, seed=1)
    Traceback (most recent call last):
    symderive.claims.evidence.CheckFailed: a point of the circle: the numbers disobey circle: 18 and 25
    """
    hypotheses = sorted(theorem.hypotheses, key=lambda h: h.name)
    own = [h for h in hypotheses if h.kind == "definition"]
    model = Instance([*own, *(d for d in definitions if d not in own)], sizes, seed, given, functions)
    error, assumed = 0.0, 0
    for h in hypotheses:
        if h.kind == "definition" and not (isinstance(h.lhs, Entry) and h.lhs.symbol.name in model.numbers):
            continue  # true of the numbers that come from it
        outer = [limit for limit in theorem.context if limit[0] in h.free()]
        ctx = Context.of(*outer, *h.indices)
        assumed += 1
        for values in points(model, ctx, MOST_POINTS):
            one = model.test(h.lhs, h.rhs, values)
            if not one.holds:
                found = one.counterexample.split(": ", 1)[1]
                raise CheckFailed(f"{what}: the numbers disobey {h.name}: {found}")
            error = max(error, one.error)
    try:
        result = model.agree(theorem.lhs, theorem.rhs, theorem.context)
    except ModularError as problem:
        raise CheckFailed(f"{what}: {problem}") from problem
    if not result.holds or not result.points or result.disobeyed:
        raise CheckFailed(
            f"{what}: fails {result.counterexample or result.disobeyed or 'as nothing was tested'}"
        )
    text = f"{what}: {assumed} hypotheses and the equation, at numbers that obey them"
    return Evidence("numeric", text, max(error, result.error), result.points, seed)


__all__ = ["Instance", "at_instance"]
