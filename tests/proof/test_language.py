"""What is no term of a theorem, with the reason that is given; false theorems that it would allow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from kernel_setting import ONE, TO_N, ZERO, L, N, assumed, j, k, l, n, rho, sigma, w, x, y
from sympy import (
    Abs,
    Add,
    Derivative,
    Dummy,
    Expr,
    Float,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    Tuple,
    exp,
    log,
    oo,
    sin,
    sqrt,
    zoo,
)
from sympy import (
    pi as PI,
)
from sympy.core.expr import AtomicExpr
from sympy.core.symbol import Str

from symderive.calculus import (
    BoundIndex,
    Bracket,
    CalculusError,
    Family,
    Functional,
    IndexSum,
    ScalarFunction,
    TensorSymbol,
    family,
    tensor,
)
from symderive.calculus.atoms import Slot
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, Entry, FunctionalValue
from symderive.proof import kernel, language
from symderive.proof.kernel import KernelError, Theorem, hypothesis_of
from symderive.proof.language import is_index, is_size, nonnegative, positive, require_integer, require_term

REAL = Symbol("t", real=True)
PHI = ScalarFunction("phi", sup=1)
cost = Functional("C")

# ------------------------------------------------------------------ terms that are in the language

TERMS = (
    Rational(1, 3), N, k, x[1], x[k] ** 2, 1 / N, 1 / n[1], sqrt(N), sqrt(x[1] ** 2 + 1),
    N ** Rational(-3, 2), 1 / (1 + exp(-x[1])), log(1 + exp(x[1])),
    log(IndexSum(exp(x[k]), (k, 1, N))), sigma(x[1], order=2),
    exp(x[2]) / IndexSum(exp(x[k]), (k, 1, N)), Bracket.less(0, x[1]) * x[1], x[rho[1]],
    IndexSum(x[k], (k, j, N**2)), cost(Family(x[k], (k, 1, N))), cost(x[1], partials=((0,),)),
    cost(Family(x[k], (k, 1, N)), partials=((0, j),)), tensor("c")[()],
    PHI(x[1], l), cost(family(w[j, k], (j, 1, N), (k, 1, j))),
    sqrt(IndexSum(x[k] ** 2, (k, 1, N))), x[Bracket.equal(j, 1) + 1],
)  # fmt: skip


@pytest.mark.parametrize("e", TERMS, ids=str)
def test_a_term_is_admitted(e: Expr) -> None:
    ctx = Context.of((k, 1, N), (j, 1, N), (l, 1, L))
    assert kernel.reflexivity(e, ctx).lhs == e


# ------------------------------------------------------------------------------ terms that are not


class Equal(AtomicExpr):
    """Equal to everything; with the hash of a term that has been admitted."""

    is_commutative = is_integer = True

    def __new__(cls, twin: Expr) -> Equal:
        made = AtomicExpr.__new__(cls)
        made.twin = twin
        return made

    def _sympystr(self, printer: Any) -> str:
        return f"Equal({self.twin})"

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash(self.twin)


BOUND = BoundIndex(0)


def raw(node: type, *args: Any) -> Expr:
    """A term without its constructor, which would refuse it too."""
    return Expr.__new__(node, *args)


FREE_AXIS = tensor("f", (k, 1, j), kind="permutation")
OWN_AXIS = TensorSymbol("f", ((Slot(0), Slot(0)),), kind="permutation")
LATER_AXIS = TensorSymbol("f", ((1, Slot(1)), (1, 3)), kind="permutation")
HALF_AXIS = TensorSymbol("f", ((1, N),), kind="permutation")
object.__setattr__(HALF_AXIS, "axes", ((ONE, N / 2),))
NO_AXIS = TensorSymbol("f", kind="permutation")

FOREIGN: tuple[tuple[str, Callable[[], Any], str], ...] = (
    (
        "float",
        lambda: Float("0.5"),
        "expected numbers, indices and the terms of the calculus, found Float 0.5",
    ),
    ("inside a power", lambda: raw(IndexSum, x[BOUND], ONE, N / 2) ** 2, "expected an integer, found 1/2"),
    (
        "inside a sum",
        lambda: IndexSum(1 / x[k], (k, 1, N)),
        "expected a base known to be positive for the exponent -1",
    ),
    (
        "inside a function",
        lambda: sigma(1 / x[1]),
        "expected a base known to be positive for the exponent -1",
    ),
    (
        "superscript of a function",
        lambda: raw(Applied, PHI, ZERO, N / 2, x[1]),
        "expected an integer, found 1/2",
    ),
    ("inside a family", lambda: cost(Family(1 / x[k], (k, 1, N))), "expected a base known to be positive"),
    (
        "a family from a half",
        lambda: raw(FunctionalValue, cost, Tuple(), raw(Family, x[BOUND], N / 2, N)),
        "expected an integer, found 1/2",
    ),
    (
        "inside an inner family",
        lambda: cost(family(1 / x[k], (j, 1, N), (k, 1, N))),
        "expected a base known to",
    ),
    ("range of a type of one's own", lambda: TensorSymbol("f", ((1, Equal(N)),))[1], "found Equal Equal(N)"),
    (
        "range from a type of one's own",
        lambda: TensorSymbol("f", ((Equal(ONE), N),))[1],
        "found Equal Equal(1)",
    ),
    ("float inside", lambda: x[1] * Float(2), "found Float 2.0"),
    ("nan", lambda: S.NaN, "found NaN nan"),
    ("zoo", lambda: zoo, "found ComplexInfinity zoo"),
    ("oo", lambda: oo * N, "found Infinity oo"),
    ("imaginary unit", lambda: sqrt(-N), "found ImaginaryUnit I"),
    ("pi", lambda: PI, "found Pi pi"),
    ("e", lambda: exp(1), "found Exp1 E"),
    ("absolute value", lambda: sqrt(x[1] ** 2), "found Abs Abs(x[1])"),
    ("another function", lambda: sin(x[1]), "found sin sin(x[1])"),
    ("Piecewise", lambda: Piecewise((ONE, x[1] > 0), (ZERO, True)), "found Piecewise"),
    ("Derivative", lambda: Derivative(sin(REAL), REAL), "found Derivative"),
    ("Python's number", lambda: 1.5, "found float 1.5"),
    ("text", lambda: "x", "found str x"),
    ("a type of one's own", lambda: Add._from_args((Equal(x[1]), x[2])), "found Equal Equal(x[1])"),
    ("a dummy", lambda: Dummy("k", integer=True), "found Dummy _k"),
    ("a real symbol", lambda: REAL, "expected an index or a size without further assumptions, found t"),
    ("an even index", lambda: Symbol("k", integer=True, even=True), "expected an index or a size"),
    (
        "an index that is not negative",
        lambda: Symbol("k", integer=True, nonnegative=True),
        "expected an index or a size",
    ),
    (
        "division by what may be 0",
        lambda: 1 / x[1],
        "expected a base known to be positive for the exponent -1, found 1/x[1]",
    ),
    (
        "division by an index",
        lambda: 1 / k,
        "expected a base known to be positive for the exponent -1, found 1/k",
    ),
    (
        "division by an empty sum",
        lambda: 1 / IndexSum(exp(x[k]), (k, 1, N - 1)),
        "expected a base known to be positive",
    ),
    ("root of what may be negative", lambda: sqrt(x[1]), "for the exponent 1/2, found sqrt(x[1])"),
    ("inverse root of what may be 0", lambda: 1 / sqrt(x[1] ** 2 + y[1] ** 2), "for the exponent -1/2"),
    ("symbolic exponent", lambda: x[1] ** N, "expected a rational number as exponent, found x[1]**N"),
    (
        "logarithm of what may be 0",
        lambda: log(x[1] ** 2),
        "expected the logarithm of what is known to be positive",
    ),
    ("entry at a half", lambda: raw(Entry, x, N / 2), "expected an integer, found 1/2"),
    ("entry at a real", lambda: raw(Entry, x, y[1]), "expected an integer, found y[1]"),
    (
        "entry at a sum",
        lambda: raw(Entry, x, IndexSum(ONE, (k, 1, N))),
        "expected an integer, found sum(1, i=1..N)",
    ),
    ("entry at an inverse", lambda: raw(Entry, x, Pow(2, k)), "expected an integer, found 2**k"),
    ("sum to a half", lambda: raw(IndexSum, x[BOUND], ONE, N / 2), "expected an integer, found 1/2"),
    ("sum from a real", lambda: raw(IndexSum, x[BOUND], y[1], N), "expected an integer, found y[1]"),
    (
        "a family to a half",
        lambda: x[1] * raw(FunctionalValue, cost, Tuple(), raw(Family, x[BOUND], ONE, N / 2)),
        "expected an integer, found 1/2",
    ),
    (
        "partial at a half",
        lambda: raw(FunctionalValue, cost, Tuple(Tuple(ZERO, N / 2)), Family(x[k], (k, 1, N))),
        "expected an integer, found 1/2",
    ),
    ("family as a number", lambda: 1 + Family(x[k], (k, 1, N)), "expected a real number, found Family"),
    ("tensor as a number", lambda: x, "expected a real number, found TensorSymbol x"),
    ("slot", lambda: x[Slot(0)], "expected an integer, found @0"),
    ("bound index", lambda: BoundIndex(0), "has a bound index outside its sum"),
    ("bound index, negative level", lambda: BoundIndex(-1), "expected a bound index of a sum, found #-1"),
    ("bound index, negative level, as index", lambda: x[BoundIndex(-1)], "expected an integer, found #-1"),
    ("loose bound index", lambda: IndexSum(x[k], (k, 1, N)).body, "has a bound index outside its sum"),
    (
        "not evaluated product",
        lambda: Mul(2, 3, evaluate=False),
        "expected a term as its constructor makes it",
    ),
    (
        "not evaluated bracket",
        lambda: Expr.__new__(Bracket, Str("="), ONE, ZERO),
        "as its constructor makes it",
    ),
    (
        "range with a free index",
        lambda: FREE_AXIS[1],
        "expected an integer range of sizes and earlier indices, found j",
    ),
    (
        "range with its own index",
        lambda: OWN_AXIS[1],
        "expected an integer range of sizes and earlier indices, found @0",
    ),
    ("range with a later index", lambda: LATER_AXIS[1, 1], "sizes and earlier indices, found @1"),
    (
        "range with a bracket",
        lambda: TensorSymbol("f", ((1, Bracket.at_most(N, 3)),))[1],
        "sizes and earlier indices, found [N <= 3]",
    ),
    ("entry at an inverse size", lambda: raw(Entry, x, 1 / N), "expected an integer, found 1/N"),
    (
        "entry at a bracket of reals",
        lambda: x[Bracket.less(0, y[1])],
        "expected an integer, found y[1]",
    ),
    (
        "entry at a bracket that is not evaluated",
        lambda: x[raw(Bracket, Str("="), ONE, ZERO)],
        "expected a term as its constructor makes it, found Bracket [1 = 0]",
    ),
    ("range to a half", lambda: HALF_AXIS[1], "sizes and earlier indices, found 1/2"),
    ("permutation of nothing", lambda: NO_AXIS[()], "expected a permutation with an index, found f"),
    (
        "range with a range",
        lambda: tensor("g", (k, 1, FREE_AXIS[1]))[1],
        "sizes and earlier indices, found j",
    ),
)


@pytest.mark.parametrize(("make", "text"), [row[1:] for row in FOREIGN], ids=[row[0] for row in FOREIGN])
def test_a_foreign_term_is_refused(make: Callable[[], Any], text: str) -> None:
    ctx = Context.of((k, 1, 3), (j, 1, 3))
    for known in (x[1], x[1] + x[2], tensor("f", (k, 1, N))[1]):
        kernel.reflexivity(known, EMPTY)
    for e in (make(),) * 2:  # what was refused is not remembered as admitted
        with pytest.raises(KernelError, match=r"^reflexivity: .*" + re.escape(text)):
            kernel.reflexivity(e, ctx)


def test_a_malformed_node_is_refused() -> None:
    """Nodes made without their constructors."""
    for e in (Expr.__new__(Entry, w, ONE), Expr.__new__(Applied, sigma, -ONE, x[1])):
        with pytest.raises((KernelError, CalculusError)):
            kernel.reflexivity(e, EMPTY)


CONTEXTS: tuple[tuple[str, Callable[[], Context], str], ...] = (
    (
        "a size as index",
        lambda: Context.of((N, -5, 5)),
        "expected a new index without assumptions in the context, found N",
    ),
    (
        "an index with assumptions",
        lambda: Context.of((Symbol("k", integer=True, even=True), 0, 2)),
        "found k",
    ),
    ("an index twice", lambda: Context(((k, ONE, N), (k, ZERO, N))), "found k"),
    (
        "a range with its own index",
        lambda: Context(((k, k, k),)),
        "expected a range of k from the indices before it",
    ),
    (
        "a range with a later index",
        lambda: Context(((k, ONE, j), (j, ONE, N))),
        "expected a range of k from the",
    ),
    ("a range with an unknown index", lambda: Context.of((k, 1, j)), "expected a range of k from the"),
    ("a range with a half", lambda: Context.of((k, 1, N / 2)), "expected an integer, found 1/2"),
    (
        "a range at a bound index",
        lambda: Context.of((k, BoundIndex(0), N)),
        "has a bound index outside its sum",
    ),
    ("a range of a type of one's own", lambda: Context(((k, ONE, Equal(N)),)), "found Equal Equal(N)"),
    (
        "a list inside",
        lambda: Context(([k, ONE, N],)),  # type: ignore[arg-type]
        "expected a tuple of indices with their ranges, found ([k,",
    ),
)


@pytest.mark.parametrize(("make", "text"), [row[1:] for row in CONTEXTS], ids=[row[0] for row in CONTEXTS])
def test_a_context_is_refused(make: Callable[[], Context], text: str) -> None:
    steps: tuple[Callable[[Context], Theorem], ...] = (
        lambda c: kernel.reflexivity(ONE, c),
        lambda c: kernel.decide(Bracket.at_most(1, N * N), c),
        lambda c: kernel.assume(hypothesis_of("h", x[1], ZERO), c),
        lambda c: kernel.instantiate(kernel.reflexivity(ONE, EMPTY), {}, c),
        lambda c: kernel.congruence(x[1], [], c),
        lambda c: kernel.single(IndexSum(x[k], (k, 1, 1)), c),
        lambda c: kernel.induction([], 0, [], [], (l, ZERO, L), c),
    )
    for step in steps:
        with pytest.raises(KernelError, match=re.escape(text)):
            step(make())


class Generous(Context):
    """A context that knows everything."""

    def within(self, value: Expr, lo: Expr, hi: Expr) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


def an_index_of_seven() -> Theorem:
    """[7 <= 3] = 1"""
    t = kernel.decide(Bracket.at_most(k, 3), Context.of((k, 1, 3)))
    return kernel.instantiate(t, {k: Integer(7)}, Generous())


REFUSED: tuple[tuple[Callable[[], object], str], ...] = (
    (an_index_of_seven, "instantiate: expected a context, found Generous"),
    (
        lambda: kernel.split(IndexSum(x[k], (k, 1, N)), Integer(7), Generous()),
        "split: expected a context, found Generous",
    ),
    (
        lambda: kernel.reflexivity(ONE, Context(((k, ONE),))),  # type: ignore[arg-type]
        "expected a tuple of indices with their ranges, found ((k, 1),)",
    ),
    (
        lambda: kernel.reflexivity(ONE, Context([(k, ONE, N)])),  # type: ignore[arg-type]
        "expected a tuple of indices with their ranges, found [(k, 1, N)]",
    ),
)


@pytest.mark.parametrize(("step", "text"), REFUSED)
def test_what_looks_like_a_context_is_refused(step: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError, match=re.escape(text)):
        step()


# --------------------------------------------- the false theorems that these refusals keep from being proved


def divided_by_zero() -> Theorem:
    """x = 0, y = x |- 0 = 1, by x/y in two ways."""
    zero, same = assumed("x is 0", x[1], 0), assumed("y is x", y[1], x[1])
    quotient = x[1] / y[1]
    at_x, at_y = (list(quotient.args).index(e) for e in (x[1], 1 / y[1]))
    a = kernel.congruence(quotient, [((at_x,), zero)], EMPTY)
    b = kernel.congruence(quotient, [((at_y, 0), same)], EMPTY)
    return kernel.transitivity(kernel.symmetry(a), b)


def logarithm_of_zero() -> Theorem:
    """x = 0, y = log x |- e^y = 0."""
    zero, is_log = assumed("x is 0", x[1], 0), assumed("y is log x", y[1], log(x[1]))
    return kernel.transitivity(kernel.congruence(exp(y[1]), [((0,), is_log)], EMPTY), zero)


def permuted_by_one_name() -> Theorem:
    """x_1 = x_{pi(1)}, from a permutation of 1..j for every j."""
    t = kernel.reindex(IndexSum(x[k], (k, 1, j)), FREE_AXIS, (), Context.of((j, 1, 5)))
    one = kernel.instantiate(t, {j: ONE}, EMPTY)
    left, right = kernel.single(one.lhs, EMPTY), kernel.single(one.rhs, EMPTY)
    return kernel.transitivity(kernel.symmetry(left), kernel.transitivity(one, right))


def half_an_index() -> Theorem:
    """0 = 3/2: sum_k [k = 3/2] k, contracted."""
    t = kernel.contraction(IndexSum(Bracket.equal(k, j / 2) * k, (k, 1, 3)), Context.of((j, 1, 5)))
    return kernel.instantiate(t, {j: Integer(3)}, EMPTY)


def a_size_that_is_not_positive() -> Theorem:
    """[1 <= 0] = 1"""
    t = kernel.decide(Bracket.at_most(1, N * N), Context.of((N, -5, 5)))
    return kernel.instantiate(t, {N: ZERO}, EMPTY)


def all_indices_are_even() -> Theorem:
    """sum_k (-1)^k = sum_k 1"""
    even = Symbol("p", integer=True, even=True)
    powers = IndexSum((-1) ** k, (k, 1, 3))
    return kernel.congruence(powers, [((even,), kernel.reflexivity(ONE, EMPTY))], EMPTY)


def one_tangent_for_two_tensors() -> Theorem:
    """A = 0 |- dB = 0, where the differential forgets what is different about A and B."""
    a, b = TensorSymbol("x", mark="C"), TensorSymbol("x", style="partial", mark="C")
    still = kernel.differentiation(assumed("A is 0", a[()], 0))
    moving = kernel.differentiation(kernel.reflexivity(b[()], EMPTY))
    return kernel.transitivity(moving, still)


FALSE = (
    divided_by_zero, logarithm_of_zero, permuted_by_one_name, half_an_index, a_size_that_is_not_positive,
    all_indices_are_even, one_tangent_for_two_tensors,
)  # fmt: skip


@pytest.mark.parametrize("prove", FALSE, ids=lambda f: f.__name__)
def test_a_false_theorem_is_not_proved(prove: Callable[[], Theorem]) -> None:
    with pytest.raises(KernelError):
        prove()


def test_declarations_do_not_change() -> None:
    f = tensor("f", (k, 1, 2), kind="permutation")
    for thing, name in (
        (f, "axes"),
        (f, "kind"),
        (BoundIndex(0), "level"),
        (Slot(1), "position"),
        (sigma, "name"),
    ):
        with pytest.raises(AttributeError, match=f"{name} is fixed"):
            setattr(thing, name, getattr(thing, name))


def test_names_that_are_written_alike_stay_apart() -> None:
    """Ranges are compared by what is written of them: a name with commas must not pass for two fields."""
    short = TensorSymbol("A", (), 0, "A, (), 0, B", "dimension")
    long = TensorSymbol("A, (), 0, A", (), 0, "B", "dimension")
    ranged = [TensorSymbol("f", ((1, t[()]),), kind="permutation") for t in (short, long)]
    assert short != long and ranged[0] != ranged[1]


def test_plain_symbols() -> None:
    assert is_index(k) and not is_index(N) and not is_index(Symbol("k")) and not is_index(x[1])
    assert is_size(N) and not is_size(k) and not is_size(Symbol("N", positive=True)) and not is_size(1)


SIGNS = (
        (ONE, (True, True)), (ZERO, (False, True)), (-ONE, (False, False)), (N, (True, True)),
        (N - 1, (False, False)), (Bracket.equal(j, k), (False, True)),
        (k, (False, False)), (x[1], (False, False)), (x[1] ** 2, (False, True)), (x[1] ** 3, (False, False)),
        (x[1] ** 2 + N, (True, True)), (N * x[1] ** 2, (False, True)), (-(x[1] ** 2), (False, False)),
        (exp(x[1]), (True, True)), (n[k], (True, True)), (rho[k], (False, False)),
        (IndexSum(exp(x[k]), (k, 1, N)), (True, True)),
        (IndexSum(exp(x[k]), (k, 2, N)), (False, True)), (IndexSum(x[k], (k, 1, N)), (False, False)),
        (log(1 + exp(x[1])), (False, False)), (1 / N, (True, True)),
        (sigma(x[1]), (False, False)), (exp(x[1]) * N, (True, True)), (sqrt(N), (True, True)),
)  # fmt: skip


@pytest.mark.parametrize(("e", "signs"), SIGNS, ids=str)
def test_signs_that_a_form_shows(e: Expr, signs: tuple[bool, bool]) -> None:
    assert (positive(e), nonnegative(e)) == signs


def test_integers() -> None:
    for e in (k, N, ONE, k * N - 2, k**2, rho[k], n[k] - 1, Bracket.less(k, N) + 1):
        require_integer(e)
    for e in (x[1], k / 2, Rational(1, 2), Pow(N, -1), sigma(k), k**N, Abs(k)):
        with pytest.raises(CalculusError):
            require_integer(e)
    require_term(k / 2)
    assert TO_N.symbols == {k}


def test_names_that_look_alike_are_told_only_where_they_differ() -> None:
    one, other = Symbol("i", integer=True), Symbol("i", integer=True, positive=True)
    same = (("symbol", "i"), one)
    assert language.clash([same]) == ""
    assert language.clash([same, same]) == ""
    assert language.clash([same, (("symbol", "i"), other)]) == "symbol i"


def test_what_was_admitted_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_ADMITTED", dict.fromkeys(range(50_001)))
    language.require_term(x[1] + y[1])
    assert len(language._ADMITTED) < 50
