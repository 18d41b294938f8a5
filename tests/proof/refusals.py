"""What the checker must refuse: for each of its conditions a certificate that all others would let pass.

Most are small false proofs that look right. Each case builds its draft, or gives the text of a file, and
names the line that the checker answers with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from drafts import Draft
from kernel_setting import ONE, ZERO, L, N, a, cost, i, j, k, l, n, pi, rho, sigma, w, x, y
from sympy import Add, Integer, Mul, Rational, Symbol, exp

from symderive.calculus import Bracket, IndexSum, ScalarFunction, family, index_sum, size, tensor
from symderive.calculus.atoms import BoundIndex, Slot
from symderive.calculus.terms import PartialDerivative
from symderive.proof.checker import files, ring, table

Build = Callable[[Draft], str | None]


class Refusal(NamedTuple):
    """A certificate that proves nothing, and the words of the answer."""

    name: str
    words: str
    build: Build
    limits: dict[tuple[Any, str], Any]

    def text(self) -> str:
        """The certificate."""
        draft = Draft()
        made = self.build(draft)
        return draft.text() if made is None else made


REFUSALS: list[Refusal] = []


def refused(name: str, words: str, limits: Any = ()) -> Callable[[Build], Build]:
    """Notes a case; `words` is a regular expression, `limits` are bounds of the checker made small."""

    def noted(build: Build) -> Build:
        REFUSALS.append(Refusal(name, words, build, dict(limits)))
        return build

    return noted


def simple(name: str, words: str, do: Callable[[Draft], Any], limits: Any = ()) -> None:
    """A case whose build is one expression."""

    def build(d: Draft) -> str | None:
        made = do(d)
        return made if isinstance(made, str) else None

    refused(name, words, limits)(build)


J, K = (j, 1, N), (k, 1, N)
o = tensor("o", (j, 1, N), (k, 1, N), kind="integer")
q = tensor("q", (k, 1, N), kind="integer")
r = tensor("r")
u, v = tensor("u"), tensor("v")
b = tensor("b", (l, 0, L))
c = tensor("c", (l, 0, L), (j, 1, N))
R, U, V = r[()], u[()], v[()]
T = tensor("T", (k, 1, N))
SUM = IndexSum(x[k], K)


# ------------------------------------------------------------------------------------------ the whole file


def trivial(d: Draft) -> Draft:
    d.step("reflexivity", x[k], x[k], K)
    return d


def changed(**parts: Any) -> Callable[[Draft], str]:
    def text(d: Draft) -> str:
        return json.dumps({**trivial(d).data(), **parts})

    return text


simple("a list", "expected an object of contexts, format", lambda d: "[]")
simple("one part more", "expected an object of contexts, format", changed(extra=1))
simple("another format", "expected symderive-certificate, version 1", changed(format="other"))
simple("version true", "expected symderive-certificate, version 1", changed(version=True))
simple("steps by name", "expected a list of at most 200000 steps", changed(steps={}))
simple("too many steps", "expected a list of at most 200000 steps", changed(steps=[0] * 200_001))
simple("too many contexts", "expected a list of at most 200000 contexts", changed(contexts=[[]] * 200_001))
simple("no theorems", "expected theorems by name", changed(theorems={}))
simple("theorems in a list", "expected theorems by name", changed(theorems=[0]))
simple("a theorem without a step", "theorem 't': expected a step", changed(theorems={"t": 1}))
simple("a theorem of a step true", "theorem 't': expected a step", changed(theorems={"t": False}))
simple("a name with a line feed", r"theorem 'a\\nb': expected a step", changed(theorems={"a\nb": 7}))
simple("no text at all", "expected a text of at most", lambda d: " " * 60_000_001)
simple("a key twice", "JSON: expected each key once", lambda d: '{"table": [], "table": []}')
simple("a long integer", "JSON: expected integers of at most 60 digits", lambda d: "[1" + "0" * 100 + "]")
simple("a fraction in decimals", "JSON: 0.5", lambda d: "[0.5]")
simple("an infinity", "JSON: Infinity", lambda d: "[Infinity]")
simple("no number", "JSON: NaN", lambda d: "[NaN]")
simple("no JSON", "JSON: Expecting", lambda d: "{'table': 1}")
simple("lists in lists", "JSON: ", lambda d: "[" * 100_000)
simple("no time", "step 0, reflexivity: expected at most -1", lambda d: trivial(d) and None,
       {(files, "SECONDS"): -1}.items())  # fmt: skip
simple("a step that is a list", "step 0, no rule: expected a rule of", changed(steps=[[]]))
simple("no such rule", "step 0, admit: expected a rule of", changed(steps=[{"rule": "admit"}]))
simple("a method that is no rule", "step 0, same: expected a rule of", changed(steps=[{"rule": "same"}]))
simple("a rule that is a list", "expected a rule of", changed(steps=[{"rule": ["ring"]}]))


def step(**parts: Any) -> Callable[[Draft], str]:
    """The trivial step with parts of it changed."""

    def text(d: Draft) -> str:
        data = trivial(d).data()
        data["steps"][0] |= parts
        return json.dumps(data)

    return text


simple("the step itself as a premise", "expected earlier steps as premises", step(premises=[0]))
simple("a step before the first", "expected earlier steps as premises", step(premises=[-1]))
simple("a step true", "expected earlier steps as premises", step(premises=[True]))
simple("premises by name", "expected premises as list", step(premises={}))
simple("no such context", "expected a context, found 1", step(context=1))
simple("a context from behind", "expected a context, found -1", step(context=-1))
simple("no such hypothesis", "expected a hypothesis, found 0", step(hypotheses=[0]))
simple("a row from behind", "expected an earlier row, found -1", step(lhs=-1))
simple("another context", "the conclusion holds in another context",
       lambda d: d.step("symmetry", x[k], x[k], premises=[d.step("reflexivity", x[k], x[k], K)], *[(k, 1, N + 1)]))  # fmt: skip


@refused("a hypothesis left out", "the conclusion has other hypotheses")
def _(d: Draft) -> None:
    """x = y, of which the assumption x = y is not told."""
    d.assume("x is y", x[k], y[k], K)
    d.steps[-1]["hypotheses"] = []


@refused("a hypothesis too many", "the conclusion has other hypotheses")
def _(d: Draft) -> None:
    trivial(d)
    d.steps[-1]["hypotheses"] = [d.hypothesis("x is y", x[k], y[k], K)]


@refused("two hypotheses of one name", "two hypotheses have one name")
def _(d: Draft) -> None:
    """A reader sees one harmless assumption where there are two."""
    s = d.assume("h", R, U)
    t = d.assume("h", U, V)
    d.step("transitivity", R, V, premises=[s, t], hypotheses=[0, 1])


@refused("a hypothesis shown twice", "two hypotheses have one name")
def _(d: Draft) -> None:
    d.assume("h", R, U)
    d.steps[-1]["hypotheses"] = [0, 0]


# -------------------------------------------------------------------------------------- contexts, hypotheses

simple(
    "an index without a range", "a letter of x.k. has no range", lambda d: d.step("reflexivity", x[k], x[k])
)
simple(
    "an index twice",
    "contexts: expected a new index, found k",
    lambda d: d.step("reflexivity", x[k], x[k], K, K),
)
simple(
    "a size as index",
    "contexts: expected a new index, found N",
    lambda d: d.step("reflexivity", N, N, (N, 1, 2)),
)
simple("a range of what comes later", "expected a range of j in terms of those before it",
       lambda d: d.step("reflexivity", j, j, (j, 1, k), K))  # fmt: skip
simple("half an index", "contexts: expected a whole, found 1/2",
       lambda d: d.step("reflexivity", k, k, (k, Rational(1, 2), N)))  # fmt: skip
simple("a loose bound index in a conclusion", "has a bound index outside its sum",
       lambda d: d.step("reflexivity", x[BoundIndex(0)], x[BoundIndex(0)]))  # fmt: skip
simple("a slot in a conclusion", "has a bound index outside its sum",
       lambda d: d.step("reflexivity", x[Slot(0)], x[Slot(0)]))  # fmt: skip
simple("a slot as the end of a range", "has a bound index outside its sum",
       lambda d: d.step("reflexivity", k, k, (k, 1, Slot(0))))  # fmt: skip
simple("a loose bound index of an inner sum", "has a bound index outside its sum",
       lambda d: d.step("reflexivity", IndexSum(w[BoundIndex(0), BoundIndex(1)], 1, N), ZERO))  # fmt: skip


def law(**parts: Any) -> Callable[[Draft], None]:
    """An assumption with a part that is none."""
    places = {"name": 0, "kind": 1, "lhs": 2, "rhs": 3, "limits": 4, "reals": 5}

    def do(d: Draft) -> None:
        d.assume("h", R, U)
        for name, value in parts.items():
            d.hypotheses[0][places[name]] = value(d) if callable(value) else value

    return do


simple("a nameless hypothesis", "hypotheses: expected a name, found ''", law(name=""))
simple("a name over two lines", "hypotheses: expected a name, found", law(name="a\nb"))
simple("a hypothesis of no kind", "hypotheses: expected a kind of definition", law(kind="theorem"))
simple("a law for all vectors", "hypotheses: expected reals without index", law(reals=lambda d: d.terms(x)))
simple("a law for all differentials", "hypotheses: expected reals without index",
       law(reals=lambda d: d.terms(u.tangent())))  # fmt: skip
simple("a law for all integers", "hypotheses: expected reals without index",
       law(reals=lambda d: d.terms(tensor("o", kind="integer"))))  # fmt: skip
simple("differentials in a law for all reals", "expected no differentials in a law for all real numbers",
       lambda d: d.assume("u moves as it is", u.tangent()[()], U, reals=(u,)))  # fmt: skip
simple("a hypothesis with half a range", "hypotheses: expected a whole, found 1/2",
       law(limits=lambda d: d.limits((k, Rational(1, 2), N))))  # fmt: skip
simple("a hypothesis of an entry of no range", "has no range", lambda d: d.assume("h", x[k], ZERO))


# ------------------------------------------------------------------------------------------------ the table


def last(*row: Any) -> Callable[[Draft], None]:
    """A row after those of x_k, w, N, 1/2, sigma, C and k; an argument that is callable makes its own rows."""
    return lambda d: d.row(*(p(d) if callable(p) else p for p in row)) and None


def at(e: Any) -> Callable[[Draft], int]:
    return lambda d: d.term(e)


simple("a table by name", "expected a list of at most 400000 rows as table", changed(table={}))
simple("too many rows", "expected a list of at most 400000 rows as table", changed(table=[0] * 400_001))
simple("a table without end", "row 0 of the table: expected at most -1", lambda d: trivial(d) and None,
       {(table, "SECONDS"): -1}.items())  # fmt: skip
simple("no such head", "expected a head of integer, rational", last("matrix", 0))
simple("a head that is a number", "expected a head of integer, rational", last(0))
simple(
    "a term of itself",
    "row 2 of the table: expected an earlier row, found 2",
    last("exp", lambda d: d.term(R) + 1),
)
simple("a row true", "expected an earlier row, found True", last("exp", True))
simple("exp of a name", "expected a scalar, found u", last("exp", at(u)))
simple("exp of a family", "expected a scalar, found family", last("exp", at(family(x[j], J))))
simple("a real number as index", "expected a whole, found r", last("entry", at(x), at(R)))
simple("half of an index", "expected a whole, found k/2", last("entry", at(x), at(k / 2)))
simple("a sum as index", "expected a whole, found sum", last("entry", at(x), at(IndexSum(q[k], K))))
simple("a sum up to a real number", "expected a whole, found r", last("sum", at(R), at(ONE), at(R)))
simple(
    "a tensor as an argument of a functional", "expected a term, found x", last("value", at(cost), [], at(x))
)
simple("a number in words", "expected a whole number of at most 60 digits", last("integer", "1"))
simple("a number true", "expected a whole number of at most 60 digits", last("integer", True))
simple("a negative bound level", "expected a whole number of at most 60 digits", last("bound", -1))
simple("a negative slot", "expected a whole number of at most 60 digits", last("slot", -1))
simple(
    "a derivative of order -1",
    "expected a whole number of at most 60 digits",
    last("applied", at(sigma), -1, at(R)),
)
simple("a partial by family -1", "expected a whole number of at most 60 digits",
       last("value", at(cost), [[-1, 0]], at(R)))  # fmt: skip
simple("nothing in halves", "expected a whole number of at most 60 digits", last("rational", 1, 0))
simple("two quarters", "expected a fraction in lowest terms", last("rational", 2, 4))
simple("a name of nothing", "expected a short printable name", last("index", ""))
simple("a name that begins with a space", "expected a short printable name", last("index", " k"))
simple("a long name", "expected a short printable name", last("index", "k" * 201))
simple("a name that cannot be printed", "expected a short printable name", last("index", "k\u200b"))
simple("a name that is a number", "expected a short printable name", last("size", 3))
simple("three arguments of a power", "expected 2 parts of pow, found 3", last("pow", *map(at, (N, ONE, ONE))))
simple("a sum of unsorted limits", "expected 3 parts of sum, found 2", last("sum", at(R), at(ONE)))
simple("a sum of one term", "expected a term as its constructor makes it, found r", last("add", at(R)))
simple(
    "a number written as a sum",
    "expected a term as its constructor makes it, found 0",
    last("add", at(ONE), at(Integer(-1))),
)
simple(
    "an empty sum",
    "expected a term as its constructor makes it, found 0",
    last("sum", at(R), at(ONE), at(ZERO)),
)
simple(
    "a power of a power", "expected a term as its constructor makes it", last("pow", at(R**2), at(Integer(8)))
)
simple("a root that is an absolute value", "expected a term as its constructor makes it, found Abs",
       last("pow", at(R**2), at(Rational(1, 2))))  # fmt: skip
simple("a bracket that is a number", "expected a term as its constructor makes it, found 1",
       last("bracket", "=", at(R), at(R)))  # fmt: skip
simple(
    "an exponent that is a letter", "expected a small rational exponent, found N", last("pow", at(R), at(N))
)
simple(
    "an exponent of 17", "expected a small rational exponent, found 17", last("pow", at(R), at(Integer(17)))
)
simple(
    "x by x",
    "expected a base known to be positive for the exponent -1, found r",
    last("pow", at(R), at(Integer(-1))),
)
simple(
    "1 by x squared",
    "expected a base known to be positive for the exponent -2",
    last("pow", at(R), at(Integer(-2))),
)
simple(
    "a root of x",
    "expected a base known to be positive for the exponent 1/2",
    last("pow", at(R), at(Rational(1, 2))),
)
simple(
    "1 by an index",
    "expected a base known to be positive for the exponent -1, found k",
    last("pow", at(k), at(Integer(-1))),
)
simple("1 by an empty sum", "expected a base known to be positive for the exponent -1",
       last("pow", at(IndexSum(n[k], (k, 1, N - 1))), at(Integer(-1))))  # fmt: skip
simple("1 by a sum of squares", "expected a base known to be positive for the exponent -1",
       last("pow", at(R**2 + U**2), at(Integer(-1))))  # fmt: skip
simple("1 by 1 + x exp(x)", "expected a base known to be positive for the exponent -1",
       last("pow", at(1 + R * exp(R)), at(Integer(-1))))  # fmt: skip
simple(
    "the logarithm of x",
    "expected the logarithm of what is known to be positive, and no number, found log",
    last("log", at(R)),
)
simple("the logarithm of a square", "expected the logarithm of what is known to be positive",
       last("log", at(R**2 + U**2)))  # fmt: skip


def axes(*ends: Any, kind: str = "real") -> Callable[[Draft], None]:
    """A tensor with these ranges."""
    return lambda d: (
        d.row("tensor", "t", [d.terms(1, e) for e in ends], 0, "t", kind, [], "plain", "") and None
    )


simple("an axis of a free letter", "expected a range of sizes and earlier indices, found k", axes(k))
simple("an axis of itself", "expected a range of sizes and earlier indices, found @0", axes(Slot(0)))
simple("an axis of a later one", "expected a range of sizes and earlier indices, found @2", axes(N, Slot(2)))
simple(
    "an axis of a bound index", "expected a range of sizes and earlier indices, found", axes(n[BoundIndex(0)])
)
simple(
    "an axis of a bracket",
    "expected a range of sizes and earlier indices, found",
    axes(Bracket.at_most(N, L)),
)
simple("a permutation of nothing", "expected a permutation with an index", axes(kind="permutation"))
simple("a tensor of no kind", "expected a kind of real, dimension", axes(N, kind="complex"))


@refused("terms that double", "row .* of the table: expected terms at most 100 deep, of at most 20000 parts")
def _(d: Draft) -> None:
    """x_{n+1} = phi(x_n) psi(x_n): a row each, and 2^n parts."""
    phi, psi = d.term(ScalarFunction("phi")), d.term(ScalarFunction("psi"))
    e = d.term(R)
    for _step in range(200):
        e = d.row("mul", d.row("applied", phi, 0, e), d.row("applied", psi, 0, e))


@refused("deep terms", "row .* of the table: expected terms at most 100 deep, of at most 20000 parts")
def _(d: Draft) -> None:
    e = d.term(R)
    for _step in range(5_000):
        e = d.row("exp", e)


# ------------------------------------------------------------------------------------------ names that clash


def both(e: Any, f: Any) -> Callable[[Draft], None]:
    """0 (e - f) = 0 would be shown to a reader; here e + f = e + f."""

    def do(d: Draft) -> None:
        d.step("reflexivity", e + f, e + f)

    return do


simple("a size and an index of one name", "two different things are both shown as N",
       lambda d: d.step("reflexivity", N + Symbol("N", integer=True), N + Symbol("N", integer=True), (Symbol("N", integer=True), 1, 2)))  # fmt: skip
simple("two tensors of one name", "two different things are both shown as u",
       both(U, tensor("u", kind="integer")[()]))  # fmt: skip
simple("two tensors that print alike", "two different things are both shown as",
       both(U, tensor("z", latex="u")[()]))  # fmt: skip
simple("two functions of one name", "two different things are both shown as sigma",
       both(sigma(R), ScalarFunction("sigma", "s")(R)))  # fmt: skip
simple("two functions that print alike", "two different things are both shown as",
       both(sigma(R), ScalarFunction("phi", "sigma")(R)))  # fmt: skip


@refused("a hypothesis about another x", "two different things are both shown as r")
def _(d: Draft) -> None:
    other = tensor("r", kind="integer")
    s = d.assume("h", R, U)
    t = d.assume("g", other[()], U)
    back = d.step("symmetry", U, other[()], premises=[t], hypotheses=[1])
    d.step("transitivity", R, other[()], premises=[s, back], hypotheses=[0, 1])


@refused("two widths of one name", "two different things are both shown as n")
def _(d: Draft) -> None:
    """sum over 1..n_1 for two different n, seen in ranges alone."""
    one, two = tensor("n", (l, 0, L), kind="dimension"), tensor("n", (l, 0, 9), kind="dimension")
    e = tensor("e", (j, 1, one[1]))[1] + tensor("f", (j, 1, two[1]))[1]
    d.step("reflexivity", e, e)


# ----------------------------------------------------------------------------------------------- equations

simple(
    "e = f by reflexivity",
    r"the conclusion is r.* = r.*, found r.* = u",
    lambda d: d.step("reflexivity", R, U),
)
simple("reflexivity of a premise", "expected 0 premises, found 1",
       lambda d: d.step("reflexivity", R, R, premises=[d.step("reflexivity", R, R)]))  # fmt: skip
simple("symmetry of nothing", "expected 1 premises, found 0", lambda d: d.step("symmetry", R, R))
simple("symmetry that turns nothing", r"the conclusion is u.* = r.*, found r.* = u",
       lambda d: d.step("symmetry", R, U, premises=[d.assume("h", R, U)], hypotheses=[0]))  # fmt: skip


@refused("transitivity over a gap", "middle terms differ: u.* and v")
def _(d: Draft) -> None:
    s, t = d.assume("h", R, U), d.assume("g", V, R)
    d.step("transitivity", R, R, premises=[s, t], hypotheses=[0, 1])


@refused("transitivity in two contexts", "expected one context for both premises")
def _(d: Draft) -> None:
    s = d.step("reflexivity", x[k], x[k], K)
    t = d.step("reflexivity", x[k], x[k], (k, 1, N + 1))
    d.step("transitivity", x[k], x[k], K, premises=[s, t])


@refused("a hypothesis that says something else", "the conclusion is r.* = u.*, found r.* = v")
def _(d: Draft) -> None:
    h = d.hypothesis("h", R, U)
    d.step("assume", R, V, hypotheses=[h], hypothesis=h, outer=d.context())


@refused("a hypothesis for other indices than its own", "the conclusion holds in another context")
def _(d: Draft) -> None:
    h = d.hypothesis("h", x[k], y[k], K)
    d.step("assume", x[k], y[k], (k, 1, N + 1), hypotheses=[h], hypothesis=h, outer=d.context())


@refused("an own index that the context has", "expected a new index, found k")
def _(d: Draft) -> None:
    h = d.hypothesis("h", x[k], y[k], K)
    d.step("assume", x[k], y[k], K, hypotheses=[h], hypothesis=h, outer=d.context(K))


# --------------------------------------------------------------------------------------------- instantiate


def instance(value: Any, *limits: Any, own: Any = K) -> Callable[[Draft], None]:
    """x_k = y_k for k in 1..N, at another k."""

    def do(d: Draft) -> None:
        t = d.assume("h", x[k], y[k], own)
        values = [d.terms(k, value)]
        d.step("instantiate", x[value], y[value], *limits, premises=[t], hypotheses=[0], values=values)

    return do


simple("an instance outside of the range", "range of k: N . 1 is not known to lie in 1..N", instance(N + 1))
simple("an instance before the range", "range of k: 0 is not known to lie in 1..N", instance(ZERO))
simple(
    "an instance of an index of a wider range",
    "range of k: j is not known to lie in 1..N",
    instance(j, (j, 1, N + 1)),
)
simple("an instance of another size", "range of k: L is not known to lie in 1..N", instance(L))


@refused("an instance of an index that is not there", "j is no index of the premise")
def _(d: Draft) -> None:
    t = d.assume("h", x[k], y[k], K)
    d.step("instantiate", x[k], y[k], K, premises=[t], hypotheses=[0], values=[d.terms(j, 1)])


@refused("an index that gets lost", "no range of k in the context")
def _(d: Draft) -> None:
    """0 = 0 for k in 1..k - 1, so for all."""
    t = d.step("reflexivity", ZERO, ZERO, K)
    d.step("instantiate", ZERO, ZERO, premises=[t], values=[])


@refused("an instance of what a hypothesis shares", "k is shared with a hypothesis: it may not become 1")
def _(d: Draft) -> None:
    """x_k = 0 for this k, hence x_1 = 0."""
    t = d.assume("h", x[k], ZERO, outer=(K,))
    d.step("instantiate", x[1], ZERO, K, premises=[t], hypotheses=[0], values=[d.terms(k, 1)])


@refused("a value that is real", "expected a whole, found r")
def _(d: Draft) -> None:
    t = d.step("reflexivity", k, k, K)
    d.step("instantiate", R, R, premises=[t], values=[d.terms(k, R)])


# ---------------------------------------------------------------------------------------------- congruence

simple("as many paths as premises", "expected 1 premises, found 0",
       lambda d: d.step("congruence", R, R, paths=[[]]))  # fmt: skip
simple("a path of words", "expected positions and letters in a path, found 'k'",
       lambda d: d.step("congruence", R, R, paths=[["k"]], premises=[d.step("reflexivity", R, R)]))  # fmt: skip
simple("a path true", "expected positions and letters in a path, found True",
       lambda d: d.step("congruence", R, R, paths=[[True]], premises=[d.step("reflexivity", R, R)]))  # fmt: skip


@refused("two replacements at one place", "two replacements overlap at")
def _(d: Draft) -> None:
    t = d.assume("h", R, U)
    d.congruence(exp(R), exp(U), work=[((0,), t), ((0,), t)], hypotheses=[0])


@refused("a replacement inside another", "two replacements overlap at")
def _(d: Draft) -> None:
    t = d.assume("h", R, U)
    s = d.step("reflexivity", exp(R), exp(R))
    d.congruence(exp(R), exp(U), work=[((), s), ((0,), t)], hypotheses=[0])


@refused("a replacement of something else", "v.* is not the left side r")
def _(d: Draft) -> None:
    t = d.assume("h", R, U)
    d.congruence(exp(V), exp(U), work=[((0,), t)], hypotheses=[0])


@refused("a replacement beyond the range", "range of k: the premise needs 1..N")
def _(d: Draft) -> None:
    """x_k = y_k for k in 1..N, so the sums to N + 1 are the same."""
    t = d.assume("h", x[k], y[k], K)
    wide = (k, 1, N + 1)
    d.congruence(IndexSum(x[k], wide), IndexSum(y[k], wide), work=[((k,), t)], hypotheses=[0])


@refused("a replacement at an index of no range", "range of k: the premise needs 1..N")
def _(d: Draft) -> None:
    """r = u for each k in 1..N says nothing where there is no k: N may be 0 for all that is known of a range."""
    t = d.assume("h", R, U, K)
    d.congruence(exp(R), exp(U), work=[((0,), t)], hypotheses=[0])


@refused("a bound index that a hypothesis shares", "a bound index is shared with hypothesis h")
def _(d: Draft) -> None:
    """x_k = 0 for this one k, hence sum_k x_k = 0."""
    t = d.assume("h", x[k], ZERO, outer=(K,))
    d.congruence(SUM, ZERO, work=[((k,), t)], hypotheses=[0])


@refused("capture by a letter of the term", "capture: j may not name the index of")
def _(d: Draft) -> None:
    """w_jj = x_j for all j, hence sum_k w_jk = sum_k x_k."""
    t = d.assume("h", w[j, j], x[j], J)
    d.congruence(IndexSum(w[j, k], K), SUM, J, work=[((j,), t)], hypotheses=[0])


@refused("capture by an index of the context", "capture: j may not name the index of")
def _(d: Draft) -> None:
    t = d.assume("h", x[j], y[j], J)
    d.congruence(SUM, IndexSum(y[k], K), J, work=[((j,), t)], hypotheses=[0])


@refused("a size for a bound index", "capture: N may not name the index of")
def _(d: Draft) -> None:
    t = d.assume("h", x[N], y[N])
    d.congruence(IndexSum(x[k], (k, 1, 3)), IndexSum(y[k], (k, 1, 3)), work=[((N,), t)], hypotheses=[0])


@refused("two letters for one index", "expected one letter for the index of a sum in")
def _(d: Draft) -> None:
    t = d.assume("h", x[k], y[k], K)
    s = d.step("reflexivity", x[j], x[j], J)
    e = IndexSum(exp(x[k]), K)
    d.congruence(e, e, work=[((k, 0), t), ((j, 0), s)], hypotheses=[0])


@refused("a letter where nothing is bound", "expected one letter for the index of a sum in exp")
def _(d: Draft) -> None:
    t = d.assume("h", R, U)
    d.congruence(exp(R), exp(U), work=[((k,), t)], hypotheses=[0])


@refused("a body by its position", "no argument 0 in sum")
def _(d: Draft) -> None:
    """The body has a loose index, of which no premise can speak."""
    t = d.assume("h", R, U)
    d.congruence(IndexSum(R * x[k], K), IndexSum(U * x[k], K), work=[((0, 0), t)], hypotheses=[0])


simple("an argument that is not there", "no argument 1 in exp",
       lambda d: d.congruence(exp(R), exp(R), work=[((1,), d.step("reflexivity", R, R))]))  # fmt: skip
simple("an argument from behind", "no argument -1 in exp",
       lambda d: d.congruence(exp(R), exp(R), work=[((-1,), d.step("reflexivity", R, R))]))  # fmt: skip


@refused("equal values differentiated", "d.r.*/d.u.* is no function of the values of its parts")
def _(d: Draft) -> None:
    """r = 0 at this point, hence dr/du = d0/du."""
    t = d.assume("h", R, V)
    d.congruence(PartialDerivative(R, U), PartialDerivative(V, U), work=[((0,), t)], hypotheses=[0])


# ------------------------------------------------------------------------------------------------------ ring


def ring_claim(lhs: Any, rhs: Any, *limits: Any) -> Callable[[Draft], None]:
    return lambda d: d.step("ring", lhs, rhs, *limits) and None


def false_sum(name: str, lhs: Any, rhs: Any, *limits: Any) -> None:
    simple(name, "do not multiply out to the same", ring_claim(lhs, rhs, *limits))


A = tensor("A", (j, 1, N), (k, 1, N))
false_sum("r = u", R, U)
false_sum("the square of a sum", SUM**2, IndexSum(x[k] ** 2, K))
false_sum("a product of sums", SUM * IndexSum(y[k], K), IndexSum(x[k] * y[k], K))
false_sum("a sum over another range", SUM, IndexSum(x[k], (k, 1, L)))
false_sum("a sum over one more", SUM, IndexSum(x[k], (k, 1, N + 1)))
false_sum("a shifted sum", SUM, IndexSum(x[k + 1], K))
false_sum("a triangle turned", index_sum(A[j, k], J, (k, 1, j)), index_sum(A[j, k], K, (j, 1, k)))
false_sum("a triangle for a square", index_sum(A[j, k], J, (k, 1, j)), index_sum(A[j, k], J, K))
false_sum("two bound indices made one", index_sum(A[j, k], J, K), IndexSum(A[j, j], J))
false_sum(
    "a transposed matrix under one sum", IndexSum(A[i, k] * x[k], K), IndexSum(A[k, i] * x[k], K), (i, 1, N)
)
false_sum("a bound index for a free one", IndexSum(A[i, k], K), IndexSum(A[k, k], K), (i, 1, N))
false_sum("a sum of a constant to any end", IndexSum(R, (k, 1, N - L)), (N - L) * R)
false_sum("a sum of a constant over a range that depends", index_sum(R, J, (k, j, N)), N**2 * R)
false_sum("one cycle of three and a triangle", index_sum(A[i, j] * A[j, k] * A[k, i], (i, 1, N), J, K),
          index_sum(A[i, j] * A[j, k] * A[i, k], (i, 1, N), J, K))  # fmt: skip
false_sum(
    "indices within a bracket", IndexSum(Bracket.less(k, i), K), IndexSum(Bracket.less(i, k), K), (i, 1, N)
)
false_sum("a bracket and its square root", Bracket.less(R, U) * 2, Bracket.less(R, U))
false_sum("a bracket of reals with its sides exchanged", Bracket.at_most(R, U), Bracket.at_most(U, R))
false_sum("exp of a product", exp(R * U), exp(R) * exp(U))
false_sum("the sum inside of sigma", sigma(SUM), IndexSum(sigma(x[k]), K))
false_sum("C of another family", cost(family(x[k], K)), cost(family(x[k], (k, 1, N + 1))))
false_sum("C of a turned matrix", cost(family(A[j, k], J, K)), cost(family(A[k, j], J, K)))
false_sum(
    "another partial of C", cost(family(x[k], K), partials=[(0, 1)]), cost(family(x[k], K), partials=[(0, 2)])
)
false_sum("a width of the next layer", n[l], n[l + 1], (l, 0, L))
simple("too many monomials", "expected at most 20000 monomials, found more",
       ring_claim(Add(*(tensor(f"a{p}")[()] for p in range(30))) ** 3, R))  # fmt: skip


@refused("sums that match in no order", "expected sums that match in 50000 attempts")
def _(d: Draft) -> None:
    """Each of nine x_s may be each other, and the last factor never fits."""
    s, t, *_rest = letters = [Symbol(f"s{p}", integer=True) for p in range(9)]
    ranges = [(letter, 1, N) for letter in letters]
    product = Mul(*(x[letter] for letter in letters))
    d.step("ring", index_sum(product * A[s, t], *ranges), index_sum(product * A[s, s], *ranges))


# -------------------------------------------------------------------------------------- sums and their ranges

simple("a term where a sum should be", "expected a sum, found r",
       lambda d: d.step("single", R, R))  # fmt: skip


def reindexed(lhs: Any, rhs: Any, by: Any, *parameters: Any, limits: Any = ()) -> Callable[[Draft], None]:
    return lambda d: (
        d.step("reindex", lhs, rhs, *limits, permutation=d.term(by), parameters=d.terms(*parameters)) and None
    )


simple("reindexed by a tensor of integers", "expected a permutation, found q",
       reindexed(SUM, IndexSum(x[q[k]], K), q))  # fmt: skip
simple("reindexed by a term", "expected a permutation, found r", reindexed(SUM, SUM, R))
simple("a permutation of another range", "rho permutes 1..N, not 1..L",
       reindexed(IndexSum(x[k], (k, 1, L)), IndexSum(x[rho[k]], (k, 1, L)), rho))  # fmt: skip
simple("a permutation of one less", "rho permutes 1..N, not 2..N",
       reindexed(IndexSum(x[k], (k, 2, N)), IndexSum(x[rho[k]], (k, 2, N)), rho))  # fmt: skip
simple("a permutation of a layer that is not there", "L . 1 is not known to lie in 1..L, a range of pi",
       reindexed(IndexSum(x[k], (k, 1, n[L + 1])), IndexSum(x[pi[L + 1, k]], (k, 1, n[L + 1])), pi, L + 1))  # fmt: skip
simple("a permutation of layer 0", "l is not known to lie in 1..L, a range of pi",
       reindexed(IndexSum(a[l, k], (k, 1, n[l])), IndexSum(a[l, pi[l, k]], (k, 1, n[l])), pi, l, limits=((l, 0, L),)))  # fmt: skip
simple("a permutation without its layer", "pi: expected 2 indices, found 1", reindexed(SUM, SUM, pi))
simple("only one of two entries reindexed", "the conclusion is",
       reindexed(IndexSum(x[k] * y[k], K), IndexSum(x[rho[k]] * y[k], K), rho))  # fmt: skip


def contracted(lhs: Any, rhs: Any, *limits: Any) -> Callable[[Draft], None]:
    return lambda d: d.step("contraction", lhs, rhs, *limits) and None


def inside(value: Any, f: Any) -> Any:
    return Bracket.at_most(1, value) * Bracket.at_most(value, N) * f


NO_DELTA = "no delta of sum"
simple("a delta of a real number", NO_DELTA,
       contracted(IndexSum(Bracket.equal(k, R), K), Bracket.at_most(1, R) * Bracket.at_most(R, N)))  # fmt: skip
simple("a delta of a half", NO_DELTA,
       contracted(IndexSum(Bracket.equal(k, i / 2) * R, K), inside(i / 2, R), (i, 1, N)))  # fmt: skip
simple("a delta of twice the index", NO_DELTA,
       contracted(IndexSum(Bracket.equal(2 * k, i) * R, K), inside(i / 2, R), (i, 1, N)))  # fmt: skip
simple(
    "a delta whose value lies nowhere",
    NO_DELTA,
    contracted(IndexSum(Bracket.equal(k, i) * x[k], K), x[i], (i, 1, N)),
)
simple(
    "a delta that is none",
    NO_DELTA,
    contracted(IndexSum(Bracket.at_most(k, i) * x[k], K), inside(i, x[i]), (i, 1, N)),
)
simple(
    "a delta within a power",
    NO_DELTA,
    contracted(IndexSum(exp(Bracket.equal(k, i)), K), inside(i, R), (i, 1, N)),
)
simple("a delta of what depends on the index", NO_DELTA,
       contracted(IndexSum(Bracket.equal(k, q[k]) * x[k], K), inside(q[k], x[q[k]]), K))  # fmt: skip
simple("a delta of a sum of reals", NO_DELTA,
       contracted(IndexSum(Bracket.equal(k, i + R - U), K), Bracket.at_most(1, i + R - U) * Bracket.at_most(i + R - U, N), (i, 1, N)))  # fmt: skip


def decided(lhs: Any, rhs: Any, *limits: Any) -> Callable[[Draft], None]:
    return lambda d: d.step("decide", lhs, rhs, *limits) and None


simple("a bracket of reals decided", "expected a bracket of integers, found",
       decided(Bracket.at_most(R, R + 1 + U**2), ONE))  # fmt: skip
simple("an index that is a half", "expected a bracket of integers, found",
       decided(Bracket.equal(2 * k, Rational(1, 2) + k), ZERO, K))  # fmt: skip
simple("a sum decided", "expected a bracket of integers, found", decided(SUM, ZERO))
simple(
    "what the ranges do not say", "the ranges do not say that .* is 1", decided(Bracket.less(k, N), ONE, K)
)
simple("the other way round", "the ranges do not say that .* is 0", decided(Bracket.at_most(k, N), ZERO, K))
simple("one size before another", "the ranges do not say that .* is 1", decided(Bracket.at_most(N, L), ONE))
simple("a bracket that stays as it is", "the ranges do not say that",
       decided(Bracket.less(k, N), Bracket.less(k, N), K))  # fmt: skip
simple("a permutation outside of its range", "the ranges do not say that .* is 1",
       decided(Bracket.at_most(rho[k], N), ONE, (k, 0, N)))  # fmt: skip
simple("an index with too many terms", "an index with too many terms",
       decided(Bracket.at_most(0, Add(*(size(f"N{p}") for p in range(40))) ** 4), ONE))  # fmt: skip


def halves(at: Any, lhs: Any, rhs: Any, *limits: Any) -> Callable[[Draft], None]:
    return lambda d: d.step("split", lhs, rhs, *limits, at=d.term(at)) and None


simple("split beyond the end", "N . 1 is not known to lie in 0..N",
       halves(N + 1, SUM, IndexSum(x[k], (k, 1, N + 1)) + IndexSum(x[k], (k, N + 2, N))))  # fmt: skip
simple("split before the start", "-1 is not known to lie in 0..N",
       halves(Integer(-1), SUM, IndexSum(x[k], (k, 0, N))))  # fmt: skip
simple("split where both have one term", "the conclusion is",
       halves(i, SUM, IndexSum(x[k], (k, 1, i)) + IndexSum(x[k], (k, i, N)), (i, 1, N)))  # fmt: skip
simple("split a sum that may be empty", "is not known to lie in",
       halves(ONE, IndexSum(x[k], (k, 1, N - 1)), x[1] + IndexSum(x[k], (k, 2, N - 1))))  # fmt: skip
simple("a sum over two values", "expected a sum over one value, found",
       lambda d: d.step("single", IndexSum(x[k], (k, N, N + 1)), x[N]))  # fmt: skip
simple("the next value", "the conclusion is",
       lambda d: d.step("single", IndexSum(x[k], (k, N, N)), x[N + 1]))  # fmt: skip


# ------------------------------------------------------------------------------------ differentials and reals


def moved(lhs: Any, rhs: Any, claim: Any, *limits: Any) -> Callable[[Draft], None]:
    """From lhs = rhs, assumed: d lhs = claim."""

    def do(d: Draft) -> None:
        t = d.assume("h", lhs, rhs, *limits)
        d.step("differentiation", *claim, *limits, premises=[t], hypotheses=[0])

    return do


dR, dU = r.tangent()[()], u.tangent()[()]
simple("the differential of a jump", ".r.* <= u.* has no differential everywhere",
       moved(Bracket.at_most(R, U), ONE, (ZERO, ZERO)))  # fmt: skip
simple("the differential of a derivative", "PartialDerivative has no differential",
       moved(PartialDerivative(R, U), ONE, (ZERO, ZERO)))  # fmt: skip
simple("a product's differential is no product", "the conclusion is", moved(R * U, ONE, (dR * dU, ZERO)))
simple(
    "a wrong inner derivative", "the conclusion is", moved(sigma(U**2), R, (sigma(U**2, order=1) * dU, dR))
)
simple("an index that moves", "the conclusion is", moved(k * R, R, (k * dR + R, dR), K))
D = tensor("D", (j, 1, N))
simple("letters caught in the differential of C", "the conclusion is",
       moved(IndexSum(cost(family(A[j, k], J)), K), R,
             (index_sum(cost(family(A[i, k], (i, 1, N)), partials=[(0, k)]) * A.tangent()[k, k], K, J), dR)))  # fmt: skip


@refused("a real number that is a component", "expected a real tensor without index, found x")
def _(d: Draft) -> None:
    t = d.step("reflexivity", x[k], x[k], K)
    d.step("specialise", R, R, K, premises=[t], real=d.term(x), value=d.term(R))


def special(lhs: Any) -> Callable[[Draft], None]:
    """From lhs = 1, assumed, where u is not arbitrary: 0 = 1."""

    def do(d: Draft) -> None:
        t = d.assume("h", lhs, ONE)
        d.step("specialise", ZERO, ONE, premises=[t], hypotheses=[0], real=d.term(u), value=d.term(ZERO))

    return do


simple("a real number that a hypothesis speaks of", "u is free in hypothesis h", special(U))
simple("its differential in a hypothesis", "u is free in hypothesis h", special(dU))
simple(
    "its second differential in a hypothesis", "u is free in hypothesis h", special(u.tangent().tangent()[()])
)


@refused("a derivative by what a hypothesis speaks of", "u is free in hypothesis h")
def _(d: Draft) -> None:
    """u^2 = u at this point, hence 2 u = 1."""
    t = d.assume("h", U**2, U)
    d.step("derivative", 2 * U, ONE, premises=[t], hypotheses=[0], real=d.term(u))


@refused("a law for all u, of which another hypothesis speaks", "u is free in hypothesis g")
def _(d: Draft) -> None:
    s = d.assume("odd", sigma(-U), -sigma(U), reals=(u,))
    t = d.assume("g", -sigma(U), V)
    both = d.step("transitivity", sigma(-U), V, premises=[s, t], hypotheses=[0, 1])
    d.step("specialise", sigma(-R), V, premises=[both], hypotheses=[0, 1], real=d.term(u), value=d.term(R))


@refused("a partial derivative at another function", "expected no partial derivative")
def _(d: Draft) -> None:
    """du/dr = du/dr for all u is nothing that can be said of 1."""
    e = PartialDerivative(U, R)
    t = d.step("reflexivity", e, e)
    f = PartialDerivative(V, R)
    d.step("specialise", f, f, premises=[t], real=d.term(u), value=d.term(V))


@refused("a second differential specialised", "expected no second differential of u")
def _(d: Draft) -> None:
    e = u.tangent().tangent()[()]
    t = d.step("reflexivity", e + U, e + U)
    d.step("specialise", e, e, premises=[t], real=d.term(u), value=d.term(ZERO))


@refused("u becomes a value, and du does not", "the conclusion is")
def _(d: Draft) -> None:
    t = d.step("reflexivity", U + dU, U + dU)
    d.step("specialise", ONE + dU, ONE + dU, premises=[t], real=d.term(u), value=d.term(ONE))


@refused("a value of an index that is not there", "a letter of x.k. has no range")
def _(d: Draft) -> None:
    t = d.step("reflexivity", U, U)
    d.step("specialise", R, R, premises=[t], real=d.term(u), value=d.term(x[k]))


@refused("a derivative of differentials", "expected no differentials")
def _(d: Draft) -> None:
    """d(u^2) = 2 u du, whose derivative by u would be 0 = 2 du."""
    t = d.step("reflexivity", U * dU, U * dU)
    d.step("derivative", dU, dU, premises=[t], real=d.term(u))


# ----------------------------------------------------------------------------------------------- induction

LAYER = (l, 0, L)


def claim(d: Draft) -> int:
    """b_l = c_{l1}, as a goal."""
    return d.hypothesis("claim", b[l], c[l, 1], kind="induction")


def induced(base: Any = b[0], at: Any = l + 1, to: Any = L, inner: Any = None) -> Callable[[Draft], None]:
    """b_l = c_l1 for l in 0..to, from what is assumed of a base, and of the layer `at` for l in 0..inner."""

    def do(d: Draft) -> None:
        g = claim(d)
        p = d.assume("base", base, c[base.index[0], 1])
        law = d.assume("law", b[at], c[at, 1], (l, 0, L - 1 if inner is None else inner))
        d.induction([g], 0, b[l], c[l, 1], (l, 0, to), premises=[p, law], hypotheses=[1, 2])

    return do


simple(
    "a base at the wrong end", "found b.1. = c.1, 1. at base or step, not b.0. = c.0, 1.", induced(base=b[1])
)
simple("a step that stays", "found b.l. = c.l, 1. at base or step, not b.l . 1.", induced(at=l))
simple(
    "a step that ends one too early", "base or step of claim holds in another context", induced(inner=L - 2)
)
simple("a step that ends one too late", "base or step of claim holds in another context", induced(inner=L))
simple("a conclusion for one more", "base or step of claim holds in another context", induced(to=L + 1))


@refused("an induction from a half", "expected a whole, found 1/2")
def _(d: Draft) -> None:
    """From 1/2 on: no integer is reached by steps from there."""
    induced()(d)
    d.steps[-1]["limits"] = d.terms(l, Rational(1, 2), L)


@refused("no such goal", "expected one of 1 goals, found 1")
def _(d: Draft) -> None:
    induced()(d)
    d.steps[-1]["which"] = 1


@refused("a goal from behind", "expected one of 1 goals, found -1")
def _(d: Draft) -> None:
    induced()(d)
    d.steps[-1]["which"] = -1


@refused("a goal without its step", "expected 4 premises, found 2")
def _(d: Draft) -> None:
    induced()(d)
    d.steps[-1]["goals"] = [0, 0]


@refused("another claim than the goal", "the conclusion is b.l. = c.l, 1., found c.l, 1. = b.l.")
def _(d: Draft) -> None:
    induced()(d)
    d.steps[-1]["lhs"], d.steps[-1]["rhs"] = d.steps[-1]["rhs"], d.steps[-1]["lhs"]


@refused("an induction of an index that is there", "expected a new index, found l")
def _(d: Draft) -> None:
    induced()(d)
    d.steps[-1]["outer"] = d.context(LAYER)


@refused("a hypothesis about this l", "an index is free in hypothesis law")
def _(d: Draft) -> None:
    """The step rests on b_{l+1} = c_{l+1} for this l."""
    g = claim(d)
    p = d.assume("base", b[0], c[0, 1])
    s = d.assume("law", b[l + 1], c[l + 1, 1], outer=((l, 0, L - 1),))
    d.induction([g], 0, b[l], c[l, 1], LAYER, premises=[p, s], hypotheses=[1, 2])


@refused("the goal itself at the next layer", "an index is free in hypothesis claim")
def _(d: Draft) -> None:
    """P(l + 1) => P(l + 1) is no step."""
    g = claim(d)
    p = d.assume("base", b[0], c[0, 1])
    h = d.hypothesis("claim", b[l + 1], c[l + 1, 1], kind="induction")
    s = d.again(h, b[l + 1], c[l + 1, 1], outer=((l, 0, L - 1),))
    d.induction([g], 0, b[l], c[l, 1], LAYER, premises=[p, s], hypotheses=[1])


@refused("the goal as its own base", "the conclusion has other hypotheses")
def _(d: Draft) -> None:
    """The induction hypothesis is discharged from the steps alone: what a base assumes stays."""
    g = claim(d)
    h = d.hypothesis("claim at 0", b[0], c[0, 1], kind="induction")
    p = d.again(h, b[0], c[0, 1])
    s = d.assume("law", b[l + 1], c[l + 1, 1], (l, 0, L - 1))
    d.induction([g], 0, b[l], c[l, 1], LAYER, premises=[p, s], hypotheses=[2])


@refused("a goal whose own index is the induction's", "capture of an own index of hypothesis claim")
def _(d: Draft) -> None:
    g = d.hypothesis("claim", b[l], c[l, 1], LAYER, kind="induction")
    p = d.assume("base", b[0], c[0, 1])
    d.induction([g], 0, b[l], c[l, 1], LAYER, premises=[p, p], hypotheses=[1])


@refused("a goal for all u, where a hypothesis speaks of u", "u.* is free in hypothesis base")
def _(d: Draft) -> None:
    """sigma(u) = b_0 for this u, so for all u."""
    g = d.hypothesis("claim", sigma(U) * b[l], b[l], kind="induction", reals=(u,))
    p = d.assume("base", sigma(U) * b[0], b[0])
    s = d.assume("law", sigma(U) * b[l + 1], b[l + 1], (l, 0, L - 1), reals=(u,))
    d.induction([g], 0, sigma(U) * b[l], b[l], LAYER, premises=[p, s], hypotheses=[1, 2])


@refused("a base for one index alone", "base or step of claim holds in another context")
def _(d: Draft) -> None:
    """c_{0j} = 0 for j in 1..N - 1 is no base for j in 1..N."""
    g = d.hypothesis("claim", c[l, j], ZERO, J, kind="induction")
    p = d.assume("base", c[0, j], ZERO, (j, 1, N - 1))
    s = d.assume("law", c[l + 1, j], ZERO, (l, 0, L - 1), J)
    d.induction([g], 0, c[l, j], ZERO, LAYER, J, premises=[p, s], hypotheses=[1, 2])


@refused("downwards from the wrong end", "found b.0. = c.0, 1. at base or step, not b.L. = c.L, 1.")
def _(d: Draft) -> None:
    induced(at=l)(d)
    d.steps[-1]["rule"] = "induction downwards"


@refused("downwards with a step upwards", "found b.l . 1. = c.l . 1, 1. at base or step, not b.l.")
def _(d: Draft) -> None:
    induced(base=b[L])(d)
    d.steps[-1]["rule"] = "induction downwards"


__all__ = ["REFUSALS", "Refusal", "ring"]
