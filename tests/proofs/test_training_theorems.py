"""T11 to T14: no proof without a hypothesis, none of a formula that is changed; the witnesses run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from importlib import import_module
from itertools import product
from typing import Any

import pytest
from sympy import Integer, sqrt

import proofs
from proofs import (
    critical_hessian,
    critical_lines,
    linear_flow,
    linear_flow_limit,
    regression_rates,
    saxe,
    t13_tied_on_xor,
    t14_critical_lines,
    tied_network,
    two_regressions,
)
from proofs.witnesses import t11, t12, t13, t14
from symderive.calculus import Entry
from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem
from symderive.proof.witness import Witness

# the parts of a theorem that remember what they proved
PARTS: dict[str, tuple[str, ...]] = {
    "T11": ("linear_flow", "linear_flow_limit", "saxe", "t11_closed_form"),
    "T12": ("two_regressions", "regression_answers", "regression_rates", "t12_linear_regression"),
    "T13": ("tied_network", "t13_tied_on_xor"),
    "T14": ("critical_lines", "critical_hessian", "t14_critical_lines"),
}


def forget() -> None:
    for name in (n for names in PARTS.values() for n in names):
        for value in vars(import_module(f"proofs.{name}")).values():
            if hasattr(value, "cache_clear") and value.__module__ == f"proofs.{name}":
                value.cache_clear()


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what was proved, before the test and after it."""
    forget()
    yield
    monkeypatch.undo()
    forget()


def elsewhere(h: Hypothesis) -> Hypothesis:
    """The same equation for a tensor that nothing else speaks of; or one that says nothing."""
    if not isinstance(h.lhs, Entry):
        return h._replace(rhs=h.lhs)
    t = h.lhs.symbol
    other = t.derived(f"{t.name}_elsewhere", latex_name=rf"\tilde{{{t.latex_name}}}")
    return h._replace(lhs=other[h.lhs.index])


NEEDED = [(key, name) for key in PARTS for name in proofs.find(key).ASSUMES]


@pytest.mark.parametrize(("key", "name"), NEEDED)
def test_no_proof_without_it(key: str, name: str, anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = kernel.assume

    def assume(h: Hypothesis, ctx: Context) -> Theorem:
        if h.name == name:
            seen.append(name)
            h = elsewhere(h)
        return real(h, ctx)

    monkeypatch.setattr(kernel, "assume", assume)
    with pytest.raises(KernelError):
        proofs.find(key).prove()
    assert seen


# ------------------------------------------------------------------------ other formulas are refused


def mutate(module: Any, name: str, change: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    real = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *arguments, **named: change(real(*arguments, **named)))


def test_the_sums_do_not_shrink(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_flow, "ERROR", -linear_flow.ERROR)
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        linear_flow.moving()


def test_the_other_root_is_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 m P y = s - sqrt(..): its square is right, its sign is not."""
    monkeypatch.setattr(linear_flow_limit, "sqrt", lambda e: -sqrt(e))
    with pytest.raises(KernelError, match=r"vanishing: a term of .* is not seen to be at least 0"):
        linear_flow_limit.limit()


def test_a_limit_without_the_seen_signs_is_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the terms are not seen to be at least 0, their squares do not make them equal."""
    real = linear_flow_limit.equal_if_squares_are
    monkeypatch.setattr(
        linear_flow_limit, "equal_if_squares_are", lambda t, a, b, laws: real(t, a, b, laws[:1])
    )
    with pytest.raises(KernelError, match=r"vanishing: a term of .* is not seen to be at least 0"):
        linear_flow_limit.limit()


def test_saxes_equation_with_half_the_rate_is_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saxe, "ERROR", saxe.ERROR / 2)
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        saxe.balanced()


def test_a_larger_contraction_is_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """c^2 = eta (2 - 2 eta Lambda) would shrink less than is claimed."""
    real = regression_rates.assumed

    def assumed(name: str, lhs: Any, rhs: Any, *over: Any, **named: Any) -> Theorem:
        return real(name, lhs, 2 * rhs if name.startswith("step size") else rhs, *over, **named)

    monkeypatch.setattr(regression_rates, "assumed", assumed)
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        regression_rates.contraction()


def test_the_difference_of_two_runs_does_not_grow(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = two_regressions.over
    monkeypatch.setattr(two_regressions, "over", lambda e, *index: -real(e, *index))
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        two_regressions.one_step()


@pytest.mark.parametrize("more", [Fraction(1, 100), Fraction(-1, 100)])
def test_another_bound_on_xor_is_refused(more: Fraction, anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(
        t13_tied_on_xor, "_goal", lambda e: e + Integer(1) * more.numerator / more.denominator, monkeypatch
    )
    for case in t13_tied_on_xor.CASES:
        with pytest.raises(KernelError, match="ring: normal forms differ"):
            t13_tied_on_xor.bound(case)


def test_another_pivot_is_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each case needs the sample that it names: with the opposite one the squares do not come out."""
    real = t13_tied_on_xor.Case.pivot.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(t13_tied_on_xor.Case, "pivot", property(lambda self: 5 - real(self)))
    for case in t13_tied_on_xor.CASES:
        with pytest.raises(KernelError):
            t13_tied_on_xor.bound(case)


def test_the_sign_cases_are_all_there_are() -> None:
    found = {(c.first, c.second) for c in t13_tied_on_xor.CASES}
    assert found == set(product((1, -1), repeat=2))
    assert {c.pivot for c in t13_tied_on_xor.CASES} == {1, 2, 3, 4}


def test_every_square_of_the_bound_is_one() -> None:
    """C - n_L / 6 is seen to be at least 0: what the document says, the kernel sees."""
    from symderive.proof.language import nonnegative

    net = tied_network.tied()
    for p in proofs.find("T13").prove().propositions:
        if p.name.startswith("bound"):
            rest = p.theorem.rhs - net.n[tied_network.M + 1] / 6
            assert nonnegative(rest) and not nonnegative(-rest)


@pytest.mark.parametrize("share", [lambda lam: lam**2, lambda lam: 2 - lam])
def test_another_block_is_refused(
    share: Callable[[Any], Any], anew: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """lam (1 - lam) A, and no other multiple of A."""
    real = critical_hessian.blocks

    def blocks() -> tuple[Any, Any]:
        A, Q = real()
        return share(critical_lines.LAM) * A, Q

    monkeypatch.setattr(critical_hessian, "blocks", blocks)
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        critical_hessian.block_form()


def test_shares_that_do_not_add_up_are_refused(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real = critical_lines.law_of

    def law_of(name: str, lhs: Any, rhs: Any, *over: Any, **named: Any) -> Theorem:
        return real(name, lhs, 2 * rhs if name == "the second takes the rest" else rhs, *over, **named)

    monkeypatch.setattr(critical_lines, "law_of", law_of)
    with pytest.raises(KernelError, match="ring: normal forms differ"):
        critical_lines.split_network()


def test_what_is_flat_needs_every_form_to_be_definite(anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With A of unknown sign nothing vanishes."""
    monkeypatch.setattr(t14_critical_lines, "exp", lambda e: e)
    with pytest.raises(KernelError, match="not seen to be"):
        t14_critical_lines.flat()


# ---------------------------------------------------------------------------------------- witnesses


@cache
def all_witnesses() -> list[tuple[str, Witness]]:
    return [(key, w) for key, m in zip(PARTS, (t11, t12, t13, t14), strict=True) for w in m.witnesses()]


WITNESSES = all_witnesses()


@pytest.mark.parametrize(("key", "witness"), WITNESSES, ids=[f"{k}-{w.defends}"[:40] for k, w in WITNESSES])
def test_the_claim_fails_without_the_hypothesis_and_holds_with_it(key: str, witness: Witness) -> None:
    found, control = witness.run()
    assert not found.holds and control.holds
    assert witness.defends in {h.name for h in proofs.find(key).prove().hypotheses()}


UNDEFENDED = {
    "T11": {
        # cited; what theta, c and the clock are; u > 0, which every balanced start but 0 gives
        *(h for h in proofs.find("T11").ASSUMES if "constant" in h or "integral" in h),
        "time", "positive output", "start of Saxe's quantity",
        # the converse of the theorem beside it: tied at one time means tied at the start, and back
        "equal sums at one time", "equal differences at one time", "equal sums at the start",
    },
    "T12": set(),
    # the four cases together are all there are
    "T13": {h for h in proofs.find("T13").ASSUMES if "difference is not" in h},
    # names for the directions, and strict forms of what is defended
    "T14": {
        *critical_lines.MOVED, "the incoming weights do not move", "the outgoing weights do not move",
        "the smaller Hessian is positive definite", "A is positive definite",
        "lambda lies strictly between 0 and 1", "the second derivative is 0",
    },
}  # fmt: skip


@pytest.mark.parametrize("key", PARTS)
def test_what_has_no_witness_is_known(key: str) -> None:
    defended = {w.defends for k, w in all_witnesses() if k == key}
    assert set(proofs.find(key).ASSUMES) - defended == UNDEFENDED[key]


def test_the_best_tied_network_attains_the_bound() -> None:
    """The constant 1/6 cannot be made larger."""
    assert t13.error(t13.BEST).true == Fraction(1, 6)


def test_every_witness_of_xor_is_exact() -> None:
    for w in t13.witnesses():
        assert w.found.true == 0


@pytest.mark.parametrize("key", PARTS)
def test_numeric_evidence_is_numeric_and_seeded(key: str) -> None:
    for e in proofs.find(key).numeric(5):
        assert (e.status, e.seed) == ("numeric", 5) and e.error is not None and e.error <= 1e-6
