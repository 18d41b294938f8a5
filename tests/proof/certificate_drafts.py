"""Certificates that no kernel would write: their steps are put down by hand, right or wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr

from symderive.calculus import TensorSymbol
from symderive.calculus.ranges import EMPTY, Context
from symderive.proof.certificate import _Writer
from symderive.proof.kernel import Hypothesis


class Draft:
    """A certificate in the making; `text` is the file. Terms go into its table, nothing is looked at."""

    def __init__(self) -> None:
        self.writer = _Writer()
        self.change: Callable[[dict[str, Any]], object] = lambda data: None

    def number(self, e: Any) -> Any:
        """What the file says of a term, hypothesis, context, or of a list of these."""
        if isinstance(e, Hypothesis):
            return self.writer.hypothesis(e)
        if isinstance(e, Context):
            return self.writer.context(e)
        if isinstance(e, list | tuple):
            return [self.number(x) for x in e]
        return self.writer.term(e) if isinstance(e, Expr | TensorSymbol) else e

    def step(
        self, rule: str, lhs: Expr, rhs: Expr, ctx: Context = EMPTY, hyps: Sequence[Hypothesis] = (),
        premises: Sequence[int] = (), **arguments: Any,
    ) -> int:  # fmt: skip
        """One more step; its number."""
        row = {"rule": rule, "premises": list(premises), "context": self.number(ctx)}
        row |= {name: self.number(e) for name, e in arguments.items()}
        row |= {"hypotheses": self.number(list(hyps)), "lhs": self.number(lhs), "rhs": self.number(rhs)}
        self.writer.steps.append(row)
        return len(self.writer.steps) - 1

    def assume(self, h: Hypothesis, ctx: Context = EMPTY) -> int:
        """The step h |- h."""
        within = Context((*ctx.limits, *h.indices))
        return self.step("assume", h.lhs, h.rhs, within, [h], hypothesis=h, outer=ctx)

    def text(self) -> str:
        """The file, in which the last step is the theorem t."""
        data = json.loads(self.writer.text({}))
        data["theorems"] = {"t": len(self.writer.steps) - 1}
        self.change(data)
        return json.dumps(data)


def one(rule: str, lhs: Expr, rhs: Expr, ctx: Context = EMPTY, **arguments: Any) -> str:
    """A certificate of one step without premises."""
    draft = Draft()
    draft.step(rule, lhs, rhs, ctx, **arguments)
    return draft.text()


def changed(text: str, change: Callable[[dict[str, Any]], object]) -> str:
    """The certificate with a change of its parts."""
    data = json.loads(text)
    change(data)
    return json.dumps(data)
