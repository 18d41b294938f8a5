"""What a theorem remembers: its rule, premises, arguments and hypotheses."""

from __future__ import annotations

from kernel_setting import (
    ONE,
    X_IS_Y,
    ZERO,
    N,
    k,
    x,
    y,
)

from symderive.calculus import IndexSum
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of

SUM = IndexSum(x[k], (k, 1, N))


def says(t: Theorem) -> str:
    """The sequent, with the hypotheses by name."""
    return str(t)


def test_the_audit_lists_the_hypotheses_by_kind() -> None:
    definition = hypothesis_of("y is 0", y[k], ZERO, ((k, 1, N),), "definition")
    t = kernel.transitivity(X_IS_Y, kernel.assume(definition, EMPTY))
    names = {kind: [h.name for h in found] for kind, found in t.audit().items()}
    assert names == {"definition": ["y is 0"], "assumption": ["x is y"], "citation": [], "induction": []}


def test_a_theorem_remembers_its_rule_premises_and_arguments() -> None:
    t = kernel.instantiate(X_IS_Y, {k: ONE}, EMPTY)
    assert (t.rule, t.premises, t.arguments) == ("instantiate", (X_IS_Y,), (((k, ONE),), EMPTY))


def test_lists_that_change_afterwards_change_no_theorem() -> None:
    ranges = [(k, ONE, N)]
    t = kernel.assume(Hypothesis("h", x[k], ZERO, ranges), EMPTY)  # type: ignore[arg-type]
    ranges.clear()
    assert next(iter(t.hypotheses)).indices == ((k, ONE, N),)
