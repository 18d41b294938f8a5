r"""The verdict on a formula: read, tried in small networks in exact arithmetic, proved, or put right.

A formula is a chain of sides; each link is judged. First the reading is found under which both sides have
values of one shape. Then both are computed at random numbers. What differs there is refuted; what agrees is
proved if the kernel finds a proof, else it is said to be tested.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from symderive.dialect import DialectError, read
from symderive.dialect.syntax import BigOperator, Node, Statement, Sum
from symderive.errors import SymderiveError
from symderive.formulas.example import worked
from symderive.formulas.functions import LARGE
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.prepare import prepared
from symderive.formulas.proving import Proven, certified, proven
from symderive.formulas.readings import USUAL, Reading
from symderive.formulas.repair import repaired
from symderive.formulas.setting import Setting, SettingError
from symderive.formulas.special import special_cases
from symderive.formulas.spots import Edit
from symderive.formulas.trial import Outcome
from symderive.formulas.trying import SEEDS, tried, world_of
from symderive.formulas.unwrapping import unwrapped
from symderive.formulas.verdict import Verdict
from symderive.systems.system import System

READINGS: tuple[tuple[str, Reading], ...] = (
    ("", USUAL),
    ("factors are taken from left to right", Reading("left to right")),
    ("elementwise products are taken before matrix products", Reading("entrywise first")),
    (r"\cdot is the inner product", Reading(inner=True)),
    ("gradients of vectors are laid out as rows", Reading(gradients="transposed")),
    ("gradients of vectors are laid out as rows", Reading("left to right", "transposed")),
    ("vectors are rows, and weights are stored in-by-out", Reading(rows=True)),
    ("vectors are rows, and weights are stored in-by-out", Reading("left to right", rows=True)),
)


EQUALITIES = frozenset({"=", ":=", r"\equiv", r"\triangleq", r"\doteq", r"\stackrel{def}{=}", r"\coloneqq"})


CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "order": ("usual", "left to right", "entrywise first"),
    "gradients": ("columns", "rows"),
    "layout": ("stated", "rows"),
    "dot": ("elementwise", "inner"),
}
"""What can be fixed: grouping of factors, vectors of derivatives, everything transposed, what a dot is."""


UNREADABLE = frozenset({"name", "unknown"})


@dataclass(frozen=True)
class Link:
    """What became of one equality of a chain."""

    left: Node
    right: Node
    status: str
    reading: Reading = USUAL
    conditions: tuple[str, ...] = ()
    outcome: Outcome | None = None
    tried: int = 0


def judge(
    formula: str, given: Setting, macros: Mapping[str, str] | None = None, seconds: float = 5.0
) -> Verdict:
    """The verdict on the formula, in this setting. A formula that cannot be read is unknown, and says why."""
    deadline = time.monotonic() + seconds
    allowed(given)
    try:
        statements = read(formula, {**given.macros, **(macros or {})}, given.words)
    except DialectError as error:
        return _unknown(formula, str(error), getattr(error, "column", None))
    if not statements:
        return _unknown(formula, "expected a formula, found none")
    found = [_statement(formula, s, given, deadline) for s in statements]
    return found[0] if len(found) == 1 else joined(formula, found)


def _unknown(formula: str, reason: str, column: int | None = None, line: int = 1) -> Verdict:
    return Verdict("unknown", formula, "nothing is known of it", reason=reason, column=column, line=line)


def joined(formula: str, verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on several statements: refuted if one is, unknown if one is, else the weakest."""
    order = ("refuted", "unknown", "numeric", "exact", "proved")
    # a remark that is no claim does not count where there are claims
    telling = [v for v in verdicts if not v.reason.startswith("expected a relation")] or list(verdicts)
    worst = min(telling, key=lambda v: order.index(v.status))
    conditions = tuple(dict.fromkeys(c for v in telling for c in v.conditions))
    return replace(worst, formula=formula, conditions=conditions)


def _statement(formula: str, s: Statement, given: Setting, deadline: float) -> Verdict:
    sides, relations = s.sides, s.relations
    if len(sides) == 1:
        if given.goal is None:
            return _unknown(formula, "expected a relation such as =, found an expression alone", line=s.line)
        sides, relations = (given.goal, sides[0]), ("=",)
    for r in relations:
        if (
            r not in EQUALITIES
            and r != r"\propto"
            and not (r in (r"\leftarrow", r"\gets") and len(sides) == 2)
        ):
            return _unknown(formula, f"expected equalities, found {r}", line=s.line)
    reader = Interpreter(given, world_of(given, "formal", SEEDS[0]))
    try:
        sides = tuple(unwrapped(x, reader) for x in sides)
    except (SettingError, RecursionError) as error:
        return _unknown(formula, str(error) or type(error).__name__, line=s.line)
    links = []
    for (left, right), relation in zip(pairwise(sides), relations, strict=True):
        if circular(left, right):
            return _unknown(
                formula, "the left side stands in a sum on the right: it says nothing", line=s.line
            )
        if updates(left, right):
            return _unknown(formula, "an update gives a new value and says no equality", line=s.line)
        try:
            link = judged(given, left, right, deadline)
        except (SettingError, RecursionError) as error:
            return _unknown(formula, str(error) or type(error).__name__, line=s.line)
        links.append(link)
        if link.status == "refuted" and relation == r"\propto":
            return _unknown(formula, "an equality up to a factor is not judged", line=s.line)
        if link.status == "refuted":
            return _refuted(formula, s, given, link, deadline)
    return _holding(formula, s, given, links, deadline)


def circular(left: Node, right: Node) -> bool:
    """Whether a side is a sum of the other side."""
    return any(isinstance(n, BigOperator) and any(x == left for x in n.body.walk()) for n in right.walk())


def updates(left: Node, right: Node) -> bool:
    """Whether the right side is the left side with something added: w := w - eta dw."""
    return isinstance(right, Sum) and len(right.terms) > 1 and left in right.terms


def allowed(given: Setting) -> list[tuple[str, Reading]]:
    """The readings that the conventions of a setting leave open; SettingError for one that there is not."""
    for key, value in given.conventions.items():
        if value not in CONVENTIONS.get(key, ()):
            known = "; ".join(f"{k}: {', '.join(v)}" for k, v in CONVENTIONS.items())
            raise SettingError(f"conventions: expected {known}, found {key} = {value!r:.30}")
    fixed = given.conventions
    order, gradients = fixed.get("order"), fixed.get("gradients")
    layout, dot = fixed.get("layout"), fixed.get("dot")
    found = [
        (words, r)
        for words, r in READINGS
        if order in (None, r.order)
        and gradients in (None, "rows" if r.gradients == "transposed" else "columns")
        and layout in (None, "rows" if r.rows else "stated")
        and dot in (None, "inner" if r.inner else "elementwise")
    ]
    return found or [("", USUAL)]


def judged(given: Setting, left: Node, right: Node, deadline: float) -> Link:
    """One equality: the reading that gives it a meaning, and whether it holds under it."""
    first: Outcome | None = None
    refuted: Link | None = None
    for words, reading in allowed(given):
        if time.monotonic() > deadline:
            break
        if refuted is not None and (reading.rows or reading.gradients == "transposed"):
            break  # it has a meaning as it stands, and is wrong
        outcome = tried(given, left, right, reading)
        if first is None:
            first = outcome
        if outcome.kind in UNREADABLE:
            return Link(left, right, "unknown", reading, outcome=outcome)
        conditions = tuple(dict.fromkeys([*([words] if words else []), *outcome.remarks]))
        if outcome.equal:
            status = "numeric" if outcome.text == "real" else "exact"
            return Link(left, right, status, reading, conditions, outcome, outcome.tried)
        if outcome.kind == "different" and refuted is None:
            refuted = Link(left, right, "refuted", reading, conditions, outcome)
    if refuted is not None:
        return refuted
    if first is None:
        return Link(left, right, "unknown", USUAL, (), Outcome("unknown", "no time was left"))
    if first.kind in ("types", "index", "index order", "range"):
        return Link(left, right, "refuted", USUAL, (), first)
    return Link(left, right, "unknown", USUAL, (), first)


def _holding(formula: str, s: Statement, given: Setting, links: Sequence[Link], deadline: float) -> Verdict:
    unknown = next((x for x in links if x.status == "unknown"), None)
    if unknown is not None:
        outcome = unknown.outcome
        assert outcome is not None
        return _unknown(formula, outcome.text or outcome.kind, outcome.column or None, s.line)
    conditions = tuple(dict.fromkeys(c for x in links for c in x.conditions))
    proofs = _proofs(given, links, deadline)
    theorems = {f"equality {n}": p.theorem for n, p in enumerate(proofs or (), 1)}
    text = certified(theorems) if theorems else None
    if text is not None and proofs is not None:
        conditions = tuple(dict.fromkeys([*conditions, *(c for p in proofs for c in p.conditions)]))
        summary = "proved by the kernel for all sizes, and replayed by the checker"
        return Verdict("proved", formula, summary, conditions, line=s.line, certificate=text)
    status = "numeric" if any(x.status == "numeric" for x in links) else "exact"
    points = sum(x.tried for x in links)
    if status == "exact":
        chance = f"error probability below {_chance(links)}"
        summary = f"both sides agree at {points} random points in exact arithmetic, {chance}"
    else:
        summary = f"both sides agree at {points} random points in floating point"
    return Verdict(status, formula, summary, conditions, line=s.line)


def _proofs(given: Setting, links: Sequence[Link], deadline: float) -> list[Proven] | None:
    """A proof for each link, or None."""
    if given.where:
        return None
    found = []
    for link in links:
        left = max(0.05, min(2.0, deadline - time.monotonic()))
        one = proven(given, link.left, link.right, link.reading, left)
        if one is None:
            return None
        found.append(one)
    return found


def _chance(links: Sequence[Link]) -> str:
    """A bound of the probability that two different polynomials of degree 60 agree in a world."""
    return f"{60 / (2 * LARGE) * max(1, len(links)):.0e}"


def _refuted(formula: str, s: Statement, given: Setting, link: Link, deadline: float) -> Verdict:
    outcome = link.outcome
    assert outcome is not None
    wrong_types = outcome.kind != "different"
    reason = outcome.text if wrong_types else ""
    fix = repaired(given, link.left, link.right, link.reading, deadline)
    diagnosis = fix.fault if fix is not None else ""
    if not diagnosis and wrong_types:
        diagnosis = outcome.kind
    right_form = "" if fix is None else _with_side(s, link, fix)
    example = () if time.monotonic() > deadline else worked(given, link.left, link.right, link.reading)
    summary = "the types of its sides do not fit" if wrong_types else "its sides differ"
    return Verdict(
        "refuted", formula, summary, conditional(given, link, deadline), diagnosis, right_form, example,
        reason,
        outcome.column or link.right.column or None, s.line,
    )  # fmt: skip


def _with_side(s: Statement, link: Link, fix: Edit) -> str:
    if len(s.sides) == 1:
        return str(fix.node)
    return f"{fix.node} = {link.right}" if fix.on_left else f"{link.left} = {fix.node}"


def conditional(given: Setting, link: Link, deadline: float) -> tuple[str, ...]:
    """Special cases in which a formula that is wrong in general holds."""
    found = []
    for words, case in special_cases(given):
        if time.monotonic() > deadline:
            break
        try:
            outcome = tried(case, link.left, link.right, link.reading, thorough=False)
            if outcome.equal:
                outcome = tried(case, link.left, link.right, link.reading)
        except SettingError:
            continue
        if outcome.equal:
            found.append(words)
    return tuple(found)


def check(
    formula: str,
    given: Mapping[str, Any] | str | System | None = None,
    *,
    context: Sequence[str] = (),
    conventions: Mapping[str, str] | None = None,
    macros: Mapping[str, str] | None = None,
    seconds: float = 5.0,
) -> Verdict:
    r"""The verdict on a formula as people write it; `given` says what its names mean.

    A system, a setting (see `symderive.formulas.setting`), or the name of a preset; by default mlp.

    `context`: further definitions, such as "z = W x + b". SymderiveError for a setting that cannot be used.

    >>> v = check(r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)")
    >>> v.holds
    True
    >>> v = check(r"\delta^l = W^{l+1} \delta^{l+1} \odot \sigma'(z^l)")
    >>> v.status, v.diagnosis
    ('refuted', 'missing transpose')
    >>> print(v.right_form)
    \delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)
    """
    if not isinstance(formula, str):
        raise SymderiveError(f"check: expected a formula as text, found {formula!r:.40}")
    verdict = judge(formula, prepared(given, context, conventions), macros, seconds)
    if given is None and not context and verdict.status == "refuted" and not verdict.right_form:
        # no edit makes it a formula of the network that was taken for want of another
        reason = f"the network was not stated, and in mlp: {verdict.reason or verdict.summary}"
        return replace(
            verdict,
            status="unknown",
            summary="nothing is known of it",
            diagnosis="",
            example=(),
            reason=reason,
        )
    return verdict
