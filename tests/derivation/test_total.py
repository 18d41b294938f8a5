"""Total derivatives of entries by entries: by the complex step, by SymPy, by exact arithmetic; and what
is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sympy
from entrywise import STEP, Values
from example_systems import EXAMPLES
from sympy import Expr, Integer, Symbol

from symderive.calculus import IndexSum, ScalarFunction, TensorSymbol, indices, size, tensor
from symderive.calculus.atoms import Functional
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, PartialDerivative
from symderive.derivation.adjoint import patterns
from symderive.derivation.total import total
from symderive.errors import SymderiveError
from symderive.evaluation.modular import Model
from symderive.systems import Definition, System, mlp

i, j, k, l, m, r, s, t = indices("i j k l m r s t")
L, B, N, T = (size(name) for name in "LBNT")
ROUNDING = 1e-11

# ------------------------------------------------------------------------------------- by the complex step


def pairs(system: System) -> Iterator[tuple[Entry, Entry, Context]]:
    """Entries of all tensors by entries of all tensors, as they are defined, with letters of their own."""
    known = (*system.inputs, *system.parameters, *system.defined)
    for d in system.definitions:
        for of in known:
            for v, limits in patterns(system, of):
                other = Definition(v, Integer(0), limits).renamed(d.context.symbols | d.lhs.free_symbols)
                yield d.lhs, other.lhs, Context((*d.indices, *other.indices))


def points(values: Values, ctx: Context) -> list[dict[Symbol, int]]:
    found: list[dict[Symbol, int]] = [{}]
    for letter, lo, hi in ctx:
        found = [
            {**env, letter: n}
            for env in found
            for n in range(values.integer(lo, env, ()), values.integer(hi, env, ()) + 1)
        ]
    return found


def truth(system: System, sizes: dict[str, Any], u: Entry, v: Entry, env: dict[Symbol, int]) -> float:
    """du/dv: v is shifted, and everything computed again."""
    run = Values(system.definitions, sizes)
    run.shift[v.symbol.name, tuple(run.integer(n, env, ()) for n in v.index)] = STEP * 1j
    return run.entry(u.symbol, tuple(run.integer(n, env, ()) for n in u.index)).imag / STEP


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_pair_of_a_system(name: str) -> None:
    example = EXAMPLES[name]()
    tried = moved = 0
    for u, v, ctx in pairs(example.system):
        try:
            found = total(example.system, u, v, ctx)
        except SymderiveError as error:
            assert str(error).startswith(f"derivative of {u} by {v}: expected")
            continue
        values = Values(example.system.definitions, example.sizes)
        everywhere = points(values, ctx)
        for env in everywhere[:: max(1, len(everywhere) // 7)]:
            wanted, value = truth(example.system, example.sizes, u, v, env), values.value(found, env, ())
            assert abs(wanted - value) < ROUNDING * max(1, abs(wanted)), f"d {u} / d {v} = {found} at {env}"
            tried += 1
            moved += wanted != 0
    assert tried > 20 and moved > 3


OPTIONS: dict[str, dict[str, Any]] = {
    "one layer": {"depth": 1},
    "two layers": {"depth": 2, "cost": "squared_error"},
    "three layers": {"depth": 3},
    "four layers": {"depth": 4, "per_layer": True},
    "a batch": {"depth": 2, "samples": "B"},
    "a softmax": {"depth": 2, "cost": "cross_entropy"},
    "logits": {"depth": 2, "cost": "softmax_cross_entropy", "output": "identity", "samples": 2},
}
SIZES = {"n": [3, 2, 4, 2, 3], "B": 2}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_pair_of_a_network(name: str) -> None:
    net = mlp(**OPTIONS[name])
    tried = moved = 0
    for u, v, ctx in pairs(net):
        found = total(net, u, v, ctx)
        values = Values(net.definitions, SIZES)
        everywhere = points(values, ctx)
        for env in everywhere[:: max(1, len(everywhere) // 5)]:
            wanted, value = truth(net, SIZES, u, v, env), values.value(found, env, ())
            assert abs(wanted - value) < ROUNDING * max(1, abs(wanted)), f"d {u} / d {v} = {found} at {env}"
            tried += 1
            moved += wanted != 0
    assert tried > 100 and moved > 20


# --------------------------------------------------------------------------------------------- by SymPy


class Written:
    """The entries of a network with numeric widths as terms of SymPy, where one entry is cut."""

    def __init__(self, net: System, cut: Entry) -> None:
        self.net, self.cut = net, cut
        self.known: dict[Entry, Expr] = {}

    def entry(self, e: Entry) -> Expr:
        if e not in self.known:
            own = [(d, v) for d in self.net.lookup.candidates(e) if (v := d.matches(e)) is not None]
            if e == self.cut or not own:
                self.known[e] = Symbol(str(e), real=True)
            else:
                ((d, values),) = own
                self.known[e] = self.term(d.at(*(values[n] for n, _, _ in d.indices))[1])
        return self.known[e]

    def term(self, e: Any) -> Any:
        if isinstance(e, Entry):
            return self.entry(e)
        if isinstance(e, IndexSum):
            return sympy.Add(*(self.term(e.open(n)) for n in range(int(e.lo), int(e.hi) + 1)))
        if isinstance(e, Applied):  # sin stands for sigma: its derivatives are all different
            x = Symbol("x")
            return sympy.sin(x).diff(x, e.order).subs(x, self.term(e.argument))
        return e.func(*map(self.term, e.args)) if e.args else e


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("samples", [None, 2])
def test_as_sympy_differentiates(depth: int, samples: int | None) -> None:
    net = mlp(widths=[2, 2, 2, 1][: depth + 1], cost="squared_error", samples=samples)
    at = () if samples is None else (1,)
    a, z, w = (net.tensor(name) for name in "azw")
    C = net.cost()
    wanted = [
        (C, w[1, 1, 2]),
        (C, z[(1, *at, 1)]),
        (z[(depth, *at, 1)], w[1, 1, 2]),
        (a[(depth, *at, 1)], a[(0, *at, 2)]),
    ]
    for u, v in wanted:
        written = Written(net, v)
        truth = written.entry(u).diff(written.entry(v))
        assert truth != 0
        assert sympy.expand(truth - written.term(total(net, u, v, Context()))) == 0


# --------------------------------------------------------------------------------- in exact arithmetic

LAYERS = Context.of((l, 1, L - 2))


def symbolic(net: System) -> tuple[TensorSymbol, Context]:
    """The widths, and a context of units j of a layer l in 1..L-2, k of the next, i of the one after."""
    n = net.definitions[1].indices[-1][2].symbol
    return n, LAYERS.bind(j, 1, n[l]).bind(k, 1, n[l + 1]).bind(i, 1, n[l + 2])


def test_the_chain_rule_over_the_layer_between() -> None:
    net = mlp()
    a, z = net.tensor("a"), net.tensor("z")
    n, ctx = symbolic(net)
    found = total(net, z[l + 2, i], z[l, j], ctx)
    chain = IndexSum(
        PartialDerivative(z[l + 2, i], a[l + 1, m])
        * PartialDerivative(a[l + 1, m], z[l + 1, m])
        * PartialDerivative(z[l + 1, m], a[l, j])
        * PartialDerivative(a[l, j], z[l, j]),
        (m, 1, n[l + 1]),
    )
    sizes = {L: 4, **{n[p]: w for p, w in enumerate([2, 3, 2, 4, 2])}}
    test = Model(net.definitions, sizes, seed=5).test_everywhere(found, chain, ctx)
    assert test.holds and test.points > 5
    wrong = total(net, z[l + 1, k], z[l, j], ctx)
    assert not Model(net.definitions, sizes, seed=5).test_everywhere(wrong, chain, ctx).holds


def test_symbolic_layers() -> None:
    net = mlp()
    a, z, w, b = (net.tensor(name) for name in "azwb")
    (sigma,) = net.functions()
    _, ctx = symbolic(net)
    slope = sigma(z[l, j], order=1)
    assert total(net, z[l + 1, k], z[l, j], ctx) == w[l + 1, k, j] * slope
    assert total(net, z[l + 1, k], a[l, j], ctx) == w[l + 1, k, j]
    assert total(net, z[l, j], b[l, 1], ctx) == Bracket.equal(1, j)
    assert total(net, a[l + 1, k], b[l, j], ctx) == sigma(z[l + 1, k], order=1) * w[l + 1, k, j] * slope
    assert total(net, z[l, j], z[l + 1, k], ctx) == total(net, z[l, j], w[l + 2, i, k], ctx) == 0
    assert total(net, net.cost(), a[L, 1], ctx) == net.functionals()[0](
        Family(a[L, m], (m, 1, symbolic(net)[0][L])),
        Family(net.tensor("y")[m], (m, 1, symbolic(net)[0][L])),
        partials=[(0, 1)],
    )


def test_layers_that_end_in_a_case() -> None:
    """a^{l-1} is x in the first layer, and has a definition of its own in the others."""
    net = mlp()
    x, z, w = (net.tensor(name) for name in "xzw")
    n, _ = symbolic(net)
    ctx = Context.of((l, 1, L), (j, 1, n[l]), (k, 1, n[0]))
    assert refused(net, z[l, j], x[k], ctx) == "expected a known number of layers between them, found no end"
    assert total(net, z[1, 1], x[k], ctx) == w[1, 1, k]


# ------------------------------------------------------------------------------------------- what is refused


def refused(net: System, u: Entry, v: Entry, ctx: Context) -> str:
    with pytest.raises(SymderiveError) as found:
        total(net, u, v, ctx)
    assert "\n" not in str(found.value)
    return str(found.value).removeprefix(f"derivative of {u} by {v}: ")


def test_layers_that_nothing_compares() -> None:
    net = mlp()
    z = net.tensor("z")
    ctx = Context.of((l, 1, L), (m, 1, L))
    assert (
        refused(net, z[m, 1], z[l, 1], ctx)
        == "expected ranges that say which layer comes first, found m and l"
    )
    assert "found L - 1 and l" in refused(net, z[L, 1], z[l, 1], Context.of((l, 1, L - 1)))


def test_more_definitions_than_are_put_in() -> None:
    x, y = tensor("x"), tensor("y", (l, 0, 300), sup=1)
    f, C = ScalarFunction("f"), tensor("C")
    long = System("long", (x,), (), (
        Definition(y[0], x(), ()), Definition(y[l], f(y[l - 1]), ((l, 1, 300),)), Definition(C(), y[300], ()),
    ), C)  # fmt: skip
    limit = "expected at most 200 definitions on the way, 50 in each other, found more"
    assert refused(long, C(), y[0], Context()) == limit
    assert refused(long, y[51], y[0], Context()) == limit
    assert len(total(long, y[50], y[0], Context()).args) == 50


def test_strange_entries() -> None:
    net, other = mlp(), tensor("q", (j, 1, 3))
    assert "expected entries of C, a, b, w, x, y, z, found q" in refused(net, net.cost(), other[1], Context())
    assert "found q" in refused(net, other[1], net.cost(), Context())
    same = net.tensor("z")[L + 1, 1]
    assert refused(net, same, net.tensor("b")[1, 1], Context()).startswith(
        "expected a definition of z[L + 1, 1]"
    )


def test_a_kink() -> None:
    x, C = tensor("x"), tensor("C")
    kink = System("kink", (x,), (), (Definition(C(), x() * Bracket.less(0, x()), ()),), C)
    assert (
        refused(kink, C(), x(), Context())
        == "expected a function that is differentiable everywhere, found [0 < x[]]"
    )


def test_times_that_are_no_superscripts_of_the_other() -> None:
    """A recurrent network, h_t = f(h_{t-1} + x_t): inputs of later times do not matter."""
    x, h, C = tensor("x", (t, 1, T), sup=1), tensor("h", (t, 0, T), sup=1), tensor("C")
    f = ScalarFunction("f")
    net = System("recurrent", (x,), (), (
        Definition(h[0], Integer(0), ()), Definition(h[t], f(h[t - 1] + x[t]), ((t, 1, T),)),
        Definition(C(), h[T], ()),
    ), C)  # fmt: skip
    ctx = Context.of((t, 2, T - 1))
    assert total(net, h[t], x[t + 1], ctx) == 0
    assert total(net, h[t], x[t], ctx) == f(h[t - 1] + x[t], order=1)
    assert total(net, h[t + 1], x[t], ctx) == f(h[t] + x[t + 1], order=1) * f(h[t - 1] + x[t], order=1)


def test_a_sum_over_layers() -> None:
    """A cost of every hidden activation: which of them stand before h^1, the letter of the sum does not
    say.
    """
    h, x, C = tensor("h", (l, 0, 2), sup=1), tensor("x"), tensor("C")
    f, cost = ScalarFunction("f"), Functional("cost")
    net = System("all layers", (x,), (), (
        Definition(h[0], x(), ()), Definition(h[l], f(h[l - 1]), ((l, 1, 2),)),
        Definition(C(), cost(Family(h[l], (l, 0, 2))), ()),
    ), C)  # fmt: skip
    where = "expected ranges that say which layer comes first, found l and 1"
    assert refused(net, C(), h[1], Context()) == where


def test_a_functional_of_one_layer() -> None:
    h, x, C = tensor("h", (l, 0, 2), (j, 1, 2), sup=1), tensor("x", (j, 1, 2)), tensor("C")
    f, cost = ScalarFunction("f"), Functional("cost")
    net = System("one layer", (x,), (), (
        Definition(h[0, j], x[j], ((j, 1, 2),)), Definition(h[l, j], f(h[l - 1, j]), ((l, 1, 2), (j, 1, 2))),
        Definition(C(), cost(Family(h[2, j], (j, 1, 2))), ()),
    ), C)  # fmt: skip
    found = total(net, C(), h[1, 2], Context())
    assert all(len(e.partials) == 1 for e in found.atoms(FunctionalValue))
    values = Values(net.definitions, {})
    assert abs(truth(net, {}, C(), h[1, 2], {}) - values.value(found, {}, ())) < ROUNDING
    assert values.value(found, {}, ()) != 0
