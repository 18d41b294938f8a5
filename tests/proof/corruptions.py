"""Certificates with one thing changed: a term, range, rule, premise, order, hypothesis, context or argument.

A change is local: a term is changed where one step or one hypothesis speaks of it, and nowhere else (the
table gets new rows for it). Steps before the first that can notice are not replayed again: they are what they
were.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symderive.proof.certificate import certificate
from symderive.proof.checker.files import File, readable
from symderive.proof.checker.rules import RULES
from symderive.proof.checker.sequent import CheckerError, Sequent
from symderive.proof.checker.table import table
from symderive.proof.kernel import Theorem

Row = list[Any]
# Where a row of the table speaks of other rows: by position, after the head.
TERMS = {
    "add", "mul", "pow", "exp", "log", "entry", "sum", "family", "bracket", "applied", "value", "partial",
}  # fmt: skip


class NothingToChange(Exception):
    """The place that was chosen has nothing of this kind."""


@dataclass
class Original:
    """A certificate that replays, with the sequents of all its steps."""

    name: str
    data: dict[str, Any]
    file: File

    @classmethod
    def of(cls, name: str, theorems: Mapping[str, Theorem]) -> Original:
        data = json.loads(certificate(theorems))
        file = File(data)
        file.replay()
        return cls(name, data, file)


@dataclass
class Corrupted:
    """The parts that differ, and the first step that can notice."""

    kind: str
    rows: list[Row]
    hypotheses: list[Row]
    contexts: list[Row]
    steps: list[dict[str, Any]]
    first: int

    def replayed(self, original: Original) -> tuple[list[Sequent], dict[str, Sequent]]:
        """What the checker concludes at every step, and by name; CheckerError where it refuses."""
        file = copy.copy(original.file)
        file.counts = {}
        file.rows = table(self.rows, original.file.rows)
        given = original.data["contexts"]
        file.contexts = [
            original.file.contexts[n] if n < len(given) and row is given[n] else file.admit(file.limits(row))
            for n, row in enumerate(self.contexts)
        ]
        file.hypotheses = [
            old if row is was else file._hypothesis(*row)
            for old, row, was in zip(
                original.file.hypotheses, self.hypotheses, original.data["hypotheses"], strict=True
            )
        ]
        file.sequents = list(original.file.sequents[: self.first])
        for n in range(self.first, len(self.steps)):
            file.check(n, self.steps[n])
        named = {}
        for name, n in original.data["theorems"].items():
            if n >= len(file.sequents):
                raise CheckerError(f"theorem {name}: expected a step")
            named[name] = readable(file.sequents[n])
        return file.sequents, named


class Corrupter:
    """Draws changes of one certificate."""

    def __init__(self, original: Original, seed: int) -> None:
        self.original = original
        self.random = random.Random(seed)
        self.table = original.data["table"]

    def draw(self, kind: str) -> Corrupted:
        """One change of this kind; NothingToChange where the place drawn has none."""
        data = self.original.data
        found = Corrupted(kind, [], list(data["hypotheses"]), list(data["contexts"]), list(data["steps"]), 0)
        KINDS[kind](self, found)
        return found

    # ------------------------------------------------------------------------------------------- terms

    def changed(self, found: Corrupted, n: int) -> int:
        """A new row for the term of row n with one part changed somewhere in it."""
        rows = self.table + found.rows
        row = copy.deepcopy(rows[n])
        places = _references(row) if row[0] in TERMS else []
        places = [p for p in places if rows[_get(row, p)][0] not in ("tensor", "function", "functional")]
        if places and self.random.random() < 0.75:
            place = self.random.choice(places)
            _set(row, place, self.changed(found, _get(row, place)))
        else:
            self.leaf(found, row)
        found.rows.append(row)
        return len(self.table) + len(found.rows) - 1

    def leaf(self, found: Corrupted, row: Row) -> None:
        """The row itself, changed in place."""
        head = row[0]
        if head in ("integer", "bound"):
            row[1] += self.random.choice((-1, 1, 2))
        elif head == "rational":
            row[1] += row[2]
        elif head in ("index", "size"):
            row[1] = self.random.choice([c for c in "jklmpqrsNLT" if c != row[1]])
        elif head == "bracket":
            row[1] = self.random.choice([r for r in ("=", "<=", "<") if r != row[1]])
        elif head == "applied" and self.random.random() < 0.5:
            row[2] = 1 - row[2] if row[2] < 2 else 1
        elif head in ("add", "mul") and len(row) > 3 and self.random.random() < 0.5:
            del row[self.random.randrange(1, len(row))]
        elif head in ("add", "mul"):
            row[0] = "mul" if head == "add" else "add"
        elif head in TERMS:
            place = self.random.choice(_references(row))
            old = _get(row, place)
            head = (self.table + found.rows)[old][0]
            new = self.random.choice([n for n, r in enumerate(self.table) if r[0] == head])
            if new == old:
                raise NothingToChange
            _set(row, place, new)
        else:
            raise NothingToChange

    # ----------------------------------------------------------------------------------------- places

    def step(self, found: Corrupted) -> dict[str, Any]:
        """A copy of a random step, put into its place; later ones are replayed."""
        n = self.random.randrange(len(found.steps))
        found.first = n
        found.steps[n] = copy.deepcopy(found.steps[n])
        return found.steps[n]

    def first_use(self, found: Corrupted, names: tuple[str, ...], number: int) -> None:
        """The first step that speaks of a context or hypothesis."""
        for n, s in enumerate(found.steps):
            spoken = [s[name] for name in names if name in s]
            if any(number in x if isinstance(x, list) else x == number for x in spoken):
                found.first = n
                return
        raise NothingToChange


def _references(row: Row) -> list[tuple[int, ...]]:
    """Where a row has numbers of other rows."""
    head = row[0]
    if head == "bracket":
        return [(2,), (3,)]
    if head == "applied":
        return [(n,) for n in (1, *range(3, len(row)))]
    if head == "value":
        inner = [(2, p, n) for p, partial in enumerate(row[2]) for n in range(1, len(partial))]
        return [(1,), *((n,) for n in range(3, len(row))), *inner]
    return [(n,) for n in range(1, len(row))]


def _get(row: Row, place: tuple[int, ...]) -> Any:
    for n in place:
        row = row[n]
    return row


def _set(row: Row, place: tuple[int, ...], value: Any) -> None:
    *outer, last = place
    for n in outer:
        row = row[n]
    row[last] = value


# --------------------------------------------------------------------------------------- kinds of change


def _conclusion(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    side = c.random.choice(("lhs", "rhs"))
    step[side] = c.changed(found, step[side])


def _both_sides(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    step["lhs"], step["rhs"] = step["rhs"], step["lhs"]


def _hypothesis(c: Corrupter, found: Corrupted) -> None:
    n = c.random.randrange(len(found.hypotheses))
    row = found.hypotheses[n] = copy.deepcopy(found.hypotheses[n])
    side = c.random.choice((2, 3))
    row[side] = c.changed(found, row[side])
    c.first_use(found, ("hypothesis", "goals", "hypotheses"), n)


def _range(row: list[Any], c: Corrupter, found: Corrupted) -> None:
    if not row:
        raise NothingToChange
    limit = c.random.choice(row)
    end = c.random.choice((1, 2))
    limit[end] = c.changed(found, limit[end])


def _range_of_hypothesis(c: Corrupter, found: Corrupted) -> None:
    n = c.random.randrange(len(found.hypotheses))
    row = found.hypotheses[n] = copy.deepcopy(found.hypotheses[n])
    _range(row[4], c, found)
    c.first_use(found, ("hypothesis", "goals", "hypotheses"), n)


def _range_of_context(c: Corrupter, found: Corrupted) -> None:
    """The context of one step gets another range."""
    step = c.step(found)
    name = "outer" if "outer" in step and c.random.random() < 0.5 else "context"
    row = copy.deepcopy(found.contexts[step[name]])
    _range(row, c, found)
    step[name] = len(found.contexts)
    found.contexts.append(row)


def _range_everywhere(c: Corrupter, found: Corrupted) -> None:
    """A context gets another range, for all steps that are in it: what they prove is another statement."""
    n = c.random.randrange(len(found.contexts))
    found.contexts[n] = copy.deepcopy(found.contexts[n])
    _range(found.contexts[n], c, found)
    c.first_use(found, ("context", "outer"), n)


def _rule(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    step["rule"] = c.random.choice([r for r in RULES if r != step["rule"]])


def _premise(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    if not step["premises"]:
        raise NothingToChange
    n = c.random.randrange(len(step["premises"]))
    step["premises"][n] = c.random.randrange(found.first)


def _premises(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    what = c.random.choice(("drop", "add", "turn", "later"))
    if what == "drop" and step["premises"]:
        step["premises"].pop()
    elif what == "add" and found.first:
        step["premises"].append(c.random.randrange(found.first))
    elif what == "turn" and len(set(step["premises"])) > 1:
        step["premises"].reverse()
    elif what == "later":
        step["premises"] = [found.first, *step["premises"][1:]]
    else:
        raise NothingToChange


def _order(c: Corrupter, found: Corrupted) -> None:
    n = c.random.randrange(len(found.steps) - 1)
    found.first = n
    found.steps[n], found.steps[n + 1] = found.steps[n + 1], found.steps[n]


def _left_out(c: Corrupter, found: Corrupted) -> None:
    n = c.random.randrange(len(found.steps) - 1)
    found.first = n
    del found.steps[n]


def _hypothesis_dropped(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    if not step["hypotheses"]:
        raise NothingToChange
    step["hypotheses"].remove(c.random.choice(step["hypotheses"]))


def _hypothesis_added(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    others = [n for n in range(len(found.hypotheses)) if n not in step["hypotheses"]]
    if not others:
        raise NothingToChange
    step["hypotheses"].append(c.random.choice(others))


def _context(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    name = "outer" if "outer" in step and c.random.random() < 0.5 else "context"
    others = [n for n in range(len(found.contexts)) if n != step[name]]
    if not others:
        raise NothingToChange
    step[name] = c.random.choice(others)


def _argument(c: Corrupter, found: Corrupted) -> None:
    step = c.step(found)
    plain = {"rule", "premises", "context", "hypotheses", "lhs", "rhs", "outer"}
    names = [name for name in step if name not in plain]
    if not names:
        raise NothingToChange
    name = c.random.choice(names)
    value = step[name]
    if name == "which":
        step[name] = value + c.random.choice((-1, 1))
    elif name in ("at", "value"):
        step[name] = c.changed(found, value)
    elif name in ("hypothesis", "real", "permutation"):
        step[name] = c.random.randrange(len(found.hypotheses if name == "hypothesis" else c.table))
    elif name == "values" and value:
        pair = c.random.choice(value)
        pair[1] = c.changed(found, pair[1])
    elif name == "parameters" and value:
        n = c.random.randrange(len(value))
        value[n] = c.changed(found, value[n])
    elif name == "limits":
        n = c.random.randrange(3)
        value[n] = c.changed(found, value[n])
    elif name == "goals":
        n = c.random.randrange(len(value))
        value[n] = c.random.randrange(len(found.hypotheses))
    elif name == "paths" and any(value):
        path = c.random.choice([p for p in value if p])
        n = c.random.randrange(len(path))
        if isinstance(path[n], list):
            letters = [m for m, r in enumerate(c.table) if r[0] == "index"]
            path[n] = [c.random.choice(letters)]
        else:
            path[n] += c.random.choice((-1, 1, 2))
    else:
        raise NothingToChange


KINDS: dict[str, Callable[[Corrupter, Corrupted], None]] = {
    "term of a conclusion": _conclusion,
    "sides of a conclusion": _both_sides,
    "term of a hypothesis or definition": _hypothesis,
    "range of a hypothesis or definition": _range_of_hypothesis,
    "range of a context": _range_of_context,
    "range of a context, everywhere": _range_everywhere,
    "rule": _rule,
    "premise": _premise,
    "premises": _premises,
    "order of steps": _order,
    "step left out": _left_out,
    "hypothesis dropped": _hypothesis_dropped,
    "hypothesis added": _hypothesis_added,
    "context": _context,
    "argument": _argument,
}
