"""A certificate as a file: its parts, each admitted once, and its steps, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, preorder_traversal
from sympy.core.basic import Basic

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.proof.checker.rules import RULES, Step
from symderive.proof.checker.sequent import (
    KINDS,
    Context,
    Hypothesis,
    NotJSON,
    Sequent,
    is_real,
    known,
    letters,
    need,
    plain,
    refuse,
    tangents,
    within_one_line,
)
from symderive.proof.checker.table import DIGITS, SECONDS, at, table

FORMAT, VERSION = "symderive-certificate", 1
BYTES, STEPS, NAMES = 60_000_000, 200_000, 10_000


@dataclass(frozen=True)
class Replayed:
    """What a certificate proves: theorems by name, the number of steps, and how often each rule was used."""

    theorems: Mapping[str, Sequent]
    steps: int
    rules: Mapping[str, int]


class File:
    """A certificate: its terms, hypotheses and contexts, each admitted once; then its steps, in order."""

    def __init__(self, data: Any) -> None:
        parts = ["contexts", "format", "hypotheses", "steps", "table", "theorems", "version"]
        need(isinstance(data, dict) and sorted(data) == parts, "expected an object of {}", ", ".join(parts))
        good = (data["format"], data["version"]) == (FORMAT, VERSION) and type(data["version"]) is int
        need(good, "expected {}, version {}", FORMAT, VERSION)
        for name in ("contexts", "hypotheses", "steps"):
            short = isinstance(data[name], list) and len(data[name]) <= STEPS
            need(short, "expected a list of at most {} {}", STEPS, name)
        self.data, self.start = data, time.monotonic()
        self.rows = table(data["table"])
        self.sequents: list[Sequent] = []
        self.counts: dict[str, int] = {}
        with within_one_line("contexts"):
            self.contexts = [self.admit(self.limits(c)) for c in data["contexts"]]
        with within_one_line("hypotheses"):
            self.hypotheses = [self._hypothesis(*h) for h in data["hypotheses"]]

    def thing(self, n: Any) -> Any:
        """The name or term of a row."""
        return at(self.rows, n).thing

    def closed(self, n: Any, ctx: Context | None, what: str = "scalar") -> Expr:
        """A number without a loose index, whose letters the context has."""
        row = at(self.rows, n, what)
        need(not row.lacks and not row.slots, "{} has a bound index outside its sum", row.thing)
        need(ctx is None or letters(row.thing) <= known(ctx), "a letter of {} has no range", row.thing)
        return row.thing

    def limits(self, rows: Any) -> Context:
        """Indices with integers as ends of their ranges."""
        return tuple(
            (self.thing(k), self.closed(lo, None, "whole"), self.closed(hi, None, "whole"))
            for k, lo, hi in rows
        )

    def admit(self, ctx: Context) -> Context:
        """A context: each index plain and new, its range in terms of those before it."""
        for n, (k, lo, hi) in enumerate(ctx):
            before = known(ctx[:n])
            need(plain(k) and k not in before, "expected a new index, found {}", k)
            need(letters(lo) | letters(hi) <= before, "expected a range of {} in terms of those before it", k)
        return ctx

    def context(self, n: int) -> Context:
        """A context by its number."""
        need(0 <= n < len(self.contexts), "expected a context, found {}", n)
        return self.contexts[n]

    def hypothesis(self, n: Any) -> Hypothesis:
        """A hypothesis by its number."""
        need(type(n) is int and 0 <= n < len(self.hypotheses), "expected a hypothesis, found {!r:.40}", n)
        return self.hypotheses[int(n)]

    def _hypothesis(self, name: Any, kind: Any, lhs: Any, rhs: Any, limits: Any, reals: Any) -> Hypothesis:
        need(isinstance(name, str) and name and name.isprintable(), "expected a name, found {!r:.40}", name)
        need(kind in KINDS, "expected a kind of {}", ", ".join(KINDS))
        own, sides = tuple(map(self.thing, reals)), [self.closed(e, None) for e in (lhs, rhs)]
        need(all(map(is_real, own)), "expected reals without index")
        need(not (own and tangents(*sides)), "expected no differentials in a law for all real numbers")
        return Hypothesis(name, kind, sides[0], sides[1], self.limits(limits), own)

    def check(self, number: int, row: Any) -> None:
        """The step of this number, whose premises have been checked; adds what it concludes."""
        rule = str(row.get("rule") if isinstance(row, dict) else None)
        with within_one_line(f"step {number}, {rule[:40]}"):
            need(time.monotonic() - self.start < SECONDS, "expected at most {} s", SECONDS)
            need(rule in RULES, "expected a rule of {}", ", ".join(RULES))
            step = Step(self, row, number)
            ctx, hypotheses = getattr(step, rule.replace(" ", "_"))()
            need(self.admit(ctx) == step.context, "the conclusion holds in another context")
            shown = [self.hypothesis(h) for h in step.get("hypotheses", list)]
            need(frozenset(shown) == hypotheses, "the conclusion has other hypotheses")
            need(len({h.name for h in hypotheses}) == len(shown), "two hypotheses have one name")
            for h in hypotheses:
                need(h.shared() <= known(ctx), "an index of hypothesis {} has no range", h.name)
            self.sequents.append(Sequent(ctx, hypotheses, step.lhs, step.rhs))
            self.counts[rule] = self.counts.get(rule, 0) + 1

    def replay(self) -> Replayed:
        """Every step, and then what the theorems say."""
        for n, row in enumerate(self.data["steps"]):
            self.check(n, row)
        named, found = self.data["theorems"], {}
        few = isinstance(named, dict) and 0 < len(named) <= NAMES
        need(few, "expected theorems by name, at most {}", NAMES)
        for name, n in named.items():
            need(name.isprintable() and name.strip(), "expected a name for a theorem, found {!r:.40}", name)
            need(type(n) is int and 0 <= n < len(self.sequents), "theorem {:.40}: expected a step", name)
            with within_one_line(f"theorem {name:.40}"):
                found[name] = readable(self.sequents[n])
        return Replayed(found, len(self.sequents), dict(sorted(self.counts.items())))


def readable(t: Sequent) -> Sequent:
    """The sequent, if no two of its names look the same to a reader."""
    seen: dict[Any, Basic] = {}
    waiting: list[Basic] = [t.lhs, t.rhs, *(e for limit in t.context for e in limit)]
    waiting += [e for h in t.hypotheses for e in (*h.terms(), *h.reals)]
    known: set[Basic] = set()
    while waiting:
        for e in {*preorder_traversal(waiting.pop())} - known:
            known.add(e)
            looks: list[Any] = [("symbol", e.name)] if isinstance(e, Symbol) else []
            if isinstance(e, TensorSymbol):
                waiting += [end for axis in e.axes for end in axis]
                marks = e.mark.split()[: e.style.count("partial")]  # as many as are printed
                looks = [("tensor", e.name), ("tensor printed", e.latex_name, e.style, *marks)]
            elif isinstance(e, ScalarFunction | Functional):
                looks = [("function", e.name), ("function printed", e.latex_name)]
            for look in looks:
                need(seen.setdefault(look, e) == e, "two different things are both shown as {}", e)
    return t


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    need(len(dict(pairs)) == len(pairs), "expected each key once")
    return dict(pairs)


def _integer(text: str) -> int:
    need(len(text) <= DIGITS, "expected integers of at most {} digits", DIGITS)
    return int(text)


def replay(text: str) -> Replayed:
    """What a certificate proves; CheckerError, in one line, for anything else.

    >>> replay("[]")
    Traceback (most recent call last):
    symderive.proof.checker.sequent.CheckerError: expected an object of contexts, format, hypotheses, steps,
    table, theorems, version
    """
    with within_one_line("JSON", NotJSON):
        need(isinstance(text, str) and len(text) <= BYTES, "expected a text of at most {} bytes", BYTES)
        data = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=refuse, parse_constant=refuse
        )
    return File(data).replay()
