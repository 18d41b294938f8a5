r"""A certificate: every step that led to some theorems, as JSON that the checker replays.

    table       names and terms, each once, in terms of those before it: ["entry", w, l, j, k]
    hypotheses  name, kind, lhs, rhs, own indices with their ranges, own real numbers
    contexts    indices with their ranges
    steps       rule, premises (earlier steps), arguments, and what is concluded
    theorems    name -> step

The same proof gives the same bytes. Nothing here is trusted: what is written wrongly is refused there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp, log
from sympy.core.basic import Basic

from symderive.calculus.atoms import BoundIndex, Functional, ScalarFunction, Slot, TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import (
    Applied,
    Binder,
    Bracket,
    Entry,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.proof.kernel import Hypothesis, Theorem
from symderive.proof.result import Proved

FORMAT, VERSION = "symderive-certificate", 1

Row = list[Any]


def certificate(theorems: Mapping[str, Theorem]) -> str:
    """The certificate of theorems by name, one JSON text.

    >>> from symderive.calculus import indices, tensor
    >>> from symderive.calculus.ranges import Context
    >>> from symderive.proof import kernel
    >>> j, = indices("j"); x = tensor("x", (j, 1, 3))
    >>> text = certificate({"trivial": kernel.reflexivity(x[j], Context.of((j, 1, 3)))})
    >>> json.loads(text)["steps"]
    [{'rule': 'reflexivity', 'premises': [], 'context': 0, 'hypotheses': [], 'lhs': 4, 'rhs': 4}]
    """
    return _Writer().text(theorems)


def named_theorems(proved: Proved) -> dict[str, Theorem]:
    """All that a document of the library shows as proved: propositions, and the chains that lead to them.

    >>> from symderive.library import prove
    >>> list(named_theorems(prove("T1")))[:2]
    ['one layer', 'one layer: One layer']
    """
    found: dict[str, Theorem] = {}
    for p in proved.propositions:
        for name, t in ((p.name, p.theorem), *((f"{p.name}: {a.title}", a.theorem) for a in p.arguments)):
            number, free = 1, name
            while free in found:
                number += 1
                free = f"{name} ({number})"
            found[free] = t
    return found


class _Writer:
    def __init__(self) -> None:
        self.table: list[Row] = []
        self.place: dict[Basic, int] = {}
        self.hypotheses: dict[Hypothesis, int] = {}
        self.contexts: dict[Context, int] = {}
        self.steps: list[dict[str, Any]] = []
        self.sets: dict[frozenset[Hypothesis], list[int]] = {}
        self.done: dict[Theorem, int] = {}

    def text(self, theorems: Mapping[str, Theorem]) -> str:
        """All of it; a line for each row and step, so that differences can be read."""
        named = {name: self.step(t) for name, t in theorems.items()}
        parts: dict[str, list[Any]] = {
            "table": self.table,
            "hypotheses": [self._hypothesis_row(h) for h in self.hypotheses],
            "contexts": [self._limits(c.limits) for c in self.contexts],
            "steps": self.steps,
        }
        lines = [f'"format": {json.dumps(FORMAT)}', f'"version": {VERSION}']
        for name, rows in parts.items():
            body = ",\n".join(_dumped(row) for row in rows)
            lines.append(f'"{name}": [\n{body}\n]' if rows else f'"{name}": []')
        lines.append(f'"theorems": {_dumped(named)}')
        return "{\n" + ",\n".join(lines) + "\n}\n"

    # ------------------------------------------------------------------------------------------- terms

    def term(self, e: Basic) -> int:
        """The place of a name or term in the table."""
        if e not in self.place:
            row = self._row(e)
            self.place[e] = len(self.table)
            self.table.append(row)
        return self.place[e]

    def _row(self, e: Basic) -> Row:
        if isinstance(e, Integer):
            return ["integer", int(e)]
        if isinstance(e, Rational):
            return ["rational", int(e.p), int(e.q)]
        if isinstance(e, Symbol):
            return ["size" if e.is_positive else "index", e.name]
        if isinstance(e, BoundIndex):
            return ["bound", e.level]
        if isinstance(e, Slot):
            return ["slot", e.position]
        if isinstance(e, TensorSymbol):
            axes = [self._terms(axis) for axis in e.axes]
            return ["tensor", e.name, axes, e.sup, e.latex_name, e.kind, [*e.letters], e.style, e.mark]
        if isinstance(e, ScalarFunction):
            return ["function", e.name, e.latex_name, e.sup]
        if isinstance(e, Functional):
            return ["functional", e.name, e.latex_name, e.arity]
        if isinstance(e, Entry):
            return ["entry", self.term(e.symbol), *self._terms(e.index)]
        if isinstance(e, Binder):
            return ["sum" if isinstance(e, IndexSum) else "family", *self._terms(e.args)]
        if isinstance(e, Bracket):
            return ["bracket", e.relation, self.term(e.a), self.term(e.b)]
        if isinstance(e, Applied):
            return ["applied", self.term(e.function), e.order, *self._terms((*e.sup, e.argument))]
        if isinstance(e, FunctionalValue):
            partials = [[int(p[0]), *self._terms(p[1:])] for p in e.partials]
            return ["value", self.term(e.functional), partials, *self._terms(e.families)]
        heads = {Add: "add", Mul: "mul", Pow: "pow", exp: "exp", log: "log", PartialDerivative: "partial"}
        return [heads[type(e)], *self._terms(e.args)]

    def _terms(self, several: Sequence[Basic]) -> list[int]:
        return [self.term(e) for e in several]

    def _limits(self, limits: Sequence[tuple[Symbol, Expr, Expr]]) -> list[list[int]]:
        return [self._terms(limit) for limit in limits]

    # ------------------------------------------------------------------------------ hypotheses and steps

    def hypothesis(self, h: Hypothesis) -> int:
        """The number of a hypothesis."""
        if h not in self.hypotheses:
            self._hypothesis_row(h)  # its terms come into the table now
            self.hypotheses[h] = len(self.hypotheses)
        return self.hypotheses[h]

    def _hypothesis_row(self, h: Hypothesis) -> Row:
        sides = self._terms((h.lhs, h.rhs))
        return [h.name, h.kind, *sides, self._limits(h.indices), self._terms(h.reals)]

    def context(self, c: Context) -> int:
        """The number of a context."""
        if c not in self.contexts:
            self._limits(c.limits)
            self.contexts[c] = len(self.contexts)
        return self.contexts[c]

    def step(self, t: Theorem) -> int:
        """The number of the step that made a theorem; its premises come before it."""
        waiting = [t]
        while waiting:
            now = waiting[-1]
            missing = [p for p in now.premises if p not in self.done]
            if now in self.done or missing:
                waiting += reversed(missing)
                if now in self.done:
                    waiting.pop()
                continue
            self.done[now] = len(self.steps)
            self.steps.append(self._step(now))
            waiting.pop()
        return self.done[t]

    def _step(self, t: Theorem) -> dict[str, Any]:
        row: dict[str, Any] = {"rule": t.rule, "premises": [self.done[p] for p in t.premises]}
        arguments = _ARGUMENTS.get(t.rule)
        if arguments is not None:
            row |= arguments(self, t)
        if t.hypotheses not in self.sets:  # within a theorem each has a name of its own
            named = sorted(t.hypotheses, key=lambda h: h.name)
            self.sets[t.hypotheses] = [self.hypothesis(h) for h in named]
        row |= {"context": self.context(t.context), "hypotheses": self.sets[t.hypotheses]}
        return row | {"lhs": self.term(t.lhs), "rhs": self.term(t.rhs)}

    def path(self, path: Sequence[int | Symbol]) -> list[Any]:
        """Positions as numbers, letters as [place in the table]."""
        return [p if isinstance(p, int) else [self.term(p)] for p in path]

    def induction(self, t: Theorem) -> dict[str, Any]:
        """The goals, which one is concluded, and the index."""
        goals, which, limits, ctx, _ = t.arguments
        return {
            "goals": [self.hypothesis(g) for g in goals],
            "which": which,
            "limits": self._terms(limits),
            "outer": self.context(ctx),
        }


# What a step needs beside its premises and its conclusion.
_ARGUMENTS: dict[str, Callable[[_Writer, Theorem], dict[str, Any]]] = {
    "assume": lambda w, t: {"hypothesis": w.hypothesis(t.arguments[0]), "outer": w.context(t.arguments[1])},
    "instantiate": lambda w, t: {"values": [w._terms(pair) for pair in t.arguments[0]]},
    "congruence": lambda w, t: {"paths": [w.path(p) for p in t.arguments[1]]},
    "reindex": lambda w, t: {"permutation": w.term(t.arguments[0]), "parameters": w._terms(t.arguments[1])},
    "split": lambda w, t: {"at": w.term(t.arguments[0])},
    "specialise": lambda w, t: {"real": w.term(t.arguments[0]), "value": w.term(t.arguments[1])},
    "derivative": lambda w, t: {"real": w.term(t.arguments[0])},
    "vanishing": lambda w, t: {"path": w.path(t.arguments[0])},
    "induction": _Writer.induction,
    "induction downwards": _Writer.induction,
}


def _dumped(row: Any) -> str:
    return json.dumps(row, ensure_ascii=True, separators=(", ", ": "))


__all__ = ["certificate", "named_theorems"]
