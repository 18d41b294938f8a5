"""Certificates that break one condition of the checker each, with what the refusal says.

A row: what is wrong; a function that makes the file; a part of the refusal; bounds that are made smaller, so
that a small file breaks them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from certificate_drafts import Draft, changed, one
from kernel_setting import ONE, TO_N, ZERO, L, N, a, cost, i, j, k, l, n, pi, rho, sigma, w, x, y
from sympy import Expr, Integer, Rational, Symbol, exp, log, sqrt

from symderive.calculus import Bracket, IndexSum, TensorSymbol, family, tensor
from symderive.calculus.differential import differential
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import PartialDerivative
from symderive.proof.kernel import Hypothesis, hypothesis_of

Case = tuple[str, Callable[[], Any], str, dict[str, Any]]

SUM = IndexSum(x[k], (k, 1, N))
JK = Context.of((j, 1, N), (k, 1, N))
J = Context.of((j, 1, N))
u, v, f, g, b = (
    tensor("u"),
    tensor("v"),
    tensor("f", (l, 0, L)),
    tensor("g", (l, 0, L)),
    tensor("b", (l, 0, L)),
)
U = u[()]
X_IS_Y = hypothesis_of("x is y", x[k], y[k], ((k, 1, N),))
Y_AT_J = hypothesis_of("y at j", y[j], ZERO)
ONE_IS_X = hypothesis_of("one is x", x[1], ONE)
LAW = hypothesis_of("law", sigma(U), U, (), "assumption", (u,))
SIZE_AS_INDEX = Symbol("N", integer=True)


def raw(*rows: Any, **parts: Any) -> str:
    """A file with this table, and one theorem, of a step that is not there."""
    empty = {"hypotheses": [], "contexts": [[]], "steps": [], "theorems": {"t": 0}}
    return json.dumps({"format": "symderive-certificate", "version": 1, "table": rows, **empty, **parts})


GOOD = one("reflexivity", x[1], x[1])


def step(**values: Any) -> str:
    """A certificate of one good step, with other entries in it."""
    return changed(GOOD, lambda data: data["steps"][0].update(values))


def after(h: Hypothesis, rule: str, lhs: Expr, rhs: Expr, ctx: Context = EMPTY, outer: Context = EMPTY,
          hyps: tuple[Hypothesis, ...] | None = None, **arguments: Any) -> str:  # fmt: skip
    """A hypothesis, and a step from it alone."""
    draft = Draft()
    draft.assume(h, outer)
    draft.step(rule, lhs, rhs, ctx, (h,) if hyps is None else hyps, [0], **arguments)
    return draft.text()


def two(rule: str, s: Hypothesis, t: Hypothesis, lhs: Expr, rhs: Expr, ctx: Context = EMPTY,
        **arguments: Any) -> str:  # fmt: skip
    """Two hypotheses, and a step from both."""
    draft = Draft()
    draft.assume(s)
    draft.assume(t)
    draft.step(rule, lhs, rhs, ctx, sorted({s, t}, key=str), [0, 1], **arguments)
    return draft.text()


def under(e: Expr, path: list[Any], rhs: Expr, h: Hypothesis = X_IS_Y, ctx: Context = EMPTY,
          outer: Context = EMPTY) -> str:  # fmt: skip
    """A hypothesis put in at a path; letters stand in lists."""
    draft = Draft()
    draft.assume(h, outer)
    draft.step(
        "congruence", e, rhs, ctx, [h], [0], paths=[[[s] if isinstance(s, Symbol) else s for s in path]]
    )
    return draft.text()


def instance(values: list[Any], rhs: int | Expr = 0, ctx: Context = EMPTY, h: Hypothesis = X_IS_Y,
             outer: Context = EMPTY, lhs: Expr = x[1]) -> str:  # fmt: skip
    return after(h, "instantiate", lhs, Integer(0) + rhs, ctx, outer, values=values)


def induction(
    goals: list[Hypothesis], bases: list[Hypothesis], steps: list[Hypothesis], left: list[Hypothesis],
    which: int = 0, limits: tuple[Any, ...] = (l, ZERO, L), ctx: Context = EMPTY, rule: str = "induction",
    inner: Context | None = None, outer: Context = EMPTY, premises: int | None = None,
    lhs: Expr | None = None,
) -> str:  # fmt: skip
    """An induction whose bases and steps are assumed."""
    draft = Draft()
    numbers = [draft.assume(h, outer) for h in bases]
    inner = Context.of((l, 0, L - 1)) if inner is None else inner
    numbers += [draft.assume(h, inner) for h in steps]
    goal = goals[which] if 0 <= which < len(goals) else goals[0]
    whole = Context((*ctx.limits, *(limits,), *goal.indices))
    draft.step(rule, goal.lhs if lhs is None else lhs, goal.rhs, whole, left, numbers[:premises],
               goals=goals, which=which, limits=limits, outer=ctx)  # fmt: skip
    return draft.text()


def says(name: str, e: Expr, own: Any = (), reals: Any = (), kind: str = "assumption") -> Hypothesis:
    return hypothesis_of(name, e, ZERO, own, kind, reals)


GOAL, START, NEXT = says("f is 0", f[l], kind="induction"), says("start", f[0]), says("next", f[l + 1])
EVERY = says("recursion", f[l], ((l, 0, L),))


def by_step(goal: Hypothesis, extra: Hypothesis | None = None) -> str:
    """An induction on f whose step follows from a law for all l; or from one more, which it may not."""
    draft = Draft()
    inner = Context.of((l, 0, L - 1))
    base = draft.assume(START)
    every = draft.assume(EVERY)
    carried = draft.step("instantiate", f[l + 1], ZERO, inner, [EVERY], [every], values=[(l, l + 1)])
    left = [EVERY, START]
    if extra is not None:
        more = draft.assume(extra, inner)
        zero = draft.step(
            "transitivity",
            extra.lhs,
            ZERO,
            inner,
            [extra],
            [more, draft.step("reflexivity", ZERO, ZERO, inner)],
        )
        back = draft.step("symmetry", ZERO, extra.lhs, inner, [extra], [zero])
        carried = draft.step(
            "transitivity", f[l + 1], extra.lhs, inner, sorted({EVERY, extra}, key=str), [carried, back]
        )
        carried = draft.step(
            "transitivity", f[l + 1], ZERO, inner, sorted({EVERY, extra}, key=str), [carried, zero]
        )
        left = [EVERY, START, extra]
    draft.step("induction", f[l], ZERO, Context.of((l, 0, L)), sorted(left, key=str), [base, carried],
               goals=[goal], which=0, limits=(l, ZERO, L), outer=EMPTY)  # fmt: skip
    return draft.text()


def real_goal() -> str:
    """f_l u + b_l = 0 for all real u, whose base is shown for u = 0 alone."""
    goal = says("P", f[l] * U + b[l], (), (u,), "induction")
    base, after_ = says("base", f[0] * U + b[0]), says("step", f[l + 1] * U + b[l + 1], (), (u,))
    every = says("step", f[l] * U + b[l], ((l, 0, L),), (u,))
    draft = Draft()
    first = draft.assume(base)
    second = draft.assume(every)
    inner = Context.of((l, 0, L - 1))
    second = draft.step("instantiate", after_.lhs, ZERO, inner, [every], [second], values=[(l, l + 1)])
    draft.step("induction", goal.lhs, ZERO, Context.of((l, 0, L)), [base, every], [first, second],
               goals=[goal], which=0, limits=(l, ZERO, L), outer=EMPTY)  # fmt: skip
    return draft.text()


HALF_DELTA = IndexSum(Bracket.equal(k, N / 2) * x[1], (k, 1, N))
STRIDE = IndexSum(Bracket.equal(2 * k, j) * x[k], (k, 1, N))
SQUARE = IndexSum(Bracket.equal(k, k**2 - j) * x[k], (k, 1, N))
X, Y = (
    [["index", "k"], ["integer", 1], ["size", "N"]],
    ["tensor", "x", [[1, 2]], 0, "x", "real", ["k"], "plain", ""],
)


def tens(*change: Any, **fields: Any) -> str:
    """A table with one tensor, of which some fields are others."""
    row = dict(zip(("head", "name", "axes", "sup", "look", "kind", "own", "style", "mark"), Y, strict=True))
    return raw(*X, *change, [*(row | fields).values()])


REFUSED: tuple[Any, ...] = (
    # the file
    ("too long a text", lambda: GOOD, "JSON: expected a text of at most 100 bytes", {"files.BYTES": 100}),
    ("no JSON", lambda: "{", "JSON: Expecting property name"),
    ("nested too deeply", lambda: "[" * 100_000, "JSON: maximum recursion depth"),
    ("a number that is none", lambda: GOOD.replace('"version": 1', '"version": NaN'), "JSON: NaN"),
    ("a fraction of floating point", lambda: GOOD.replace('"version": 1', '"version": 1.0'), "JSON: 1.0"),
    ("too long an integer", lambda: raw(["integer", 10**60]), "JSON: expected integers of at most 60 digits"),
    ("a key twice", lambda: '{"a": 1, "a": 1}', "JSON: expected each key once"),
    ("no object", lambda: "[]", "expected an object of contexts, format"),
    (
        "a list of its parts",
        lambda: json.dumps(["contexts", "format", "hypotheses", "steps", "table", "theorems", "version"]),
        "expected an object of contexts",
    ),
    ("bytes", lambda: GOOD.encode(), "JSON: expected a text of at most"),
    ("a part is missing", lambda: changed(GOOD, lambda d: d.pop("steps")), "expected an object of contexts"),
    (
        "one part too many",
        lambda: changed(GOOD, lambda d: d.update(more=1)),
        "expected an object of contexts",
    ),
    ("another format", lambda: raw(format="certificate"), "expected symderive-certificate, version 1"),
    ("another version", lambda: raw(version=2), "expected symderive-certificate, version 1"),
    ("true as version", lambda: raw(version=True), "expected symderive-certificate, version 1"),
    ("no list of contexts", lambda: raw(contexts={}), "expected a list of at most"),
    ("too many steps", lambda: GOOD, "expected a list of at most 0 contexts", {"files.STEPS": 0}),
    ("too late", lambda: GOOD, "step 0, reflexivity: expected at most -1 s", {"files.SECONDS": -1}),
    (
        "too late in the table",
        lambda: GOOD,
        "row 0 of the table: expected at most -1 s",
        {"table.SECONDS": -1},
    ),
    ("no theorem", lambda: changed(GOOD, lambda d: d.update(theorems={})), "expected theorems by name"),
    (
        "a list of theorems",
        lambda: changed(GOOD, lambda d: d.update(theorems=[0])),
        "expected theorems by name",
    ),
    ("too many theorems", lambda: GOOD, "expected theorems by name, at most 0", {"files.NAMES": 0}),
    (
        "a name of two lines",
        lambda: changed(GOOD, lambda d: d.update(theorems={"a\nb": 0})),
        "expected a name",
    ),
    ("a name of spaces", lambda: changed(GOOD, lambda d: d.update(theorems={" ": 0})), "expected a name for"),
    ("a theorem without step", lambda: raw(), "theorem t: expected a step"),
    (
        "a theorem before all steps",
        lambda: changed(GOOD, lambda d: d.update(theorems={"t": -1})),
        "expected a st",
    ),
    (
        "a theorem by a word",
        lambda: changed(GOOD, lambda d: d.update(theorems={"t": "0"})),
        "t: expected a step",
    ),
    # what a reader could not tell apart
    (
        "two tensors of one name",
        lambda: one("reflexivity", x[1] - tensor("x", (k, 1, 3))[1], x[1] - tensor("x", (k, 1, 3))[1]),
        "theorem t: two different things are both shown as x",
    ),
    (
        "two tensors that print alike",
        lambda: one(
            "reflexivity",
            x[1] - tensor("z", (k, 1, 3), latex="x")[1],
            x[1] - tensor("z", (k, 1, 3), latex="x")[1],
        ),
        "two different things are both shown as",
    ),
    (
        "marks that do not print",
        lambda: one(
            "reflexivity",
            x[1] - TensorSymbol("z", ((1, N),), latex_name="x", mark="C")[1],
            x[1] - TensorSymbol("z", ((1, N),), latex_name="x", mark="C")[1],
        ),
        "two different things are both shown as",
    ),
    (
        "an index and a size of one name",
        lambda: one("reflexivity", SIZE_AS_INDEX - N, SIZE_AS_INDEX - N, Context.of((SIZE_AS_INDEX, 1, 2))),
        "both shown as N",
    ),
    (
        "a size in a range, and an index",
        lambda: one("reflexivity", x[SIZE_AS_INDEX], x[SIZE_AS_INDEX], Context.of((SIZE_AS_INDEX, 1, 2))),
        "both shown as N",
    ),
    (
        "two functions of one name",
        lambda: one(
            "reflexivity",
            sigma(x[1]) + type(sigma)("sigma", "s")(x[1]),
            sigma(x[1]) + type(sigma)("sigma", "s")(x[1]),
        ),
        "both shown as sigma",
    ),
    (
        "two functions that print alike",
        lambda: one(
            "reflexivity",
            sigma(x[1]) + type(cost)("C", "sigma")(x[1]),
            sigma(x[1]) + type(cost)("C", "sigma")(x[1]),
        ),
        "both shown as",
    ),
    # the table
    ("no table", lambda: raw(table={}), "expected a list of at most"),
    ("too many rows", lambda: GOOD, "expected a list of at most 0 rows as table", {"table.ROWS": 0}),
    ("an unknown head", lambda: raw(["eval", "1"]), "row 0 of the table: expected a head of integer"),
    ("a head that is no word", lambda: raw([["exp"], 0]), "row 0 of the table: "),
    ("a row that is no list", lambda: raw(7), "row 0 of the table: "),
    ("a later row", lambda: raw(["exp", 0]), "expected an earlier row, found 0"),
    ("a row from behind", lambda: raw(["integer", 2], ["exp", -1]), "expected an earlier row, found -1"),
    (
        "true as row",
        lambda: raw(["integer", 2], ["integer", 3], ["exp", True]),
        "expected an earlier row, found True",
    ),
    ("a name as a number", lambda: raw(*X, Y, ["exp", 3]), "expected a scalar, found x"),
    (
        "a family as a number",
        lambda: raw(["integer", 1], ["size", "N"], ["bound", 0], ["family", 2, 0, 1], ["exp", 3]),
        "expected a scalar, found",
    ),
    ("a tensor as a family's entry", lambda: raw(*X, Y, ["family", 3, 1, 2]), "expected a term, found x"),
    (
        "a half as an index",
        lambda: raw(*X, Y, ["rational", 1, 2], ["entry", 3, 4]),
        "expected a whole, found 1/2",
    ),
    (
        "a real as an index",
        lambda: raw(*X, Y, ["entry", 3, 1], ["entry", 3, 4]),
        "expected a whole, found x[1]",
    ),
    (
        "a real in a bracket as an index",
        lambda: raw(*X, Y, ["entry", 3, 1], ["bracket", "<", 1, 4], ["entry", 3, 5]),
        "expected a whole, found [1 < x[1]]",
    ),
    (
        "half of an index as an index",
        lambda: raw(*X, Y, ["rational", 1, 2], ["mul", 4, 0], ["entry", 3, 5]),
        "expected a whole, found k/2",
    ),
    (
        "an inverse as an index",
        lambda: raw(*X, Y, ["integer", -1], ["pow", 2, 4], ["entry", 3, 5]),
        "expected a whole, found 1/N",
    ),
    (
        "a root as an index",
        lambda: raw(*X, Y, ["rational", 1, 2], ["pow", 2, 4], ["entry", 3, 5]),
        "expected a whole, found sqrt(N)",
    ),
    (
        "a power of a real as an index",
        lambda: raw(*X, Y, ["integer", 2], ["entry", 3, 1], ["pow", 5, 4], ["entry", 3, 6]),
        "expected a whole, found x[1]**2",
    ),
    (
        "a sum as an index",
        lambda: raw(*X, Y, ["bound", 0], ["sum", 4, 1, 2], ["entry", 3, 5]),
        "expected a whole, found sum(",
    ),
    (
        "a number of many digits",
        lambda: raw(["integer", 77]),
        "row 0 of the table: expected a whole number of at most 1 digits",
        {"table.DIGITS": 1, "files.DIGITS": 60},
    ),
    ("true as a number", lambda: raw(["integer", True]), "expected a whole number of at most 60 digits"),
    ("too low a number", lambda: raw(["bound", -1]), "expected a whole number of at most 60 digits"),
    ("a name of a space and a letter", lambda: raw(["index", " 1"]), "expected a short printable name"),
    ("a name that does not print", lambda: raw(["index", "k\u202e"]), "expected a short printable name"),
    ("no name", lambda: raw(["index", ""]), "expected a short printable name"),
    ("too long a name", lambda: raw(["index", "k" * 201]), "expected a short printable name"),
    ("a number as name", lambda: raw(["index", 5]), "expected a short printable name"),
    ("half of a pair of characters", lambda: raw(["index", "\ud800"]), "expected a short printable name"),
    ("too few parts", lambda: raw(["integer", 1], ["pow", 0]), "expected 2 parts of pow, found 1"),
    ("too many parts", lambda: raw(["integer", 1], ["log", 0, 0]), "expected 1 parts of log, found 2"),
    (
        "a huge power",
        lambda: raw(["integer", 7], ["integer", 10**9], ["pow", 0, 1]),
        "row 2 of the table: expected a small rational exponent, found 1000000000",
    ),
    (
        "a symbolic exponent",
        lambda: raw(["integer", 2], ["size", "N"], ["pow", 0, 1]),
        "expected a small rational exponent, found N",
    ),
    (
        "too deep a term",
        lambda: one("reflexivity", sigma(sigma(x[1])), ZERO),
        "expected terms at most 2 deep",
        {"table.DEPTH": 2},
    ),
    (
        "too large a term",
        lambda: one("reflexivity", x[1] * x[2] * x[3] * x[4], ZERO),
        "of at most 9 parts",
        {"table.SIZE": 9},
    ),
    ("a large power", lambda: one("reflexivity", x[1] ** 9, ZERO), "of at most 30 parts", {"table.SIZE": 30}),
    (
        "an exponential of a logarithm",
        lambda: raw(["size", "N"], ["log", 0], ["integer", 10**9], ["mul", 2, 1], ["exp", 3]),
        "as its constructor makes it, found the exponential",
    ),
    ("a logarithm of a number", lambda: raw(["integer", 2], ["log", 0]), "and no number, found log(2)"),
    (
        "a logarithm of what may be 0",
        lambda: raw(*X, Y, ["entry", 3, 1], ["log", 4]),
        "the logarithm of what is known",
    ),
    (
        "a bracket of numbers",
        lambda: raw(["integer", 1], ["integer", 2], ["bracket", "<", 0, 1]),
        "as its constructor makes it, found 1",
    ),
    (
        "a sum that is none",
        lambda: raw(["integer", 2], ["add", 0, 0]),
        "as its constructor makes it, found 4",
    ),
    (
        "a product that is a sum",
        lambda: raw(["integer", 2], ["size", "N"], ["index", "k"], ["add", 1, 2], ["mul", 0, 3]),
        "as its constructor makes it, found",
    ),
    (
        "a product of one",
        lambda: raw(["size", "N"], ["integer", 1], ["mul", 0, 1]),
        "as its constructor makes it, found N",
    ),
    (
        "a nested sum",
        lambda: raw(["size", "N"], ["size", "L"], ["size", "B"], ["add", 0, 1], ["add", 3, 2]),
        "as its constructor makes it, found",
    ),
    (
        "an empty sum",
        lambda: raw(["integer", 1], ["integer", 0], ["size", "N"], ["sum", 2, 0, 1]),
        "as its constructor makes it, found 0",
    ),
    (
        "division by what may be 0",
        lambda: raw(*X, Y, ["integer", -1], ["entry", 3, 1], ["pow", 5, 4]),
        "expected a base known to be positive for the exponent -1, found x[1]",
    ),
    (
        "root of what may be negative",
        lambda: raw(*X, Y, ["rational", 1, 2], ["entry", 3, 1], ["pow", 5, 4]),
        "base known to be positive for the exponent 1/2",
    ),
    (
        "inverse root of what may be 0",
        lambda: raw(
            *X,
            Y,
            ["rational", -1, 2],
            ["entry", 3, 1],
            ["integer", 2],
            ["pow", 5, 6],
            ["entry", 3, 6],
            ["pow", 8, 6],
            ["add", 7, 9],
            ["pow", 10, 4],
        ),
        "base known to be positive for the exponent -1/2",
    ),
    (
        "division by an empty sum",
        lambda: raw(
            *X,
            Y,
            ["integer", 0],
            ["integer", -1],
            ["bound", 0],
            ["entry", 3, 6],
            ["exp", 7],
            ["sum", 8, 1, 1],
            ["add", 5, 2],
            ["sum", 8, 1, 10],
            ["pow", 11, 5],
        ),
        "base known to be positive for the exponent -1",
    ),
    (
        "division by a sum of any numbers",
        lambda: raw(*X, Y, ["bound", 0], ["entry", 3, 4], ["sum", 5, 1, 2], ["integer", -1], ["pow", 6, 7]),
        "base known to be positive for the exponent -1",
    ),
    (
        "root with a third power",
        lambda: raw(
            *X,
            Y,
            ["entry", 3, 1],
            ["integer", 3],
            ["pow", 4, 5],
            ["add", 2, 6],
            ["rational", 1, 2],
            ["pow", 7, 8],
        ),
        "base known to be positive for the exponent 1/2",
    ),
    (
        "division by a bracket",
        lambda: raw(["index", "k"], ["integer", 1], ["bracket", "<", 0, 1], ["integer", -1], ["pow", 2, 3]),
        "base known to be positive for the exponent -1",
    ),
    (
        "division by a difference",
        lambda: raw(
            ["size", "N"], ["size", "L"], ["integer", -1], ["mul", 2, 1], ["add", 0, 3], ["pow", 4, 2]
        ),
        "base known to be positive",
    ),
    (
        "root of a difference of squares",
        lambda: raw(
            *X,
            Y,
            ["entry", 3, 1],
            ["integer", 2],
            ["pow", 4, 5],
            ["integer", -1],
            ["mul", 7, 6],
            ["add", 2, 8],
            ["rational", 1, 2],
            ["pow", 9, 10],
        ),
        "base known to be positive",
    ),
    ("an entry of a number", lambda: raw(["integer", 1], ["entry", 0]), "expected a tensor symbol, found 1"),
    (
        "an unknown relation",
        lambda: raw(["integer", 1], ["size", "N"], ["bracket", ">", 0, 1]),
        "bracket: expected one of",
    ),
    ("range with a free index", lambda: tens(axes=[[1, 0]]), "a range of sizes and earlier indices, found k"),
    (
        "range with a bound index",
        lambda: tens(["bound", 0], axes=[[1, 3]]),
        "sizes and earlier indices, found #0",
    ),
    (
        "range with a bracket",
        lambda: tens(["integer", 3], ["bracket", "<=", 3, 2], axes=[[1, 4]]),
        "sizes and earlier indices, found [3 <= N]",
    ),
    (
        "range with its own index",
        lambda: tens(["slot", 0], axes=[[1, 3]]),
        "sizes and earlier indices, found @0",
    ),
    (
        "a permutation without index",
        lambda: tens(kind="permutation", axes=[]),
        "expected a permutation with an index",
    ),
    ("an unknown kind", lambda: tens(kind="complex"), "expected a kind of real"),
    (
        "a style of words",
        lambda: tens(style="plain tangent"),
        "expected plain, or tangent and partial, as style",
    ),
    ("no style", lambda: tens(style=""), "expected plain, or tangent and partial, as style"),
    ("a number as style", lambda: tens(style=3), "expected plain, or tangent and partial, as style, found 3"),
    (
        "too deep a range",
        lambda: tens(["integer", -1], ["mul", 3, 2], ["add", 1, 4], axes=[[1, 5]]),
        "expected ranges at most 2 deep",
        {"table.DEPTH": 2},
    ),
    ("too large a range", lambda: tens(axes=[[1, 2]] * 5), "of at most 9 parts", {"table.SIZE": 9}),
    ("more superscripts than indices", lambda: tens(sup=2), "2 superscripts, but only 1 indices"),
    ("a fraction that is whole", lambda: raw(["rational", 4, 2]), "expected a fraction in lowest terms"),
    ("a fraction over 1", lambda: raw(["rational", 4, 1]), "expected a whole number of at most 60 digits"),
    (
        "a slot outside of a range",
        lambda: changed(
            GOOD, lambda d: (d["table"].append(["slot", 0]), d["steps"][0].update(lhs=len(d["table"]) - 1))
        ),
        "@0 has a bound index outside its sum",
    ),
    (
        "a bound index outside its sum",
        lambda: changed(
            GOOD, lambda d: (d["table"].append(["bound", 0]), d["steps"][0].update(lhs=len(d["table"]) - 1))
        ),
        "#0 has a bound index outside its sum",
    ),
    ("an index without a range", lambda: one("reflexivity", x[k], x[k]), "a letter of x[k] has no range"),
    # contexts and hypotheses
    (
        "a number as index",
        lambda: changed(GOOD, lambda d: d.update(contexts=[[[0, 0, 0]]])),
        "contexts: expected a new index, found 1",
    ),
    (
        "a size as index",
        lambda: one("reflexivity", ONE, ONE, Context(((N, ONE, ONE),))),
        "contexts: expected a new index, found N",
    ),
    (
        "an index twice",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, N), (k, ONE, N)))),
        "expected a new index, found k",
    ),
    (
        "a range with a later index",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, j), (j, ONE, N)))),
        "expected a range of k in terms of those before it",
    ),
    (
        "a range from a later index",
        lambda: one("reflexivity", ONE, ONE, Context(((k, j, N), (j, ONE, N)))),
        "expected a range of k in terms of those before it",
    ),
    (
        "a range to a half",
        lambda: one("reflexivity", ONE, ONE, Context(((k, ONE, Rational(7, 2)),))),
        "contexts: expected a whole, found 7/2",
    ),
    ("no such context", lambda: step(context=3), "expected a context, found 3"),
    ("a context from behind", lambda: step(context=-1), "expected a context, found -1"),
    ("no such hypothesis", lambda: step(hypotheses=[0]), "expected a hypothesis, found 0"),
    (
        "a hypothesis from behind",
        lambda: changed(
            after(ONE_IS_X, "symmetry", ONE, x[1]), lambda d: d["steps"][1].update(hypotheses=[-1])
        ),
        "expected a hypothesis, found -1",
    ),
    ("a hypothesis by a word", lambda: step(hypotheses=["h"]), "expected a hypothesis, found 'h'"),
    (
        "a hypothesis without a name",
        lambda: after(says("", x[1]), "reflexivity", ONE, ONE),
        "hypotheses: expected a name, found ''",
    ),
    (
        "a hypothesis with a number as name",
        lambda: changed(
            after(ONE_IS_X, "symmetry", ONE, x[1]), lambda d: d["hypotheses"][0].__setitem__(0, 5)
        ),
        "hypotheses: expected a name, found 5",
    ),
    (
        "a hypothesis of two lines",
        lambda: after(says("a\nb", x[1]), "reflexivity", ONE, ONE),
        "expected a name, found",
    ),
    (
        "an axiom",
        lambda: after(says("h", x[1], kind="axiom"), "reflexivity", ONE, ONE),
        "hypotheses: expected a kind of",
    ),
    (
        "a law for all entries",
        lambda: after(says("h", x[1], (), (x,)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all integers",
        lambda: after(says("h", x[1], (), (tensor("q", kind="integer"),)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all differentials",
        lambda: after(says("h", x[1], (), (u.tangent(),)), "reflexivity", ONE, ONE),
        "expected reals without index",
    ),
    (
        "a law for all of a size",
        lambda: changed(
            after(LAW, "symmetry", U, sigma(U)),
            lambda d: (
                d["table"].append(["size", "N"]),
                d["hypotheses"][0].__setitem__(5, [len(d["table"]) - 1]),
            ),
        ),
        "expected reals without index",
    ),
    (
        "a law of differentials",
        lambda: after(says("h", U * v.tangent()[()], (), (u,)), "reflexivity", ONE, ONE),
        "expected no differentials in a law for all real numbers",
    ),
    # every step
    ("no step", lambda: changed(GOOD, lambda d: d.update(steps=[5])), "step 0, None: expected a rule of"),
    ("an unknown rule", lambda: step(rule="axiom"), "step 0, axiom: expected a rule of reflexivity"),
    ("a method as rule", lambda: step(rule="given"), "step 0, given: expected a rule of reflexivity"),
    ("no premises", lambda: step(premises=None), "step 0, reflexivity: expected premises as list"),
    (
        "a step as its own premise",
        lambda: step(rule="symmetry", premises=[0]),
        "expected earlier steps as premises",
    ),
    (
        "a premise from behind",
        lambda: step(rule="symmetry", premises=[-1]),
        "expected earlier steps as premises",
    ),
    (
        "a premise by a word",
        lambda: step(rule="symmetry", premises=["0"]),
        "expected earlier steps as premises",
    ),
    (
        "another context",
        lambda: after(X_IS_Y, "symmetry", y[k], x[k], Context.of((k, 0, N))),
        "the conclusion holds in another context",
    ),
    (
        "a hypothesis dropped",
        lambda: after(ONE_IS_X, "symmetry", ONE, x[1], hyps=()),
        "the conclusion has other hypotheses",
    ),
    (
        "a hypothesis added",
        lambda: after(ONE_IS_X, "symmetry", ONE, x[1], hyps=(ONE_IS_X, LAW)),
        "the conclusion has other hypotheses",
    ),
    (
        "two hypotheses of one name",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("h", x[2], x[3]), x[1], x[3]
        ),
        "two hypotheses have one name",
    ),
    (
        "a hypothesis without a range",
        lambda: one(
            "assume",
            ONE,
            ONE,
            hyps=[Hypothesis("h", ONE, ONE, ((k, ONE, j),))],
            hypothesis=Hypothesis("h", ONE, ONE, ((k, ONE, j),)),
            outer=EMPTY,
        ),
        "expected a range of k in terms of those before it",
    ),
    ("a premise too many", lambda: after(ONE_IS_X, "reflexivity", ONE, ONE), "expected 0 premises, found 1"),
    # rules
    (
        "reflexivity of two terms",
        lambda: one("reflexivity", x[1], x[2]),
        "the conclusion is x[1] = x[1], found x[1] = x[2]",
    ),
    ("symmetry without a premise", lambda: one("symmetry", x[1], x[1]), "expected 1 premises, found 0"),
    (
        "symmetry the same way",
        lambda: after(ONE_IS_X, "symmetry", x[1], ONE),
        "the conclusion is 1 = x[1], found x[1] = 1",
    ),
    (
        "transitivity, one premise",
        lambda: after(ONE_IS_X, "transitivity", x[1], ONE),
        "expected 2 premises, found 1",
    ),
    (
        "transitivity, contexts",
        lambda: two(
            "transitivity", X_IS_Y, hypothesis_of("y is 0", y[k], ZERO, ((k, 1, 3),)), x[k], ZERO, TO_N
        ),
        "expected one context for both premises",
    ),
    (
        "transitivity, middle terms",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("g", x[3], x[4]), x[1], x[4]
        ),
        "middle terms differ: x[2] and x[3]",
    ),
    (
        "transitivity, conclusion",
        lambda: two(
            "transitivity", hypothesis_of("h", x[1], x[2]), hypothesis_of("g", x[2], x[4]), x[1], x[3]
        ),
        "the conclusion is x[1] = x[4]",
    ),
    (
        "assume, another equation",
        lambda: one("assume", x[1], ZERO, hyps=[ONE_IS_X], hypothesis=ONE_IS_X, outer=EMPTY),
        "the conclusion is x[1] = 1, found x[1] = 0",
    ),
    (
        "assume, with a premise",
        lambda: after(ONE_IS_X, "assume", x[1], ONE, hypothesis=ONE_IS_X, outer=EMPTY),
        "expected 0 premises, found 1",
    ),
    (
        "assume, its index in the context",
        lambda: one(
            "assume",
            x[k],
            y[k],
            Context(((k, ONE, N), (k, ONE, N))),
            hyps=[X_IS_Y],
            hypothesis=X_IS_Y,
            outer=TO_N,
        ),
        "expected a new index, found k",
    ),
    (
        "instantiate, no premise",
        lambda: one("instantiate", x[1], x[1], values=[]),
        "expected 1 premises, found 0",
    ),
    ("instantiate, no index", lambda: instance([(j, ONE)], y[1]), "j is no index of the premise"),
    ("instantiate, no integer", lambda: instance([(k, Rational(1, 2))], y[1]), "expected a whole, found 1/2"),
    ("instantiate, a value without range", lambda: instance([(k, j)], y[1]), "a letter of j has no range"),
    ("instantiate, an index left out", lambda: instance([], y[1]), "no range of k in the context"),
    (
        "instantiate, below the range",
        lambda: instance([(k, ZERO)], y[0], lhs=x[0]),
        "range of k: 0 is not known to lie in 1..N",
    ),
    (
        "instantiate, above the range",
        lambda: instance([(k, N + 1)], y[N + 1], lhs=x[N + 1]),
        "range of k: N + 1 is not known to lie in 1..N",
    ),
    (
        "instantiate, a shared index",
        lambda: instance([(j, ONE)], 0, EMPTY, Y_AT_J, J, lhs=y[1]),
        "j is shared with a hypothesis: it may not become 1",
    ),
    (
        "instantiate, conclusion",
        lambda: instance([(k, ONE)], y[2]),
        "the conclusion is x[1] = y[1], found x[1] = y[2]",
    ),
    (
        "congruence, paths and premises",
        lambda: after(X_IS_Y, "congruence", SUM, SUM, paths=[]),
        "expected 0 premises, found 1",
    ),
    (
        "congruence, no path",
        lambda: changed(
            under(SUM, [k], IndexSum(y[k], (k, 1, N))), lambda d: d["steps"][1].update(paths=[["k"]])
        ),
        "expected positions and letters in a path, found 'k'",
    ),
    (
        "congruence, a letter of two",
        lambda: changed(
            under(SUM, [k], IndexSum(y[k], (k, 1, N))), lambda d: d["steps"][1].update(paths=[[[0, 0]]])
        ),
        "expected positions and letters in a path, found [0, 0]",
    ),
    (
        "congruence, two at one place",
        lambda: two(
            "congruence",
            hypothesis_of("h", x[1], x[2]),
            hypothesis_of("g", x[1], x[3]),
            x[1],
            x[2],
            paths=[[], []],
        ),
        "two replacements overlap at x[1]",
    ),
    (
        "congruence, another subterm",
        lambda: under(y[1] + 1, [1], ZERO, ONE_IS_X),
        "is not the left side x[1]",
    ),
    (
        "congruence, range under the sum",
        lambda: under(IndexSum(x[k], (k, 0, N)), [k], IndexSum(y[k], (k, 0, N))),
        "range of k: the premise needs 1..N",
    ),
    (
        "congruence, no such index",
        lambda: under(x[1], [], ZERO, hypothesis_of("h", x[1], ZERO, ((k, 1, N),))),
        "range of k: the premise needs 1..N",
    ),
    (
        "congruence, capture by a hypothesis",
        lambda: under(
            IndexSum(y[k], (k, 1, N)),
            [j],
            IndexSum(ZERO + x[1], (k, 1, N)),
            hypothesis_of("y at j", y[j], x[1]),
            EMPTY,
            J,
        ),
        "a bound index is shared with hypothesis y at j",
    ),
    (
        "congruence, in a partial derivative",
        lambda: under(
            PartialDerivative(x[1], y[1]), [0], PartialDerivative(y[1], y[1]), hypothesis_of("h", x[1], y[1])
        ),
        "is no function of the values of its parts",
    ),
    (
        "congruence, in an exponent",
        lambda: under(x[1] ** 2, [1], x[1] ** 3, hypothesis_of("h", Integer(2), Integer(3))),
        "the exponent of x[1]**2 is no part that may be replaced",
    ),
    (
        "congruence, no such argument",
        lambda: under(x[1] + 1, [2], ZERO, ONE_IS_X),
        "no argument 2 in x[1] + 1",
    ),
    (
        "congruence, an argument from behind",
        lambda: under(x[1] + 1, [-1], Integer(2), ONE_IS_X),
        "no argument -1 in x[1] + 1",
    ),
    (
        "congruence, a body without a letter",
        lambda: under(IndexSum(x[1], (k, 1, N)), [0], IndexSum(ONE, (k, 1, N)), ONE_IS_X),
        "no argument 0 in sum(x[1], i=1..N)",
    ),
    (
        "congruence, a letter without a sum",
        lambda: under(x[1] + 1, [k], ZERO, ONE_IS_X),
        "expected one letter for the index of a sum in x[1] + 1",
    ),
    (
        "congruence, two letters",
        lambda: two(
            "congruence",
            X_IS_Y,
            hypothesis_of("x is 0", x[j], ZERO, ((j, 1, N),)),
            SUM,
            ZERO,
            paths=[[[k]], [[j]]],
        ),
        "expected one letter for the index of a sum",
    ),
    ("congruence, a size as letter", lambda: under(SUM, [N], ZERO), "capture: N may not name the index of"),
    (
        "congruence, a letter of the context",
        lambda: under(SUM, [k], IndexSum(y[k], (k, 1, N)), ctx=TO_N),
        "capture: k may not name the index of",
    ),
    (
        "congruence, a letter of the sum",
        lambda: under(
            IndexSum(w[j, k], (k, 1, N)), [j], ZERO, hypothesis_of("h", w[j, j], ZERO, ((j, 1, N),)), J
        ),
        "capture: j may not name the index of",
    ),
    (
        "congruence, conclusion",
        lambda: under(SUM, [k], IndexSum(y[k], (k, 2, N))),
        "the conclusion is sum(x[k], k=1..N) = sum(y[k], k=1..N)",
    ),
    (
        "ring, the sum of squares",
        lambda: one("ring", IndexSum(x[k] ** 2, (k, 1, N)), SUM**2),
        "do not multiply out to the same",
    ),
    (
        "ring, another coefficient",
        lambda: one("ring", x[1] * (x[2] + 1), x[1] * x[2] + 2 * x[1]),
        "do not multiply out to the same",
    ),
    ("ring, with a premise", lambda: after(ONE_IS_X, "ring", ONE, ONE), "expected 0 premises, found 1"),
    (
        "ring, another range",
        lambda: one("ring", SUM, IndexSum(x[k], (k, 1, L))),
        "do not multiply out to the same",
    ),
    (
        "ring, another entry",
        lambda: one("ring", IndexSum(w[j, k] * x[k], (k, 1, N)), IndexSum(w[k, j] * x[k], (k, 1, N)), J),
        "do not multiply out to the same",
    ),
    (
        "ring, one index for two",
        lambda: one(
            "ring",
            IndexSum(IndexSum(w[i, k], (i, 1, N)), (k, 1, N)),
            IndexSum(IndexSum(w[k, k], (i, 1, N)), (k, 1, N)),
        ),
        "do not multiply out to the same",
    ),
    (
        "ring, an outer index for a bound one",
        lambda: one("ring", IndexSum(w[k, k], (k, 1, N)), IndexSum(w[j, k], (k, 1, N)), J),
        "do not multiply out to the same",
    ),
    (
        "ring, a number for a bound index",
        lambda: one("ring", IndexSum(w[1, k], (k, 1, N)), IndexSum(w[k, 1], (k, 1, N))),
        "do not multiply out to the same",
    ),
    (
        "ring, a sum for a product",
        lambda: one("ring", IndexSum(sigma(2 * x[k]), (k, 1, N)), IndexSum(sigma(2 + x[k]), (k, 1, N))),
        "do not multiply out to the same",
    ),
    (
        "ring, a factor more",
        lambda: one(
            "ring", IndexSum(sigma(y[k] * x[k]), (k, 1, N)), IndexSum(sigma(y[k] * x[k] * x[1]), (k, 1, N))
        ),
        "do not multiply out to the same",
    ),
    (
        "ring, too many monomials",
        lambda: one("ring", (x[1] + x[2]) * (y[1] + y[2]), ZERO),
        "expected at most 3 monomials, found more",
        {"ring.MONOMIALS": 3},
    ),
    (
        "ring, too many monomials in a sum",
        lambda: one("ring", x[1] + x[2], ZERO),
        "expected at most 1 monomials, found more",
        {"ring.MONOMIALS": 1},
    ),
    (
        "ring, too high a power",
        lambda: one("ring", (x[1] + x[2]) ** 3, ZERO),
        "expected an exponent of at most 2, found 3",
        {"ring.POWER": 2},
    ),
    (
        "ring, too many attempts",
        lambda: one("ring", SUM, IndexSum(y[k], (k, 1, N)) * 0 + SUM),
        "expected sums that match in 0 attempts",
        {"ring.ATTEMPTS": 0},
    ),
    (
        "reindex, no sum",
        lambda: one("reindex", x[1], x[1], permutation=rho, parameters=[]),
        "expected a sum, found x[1]",
    ),
    (
        "reindex, no permutation",
        lambda: one(
            "reindex",
            SUM,
            IndexSum(x[tensor("q", (k, 1, N), kind="integer")[k]], (k, 1, N)),
            permutation=tensor("q", (k, 1, N), kind="integer"),
            parameters=[],
        ),
        "expected a permutation, found q",
    ),
    (
        "reindex, a function as permutation",
        lambda: changed(
            one("reindex", SUM, SUM, permutation=rho, parameters=[]),
            lambda d: (
                d["table"].append(["function", "s", "s", 0]),
                d["steps"][0].update(permutation=len(d["table"]) - 1),
            ),
        ),
        "expected a permutation, found s",
    ),
    (
        "reindex, a layer out of range",
        lambda: one(
            "reindex",
            IndexSum(a[l, j], (j, 1, n[l])),
            IndexSum(a[l, pi[l, j]], (j, 1, n[l])),
            Context.of((l, 0, L)),
            permutation=pi,
            parameters=[l],
        ),
        "l is not known to lie in 1..L, a range of pi",
    ),
    (
        "reindex, another layer",
        lambda: one(
            "reindex",
            IndexSum(a[l, j], (j, 1, n[l])),
            IndexSum(a[l, pi[l + 1, j]], (j, 1, n[l])),
            Context.of((l, 1, L - 1)),
            permutation=pi,
            parameters=[l + 1],
        ),
        "permutes 1..n[l + 1], not 1..n[l]",
    ),
    (
        "reindex, another first index",
        lambda: one(
            "reindex",
            IndexSum(x[k], (k, 0, N)),
            IndexSum(x[rho[k]], (k, 0, N)),
            permutation=rho,
            parameters=[],
        ),
        "permutes 1..N, not 0..N",
    ),
    (
        "reindex, too few parameters",
        lambda: one("reindex", SUM, SUM, permutation=pi, parameters=[]),
        "expected 2 indices, found 1",
    ),
    (
        "reindex, conclusion",
        lambda: one("reindex", SUM, SUM, permutation=rho, parameters=[]),
        "the conclusion is sum(x[k], k=1..N) = sum(x[rho[k]], k=1..N)",
    ),
    (
        "reindex, with a premise",
        lambda: after(ONE_IS_X, "reindex", SUM, SUM, permutation=rho, parameters=[]),
        "expected 0 premises, found 1",
    ),
    (
        "contraction, no delta",
        lambda: one("contraction", SUM, x[1]),
        "no delta of sum(x[k], k=1..N) gives x[1]",
    ),
    (
        "contraction, another relation",
        lambda: one(
            "contraction",
            IndexSum(Bracket.at_most(k, j) * x[k], (k, 1, N)),
            Bracket.at_most(1, j) * Bracket.at_most(j, N) * x[j],
            J,
        ),
        "no delta of",
    ),
    (
        "contraction, a stride",
        lambda: one("contraction", STRIDE, Bracket.at_most(1, j / 2) * Bracket.at_most(j / 2, N) * x[1], J),
        "no delta of",
    ),
    (
        "contraction, a half",
        lambda: one("contraction", HALF_DELTA, Bracket.at_most(1, N / 2) * Bracket.at_most(N / 2, N) * x[1]),
        "no delta of",
    ),
    ("contraction, a square", lambda: one("contraction", SQUARE, x[1], J), "no delta of"),
    (
        "contraction, without its brackets",
        lambda: one("contraction", IndexSum(Bracket.equal(k, j) * x[k], (k, 1, N)), x[j], J),
        "no delta of",
    ),
    ("decide, no bracket", lambda: one("decide", x[1], ONE), "expected a bracket of integers, found x[1]"),
    (
        "decide, no bracket, but an integer",
        lambda: one("decide", N, ONE),
        "expected a bracket of integers, found N",
    ),
    (
        "decide, of reals",
        lambda: one("decide", Bracket.at_most(0, x[1]), ONE),
        "expected a bracket of integers, found [0 <= x[1]]",
    ),
    (
        "decide, of the square of a real",
        lambda: one("decide", Bracket.at_most(1, x[1] ** 2), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, of a root",
        lambda: one("decide", Bracket.at_most(1, sqrt(N)), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, of an inverse",
        lambda: one("decide", Bracket.at_most(1, 1 / N), ONE),
        "expected a bracket of integers",
    ),
    (
        "decide, a product of unknown sign",
        lambda: one("decide", Bracket.at_most(0, j * k), ONE, Context.of((j, -3, 3), (k, 1, N))),
        "the ranges do not say",
    ),
    (
        "decide, by an integer that is no permutation",
        lambda: one("decide", Bracket.at_most(1, tensor("q", (k, 1, N), kind="integer")[1]), ONE),
        "the ranges do not say",
    ),
    (
        "decide, equal but only at least",
        lambda: one("decide", Bracket.equal(N, k), ONE, TO_N),
        "the ranges do not say",
    ),
    (
        "decide, equal but only at most 0",
        lambda: one("decide", Bracket.equal(0, k), ONE, Context.of((k, -3, 0))),
        "the ranges do not say",
    ),
    (
        "decide, of halves",
        lambda: one("decide", Bracket.equal(N / 2, k), ZERO, TO_N),
        "expected a bracket of integers",
    ),
    (
        "decide, not known",
        lambda: one("decide", Bracket.at_most(2, k), ONE, TO_N),
        "the ranges do not say that [2 <= k] is 1",
    ),
    (
        "decide, wrongly",
        lambda: one("decide", Bracket.at_most(1, k), ZERO, TO_N),
        "the ranges do not say that [1 <= k] is 0",
    ),
    (
        "decide, less but equal",
        lambda: one("decide", Bracket.less(1, k), ONE, TO_N),
        "the ranges do not say that [1 < k] is 1",
    ),
    (
        "decide, equal but not known",
        lambda: one("decide", Bracket.equal(1, k), ZERO, TO_N),
        "the ranges do not say that [1 = k] is 0",
    ),
    (
        "decide, equal but only at most",
        lambda: one("decide", Bracket.equal(1, k), ONE, TO_N),
        "the ranges do not say that [1 = k] is 1",
    ),
    (
        "decide, by a permutation out of its range",
        lambda: one("decide", Bracket.at_most(1, rho[N + 1]), ONE),
        "the ranges do not say",
    ),
    (
        "decide, by a negative product",
        lambda: one("decide", Bracket.at_most(0, -(N * L) + 3), ONE),
        "the ranges do not say",
    ),
    (
        "decide, with a premise",
        lambda: after(ONE_IS_X, "decide", Bracket.at_most(1, N * L), ONE),
        "expected 0 premises, found 1",
    ),
    (
        "an index of many terms",
        lambda: one("decide", Bracket.at_most(1, (N + L) * (N + L + 1) * (L + 2)), ONE),
        "expected an index with at most 3 terms",
        {"ranges.MOST": 3},
    ),
    (
        "split, too late",
        lambda: one("split", SUM, IndexSum(x[k], (k, 1, N + 1)) + 0, at=N + 1),
        "N + 1 is not known to lie in 0..N",
    ),
    (
        "split, too early",
        lambda: one("split", SUM, IndexSum(x[k], (k, 0, N)) + 0, at=Integer(-1)),
        "-1 is not known to lie in 0..N",
    ),
    ("split, at a half", lambda: one("split", SUM, SUM, at=Rational(1, 2)), "expected a whole, found 1/2"),
    (
        "split, conclusion",
        lambda: one("split", SUM, IndexSum(x[k], (k, 1, j)) + IndexSum(x[k], (k, j, N)), J, at=j),
        "the conclusion is",
    ),
    ("split, no sum", lambda: one("split", x[1], x[1], at=ONE), "expected a sum, found x[1]"),
    (
        "single, two values",
        lambda: one("single", IndexSum(x[k], (k, 1, 2)), x[1]),
        "expected a sum over one value",
    ),
    (
        "single, conclusion",
        lambda: one("single", IndexSum(x[k], (k, N, N)), x[1]),
        "the conclusion is sum(x[k], k=N..N) = x[N]",
    ),
    (
        "differentiation, no premise",
        lambda: one("differentiation", ZERO, ZERO),
        "expected 1 premises, found 0",
    ),
    (
        "differentiation, conclusion",
        lambda: after(hypothesis_of("h", U, v[()] ** 2), "differentiation", u.tangent()[()], v.tangent()[()]),
        "the conclusion is du[] = 2*dv[]*v[]",
    ),
    (
        "differentiation, a jump",
        lambda: after(
            hypothesis_of("h", U, Bracket.less(0, v[()])), "differentiation", u.tangent()[()], ZERO
        ),
        "has no differential everywhere",
    ),
    (
        "differentiation, a jump in a bracket",
        lambda: after(
            hypothesis_of("h", U, Bracket.equal(1, Bracket.less(0, v[()]))),
            "differentiation",
            u.tangent()[()],
            ZERO,
        ),
        "has no differential everywhere",
    ),
    (
        "differentiation, a partial derivative",
        lambda: after(
            hypothesis_of("h", U, PartialDerivative(x[1], y[1])), "differentiation", u.tangent()[()], ZERO
        ),
        "PartialDerivative has no differential",
    ),
    (
        "specialise, an entry",
        lambda: after(says("h", x[1], (), (u,)), "specialise", x[1], ZERO, real=x, value=ONE),
        "expected a real tensor without index, found x",
    ),
    (
        "specialise, free in the hypothesis",
        lambda: after(says("h", U - 1), "specialise", ZERO, ZERO, real=u, value=ONE),
        "u is free in hypothesis h",
    ),
    (
        "specialise, its differential in the hypothesis",
        lambda: after(says("h", u.tangent()[()]), "specialise", x.tangent()[1], ZERO, real=u, value=x[1]),
        "u is free in hypothesis h",
    ),
    (
        "specialise, a value without range",
        lambda: after(ONE_IS_X, "specialise", x[1], ONE, real=u, value=x[k]),
        "a letter of x[k] has no range",
    ),
    (
        "specialise, a partial derivative",
        lambda: after(
            hypothesis_of("h", PartialDerivative(U, v[()]) + U, U, (), "assumption", (u,)),
            "specialise",
            PartialDerivative(U, v[()]) + 1,
            ONE,
            real=u,
            value=ONE,
        ),
        "expected no partial derivative",
    ),
    (
        "specialise, a partial derivative on the right",
        lambda: after(
            hypothesis_of("h", U, PartialDerivative(U, v[()]), (), "assumption", (u,)),
            "specialise",
            ONE,
            ONE,
            real=u,
            value=ONE,
        ),
        "expected no partial derivative",
    ),
    (
        "specialise, conclusion",
        lambda: after(LAW, "specialise", sigma(x[1]), x[2], real=u, value=x[1]),
        "the conclusion is sigma(x[1]) = x[1]",
    ),
    (
        "derivative, free in the hypothesis",
        lambda: after(says("h", U - 1), "derivative", ONE, ZERO, real=u),
        "u is free in hypothesis h",
    ),
    (
        "derivative, conclusion",
        lambda: after(LAW, "derivative", sigma(U, order=1), ZERO, real=u),
        "the conclusion is sigma'(u[]) = 1",
    ),
    (
        "derivative, an entry",
        lambda: after(LAW, "derivative", ONE, ONE, real=x),
        "expected a real tensor without index, found x",
    ),
    # induction
    (
        "induction, no such goal",
        lambda: induction([GOAL], [START], [NEXT], [], which=1),
        "expected one of 1 goals, found 1",
    ),
    (
        "induction, a goal from behind",
        lambda: induction([GOAL], [START], [NEXT], [], which=-1),
        "expected one of 1 goals, found -1",
    ),
    (
        "induction, a size as index",
        lambda: induction([GOAL], [START], [NEXT], [], limits=(N, ZERO, L)),
        "expected a new index, found N",
    ),
    (
        "induction, a premise missing",
        lambda: induction([GOAL], [START], [NEXT], [], premises=1),
        "expected 2 premises, found 1",
    ),
    (
        "induction, a wrong base",
        lambda: induction([GOAL], [says("start", f[1])], [NEXT], []),
        "found f[1] = 0 at base or step, not f[0] = 0",
    ),
    (
        "induction, a wrong step",
        lambda: induction([GOAL], [START], [says("next", f[l])], []),
        "found f[l] = 0 at base or step, not f[l + 1] = 0",
    ),
    (
        "induction downwards, the base of the other way",
        lambda: induction([GOAL], [START], [says("next", f[l])], [], rule="induction downwards"),
        "found f[0] = 0 at base or step, not f[L] = 0",
    ),
    (
        "induction, a step in another range",
        lambda: induction([GOAL], [START], [NEXT], [], inner=Context.of((l, 0, L - 2))),
        "base or step of f is 0 holds in another context",
    ),
    (
        "induction, a step with the index in a hypothesis",
        lambda: induction([GOAL], [START], [NEXT], [NEXT, START]),
        "an index is free in hypothesis next",
    ),
    (
        "induction, the own index of a goal",
        lambda: induction([GOAL, says("g", f[l], ((l, 0, L),))], [START, START], [NEXT, NEXT], []),
        "capture of an own index of hypothesis g",
    ),
    ("induction, a base for one real number", real_goal, "[u] is free in hypothesis base"),
    (
        "induction, another conclusion",
        lambda: changed(by_step(GOAL), lambda d: d["steps"][-1].update(lhs=d["steps"][0]["lhs"])),
        "the conclusion is f[l] = 0",
    ),
    (
        "induction, the goal as its own premise",
        lambda: by_step(GOAL, extra=says("other", g[l])),
        "an index is free in hypothesis other",
    ),
)


def second_differential() -> str:
    """phi(u) = u, differentiated twice, and then u = x."""
    du, ddu = u.tangent()[()], u.tangent().tangent()[()]
    once = sigma(U, order=1) * du
    twice = sigma(U, order=2) * du**2 + sigma(U, order=1) * ddu
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", once, du, EMPTY, [LAW], [0])
    draft.step("differentiation", twice, ddu, EMPTY, [LAW], [1])
    draft.step(
        "specialise",
        twice.xreplace({U: x[1], du: x.tangent()[1]}),
        ddu,
        EMPTY,
        [LAW],
        [2],
        real=u,
        value=x[1],
    )
    return draft.text()


def derivative_of_differentials() -> str:
    """sigma(u) = u, differentiated along the variable, and then by u."""
    du = u.tangent()[()]
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", sigma(U, order=1) * du, du, EMPTY, [LAW], [0])
    draft.step("derivative", sigma(U, order=2) * du, ZERO, EMPTY, [LAW], [1], real=u)
    return draft.text()


REFUSED += (
    ("specialise, a second differential", second_differential, "expected no second differential of u"),
    ("derivative, of differentials", derivative_of_differentials, "expected no differentials"),
)


V, DU, DV = v[()], u.tangent()[()], v.tangent()[()]
TOTAL = hypothesis_of("total", U, cost(family(x[k] * k, (k, 1, N))) + IndexSum(k * y[k], (k, 1, N)))
SOFTPLUS = hypothesis_of("softplus", U, log(1 + exp(V)))


def specialised_differential() -> str:
    """sigma(u) = u, differentiated, and then u = x."""
    draft = Draft()
    draft.assume(LAW)
    draft.step("differentiation", sigma(U, order=1) * DU, DU, EMPTY, [LAW], [0])
    dx = x.tangent()[1]
    draft.step("specialise", sigma(x[1], order=1) * dx, dx, EMPTY, [LAW], [1], real=u, value=x[1])
    return draft.text()


SIZED = hypothesis_of("law", sigma(U) * N * n[1], U, (), "assumption", (u,))
SIZES = hypothesis_of("sizes", U, Bracket.at_most(n[1], N) * v[()])
ACCEPTED: tuple[tuple[str, Callable[[], str]], ...] = (
    ("a good step", lambda: GOOD),
    (
        "contraction",
        lambda: one(
            "contraction",
            IndexSum(Bracket.equal(k, j) * x[k], (k, 1, N)),
            Bracket.at_most(1, j) * Bracket.at_most(j, N) * x[j],
            J,
        ),
    ),
    ("single", lambda: one("single", IndexSum(x[k], (k, N, N)), x[N])),
    ("derivative", lambda: after(LAW, "derivative", sigma(U, order=1), ONE, real=u)),
    (
        "differentiation, sums and functionals",
        lambda: after(TOTAL, "differentiation", DU, differential(TOTAL.rhs)),
    ),
    (
        "ring, over a sum of squares",
        lambda: one(
            "ring",
            (x[2] + 1) * y[1] / (1 + x[1] ** 2),
            y[1] * x[2] / (1 + x[1] ** 2) + y[1] / (1 + x[1] ** 2),
        ),
    ),
    ("specialise, with the differential", specialised_differential),
    (
        "differentiation, exponential and logarithm",
        lambda: after(SOFTPLUS, "differentiation", DU, DV * exp(V) / (1 + exp(V))),
    ),
    ("congruence, nowhere", lambda: one("congruence", x[1], x[1], paths=[])),
    ("decide, no", lambda: one("decide", Bracket.equal(0, k), ZERO, TO_N)),
    ("a logarithm of a product", lambda: one("reflexivity", log(N * L), log(N * L))),
    (
        "ring, a sum inside",
        lambda: one(
            "ring",
            sigma(IndexSum(x[k] * (y[k] + 1), (k, 1, N))),
            sigma(IndexSum(x[k] * y[k], (k, 1, N)) + SUM),
        ),
    ),
    (
        "specialise, beside sizes",
        lambda: after(SIZED, "specialise", sigma(x[1]) * N * n[1], x[1], real=u, value=x[1]),
    ),
    (
        "differentiation, a bracket of sizes",
        lambda: after(SIZES, "differentiation", u.tangent()[()], Bracket.at_most(n[1], N) * v.tangent()[()]),
    ),
    ("congruence, in the base of a power", lambda: under(x[1] ** 2, [0], ONE, ONE_IS_X)),
    ("congruence, under a sum", lambda: under(SUM, [k], IndexSum(y[k], (k, 1, N)))),
    ("instantiate", lambda: instance([(k, ONE)], y[1])),
    ("split", lambda: one("split", SUM, IndexSum(x[k], (k, 1, j)) + IndexSum(x[k], (k, j + 1, N)), J, at=j)),
    ("reindex", lambda: one("reindex", SUM, IndexSum(x[rho[k]], (k, 1, N)), permutation=rho, parameters=[])),
    ("decide, by a permutation", lambda: one("decide", Bracket.at_most(rho[rho[j]], N), ONE, J)),
    (
        "decide, a bracket as a number",
        lambda: one("decide", Bracket.at_most(0, Bracket.equal(j, 2) * N), ONE, J),
    ),
    ("induction", lambda: by_step(GOAL)),
    (
        "ring, the length of a sum",
        lambda: one("ring", IndexSum(x[1], (k, 0, N)), x[1] * IndexSum(ONE, (k, 0, N))),
    ),
    ("ring, an inverse", lambda: one("ring", (x[1] ** 2 + 1) * x[2] / (1 + x[1] ** 2), x[2])),
    ("ring, exponentials", lambda: one("ring", exp(x[1] + 2 * x[2]), exp(x[1]) * exp(x[2]) ** 2)),
    (
        "ring, a family",
        lambda: one(
            "ring", cost(family(x[k] * (y[k] + 1), (k, 1, N))), cost(family(x[k] * y[k] + x[k], (k, 1, N)))
        ),
    ),
    (
        "ring, a delta the other way",
        lambda: one(
            "ring",
            IndexSum(Bracket.equal(j + 1, k) * x[k] * 2, (k, 1, N)),
            2 * IndexSum(Bracket.equal(k - 1, j) * x[k], (k, 1, N)),
            J,
        ),
    ),
)
"""What no change of the checker may refuse."""


def cases() -> list[Case]:
    """All rows, with bounds."""
    return [(row[0], row[1], row[2], row[3] if len(row) > 3 else {}) for row in REFUSED]
