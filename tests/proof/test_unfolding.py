"""Equations proved by unfolding: what people write is proved and replayed, what is false is not."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from backprop_claims import (
    CLAIMS,
    SIZES,
    Claim,
    L,
    i,
    j,
    k,
    l,
    logistic,
    net_of,
    softmax,
    symbolic,
    two_layers,
)
from sympy import Expr, Integer, Symbol, exp, simplify, sqrt, tanh

from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied, Bracket, Entry, PartialDerivative
from symderive.claims.certified import says
from symderive.derivation import derive
from symderive.derivation.composed import composed
from symderive.proof.certificate import certificate
from symderive.proof.checker import replay
from symderive.proof.definitions import Laws
from symderive.proof.kernel import hypothesis_of
from symderive.proof.named_functions import U, formula, function_laws
from symderive.proof.sides import Side, same_fractions
from symderive.proof.tactics import places
from symderive.proof.unfolding import Proof, Prover, prove_equation
from symderive.systems import Definition, System, mlp
from symderive.systems.activations import NAMES, X, activation
from tests.derivation.entrywise import Truth
from tests.derivation.example_systems import EXAMPLES


def proved(name: str, claim: Claim) -> Proof | None:
    return net_of(name).prover.prove(claim.lhs, claim.rhs, claim.context)


# ----------------------------------------------------------------------------------------------- what is true


@pytest.mark.parametrize("name", CLAIMS)
def test_what_people_write_is_proved_and_replayed(name: str) -> None:
    claim, net = CLAIMS[name](), net_of(name)
    proof = proved(name, claim)
    assert proof is not None
    t = proof.theorem
    assert (t.lhs, t.rhs, t.context) == (proof.lhs, proof.rhs, claim.context)
    assert not t.lhs.has(PartialDerivative) and not t.rhs.has(PartialDerivative)
    assert {h.kind for h in t.hypotheses if h not in net.extra} <= {"definition"}
    assert says(replay(certificate({name: t})).theorems[name], t)
    if proof.times == 1:
        lhs, rhs = (net.prover.resolved(e, claim.context) for e in (claim.lhs, claim.rhs))
        assert (t.lhs, t.rhs) == (lhs, rhs)


def test_a_typical_proof_takes_30_ms() -> None:
    names = [
        "BP1",
        "BP2",
        "BP3",
        "BP4",
        "a weight",
        "an activation",
        "batch BP3",
        "last, sigmoid by a",
        "softmax",
    ]
    for name in names:
        net_of(name)
    start = time.perf_counter()
    for name in names:
        assert proved(name, CLAIMS[name]()) is not None
    assert time.perf_counter() - start < 0.030 * len(names) * 3  # three times as slow a machine


@pytest.mark.parametrize(
    "name", ["BP1", "a weight", "two layers", "batch BP1", "batch weight", "softmax batch", "softmax"]
)
def test_hypotheses_are_true(name: str) -> None:
    net = net_of(name)
    proof = proved(name, CLAIMS[name]())
    assert proof is not None
    truth = Truth(net.system, SIZES)
    for h in proof.theorem.hypotheses:
        if h not in net.extra:
            gap, points = truth.gap(h.lhs, h.rhs, h.indices)
            assert gap < 1e-9 and points > 0, h


def test_hypotheses_that_divide_are_true() -> None:
    net = logistic()
    truth = Truth(net.system, SIZES, functions={"sigmoid": lambda sup, order, z: _sigmoid(order, z)})
    laws = [d.theorem for ds in net.prover.backward.divided.values() for d in ds]
    assert [h.name for t in laws for h in t.hypotheses] == [
        "gradient of bar_a[s, j], times (1 - a[s, j])*a[s, j]"
    ]
    for t in laws:
        gap, points = truth.gap(t.lhs, t.rhs, t.context.limits)
        assert gap < 1e-9 and points == 6


def _sigmoid(order: int, z: complex) -> complex:
    import cmath

    value = 1 / (1 + cmath.exp(-z))
    return value if order == 0 else value * (1 - value)


def test_both_sides_are_multiplied_where_they_divide() -> None:
    proof = proved("logistic activation", CLAIMS["logistic activation"]())
    assert proof is not None
    a = logistic().a
    s = Symbol("s", integer=True)
    assert proof.times == a[s, j] * (1 - a[s, j])  # B is positive, and stays
    bar = logistic().prover.resolved(logistic().by(a[s, j]), Context())
    assert proof.theorem.lhs == proof.times * bar


def test_a_denominator_that_is_0_proves_nothing() -> None:
    net = two_layers("sigmoid")
    a, s = net.a[2, j], net.f(net.z[2, j])
    ctx = Context.of((j, 1, net.n[2]))
    assert net.prover.prove(Integer(7), (a - s) / (a**2 - s**2), ctx) is None
    assert net.prover.prove(net.y[j], (a * net.y[j] + s) / s - 1, ctx) is not None
    assert net.prover.prove(net.y[j] + 1, (a * net.y[j] + s) / s - 1, ctx) is None


def test_the_plain_function() -> None:
    net = symbolic()
    claim = CLAIMS["BP3"]()
    gradients = net.prover.backward.definitions
    proof = prove_equation(net.system, gradients, claim.lhs, claim.rhs, claim.context)
    assert proof is not None and proof.theorem.rule == "transitivity"
    assert prove_equation(net.system, (), claim.lhs, claim.rhs, claim.context) is None


BY_HAND = {
    "skip": "w", "tied autoencoder": "wbv", "recurrent": "wvg", "gated": ["w_i", "v_f"],
    "attention": ["w_v"], "layer norm": ["gamma", "beta"], "softmax in one formula": "w",
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_systems_by_hand(name: str) -> None:
    """A gradient, with all other derivatives put in: proved and replayed; twice it is not."""
    example = EXAMPLES[name]()
    derivation, prover = derive(example.system), Prover(example.system)
    truth = Truth(example.system, example.sizes)
    for parameter in BY_HAND[name]:
        for d in derivation.of(example.system.tensor(parameter)):
            rhs = composed(d, derivation).rhs
            assert truth.gap(d.lhs, rhs, d.indices)[0] < 1e-9
            proof = prover.prove(d.lhs, rhs, d.context)
            assert proof is not None
            assert says(replay(certificate({name: proof.theorem})).theorems[name], proof.theorem)
            assert prover.prove(d.lhs, 2 * rhs, d.context) is None


# ------------------------------------------------------------------------------------------- what is false


def put(e: Any, path: Any, new: Expr) -> Any:
    """The term with another part at a path."""
    if not path:
        return new
    head, *rest = path
    if isinstance(head, Symbol):
        return e.func(put(e.open(head), rest, new), (head, e.lo, e.hi))
    return e.func(*(put(a, rest, new) if n == head else a for n, a in enumerate(e.args)))


def faults(x: Expr) -> Iterator[tuple[str, Expr]]:
    """A part of a term with one fault."""
    if isinstance(x, Applied) and x.order:
        yield "prime", Applied(x.function, x.order - 1, *x.sup, x.argument)
        yield "no derivative", Integer(1)
        for y in sorted(x.argument.atoms(Entry), key=str):
            for shift in (-1, 1) if y.symbol.sup and y == x.argument else ():
                moved = y.symbol[(y.index[0] + shift, *y.index[1:])]
                yield "layer of the argument", x.xreplace({y: moved})
    if not isinstance(x, Entry) or x.symbol.kind != "real":
        return
    yield "no factor", Integer(1)
    for shift in (-1, 1) if x.symbol.sup else ():
        yield "layer", x.symbol[(x.index[0] + shift, *x.index[1:])]
    if x.symbol.rank - x.symbol.sup >= 2:
        *rest, p, q = x.index
        yield "index order", x.symbol[(*rest, q, p)]
    for letter, other in ((i, j), (j, k), (k, j)):
        if letter in x.index:
            yield "index", x.symbol[tuple(other if n == letter else n for n in x.index)]


def mutants(e: Expr, ctx: Context) -> Iterator[tuple[str, Expr]]:
    """Terms with one fault: a sign, an index, a layer, a prime, a factor."""
    yield "sign", -e
    yield "factor 2", 2 * e
    for path, sub, _ in places(e, ctx):
        for fault, new in faults(sub):
            yield fault, put(e, path, new)


def false_claims(name: str) -> Iterator[tuple[str, Claim]]:
    """Claims with a fault on the right side that numbers refute."""
    claim, net = CLAIMS[name](), net_of(name)
    truth = Truth(net.system, SIZES)
    lhs = net.prover.resolved(claim.lhs, claim.context)
    for fault, rhs in mutants(net.prover.resolved(claim.rhs, claim.context), claim.context):
        if any(
            not s.is_positive and s not in claim.context for s in rhs.free_symbols if isinstance(s, Symbol)
        ):
            continue
        gap, points = truth.gap(lhs, rhs, claim.context.limits)
        if gap > 1e-9 and points:
            yield fault, Claim(lhs, rhs, claim.context)


MUTATED = [
    name
    for name in CLAIMS
    if net_of(name) is symbolic() or name.startswith(("batch", "last, any", "first, any"))
]


def test_of_two_hundred_false_claims_none_is_proved() -> None:
    found = [(name, *m) for name in MUTATED for m in islice(false_claims(name), 40)]
    random.Random(7).shuffle(found)
    faults = {fault for _, fault, _ in found}
    assert len(found) >= 200 and len(faults) >= 8
    for name, fault, claim in found[:220]:
        assert proved(name, claim) is None, (name, fault, claim.rhs)


@pytest.mark.parametrize("name", [name for name in CLAIMS if name not in MUTATED])
def test_false_claims_of_named_functions(name: str) -> None:
    claim = CLAIMS[name]()
    for wrong in (2 * claim.rhs, -claim.rhs, claim.rhs + 1):
        assert net_of(name).prover.prove(claim.lhs, wrong, claim.context, seconds=0.5) is None


def test_the_last_layer_is_no_hidden_one() -> None:
    """BP2 for l in 1..L says something of layer L + 1."""
    claim = CLAIMS["BP2"]()
    wide = Context.of((l, 1, L), (j, 1, symbolic().n[l]))
    assert proved("BP2", Claim(claim.lhs, claim.rhs, wide)) is None


def test_softmax_needs_targets_that_sum_to_one() -> None:
    claim = CLAIMS["softmax"]()
    assert Prover(softmax().system).prove(claim.lhs, claim.rhs, claim.context) is None
    wrong = hypothesis_of("no sum", IndexSum(softmax().y[j], (j, 1, softmax().n[2])), Integer(2))
    assert Prover(softmax().system, extra=[wrong]).prove(claim.lhs, claim.rhs, claim.context) is None


# -------------------------------------------------------------------- what is no claim, and limits


def test_what_has_no_theorem_is_not_proved() -> None:
    net = symbolic()
    q = tensor("q", (j, 1, 3))
    a, z = net.a, net.z
    for lhs, rhs in (
        (q[1], q[2]),
        (PartialDerivative(q[1], z[1, 1]), Integer(0)),
        (PartialDerivative(z[L, 1], z[l, 1]), Integer(1)),
        (sqrt(a[1, 1]), tanh(a[1, 1])),
        (net.by(a[1, 1]), a[1, k]),
        (1 / (a[1, 1] - a[1, 1] ** 2 + z[1, 1]), Integer(1)),
    ):
        assert net.prover.prove(lhs, rhs, Context.of((l, 1, L))) is None


def test_time_is_bounded() -> None:
    claim = CLAIMS["two layers"]()
    assert symbolic().prover.prove(claim.lhs, claim.rhs, claim.context, seconds=-1) is None
    a = symbolic().a
    many = sum(a[1, n] for n in range(1, 5))
    for crowded in (many**7, symbolic().f(many**7), many**40, (1 + exp(a[1, 1])) ** -50):
        start = time.perf_counter()
        assert symbolic().prover.prove(crowded, crowded + 1, EMPTY) is None
        assert time.perf_counter() - start < 2
    deep = mlp(depth=60)
    prover, n = Prover(deep), deep.definitions[0].indices[-1][2].symbol
    bar = prover.resolved(PartialDerivative(deep.cost(), deep.tensor("b")[1, j]), Context.of((j, 1, n[1])))
    start = time.perf_counter()
    assert prover.prove(bar, 2 * bar, Context.of((j, 1, n[1])), seconds=0.5) is None
    assert time.perf_counter() - start < 5


# -------------------------------------------------------------------- what is known of functions


@pytest.mark.parametrize("name", NAMES)
def test_laws_of_functions(name: str) -> None:
    """The formula of the library, and its derivatives by SymPy, on both sides of 0 and at 0."""
    a = activation(name)
    laws = function_laws(a)
    if name in ("gelu", "gelu_tanh"):  # the language of theorems has no error function, and no pi
        assert laws.value is None and not laws.derivatives
        return
    assert laws.value is not None and laws.derivative(1) is not None and laws.derivative(5) is None
    sides = [(a.derivative, 1)] if a.smooth else [(a.derivative, 1), (a.negative_derivative, -1)]
    for order in range(len(laws.derivatives) + 1):
        law = laws.derivative(order) if order else laws.value
        assert law is not None and law.lhs == a.function(U[()], order=order)
        for truth, sign in sides:
            assert simplify((_at(law.rhs, a, sign) - truth(order)).rewrite(exp)) == 0, (order, sign)
    if not a.smooth:
        stated = a.derivative() if a.at_zero is None else a.at_zero  # both sides agree, or a convention
        assert _at(laws.derivatives[0].rhs, a, 0).subs(X, 0) == stated.subs(X, 0)


def _at(e: Expr, a: Any, sign: int) -> Expr:
    """A term in u, f(u), f'(u), .. as a term in x, where x has this sign."""
    rule: dict[Any, Any] = {x: a.derivative(x.order) for x in e.atoms(Applied)}
    for b in e.atoms(Bracket):
        low, high = (x.xreplace({U[()]: Integer(sign)}) for x in (b.a, b.b))
        rule[b] = Bracket(b.relation, low, high)
    return e.xreplace(rule).xreplace({U[()]: X})


def test_smooth_derivatives_rest_on_the_formula_alone() -> None:
    for name in ("sigmoid", "tanh", "softplus", "silu"):
        laws = function_laws(activation(name))
        for t in laws.derivatives:
            assert [(h.name, h.rhs) for h in t.hypotheses] == [
                (f"definition of {name}", formula(activation(name)))
            ]
        assert replay(certificate({name: laws.derivatives[-1]})).steps > 1
    assert str(function_laws(activation("tanh")).derivatives[0].rhs) == "1 - tanh(any_u[])**2"


def test_a_convention_at_the_kink() -> None:
    assert (
        str(function_laws(activation("relu", at_zero=1)).derivatives[0].rhs)
        == "[0 < any_u[]] + [0 = any_u[]]"
    )
    net = two_layers("relu")
    z = net.z[2, j]
    claim = CLAIMS["last, relu"]()
    other = claim.rhs.xreplace({Bracket.less(0, z): Bracket.at_most(0, z)})
    assert net.prover.prove(claim.lhs, other, claim.context) is None


# ------------------------------------------------------------------------------------------------ parts


def test_fractions_that_differ() -> None:
    x = tensor("x")[()]
    for left, right, same in (
        (1 / (1 + exp(-x)), exp(x) / (1 + exp(x)), True),
        (1 / (1 + exp(-x)), exp(-x) / (1 + exp(x)), False),
        (1 / (2 + 2 * exp(x)), Integer(1) / 2 / (1 + exp(x)), True),
        (1 / (1 + 2 * exp(x) + exp(2 * x)), 1 / (1 + exp(x)) ** 2, True),
        (1 / (1 + exp(x)) + 1 / (1 + exp(-x)), Integer(1), True),
        (1 / (1 + exp(x)) - 1 / (1 + exp(-x)), Integer(1), False),
    ):
        a, b = Side(left, EMPTY), Side(right, EMPTY)
        assert (a.now == b.now or same_fractions(a, b)) == same
        assert replay(certificate({"left": a.theorem, "right": b.theorem})).steps > 0


def test_the_latest_is_unfolded_first() -> None:
    net = symbolic()
    ctx = Context.of((l, 1, L - 1))
    a, z, delta = net.a, net.z, net.delta
    forward = net.prover.forward.ordered([a[l, 1], z[l + 1, 1], z[l, 1], a[l + 1, 1]], ctx)
    assert [(t.name, str(layer)) for t, (layer,) in forward] == [
        ("a", "l + 1"), ("z", "l + 1"), ("a", "l"), ("z", "l")]  # fmt: skip
    backward = net.prover.backward.ordered([delta[l + 1, 1], delta[l, 1], delta[L, 1]], ctx)
    assert [str(layer) for _, (layer,) in backward] == ["l", "l + 1", "L"]


def test_names_of_hypotheses_differ() -> None:
    x, y, C = tensor("x"), tensor("y", (l, 1, 4), sup=1), tensor("C")
    twice = System("twice", (x,), (), (
        Definition(y[l], x(), ((l, 1, 2),)), Definition(y[l], 2 * x(), ((l, 3, 4),)),
        Definition(C(), y[4], ()),
    ), C)  # fmt: skip
    laws = Laws(twice, twice.definitions, "definition")
    names = [h.name for ts in laws.of.values() for t in ts for h in t.hypotheses]
    assert names == ["definition of y[l]", "definition of y[l] (2)", "definition of C[]"]
    assert Prover(twice).prove(C(), 2 * x(), EMPTY) is not None
    assert Prover(twice).prove(C(), x(), EMPTY) is None
