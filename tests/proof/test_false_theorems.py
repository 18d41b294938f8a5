"""False equations that somebody tries to prove by the public rules alone, each stopped by one condition."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from kernel_setting import ONE, TO_N, ZERO, L, N, assumed, cost, k, l, sigma, x
from sympy import Expr
from sympy.core.expr import AtomicExpr

from symderive.calculus import Bracket, IndexSum, PartialDerivative, ScalarFunction, family, tensor
from symderive.calculus.normal_form import normal_form
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof import kernel
from symderive.proof.kernel import KernelError, Theorem, hypothesis_of

u, v, z = tensor("u"), tensor("v"), tensor("z")
phi, psi = ScalarFunction("phi", sup=1), ScalarFunction("psi")
BELOW = Context.of((l, 0, L - 1))


def law(
    name: str, lhs: Expr, rhs: Expr, *own: object, ctx: Context = EMPTY, kind: str = "assumption"
) -> Theorem:
    """A hypothesis for all real u."""
    return kernel.assume(hypothesis_of(name, lhs, rhs, own, kind, (u,)), ctx)  # type: ignore[arg-type]


ODD = law("odd", psi(-u[()]), -psi(u[()]))


# ------------------------------------------------------------------------------------ real numbers


def everything_is_constant() -> Theorem:
    """du = 0 |- dv = 0: the hypothesis speaks of u, although u itself does not stand in it."""
    return kernel.specialise(assumed("u is fixed", u.tangent()[()], 0), u, v[()])


def one_number_is_all() -> Theorem:
    """u = 0 |- v = 0"""
    return kernel.specialise(assumed("u is 0", u[()], 0), u, v[()])


def the_slope_at_one_number() -> Theorem:
    """u = 0 |- 1 = 0, the derivative by u."""
    return kernel.derivative(assumed("u is 0", u[()], 0), u)


def the_slope_of_a_fixed_number() -> Theorem:
    """u du = 0: a hypothesis that ties u to du."""
    tied = assumed("no speed", u[()] * u.tangent()[()], 0)
    return kernel.derivative(tied, u)


def induction_from_one_number() -> Theorem:
    """phi_0(u) = 0 at one u, phi_{l+1}(u) = phi_l(u + 1) for all |- phi_l(u) = 0."""
    goal = hypothesis_of("goal", phi(u[()], l), ZERO, (), "induction", (u,))
    base = assumed("at one number", phi(u[()], 0), 0)
    known = kernel.specialise(kernel.assume(goal, BELOW), u, u[()] + 1)
    shifted = law("shifted", phi(u[()], l + 1), phi(u[()] + 1, l), (l, ZERO, L - 1))
    step = kernel.transitivity(kernel.instantiate(shifted, {}, BELOW), known)
    return kernel.induction([goal], 0, [base], [step], (l, ZERO, L), EMPTY)


def induction_from_one_speed() -> Theorem:
    """v = 0 if du = 0, claimed for all real u, moving ones too; true here, as v does not depend on u."""
    du = u.tangent()[()]
    goal = hypothesis_of("goal", v[()], ZERO, (), "induction", (u,))
    base = kernel.transitivity(assumed("v is a speed", v[()], du), assumed("u is fixed", du, 0))
    return kernel.induction([goal], 0, [base], [kernel.assume(goal, BELOW)], (l, ZERO, L), EMPTY)


def a_law_about_speeds() -> Theorem:
    """For all real u: du = 0."""
    return law("no speed", u.tangent()[()], ZERO)


def a_law_about_a_place_holder() -> Theorem:
    """dC/du = 1 for all real u gives dC/dv = 1."""
    held = law("slope", PartialDerivative(z[()], u[()]), ONE)
    return kernel.specialise(held, u, v[()])


def a_law_about_a_place_holder_on_the_right() -> Theorem:
    held = law("slope", ONE, PartialDerivative(z[()], u[()]))
    return kernel.specialise(held, u, v[()])


def half_of_a_second_differential() -> Theorem:
    """d d psi(-u), where u becomes v and ddu stays."""
    twice = kernel.differentiation(kernel.differentiation(ODD))
    return kernel.specialise(twice, u, v[()])


def a_slope_where_more_moves() -> Theorem:
    """The derivative by u alone of what holds for moving u."""
    return kernel.derivative(kernel.differentiation(ODD), u)


def a_speed_of_a_jump() -> Theorem:
    """du, where u = [0 < v]."""
    return kernel.specialise(kernel.differentiation(ODD), u, Bracket.less(0, v[()]))


def a_slope_of_a_jump() -> Theorem:
    """[0 < u] psi(u)"""
    e = Bracket.less(0, u[()]) * psi(-u[()])
    return kernel.derivative(kernel.congruence(e, [((e.args.index(ODD.lhs),), ODD)], EMPTY), u)


# ------------------------------------------------------------- integers that jump with a real number


def a_jump_has_a_speed() -> Theorem:
    """z = z [1 = [0 < z^2]] |- dz = dz [1 = [0 < z^2]], which z(s) = s refutes at s = 0."""
    jump = Bracket.equal(1, Bracket.less(0, z[()] ** 2))
    return kernel.differentiation(assumed("z where it is not 0", z[()], z[()] * jump))


def an_index_that_jumps() -> Theorem:
    """z = x_{[0 < z]} |- dz = dx_{[0 < z]}"""
    return kernel.differentiation(assumed("z is one of two", z[()], x[1 + Bracket.less(0, z[()])]))


def a_range_that_jumps() -> Theorem:
    """z = 0 for all k in 1..[0 = z] is no assumption at all; its differential would be one."""
    return kernel.differentiation(assumed("nothing", z[()], 0, (k, 1, Bracket.equal(0, z[()]))))


def a_context_that_jumps() -> Theorem:
    """k in 1..[0 = u] |- [k <= [0 = u]] = 1, at u = 1: k in 1..[0 = u] |- [k <= 0] = 1"""
    end = Bracket.equal(0, u[()])
    t = kernel.decide(Bracket.at_most(k, end), Context.of((k, 1, end)))
    return kernel.specialise(t, u, ONE)


# --------------------------------------------------------------------- what changes after the proof


def a_context_in_a_list() -> Theorem:
    """k in 1..N |- [1 <= k] = 1, until the list says k in 0..N."""
    limits = [(k, ONE, N)]
    t = kernel.decide(Bracket.at_most(1, k), Context(limits))  # type: ignore[arg-type]
    limits[0] = (k, ZERO, N)
    return t


def a_range_in_a_list() -> Theorem:
    limits = [k, ONE, N]
    t = kernel.decide(Bracket.at_most(1, k), Context((limits,)))  # type: ignore[arg-type]
    limits[1] = ZERO
    return t


class Poison(AtomicExpr):
    """Equal to everything, with the hash of one term and the parts of another."""

    is_commutative = is_Add = True

    def __new__(cls, twin: Expr, meant: Expr) -> Poison:
        made: Poison = AtomicExpr.__new__(cls)
        made.twin, made.meant = twin, meant
        return made

    @property
    def args(self) -> tuple[Expr, ...]:
        return (self.meant,)

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash(self.twin)


def a_poisoned_memory() -> Theorem:
    """What a foreign object looks like is not remembered as the normal form of x_1."""
    normal_form.cache_clear()
    for a, b in ((Poison(x[1], z[()]), z[()]), (z[()], Poison(x[1], z[()]))):
        try:
            kernel.ring(a, b, EMPTY)
        except KernelError as refusal:
            assert "found Poison" in str(refusal)
    return kernel.ring(x[1], z[()], EMPTY)


REFUSED: tuple[tuple[Callable[[], object], str], ...] = (
    (everything_is_constant, "specialise: u is free in the hypothesis u is fixed: du[] = 0"),
    (one_number_is_all, "specialise: u is free in the hypothesis u is 0: u[] = 0"),
    (the_slope_at_one_number, "derivative: u is free in the hypothesis u is 0: u[] = 0"),
    (the_slope_of_a_fixed_number, "derivative: u is free in the hypothesis no speed: du[]*u[] = 0"),
    (induction_from_one_number, "induction: u is free in the hypothesis at one number: phi(0, u[]) = 0"),
    (induction_from_one_speed, "induction: u is free in the hypothesis"),
    (a_law_about_speeds, "assume: expected no differentials in the law no speed for all real u"),
    (a_law_about_a_place_holder, "specialise: a partial derivative in ; slope |- d(z[])/d(u[]) = 1 is no fu"),
    (a_law_about_a_place_holder_on_the_right, "specialise: a partial derivative in ; slope |- 1 = d(z[])/d"),
    (half_of_a_second_differential, "specialise: expected no second differential of u in ; odd |-"),
    (a_slope_where_more_moves, "derivative: expected no differentials in ; odd |-"),
    (a_speed_of_a_jump, "specialise: [0 < v[]] has no differential everywhere"),
    (a_slope_of_a_jump, "derivative: [0 < u[]] has no differential everywhere"),
    (a_jump_has_a_speed, "differentiation: [1 = [0 < z[]**2]] has no differential everywhere"),
    (an_index_that_jumps, "assume: expected an integer, found z[]"),
    (a_range_that_jumps, "assume: expected an integer, found z[]"),
    (a_context_that_jumps, "decide: expected an integer, found u[]"),
    (a_context_in_a_list, "decide: expected a tuple of indices with their ranges, found [(k, 1, N)]"),
    (a_range_in_a_list, "decide: expected a tuple of indices with their ranges, found ([k, 1, N],)"),
    (a_poisoned_memory, "ring: normal forms differ: x[1] and z[]"),
)


@pytest.mark.parametrize(("prove", "text"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_a_false_theorem_is_not_proved(prove: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        prove()


# ------------------------------------------------------------------- what the same rules do prove


def test_a_law_at_a_term_and_its_speed() -> None:
    assert str(kernel.specialise(ODD, u, z[()] ** 2)) == "; odd |- psi(-z[]**2) = -psi(z[]**2)"
    moving = kernel.specialise(kernel.differentiation(ODD), u, z[()] ** 2)
    assert str(moving) == "; odd |- -2*psi'(-z[]**2)*dz[]*z[] = -2*psi'(z[]**2)*dz[]*z[]"
    assert str(kernel.specialise(ODD, u, Bracket.less(0, v[()])).lhs) == "psi(-[0 < v[]])"


def test_the_slope_of_a_law() -> None:
    assert str(kernel.derivative(ODD, u)) == "; odd |- -psi'(-u[]) = -psi'(u[])"
    assert str(kernel.derivative(law("sum", cost(family(u[()] * x[k], (k, 1, N))), u[()] * z[()]), u)) == (
        "; sum |- sum(x[k]*C_1[k](family(u[]*x[k], k=1..N)), k=1..N) = z[]"
    )


def test_a_law_whose_letter_is_another_hypothesis_is_no_law_there() -> None:
    """For all u: psi(-u) = -psi(u), and u = 0 for a u: the u of the conclusion is that one."""
    both = kernel.congruence(psi(-u[()]), [((2, 1), assumed("u is 0", u[()], 0))], EMPTY)
    t = kernel.transitivity(kernel.symmetry(both), ODD)
    assert str(t) == "; odd, u is 0 |- psi(0) = -psi(u[])"
    with pytest.raises(KernelError, match="specialise: u is free in the hypothesis u is 0"):
        kernel.specialise(t, u, v[()])


def test_induction_for_all_real_numbers() -> None:
    goal = hypothesis_of("goal", phi(u[()], l), ZERO, (), "induction", (u,))
    base = law("at 0", phi(u[()], 0), ZERO)
    known = kernel.specialise(kernel.assume(goal, BELOW), u, u[()] + 1)
    shifted = law("shifted", phi(u[()], l + 1), phi(u[()] + 1, l), (l, ZERO, L - 1))
    step = kernel.transitivity(kernel.instantiate(shifted, {}, BELOW), known)
    t = kernel.induction([goal], 0, [base], [step], (l, ZERO, L), EMPTY)
    assert str(t) == "l in 0..L; at 0, shifted |- phi(l, u[]) = 0"


def test_a_law_under_a_sum() -> None:
    e = IndexSum(psi(-x[k]), (k, 1, N))
    at = kernel.specialise(kernel.instantiate(ODD, {}, TO_N), u, x[k])
    assert str(kernel.congruence(e, [((k,), at)], EMPTY).rhs) == "sum(-psi(x[k]), k=1..N)"
    assert sigma(u[()]) != psi(u[()])
