"""Certificates that break one condition of the checker each: files and tables.

A row: what is wrong; a function that makes the file; a part of the refusal; bounds that are made smaller, so
that a small file breaks them.
"""

from __future__ import annotations

import json
from typing import Any

from certificate_drafts import changed, one
from certificate_setting import (
    GOOD,
    SIZE_AS_INDEX,
    X,
    Y,
    raw,
    tens,
)
from kernel_setting import ZERO, N, cost, k, sigma, x

from symderive.calculus import TensorSymbol, tensor
from symderive.calculus.ranges import Context

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
)
