"""Certificates written by hand, right or wrong: whatever the writer would never write."""

from __future__ import annotations

import json
from typing import Any

from sympy import Integer, Symbol

from symderive.proof.certificate import FORMAT, VERSION, _Writer


class Draft:
    """A certificate in the making. Terms are SymPy's, or numbers of rows; steps are what their rules ask for."""

    def __init__(self) -> None:
        self.writer = _Writer()
        self.hypotheses: list[Any] = []
        self.contexts: list[Any] = []
        self.steps: list[Any] = []
        self.theorems: Any = None
        self.more: dict[str, Any] = {}

    def row(self, *row: Any) -> int:
        """A row of the table as it stands here."""
        self.writer.table.append(list(row))
        return len(self.writer.table) - 1

    def term(self, e: Any) -> int:
        """The row of a term."""
        return self.writer.term(Integer(e) if isinstance(e, int) else e)

    def terms(self, *several: Any) -> list[int]:
        return [self.term(e) for e in several]

    def limits(self, *limits: Any) -> list[Any]:
        """Indices with their ranges."""
        return [self.terms(*limit) for limit in limits]

    def context(self, *limits: Any) -> int:
        """The number of a context."""
        row = self.limits(*limits)
        if row not in self.contexts:
            self.contexts.append(row)
        return self.contexts.index(row)

    def hypothesis(
        self, name: str, lhs: Any, rhs: Any, *own: Any, kind: str = "assumption", reals: Any = ()
    ) -> int:
        """The number of a hypothesis, for all own indices and all own real numbers."""
        self.hypotheses.append([name, kind, *self.terms(lhs, rhs), self.limits(*own), self.terms(*reals)])
        return len(self.hypotheses) - 1

    def step(
        self,
        rule: str,
        lhs: Any,
        rhs: Any,
        *limits: Any,
        premises: Any = (),
        hypotheses: Any = (),
        **arguments: Any,
    ) -> int:
        """The number of a step that concludes lhs = rhs, for indices with these ranges."""
        row = {"rule": rule, "premises": list(premises), **arguments}
        row |= {"context": self.context(*limits), "hypotheses": list(hypotheses)}
        self.steps.append(row | {"lhs": self.term(lhs), "rhs": self.term(rhs)})
        return len(self.steps) - 1

    def assume(self, name: str, lhs: Any, rhs: Any, *own: Any, outer: Any = (), **more: Any) -> int:
        """The step h |- h for a new hypothesis."""
        h = self.hypothesis(name, lhs, rhs, *own, **more)
        return self.again(h, lhs, rhs, *own, outer=outer)

    def again(self, h: int, lhs: Any, rhs: Any, *own: Any, outer: Any = ()) -> int:
        """The step h |- h for a hypothesis that is there already."""
        return self.step(
            "assume", lhs, rhs, *outer, *own, hypotheses=[h], hypothesis=h, outer=self.context(*outer)
        )

    def congruence(self, lhs: Any, rhs: Any, *limits: Any, work: Any, **more: Any) -> int:
        """A step by congruence; work gives pairs of a path, with letters as symbols, and a premise."""
        paths = [[[self.term(h)] if isinstance(h, Symbol) else h for h in path] for path, _ in work]
        return self.step("congruence", lhs, rhs, *limits, premises=[p for _, p in work], paths=paths, **more)

    def induction(
        self, goals: Any, which: int, lhs: Any, rhs: Any, limits: Any, *own: Any, outer: Any = (), **more: Any
    ) -> int:
        """A step by induction over an index with its range."""
        rule = more.pop("rule", "induction")
        return self.step(
            rule, lhs, rhs, *outer, limits, *own,
            goals=goals, which=which, limits=self.terms(*limits), outer=self.context(*outer), **more,
        )  # fmt: skip

    def data(self) -> dict[str, Any]:
        """The certificate as it will be written; its theorem is the last step unless said otherwise."""
        named = {"t": len(self.steps) - 1} if self.theorems is None else self.theorems
        return {
            "format": FORMAT, "version": VERSION, "table": self.writer.table, "hypotheses": self.hypotheses,
            "contexts": self.contexts, "steps": self.steps, "theorems": named, **self.more,
        }  # fmt: skip

    def text(self) -> str:
        """The certificate as a file has it."""
        return json.dumps(self.data())


__all__ = ["Draft"]
