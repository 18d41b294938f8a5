"""Special cases of a setting: one activation, one cost, one output. What holds only there is said to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from symderive.dialect.syntax import Call, Name, Node
from symderive.formulas.setting import Setting, setting

KINDS = ("identity", "relu", "sigmoid", "tanh")


def special_cases(given: Setting) -> Sequence[tuple[str, Setting]]:
    """Words for each case, and the setting; made once."""
    if "cases" not in given.kept:
        given.kept["cases"] = list(_cases(given))
    found: Sequence[tuple[str, Setting]] = given.kept["cases"]
    return found


def _cases(given: Setting) -> Iterator[tuple[str, Setting]]:
    for name, f in given.functions.items():
        if f.kind == "generic" and not f.of and name == f.name:
            for kind in KINDS:
                own = {
                    k: replace(g, kind=kind) if g.name == f.name or g.of == f.name else g
                    for k, g in given.functions.items()
                }
                yield f"{name} is {kind}", replace(given, functions=own, kept={})
    for label, words in _dimensions(given).items():
        yield words, replace(given, units=frozenset({label}), kept={})


COSTS: tuple[tuple[str, str, str], ...] = (
    ("C is half the squared error", r"\frac{1}{2} SQUARED", ""),
    ("C is the squared error", "SQUARED", ""),
    ("C is half the squared error, and the output is linear", r"\frac{1}{2} SQUARED", "identity"),
    ("C is the squared error, and the output is linear", "SQUARED", "identity"),
    ("C is the cross-entropy of sigmoid outputs", "BINARY", "sigmoid"),
    ("C is the cross-entropy of softmax outputs", "CLASSES", "softmax"),
    ("C is half the squared error, and the outputs are sigmoids", r"\frac{1}{2} SQUARED", "sigmoid"),
    ("C is half the squared error, and the outputs are tanh", r"\frac{1}{2} SQUARED", "tanh"),
    ("C is half the mean squared error of the batch", r"\frac{1}{2 m} SQUARED", ""),
    ("C is the mean cross-entropy of sigmoid outputs", r"\frac{1}{m} BINARY", "sigmoid"),
    ("C is the mean cross-entropy of softmax outputs", r"\frac{1}{m} CLASSES", "softmax"),
)
"""Costs that may be meant where the setting has an arbitrary one: words, the cost, the output's function."""


def cost_cases(given: Setting) -> Iterator[tuple[str, Setting]]:
    """Words for each cost of COSTS, and the setting with it, where the setting has an arbitrary function of
    the last layer and its target; each made once, when it is asked for."""
    made: list[tuple[str, Setting]] = given.kept.setdefault("costs", [])
    if "more costs" not in given.kept:
        given.kept["more costs"] = _costs(given)
    n = 0
    while True:
        if n == len(made):
            one = next(given.kept["more costs"], None)
            if one is None:
                return
            made.append(one)
        yield made[n]
        n += 1


def target_of(given: Setting) -> str:
    """The name of the target in an arbitrary cost of two arguments; empty where there is none."""
    call = _opaque(given)
    return call.arguments[1].base if call is not None and isinstance(call.arguments[1], Name) else ""


def _opaque(given: Setting) -> Call | None:
    for d in given.of(given.cost) if given.cost is not None else ():
        right = d.right
        head = right.function if isinstance(right, Call) else None
        f = given.functions.get(head.base) if isinstance(head, Name) else None
        if f is not None and f.kind == "cost" and isinstance(right, Call) and len(right.arguments) == 2:
            return right
    return None


def _costs(given: Setting) -> Iterator[tuple[str, Setting]]:
    call = _opaque(given)
    if call is None or given.cost is None or not all(isinstance(a, Name) for a in call.arguments):
        return
    a, y = map(str, call.arguments)
    batch = given.examples
    at = "_{ij}" if batch else "_j"
    over = r"\sum_i \sum_j" if batch else r"\sum_j"
    texts = {
        "SQUARED": rf"{over} ({a}{at} - {y}{at})^2",
        "BINARY": rf"{over} (-{y}{at} \log {a}{at} - (1 - {y}{at}) \log (1 - {a}{at}))",
        "CLASSES": rf"{over} (-{y}{at} \log {a}{at})",
    }
    last = str(call.arguments[0])
    before = _before(given, call.arguments[0])
    for words, cost, output in COSTS:
        if ("mean" in words and not batch) or (output and not before):
            continue
        for key, text in texts.items():
            cost = cost.replace(key, text)
        source = {k: v for k, v in given.source.items() if k != "preset"}
        name = given.cost.base
        replaced = {name, last} if output else {name}
        definitions = [d for d in source["definitions"] if d.split("=")[0].strip() not in replaced]
        functions = dict(source.get("functions", {}))
        if output:
            along = f" of {_rows_or_columns(given, y)}" if batch and output == "softmax" else ""
            functions["out"] = output + along
            definitions.append(f"{last} = out({before})")
        definitions.append(f"{name} = {cost}")
        new = {**source, "functions": functions, "definitions": definitions, "cost": name}
        if output == "softmax":
            new["simplex"] = [*source.get("simplex", ()), y]
        yield words, setting(new)


def _before(given: Setting, last: Node) -> str:
    """z^L, where a^l = sigma(z^l) is defined and a^L is the last layer; empty where there is none."""
    found = given.find(last) if isinstance(last, Name) else None
    for d in given.of(found.quantity) if found is not None and isinstance(last, Name) else ():
        right = d.right
        inner = right.arguments[0] if isinstance(right, Call) and len(right.arguments) == 1 else None
        if isinstance(inner, Name) and isinstance(last, Name):
            return f"{inner.base}^{{{last.sup[0]}}}" if last.sup else inner.base
    return ""


def _rows_or_columns(given: Setting, target: str) -> str:
    """How the examples of a batch lie in the target."""
    for q in given.quantities:
        if q.base == target and q.shape is not None:
            return "rows" if str(q.shape[0]) == given.examples else "columns"
    return "columns"


def _dimensions(given: Setting) -> dict[str, str]:
    """The dimensions that could be 1: those of one name, and the last of a family, n_L."""
    found: dict[str, str] = {}
    deepest = {str(high) for _, high in given.indices.values() if isinstance(high, Name)}
    for q in given.quantities:
        for e in q.shape or ():
            if isinstance(e, Name) and not e.sub:
                found.setdefault(e.base, f"{e.base} = 1")
            elif isinstance(e, Name) and str(e.sub[0]) in deepest:
                found.setdefault(f"{e.base}_{e.sub[0]}", f"{e.base}_{e.sub[0]} = 1")
    return found
