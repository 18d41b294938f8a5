"""Tests modulo a prime and in floating point, against the oracle of fractions and false equations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr, Integer, Rational, erf, exp, log, sin, sqrt

from symderive.calculus import (
    Bracket,
    Functional,
    IndexSum,
    PartialDerivative,
    ScalarFunction,
    family,
    indices,
    size,
    tensor,
)
from symderive.calculus.ranges import EMPTY, Context
from symderive.derivation import derive
from symderive.evaluation import modular
from symderive.evaluation.exact import Assignment, ExactError, evaluate_exact
from symderive.evaluation.floating import FloatModel, NoValue
from symderive.evaluation.modular import PRIME, Model
from symderive.evaluation.no_value import ModularError, NotExact, TooLarge
from symderive.evaluation.points import points
from symderive.evaluation.tested import Tested
from symderive.proof.kernel import Hypothesis, hypothesis_of
from symderive.systems import Definition, mlp

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "calculus"))

from named_terms import LETTERS, SYMBOLS, TENSORS, Generator, build

i, j, k, l, p, q, t = indices("i j k l p q t")
L, n = size("L"), size("n")
x, y = tensor("x", (j, 1, n)), tensor("y", (j, 1, n))
A = tensor("A", (j, 1, n), (k, 1, n))
sigma = ScalarFunction("sigma")
MODELS = (Model, FloatModel)


def test_the_number_is_prime() -> None:
    """2^p - 1 is prime if s_{p-2} = 0 for s_0 = 4, s -> s^2 - 2 (Lucas and Lehmer)."""
    s = 4
    for _ in range(61 - 2):
        s = (s * s - 2) % PRIME
    assert s == 0


# ------------------------------------------------------------------------- against the oracle of fractions


class Same(Assignment):
    """The oracle's assignment with the numbers that a model draws."""

    model: Model

    def coefficients(self, *key: Any) -> list[int]:
        _, name, *sup = key
        return [self.model.draw("function", name, tuple(sup), m) for m in range(modular.DEGREE + 1)]


def same(model: Model, env: dict[str, Any]) -> Same:
    def entry(name: str, *at: int) -> int:
        if name == "d":
            return model.integer(TENSORS["d"][at], {})
        return int(model._drawn(TENSORS[name], at).number)

    found = Same(env, entries=entry)
    object.__setattr__(found, "model", model)
    return found


def real_brackets(e: Expr) -> bool:
    """Brackets that compare numbers modulo the prime: only indices have an order."""
    return any(not (b.a.is_integer and b.b.is_integer) for b in e.atoms(Bracket))


def has_functional(tree: Any) -> bool:
    return isinstance(tree, tuple) and (tree[:1] == ("functional",) or any(map(has_functional, tree)))


def test_random_terms_have_the_oracles_values_modulo_the_prime() -> None:
    compared = nonzero = 0
    for seed in range(600):
        g = Generator(seed + 40_000)
        tree = g.term(5, 2) if seed % 2 else g.nested(seed % 3 + 1)
        term = build(tree)
        if has_functional(tree) or real_brackets(term):
            continue
        env = g.env()
        model = Model((), {}, seed)
        try:
            exact = evaluate_exact(term, same(model, env))
        except ExactError:  # a division by zero, or fractions of too many digits
            continue
        if exact.denominator % PRIME == 0:
            continue
        number = exact.numerator * pow(exact.denominator, -1, PRIME) % PRIME
        values = {SYMBOLS[s]: env[s] for s in (*LETTERS, "t")}
        assert model.value(term, values, ()).number == number, (seed, str(term))
        compared += 1
        nonzero += number != 0
    assert compared > 350 and nonzero > 250


def test_another_term_has_another_value() -> None:
    """The comparison above can fail: terms with one number changed differ."""
    differ = 0
    for seed in range(60):
        g = Generator(seed + 50_000)
        term = build(g.nested(1)) + 1
        env = g.env()
        model = Model((), {}, seed)
        values = {SYMBOLS[s]: env[s] for s in (*LETTERS, "t")}
        if not real_brackets(term):
            differ += not model.test(term, term + Rational(1, seed + 1), values).holds
    assert differ > 50


# ---------------------------------------------------------------- functionals, partials, activations


@pytest.mark.parametrize("kind", MODELS)
def test_derivatives_of_functions_are_what_they_say(kind: type[Model]) -> None:
    """f(z + h) - f(z) = h f'(z) + h^2 f''(z) / 2 + h^3 f'''(z) / 6 for a cubic f, exactly."""
    model = kind((), {n: 3}, 1)
    h = Rational(1, 1000)
    z = x[1]
    series = sum((h**m / [1, 1, 2, 6][m] * sigma(z, order=m) for m in range(4)), Integer(0))
    found = model.test(sigma(z + h), series, {})
    if kind is Model:
        assert found.holds
    a, b = model.value(sigma(z + h), {}, ()), model.value(series, {}, ())
    assert kind is Model or abs(a.number - b.number) < 1e-11
    assert not model.test(sigma(z, order=1), sigma(z, order=2), {}).holds


def test_partials_of_functionals_by_an_exact_expansion() -> None:
    """C(x + h e_2) - C(x) for the model's cubic form, from its own partials up to the third order."""
    C = Functional("C", arity=2)
    base = Model((), {n: 3}, 5)
    h = 1_000_003
    moved = Model((), {n: 3}, 5)
    moved.memo[("x", (2,), ())] = base.entry(x, (2,), {})._replace(number=base.draw("x", (2,)) + h)
    families = (family(x[j], (j, 1, n)), family(y[k], (k, 1, n)))
    value = C(*families)
    partials = [value]
    for _ in range(3):
        partials.append(partials[-1].diff(x[2]))
    shifted = sum(
        base.value(e, {}, ()).number * pow(h, m) * pow([1, 1, 2, 6][m], -1, PRIME)
        for m, e in enumerate(partials)
    )
    assert (moved.value(value, {}, ()).number - shifted) % PRIME == 0
    assert base.value(partials[1], {}, ()).number != base.value(value.diff(x[3]), {}, ()).number
    assert base.value(partials[1], {}, ()).number != base.value(value.diff(y[2]), {}, ()).number


@pytest.mark.parametrize("kind", MODELS)
def test_a_chain_rule_factor_is_the_derivative_of_the_law(kind: type[Model]) -> None:
    net = mlp(widths=[2, 3])
    z, a, w = net.tensor("z"), net.tensor("a"), net.tensor("w")
    model = kind(net.definitions, {}, 3)
    assert model.test(PartialDerivative(z[1, 2], w[1, 2, 1]), a[0, 1], {}).holds
    assert model.test(PartialDerivative(z[1, 2], w[1, 3, 1]), Integer(0), {}).holds
    assert not model.test(PartialDerivative(z[1, 2], w[1, 2, 1]), a[0, 2], {}).holds
    with pytest.raises(ModularError, match=r"expected a definition of w\[1, 1, 1\], found none"):
        model.value(PartialDerivative(w[1, 1, 1], a[0, 1]), {}, ())


# ------------------------------------------------------------------------------------------ laws


def law(name: str, lhs: Expr, rhs: Expr, *limits: Any) -> Hypothesis:
    return hypothesis_of(name, lhs, rhs, limits)


def test_entries_obey_the_laws_inside_their_ranges_only() -> None:
    double = law("double", x[j], 2 * y[j], (j, 1, 2))
    model = Model([double], {n: 3}, 1)
    assert model.test(x[2], 2 * y[2], {}).holds
    assert not model.test(x[3], 2 * y[3], {}).holds  # outside 1..2
    assert not Model([], {n: 3}, 1).test(x[2], 2 * y[2], {}).holds


def test_a_recursion_is_followed_down_to_its_start() -> None:
    u = tensor("u", (l, 0, L))
    laws = [law("start", u[0], Integer(1)), law("step", u[l], 3 * u[l - 1], (l, 1, L))]
    model = Model(laws, {L: 5}, 1)
    assert model.value(u[5], {}, ()).number == 3**5
    assert model.test_everywhere(u[l], 3 * u[l - 1], Context.of((l, 1, L))).points == 5


def test_shifted_indices_are_solved_for() -> None:
    u, v = tensor("u", (l, 0, L)), tensor("v", (l, 0, L))
    model = Model([law("step", u[l + 1], v[l] ** 2, (l, 0, L - 1))], {L: 4}, 1)
    assert model.test_everywhere(u[l], v[l - 1] ** 2, Context.of((l, 1, L))).holds
    assert not model.test_everywhere(u[l], v[l] ** 2, Context.of((l, 1, L))).holds


def test_a_law_of_free_indices_holds_for_these_indices_alone() -> None:
    """x_p = x_q makes these two equal at each point, and says nothing where p = q."""
    tie = law("tie", x[p], x[q])
    ctx = Context.of((p, 1, n), (q, 1, n))
    model = Model([tie], {n: 4}, 1)
    assert model.test_everywhere(x[p], x[q], ctx, 16) == Tested(True, 16, 1 / PRIME, 1)
    other = model.test_everywhere(x[p], x[1], ctx, 16)
    assert not other.holds
    assert not model.test(x[1], x[2], {p: 3, q: 4}).holds
    assert model.test(x[3], x[4], {p: 3, q: 4}).holds
    assert model.value(x[2], {p: 2, q: 2}, ()).number == model.draw("x", (2,))


def test_a_letter_may_be_free_in_one_law_and_bound_in_another() -> None:
    """y_p = x_p for all p; x_p = x_q for these p and q alone: the first law's p is another one."""
    copy = law("copy", y[p], x[p] + 1, (p, 1, n))
    tie = law("tie", x[p], x[q])
    ctx = Context.of((p, 1, n), (q, 1, n))
    for laws in ([copy, tie], [tie, copy]):
        model = Model(laws, {n: 4}, 1)
        assert model.test_everywhere(y[p], y[q], ctx, 16).points == 16
        assert model.test(y[1], x[1] + 1, {p: 3, q: 4}).holds
        assert not model.test(y[1], y[2], {p: 3, q: 4}).holds
        assert model.test(y[3], y[4], {p: 3, q: 4}).holds


def test_permutations_permute_and_inverse_images_exist() -> None:
    pi = tensor("pi", (l, 1, 2), (j, 1, n), sup=1, kind="permutation")
    model = Model([], {n: 5}, 2)
    images = [[model.integer(pi[m, v], {}) for v in range(1, 6)] for m in (1, 2)]
    assert all(sorted(found) == [1, 2, 3, 4, 5] for found in images)
    assert images[0] != images[1]
    total = IndexSum(x[pi[1, j]] * y[pi[1, j]], (j, 1, n))
    assert model.test(total, IndexSum(x[j] * y[j], (j, 1, n)), {}).holds
    assert not model.test(IndexSum(x[pi[1, j]] * y[j], (j, 1, n)), IndexSum(x[j] * y[j], (j, 1, n)), {}).holds
    fixed = Model([law("identity", pi[1, j], j, (j, 1, n))], {n: 5}, 2)
    assert [fixed.integer(pi[1, v], {}) for v in range(1, 6)] == [1, 2, 3, 4, 5]


def test_tangents_follow_the_differential_of_a_law() -> None:
    square = law("square", y[j], x[j] ** 2, (j, 1, n))
    model = Model([square], {n: 3}, 1)
    ctx = Context.of((j, 1, n))
    assert model.test_everywhere(y.tangent()[j], 2 * x[j] * x.tangent()[j], ctx).holds
    assert not model.test_everywhere(y.tangent()[j], x[j] * x.tangent()[j], ctx).holds
    still = law("still", x.tangent()[j], Integer(0), (j, 1, n))
    assert Model([square, still], {n: 3}, 1).test_everywhere(y.tangent()[j], Integer(0), ctx).holds


# ------------------------------------------------------------------------- false identities, degrees


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        (IndexSum(x[j] ** 2, (j, 1, n)), IndexSum(x[j], (j, 1, n)) ** 2),
        (IndexSum(A[j, k] * x[k], (k, 1, n)), IndexSum(A[k, j] * x[k], (k, 1, n))),
        (IndexSum(A[j, k] * x[k], (k, 1, n)), IndexSum(A[j, k] * x[k], (k, 2, n))),
        (x[j] / x[k], x[k] / x[j]),
        (sigma(x[j]), sigma(x[j], order=1)),
        (Bracket.equal(j, k), Bracket.at_most(j, k)),
    ],
)
def test_false_identities_are_refuted_with_a_counterexample(kind: type[Model], lhs: Expr, rhs: Expr) -> None:
    found = kind([], {n: 3}, 1).test_everywhere(lhs, rhs, Context.of((j, 1, n), (k, 1, n)))
    assert not found.holds
    assert found.counterexample.startswith("at j=")
    assert " and " in found.counterexample


@pytest.mark.parametrize("kind", MODELS)
def test_true_identities_hold(kind: type[Model]) -> None:
    both = IndexSum(IndexSum(A[j, k] * x[k], (k, 1, n)), (j, 1, n))
    other = IndexSum(IndexSum(A[j, k] * x[k], (j, 1, n)), (k, 1, n))
    model = kind([], {n: 4}, 1)
    assert model.test(both, other, {}).holds
    ctx = Context.of((i, 1, n))
    delta = IndexSum(Bracket.equal(i, k) * x[k], (k, 1, n))
    assert model.test_everywhere(delta, x[i], ctx).points == 4


def value_degree(e: Expr) -> tuple[int, int]:
    found = Model([], {n: 3}, 1).value(e, {j: 2, k: 1}, ())
    return found.top, found.bottom


@pytest.mark.parametrize(
    ("term", "degrees"),
    [
        (Integer(7), (0, 0)),
        (x[1], (1, 0)),
        (x[1] ** 5 * y[2], (6, 0)),
        (x[1] ** 2 + y[1] ** 7, (7, 0)),
        (1 / x[1], (0, 1)),
        (x[1] + 1 / y[1], (2, 1)),
        (x[1] / (y[1] + y[2]) + x[2] / y[3], (2, 2)),
        (IndexSum(x[k] * y[k], (k, 1, n)) ** 2, (4, 0)),
        (Bracket.equal(1, 2) * x[1], (0, 0)),
        (sigma(x[1] ** 2), (1 + 3 * 2, 0)),
        (sigma(x[1] ** 2, order=3), (1, 0)),
    ],
)
def test_degrees_bound_those_of_the_polynomial(term: Expr, degrees: tuple[int, int]) -> None:
    """Of numerator and denominator, in all numbers that are drawn; a drawn cubic c_3 z^3 + .. adds one."""
    top, bottom = value_degree(term)
    assert top >= degrees[0] and bottom >= degrees[1]
    if not term.has(sigma(x[1]).func):  # the bound of a drawn cubic is not sharp
        assert (top, bottom) == degrees


def test_the_error_is_the_degree_over_the_prime() -> None:
    model = Model([], {n: 3}, 1)
    assert model.test(x[1] ** 3 * x[2], x[2] * x[1] ** 3, {}).error == 4 / PRIME
    assert model.test(Integer(1), Integer(1), {}).error == 0


def test_a_false_identity_of_low_degree_passes_rarely() -> None:
    """With a tiny prime in place of 2^61 - 1, false identities pass about as often as the bound says."""

    class Tiny(Model):
        def reduced(self, m: Any) -> Any:
            return m % 101

        def reciprocal(self, m: Any) -> Any:
            return pow(m, -1, 101)

        def drawn_number(self, *key: Any) -> int:
            return self.draw(*key) % 101

    passed = sum(Tiny([], {}, seed).test(x[1] * x[1], 3 * x[1] - 2, {}).holds for seed in range(4000))
    assert 0 < passed <= 4000 * 2 / 101 * 1.5  # the roots 1 and 2


# ------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize("term", [exp(x[1]), log(x[1]), sqrt(x[1]), x[1] ** y[1], sin(x[1]), x[1] ** 100])
def test_what_has_no_exact_values_is_refused(term: Expr) -> None:
    with pytest.raises(NotExact, match="expected sums, products and powers, found"):
        Model([], {}, 1).value(term, {}, ())


def test_laws_with_exp_make_what_they_define_not_exact() -> None:
    model = Model([law("exp", x[j], exp(y[j]), (j, 1, n))], {n: 2}, 1)
    with pytest.raises(NotExact):
        model.value(x[1], {}, ())
    assert model.test(y[1], y[1], {}).holds


def test_missing_values_and_divisions_by_zero_are_errors() -> None:
    for kind in MODELS:
        with pytest.raises(ModularError, match="expected a value for k"):
            kind([], {}, 1).value(x[k], {}, ())
        with pytest.raises(ModularError, match="expected a value for n"):
            kind([], {}, 1).value(IndexSum(x[k], (k, 1, n)), {}, ())
        with pytest.raises(ModularError, match="division by zero at a random point"):
            kind([law("zero", x[j], Integer(0), (j, 1, n))], {n: 2}, 1).value(1 / x[1], {}, ())


def test_a_large_test_ends_with_the_points_that_it_had_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    total, ctx = IndexSum(x[k] * A[j, k], (k, 1, n)), Context.of((j, 1, n))
    assert Model([], {n: 12}, 1).test_everywhere(total, total, ctx).points == 12
    monkeypatch.setattr(modular, "BUDGET", 200)
    few = Model([], {n: 12}, 1).test_everywhere(total, total, ctx)
    assert few.holds and 0 < few.points < 12
    monkeypatch.setattr(modular, "BUDGET", 20)
    with pytest.raises(TooLarge, match="at most 20 operations"):
        Model([], {n: 12}, 1).test_everywhere(total, total, ctx)


def test_the_budget_is_for_each_equation() -> None:
    model = Model([], {n: 50}, 1)
    total = IndexSum(x[k], (k, 1, n))
    for _ in range(5):
        assert model.test_everywhere(total, total, EMPTY).points == 1
    assert model.left > modular.BUDGET - 1000


def test_empty_ranges_test_nothing() -> None:
    found = Model([], {n: 3}, 1).test_everywhere(x[j], y[j], Context.of((j, 5, n)))
    assert found.holds and found.points == 0


# ------------------------------------------------------------------------------------ floating point


def test_exponentials_and_logarithms_are_tested_in_floating_point() -> None:
    model = FloatModel([], {n: 3}, 1)
    z = IndexSum(exp(x[k]), (k, 1, n))
    assert model.test(exp(x[1]) * exp(x[2]), exp(x[1] + x[2]), {}).holds
    assert model.test(log(z**2), 2 * log(z), {}).holds
    assert not model.test(log(z), IndexSum(x[k], (k, 1, n)), {}).holds
    assert not model.test(exp(x[1]), 1 + x[1], {}).holds
    assert model.test(erf(x[1]) + erf(-x[1]), Integer(0), {}).error <= 1e-9
    found = model.test(exp(x[1]), exp(x[1]) * (1 + Rational(1, 10**8)), {})
    assert not found.holds and 0.9e-8 < found.error < 1.1e-8


def test_softmax_and_cross_entropy_have_the_derivative_that_is_derived() -> None:
    net = mlp(widths=[2, 3], cost="cross_entropy")
    d = derive(net)
    delta = next(e for e in d.definitions if e.symbol.name == "delta")
    laws = (*net.definitions, *d.definitions, *d.auxiliary)
    model = FloatModel(laws, {}, 1)
    for step in d.steps[delta]:
        assert model.test_everywhere(step.lhs, step.rhs, step.context).holds
    wrong = Definition(delta.lhs, 2 * delta.rhs, delta.indices, delta.name)
    model = FloatModel((*net.definitions, wrong, *d.auxiliary), {}, 1)
    last = d.steps[delta][-1]
    assert not model.test_everywhere(last.lhs, last.rhs, last.context).holds


@pytest.mark.parametrize("term", [exp(10**4 * (2 + x[1])), log(y[1]), exp(exp(exp(9)))])
def test_numbers_out_of_range_are_said(term: Expr) -> None:
    model = FloatModel([law("zero", y[j], Integer(0), (j, 1, 2))], {n: 2}, 1)
    with pytest.raises(NoValue, match="has no value at"):
        model.value(term, {}, ())


def test_infinities_are_no_agreement() -> None:
    model = FloatModel([], {n: 2}, 1)
    huge = (x[1] + 10**6) ** 60
    with pytest.raises(NoValue, match="found inf and inf"):
        model.test(huge, huge, {})
    with pytest.raises(NoValue, match="too large for a float"):
        model.test(10**400 * x[1], x[1], {})


def test_points_lie_in_their_ranges_and_are_few_in_large_ones() -> None:
    model = Model([], {n: 1_000_000}, 1)
    ctx = Context.of((j, 1, n), (k, j, n), (i, 1, 2))
    found = points(model, ctx, 12)
    assert len(found) == 12 == len({tuple(v.items()) for v in found})
    assert all(1 <= v[j] <= v[k] <= 1_000_000 and v[i] in (1, 2) for v in found)
    assert max(v[j] for v in found) > 100_000
    again, other = (points(Model([], {n: 1_000_000}, seed), ctx, 12) for seed in (1, 2))
    assert found == again != other


def test_points_of_small_ranges_are_all_there_are() -> None:
    found = points(Model([], {n: 3}, 1), Context.of((j, 1, n), (k, j, n)), 12)
    assert sorted((v[j], v[k]) for v in found) == [(1, 1), (1, 2), (1, 3), (2, 2), (2, 3), (3, 3)]
