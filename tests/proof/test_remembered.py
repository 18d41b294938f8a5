"""Facts about ranges are remembered: nothing outside of the language may leave a false one behind.

A liar equals an honest term and hashes like it, but calculates as another one. Where a rule looked at it
before refusing it, what was computed from the liar would be found again for the honest term.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sympy import Integer, Symbol

from symderive.calculus import Bracket, IndexSum, indices, size, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.ranges import _nonnegative as remembered
from symderive.proof import kernel
from symderive.proof.kernel import KernelError

j, k = indices("j k")
N = size("N")
x = tensor("x", (k, 1, N))
pi = tensor("pi", (k, 1, 5), kind="permutation")


class Liar(Integer):
    """Calculates as it was made, equals and hashes as 5."""

    def __new__(cls, value: int) -> Liar:
        made: Any = object.__new__(cls)
        made.p, made.q, made._mhash, made._args = value, 1, None, ()
        made._assumptions = Integer(value)._assumptions
        return made  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return bool(Integer(5) == other)

    def __hash__(self) -> int:
        return hash(Integer(5))


def lying() -> Context:
    """k in 1..5, which says 1..9 when it is asked."""
    return Context(((k, Integer(1), Liar(9)),))


HONEST = Context.of((k, 1, 5))


ATTEMPTS: dict[str, Callable[[], object]] = {
    "decide": lambda: kernel.decide(Bracket.at_most(k, 6), lying()),
    "decide, a term": lambda: kernel.decide(Bracket.at_most(k, Liar(9)), HONEST),
    "split, a term": lambda: kernel.split(IndexSum(x[j], (j, 1, Liar(9))), k, HONEST),
    "split": lambda: kernel.split(IndexSum(x[j], (j, 1, 9)), k, lying()),
    "reindex": lambda: kernel.reindex(IndexSum(x[j], (j, 1, 5)), pi, (), lying()),
    "contraction": lambda: kernel.contraction(IndexSum(Bracket.equal(j, k) * x[j], (j, 1, 5)), lying()),
    "single": lambda: kernel.single(IndexSum(x[j], (j, 1, 1)), lying()),
    "instantiate": lambda: kernel.instantiate(
        kernel.reflexivity(x[j], Context.of((j, 1, 5))), {j: k}, lying()
    ),
    "congruence": lambda: kernel.congruence(
        x[k], [((), kernel.reflexivity(x[k], Context.of((k, 1, 5))))], lying()
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", ATTEMPTS)
def test_a_liar_is_refused_before_anything_is_remembered_of_it(rule: str) -> None:
    remembered.cache_clear()
    with pytest.raises(KernelError, match=rf"^{rule.partition(',')[0]}: expected"):
        ATTEMPTS[rule]()
    assert remembered.cache_info().currsize == 0
    # and what an honest context says afterwards is true: 6 - k is not negative for k in 1..5, 4 - k may be
    assert kernel.decide(Bracket.at_most(k, 6), HONEST).rhs == 1
    with pytest.raises(KernelError, match="the ranges"):
        kernel.decide(Bracket.at_most(k, 4), HONEST)


def test_a_liar_would_leave_false_facts_behind() -> None:
    """The test above is not idle: asked outside of the kernel, the liar's answer is found again."""
    remembered.cache_clear()
    assert lying() == HONEST and hash(lying()) == hash(HONEST)
    assert not remembered(lying(), Integer(6) - k)
    assert not remembered(HONEST, Integer(6) - k)  # false, and remembered
    remembered.cache_clear()
    assert remembered(HONEST, Integer(6) - k)


def test_symbols_with_assumptions_are_no_indices() -> None:
    even = Symbol("k", integer=True, even=True)
    with pytest.raises(KernelError, match=r"^decide: expected"):
        kernel.decide(Bracket.at_most(even, 6), Context.of((even, 1, 5)))
