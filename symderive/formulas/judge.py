r"""The verdict on a formula: read, tried in small networks in exact arithmetic, proved, or put right.

A formula is a chain of sides; each link is judged. First the reading is found under which both sides have
values of one shape. Then both are computed at random numbers. What differs there is refuted; what agrees is
proved if the kernel finds a proof, else it is said to be tested.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, cast

from symderive.dialect import DialectError, read
from symderive.dialect.syntax import BigOperator, Name, Node, Statement
from symderive.errors import SymderiveError
from symderive.formulas.conventions import ANY, variants
from symderive.formulas.example import worked
from symderive.formulas.functions import LARGE
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.links import Link, allowed, judged
from symderive.formulas.prepare import prepared
from symderive.formulas.presets import UNITS, as_written
from symderive.formulas.proving import Proven, certified, proven
from symderive.formulas.quantities import SettingError
from symderive.formulas.repair import repaired
from symderive.formulas.setting import Setting
from symderive.formulas.special import cost_cases, special_cases, target_of
from symderive.formulas.spots import Edit, negated
from symderive.formulas.trying import SEEDS, tried, world_of
from symderive.formulas.unwrapping import unwrapped
from symderive.formulas.updates import ARROWS, DESCENT, descended, factors, is_update, old_value, times
from symderive.formulas.verdict import Verdict

if TYPE_CHECKING:
    from symderive.proof.result import Proved
    from symderive.systems.system import System

EQUALITIES = frozenset({"=", ":=", r"\equiv", r"\triangleq", r"\doteq", r"\stackrel{def}{=}", r"\coloneqq"})


DIAGNOSIS = 0.08
"""The part of the time for each step of putting a wrong formula right; proofs may take all of it."""

UNNAMED = ("expected a name of the network", "expected a meaning of")


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
    found = [_statement(formula, s, given, deadline, seconds) for s in statements]
    if any(v.status == "refuted" for v in found):
        soon = min(deadline, time.monotonic() + DIAGNOSIS * seconds)
        found = _under_another(formula, statements, found, given, soon, deadline, seconds) or found
    return found[0] if len(found) == 1 else joined(formula, found)


def _under_another(
    formula: str, statements: Sequence[Statement], first: Sequence[Verdict], given: Setting,
    soon: float, deadline: float, seconds: float,
) -> list[Verdict] | None:  # fmt: skip
    """The verdicts under another meaning of the names that is left open, if nothing is refuted there."""
    about = [s for s, v in zip(statements, first, strict=True) if v.status != "unknown"]
    for words, other in variants(given):
        if time.monotonic() > soon:
            return None
        try:
            held = all(_holds(s, other, soon) for s in about)
        except (SettingError, RecursionError):
            continue
        if held and time.monotonic() < deadline:
            verdicts = [_statement(formula, s, other, deadline, seconds) for s in statements]
            return [replace(v, conditions=(words, *v.conditions)) if v.holds else v for v in verdicts]
    return None


def _holds(s: Statement, given: Setting, deadline: float) -> bool:
    """Whether the equalities of a statement are found to hold, before any proof."""
    links = _links(s, given, deadline)
    return not isinstance(links, str) and all(x.status in ("exact", "numeric") for x in links)


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


def _statement(formula: str, s: Statement, given: Setting, deadline: float, seconds: float) -> Verdict:
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
    found = _links(replace(s, sides=tuple(sides), relations=tuple(relations)), given, deadline)
    if isinstance(found, str):
        return _unknown(formula, found, line=s.line)
    if found and found[-1].status == "refuted":
        return _refuted(formula, s, given, found[-1], deadline, seconds)
    return _holding(formula, s, given, found, deadline)


def _links(s: Statement, given: Setting, deadline: float) -> list[Link] | str:
    """What became of each equality, up to the first one that is refuted; or why nothing is known."""
    reader = Interpreter(given, world_of(given, "formal", SEEDS[0]))
    links: list[Link] = []
    try:
        sides = tuple(unwrapped(x, reader) for x in s.sides)
        for (left, right), relation in zip(pairwise(sides), s.relations, strict=True):
            if circular(left, right):
                return "the left side stands in a sum on the right: it says nothing"
            if is_update(left, right) or (relation in ARROWS and old_value(left, right)):
                link = _updated(left, right, relation, given, reader, deadline)
            elif relation == r"\propto":
                link = _proportional(left, right, given, deadline)
            else:
                link = judged(given, left, right, deadline)
            if isinstance(link, str):
                return link
            links.append(link)
            if link.status == "refuted":
                break
    except (SettingError, RecursionError) as error:
        return str(error) or type(error).__name__
    return links


def _updated(
    left: Node, right: Node, relation: str, given: Setting, reader: Interpreter, deadline: float
) -> Link | str:
    """An update against a step of gradient descent; one of another kind says no equality."""
    new = descended(left, right, reader)
    if new is None:
        return "an update gives a new value and says no equality"
    link = judged(given, new, right, deadline)
    if link.status == "refuted" and not is_update(left, right):
        return "the update is no step of gradient descent: what it is meant to be is not stated"
    return replace(link, conditions=(DESCENT, *link.conditions), written=f"{left} {relation}")


def _proportional(left: Node, right: Node, given: Setting, deadline: float) -> Link | str:
    """Both sides up to a factor: the first one under which they agree."""
    plain = judged(given, left, right, deadline)
    if plain.status != "refuted" or plain.outcome is None or plain.outcome.kind != "different":
        return plain
    for factor, words in factors(given):
        if time.monotonic() > deadline:
            break
        link = judged(given, left, times(factor, right), deadline)
        if link.status in ("exact", "numeric"):
            return replace(link, conditions=(f"the factor is {words}", *link.conditions))
    return "no factor was found that makes its sides equal"


def circular(left: Node, right: Node) -> bool:
    """Whether a side is a sum of the other side."""
    return any(isinstance(n, BigOperator) and any(x == left for x in n.body.walk()) for n in right.walk())


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


def _refuted(
    formula: str, s: Statement, given: Setting, link: Link, deadline: float, seconds: float
) -> Verdict:
    def soon() -> float:
        return min(deadline, time.monotonic() + DIAGNOSIS * seconds)

    outcome = link.outcome
    assert outcome is not None
    wrong_types = outcome.kind != "different"
    reason = outcome.text if wrong_types else ""
    fix = repaired(given, link.left, link.right, link.reading, soon(), both=not link.written)
    diagnosis = fix.fault if fix is not None else ""
    if not diagnosis and wrong_types:
        diagnosis = outcome.kind
    right_form = "" if fix is None else _with_side(s, link, fix)
    example = worked(given, link.left, link.right, link.reading, deadline)
    summary = "the types of its sides do not fit" if wrong_types else "its sides differ"
    end = soon()
    conditions = conditional(given, link, end)
    if not diagnosis and not conditions:
        also = ((words, conditional(other, link, end, True)) for words, other in variants(given))
        conditions = next(((words, *c) for words, c in also if c), ())
    if conditions and not diagnosis:
        diagnosis = "it holds under a condition only"
    elif not diagnosis and (turned := conditional(given, replace(link, right=negated(link.right)), end)):
        diagnosis, conditions = "wrong sign, and it holds under a condition only", turned
        right_form = _with_side(s, link, Edit("", negated(link.right)))
    return Verdict(
        "refuted", formula, summary, conditions, diagnosis, right_form, example,
        reason,
        outcome.column or link.right.column or None, s.line,
    )  # fmt: skip


def _with_side(s: Statement, link: Link, fix: Edit) -> str:
    if len(s.sides) == 1:
        return str(fix.node)
    if link.written:
        return f"{link.written} {fix.node}"
    return f"{fix.node} = {link.right}" if fix.on_left else f"{link.left} = {fix.node}"


def conditional(given: Setting, link: Link, deadline: float, costs: bool = False) -> tuple[str, ...]:
    """Special cases in which a formula that is wrong in general holds; `costs`: of the cost alone."""
    if time.monotonic() > deadline:
        return ()
    found = []
    cases: Iterable[tuple[str, Setting]] = () if costs else special_cases(given)
    target = target_of(given)
    reader = Interpreter(given, world_of(given, "formal", SEEDS[0]))
    names = (n for e in (link.left, link.right) for n in e.walk() if isinstance(n, Name))
    meant = (f.quantity.base for n in names if (f := reader.find(n)) is not None)
    if target and target in meant:
        cases = chain(cases, cost_cases(given))
    for words, case in cases:
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
    given: Mapping[str, Any] | str | System | Proved | None = None,
    *,
    context: Sequence[str] = (),
    conventions: Mapping[str, str] | None = None,
    macros: Mapping[str, str] | None = None,
    seconds: float = 5.0,
) -> Verdict:
    r"""The verdict on a formula as people write it; `given` says what its names mean.

    A system, a setting (see `symderive.formulas.setting`), or the name of a preset; by default mlp. Or a
    theorem of the library: then the formula, in the notation of its document, is looked for in the proof.

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
    if given is not None and hasattr(given, "propositions"):  # before the engine is imported for it
        from symderive.formulas.of_theorem import check_beside

        return check_beside(formula, cast("Proved", given))
    if given is None and not context:
        # no network is stated, so that nothing is of what its names mean
        conventions = {"delta": ANY, "update": ANY, "weights": ANY, **(conventions or {})}
    verdict = judge(formula, prepared(given, context, conventions), macros, seconds)
    if given is not None or context:
        return verdict
    if verdict.status == "unknown" and verdict.reason.startswith(UNNAMED):
        # no layers are written: letters may say which layer a unit is in
        others = [
            _in_units(v, name)
            for name in UNITS
            if (v := judge(formula, prepared(name, (), conventions), macros, seconds)).status != "unknown"
        ]
        told = [v for v in others if v.holds] or [v for v in others if v.right_form or len(v.conditions) > 1]
        return told[0] if told else verdict
    if verdict.status == "refuted" and not verdict.right_form and not verdict.conditions:
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


def _in_units(v: Verdict, name: str) -> Verdict:
    """The verdict of a preset of units, in the writer's names."""
    return replace(
        v,
        conditions=(UNITS[name], *v.conditions),
        diagnosis=as_written(v.diagnosis, name),
        right_form=as_written(v.right_form, name),
        reason=as_written(v.reason, name),
        example=tuple(as_written(line, name) for line in v.example),
    )
