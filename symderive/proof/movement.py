"""Which hypotheses a proof differentiates: these hold along a whole movement, the others at one point alone.

a = b gives da = db only where a = b holds on the way, and so must every hypothesis that a = b rests on. What
no step differentiates is used at the point itself. A direction may therefore leave a tie that the theorem
assumes: the tie is then a statement about the point, and not about the way.
"""

from __future__ import annotations

from dataclasses import dataclass

from symderive.calculus.terms import Applied, FunctionalValue
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.language import tangents


@dataclass(frozen=True)
class Movement:
    """What a proof with differentials uses of the movement.

    - `along`: the hypotheses that hold along it, beside the definitions;
    - `values`: the values of functions and functionals that are differentiated, which have to be
      differentiable therefore.
    """

    along: frozenset[Hypothesis] = frozenset()
    values: frozenset[Applied | FunctionalValue] = frozenset()


def movement(theorem: Theorem) -> Movement:
    """What the proof of the theorem uses of the movement.

    >>> from symderive.library import prove
    >>> found = movement(prove("T2").propositions[0].theorem)
    >>> sorted(str(v.args[0]) for v in found.values)
    ['cost', 'sigma']
    """
    values = {
        v
        for t in _steps(theorem)
        if t.rule == "differentiation"
        for p in t.premises
        for side in (p.lhs, p.rhs)
        for v in side.atoms(Applied, FunctionalValue)
    }
    return Movement(differentiated(theorem), frozenset(values))


def differentiated(theorem: Theorem) -> frozenset[Hypothesis]:
    """The hypotheses of the theorem that hold along the movement.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> from symderive.proof import kernel
    >>> from symderive.proof.kernel import hypothesis_of
    >>> x, y, z = (tensor(name) for name in "xyz")
    >>> on_the_way = kernel.assume(hypothesis_of("way", x[()], y[()]), EMPTY)
    >>> here = kernel.assume(hypothesis_of("here", y.tangent()[()], z[()]), EMPTY)
    >>> t = kernel.transitivity(kernel.differentiation(on_the_way), here)
    >>> print(t); [h.name for h in differentiated(t)]
    ; here, way |- dx[] = z[]
    ['way']
    """
    found: dict[int, frozenset[Hypothesis]] = {}
    for t in _steps(theorem):
        found[id(t)] = _of_step(t, frozenset().union(*(found[id(p)] for p in t.premises)))
    return found[id(theorem)]


def _steps(theorem: Theorem) -> list[Theorem]:
    """Each step of the proof once, after those that it rests on."""
    order: list[Theorem] = []
    seen: set[int] = set()
    waiting = [(theorem, False)]
    while waiting:
        t, ready = waiting.pop()
        if ready:
            order.append(t)
        elif id(t) not in seen:
            seen.add(id(t))
            waiting.append((t, True))
            waiting += [(p, False) for p in t.premises]
    return order


def _of_step(t: Theorem, below: frozenset[Hypothesis]) -> frozenset[Hypothesis]:
    """From what the premises differentiate to what the step does, in the hypotheses of its conclusion."""
    if t.rule == "differentiation":
        return t.hypotheses
    kept = below & t.hypotheses
    # some rules give a hypothesis other indices, but not another name
    lost = {h.name for h in below - kept}
    moved = {h for h in t.hypotheses if h.name in lost}
    if len({h.name for h in moved}) < len(lost):
        # discharged, as by an induction: whatever that rests on then holds on the way
        return t.hypotheses
    return kept | moved


def moves(theorem: Theorem) -> bool:
    """Whether differentials stand in the theorem, so that the two kinds of hypotheses differ."""
    sides = [theorem.lhs, theorem.rhs, *(e for h in theorem.hypotheses for e in (h.lhs, h.rhs))]
    return bool(tangents(*sides))
