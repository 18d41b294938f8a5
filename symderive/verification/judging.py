"""Judging a gradient: how the function is called, what it differs in, and what the other oracles say."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from symderive.claims.evidence import Evidence
from symderive.errors import SymderiveError
from symderive.verification.attempts import Attempt, Failure, Question, attempts_of, found_of
from symderive.verification.calling import CallError, call
from symderive.verification.cases import at_kinks, second_case
from symderive.verification.diagnosis import Candidate, Diagnosis, Sight, diagnose, worst
from symderive.verification.equations import in_latex
from symderive.verification.example import WRONG, Asked, smallest
from symderive.verification.layout import CONVENTIONS, TARGETS, Layout
from symderive.verification.measured import close
from symderive.verification.network import Network, network_of
from symderive.verification.note import Noted, failure, success, wrong_keys
from symderive.verification.oracles import exact_evidence, forward_evidence, own_cost
from symderive.verification.other_networks import another_network
from symderive.verification.peers import available, peers_evidence
from symderive.verification.quantities import Case, Quantities
from symderive.verification.reading import Returned, UnreadableError
from symderive.verification.state import changed, grows, kept_by, repeats, said
from symderive.verification.verdict import GradientVerdict

MOST_ATTEMPTS = 4
MOST_LAYERS = 12  # for an example that a reader can follow
GROWING = Diagnosis(("stale",), ("gradients are added up over calls: they are never set back to 0",))
NOT_FINITE = "nan or inf in {}: a division by 0, a logarithm of 0, or an overflow"
UNSTEADY = Diagnosis(("not_repeatable",), ("the same arguments give another gradient at the second call",))


def judge(
    fn: Callable[..., Any],
    network: Any,
    *,
    parameters: Any = None,
    data: Any = None,
    cost: Callable[..., Any] | None = None,
    seed: int = 0,
    tolerance: float | None = None,
    convention: str | None = None,
    reduction: str = "sum",
    weight_decay: float = 0.0,
    samples: int = 7,
    form: str | None = None,
    oracles: Sequence[str] = (),
) -> GradientVerdict:
    """The verdict on fn; see `symderive.testing.check_gradient`."""
    question, samples = _question(fn, network, seed, tolerance, reduction, weight_decay, samples)
    question = replace(question, oracles=available(oracles))
    if cost is not None and not callable(cost):
        raise SymderiveError(f"cost: expected a function, found {type(cost).__name__}")
    before = kept_by(fn)
    attempts, failures = attempts_of(fn, question, parameters, data, convention, form, samples)
    memory = said(changed(before, kept_by(fn)), convention is not None)
    if not attempts:
        return _unusable(failures, convention, memory)
    good = [a for a in attempts if a.error <= question.tolerance_for(a.returned)]
    for attempt in good[:1]:
        return _agreed(fn, question, attempt, cost)
    return _refuted(fn, question, attempts, cost, memory)


def _question(
    fn: Any, network: Any, seed: Any, tolerance: Any, reduction: Any, decay: Any, samples: int
) -> tuple[Question, int]:
    if not callable(fn):
        raise SymderiveError(f"fn: expected a function, found {type(fn).__name__}")
    if inspect.iscoroutinefunction(fn):
        raise SymderiveError("fn: expected a function that returns gradients, found an async one")
    if reduction not in ("sum", "mean"):
        raise SymderiveError(f"reduction: expected sum or mean, found {reduction!r}")
    for name, value in (("tolerance", tolerance), ("weight_decay", decay)):
        if name == "tolerance" and value is None:
            continue
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
        if not number or not math.isfinite(float(value)) or value < 0:
            raise SymderiveError(f"{name}: expected a number of at least 0, found {value!r}")
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise SymderiveError(f"seed: expected a number 0, 1, .., found {seed!r}")
    net = network_of(network)
    question = Question(net, net.reduction or reduction, float(decay), tolerance, int(seed))
    return question, net.samples or samples


def _unusable(failures: list[Failure], convention: str | None, memory: str) -> GradientVerdict:
    """fn gave no gradients in any layout: what is told is what went wrong where it came furthest."""
    furthest = max(f.reached for f in failures)
    said: dict[str, Layout] = {}
    for f in failures:
        if f.reached == furthest:
            said.setdefault(f.text, f.layout)
    if len({f.text for f in failures}) == 1:
        (told,) = said
    else:
        # of one convention: how the targets were given may make the difference
        first = next(iter(said.values()))
        told = "; ".join(
            f"{text} (with {layout.convention}"
            + ("" if layout.form == first.form else f", form {layout.form!r}")
            + (")" if layout.targets == TARGETS[0] else f", y given as {layout.targets})")
            for text, layout in said.items()
            if layout.convention == first.convention
        )
    tried = convention or f"every convention ({', '.join(CONVENTIONS)}; one sample as vectors)"
    note = f"No verdict: called with {tried}, the function gave no gradients: {told}"
    if memory:
        note += f"\n{memory}"
    return GradientVerdict("unknown", note=note, error=math.inf)


# ------------------------------------------------------------------------------------------ agreement


def _agreed(
    fn: Callable[..., Any], question: Question, attempt: Attempt, cost: Callable[..., Any] | None
) -> GradientVerdict:
    """It agrees at the first case: at others too, and when it is called again?"""
    layout, net = attempt.layout, question.network
    cases = [second_case(attempt.case, question.seed), attempt.case]
    earlier = attempt.q
    error = attempt.error
    for case in cases:
        q = attempt.q if case is attempt.case else question.quantities(case)
        again = _call_or_text(fn, layout, case, net)
        if isinstance(again, str):
            note = f"No verdict: the function agreed at first, and then failed on other numbers: {again}"
            return GradientVerdict(
                "unknown", note=note, error=math.inf, conventions=_conventions(attempt, question)
            )
        here = worst(found_of(again), q)[4]
        if here > question.tolerance_for(again):
            second = replace(attempt, case=case, q=q, returned=again, error=here)
            return _stale(fn, question, second, earlier, cost)
        error = max(error, here)
        earlier = q
    evidence = [
        Evidence("numeric", "the derived gradient", error=error, points=2, seed=question.seed),
        *forward_evidence(net, attempt.q, question.reduction),
        *peers_evidence(question.oracles, net, attempt.q, question.reduction),
    ]
    status = "numeric"
    if cost is not None:
        evidence.append(own_cost(cost, layout, attempt.q, attempt.found))
    exact = exact_evidence(
        fn, layout, question.network, attempt.q, question.reduction, question.decay, question.seed
    )
    if exact is not None:
        evidence.append(exact)
        if exact.status == "refuted":
            return GradientVerdict(
                "refuted",
                "it differs in exact fractions, where floats agree",
                note=f"It agrees in floats, and not in fractions: {exact.text}",
                error=error,
                conventions=_conventions(attempt, question),
                evidence=tuple(evidence),
            )
        status = "exact"
    conventions = _conventions(attempt, question)
    return GradientVerdict(
        status,
        note=success(status, error, conventions, evidence),
        worst=worst(attempt.found, attempt.q)[:4],
        error=error,
        conventions=conventions,
        evidence=tuple(evidence),
    )


def _call_or_text(fn: Callable[..., Any], layout: Layout, case: Case, net: Network) -> Returned | str:
    try:
        return call(fn, layout, case, net.widths)
    except (CallError, UnreadableError) as e:
        return str(e)


def _conventions(attempt: Attempt, question: Question) -> tuple[str, ...]:
    q, returned, net = attempt.q, attempt.returned, question.network
    said = list(attempt.layout.words())
    said.append(f"gradients come as {returned.words}")
    if net.reduction is not None:
        said.append(f"the network itself takes the {net.reduction} over its samples")
    if returned.cost is not None:
        if close(np.asarray(returned.cost), np.asarray(q.cost), 1e-6):
            said.append("the cost beside the gradients is the network's")
        else:
            said.append(
                f"the cost beside the gradients is {returned.cost:.6g}, the network's {q.cost:.6g}: "
                "only the gradients are judged"
            )
    if returned.floats < 64:
        said.append(f"the gradients are float{returned.floats}")
    kinks = at_kinks(q)
    for text in net.system.conventions:
        said.append(f"{text}; {kinks or 'no'} preactivation{'s' if kinks != 1 else ''} at 0")
    return tuple(said)


# ---------------------------------------------------------------------------------------- disagreement


def _stale(
    fn: Callable[..., Any],
    question: Question,
    attempt: Attempt,
    earlier: Quantities,
    cost: Callable[..., Any] | None,
) -> GradientVerdict:
    """It agreed at one case and not at the next: with what of the earlier case does it fit?"""
    tolerance = question.tolerance_for(attempt.returned)
    found = diagnose([Candidate([Sight(attempt.q, attempt.found, earlier)], tolerance)])
    first = "It is right on the first call, and wrong on a later one."
    return _verdict(fn, question, attempt, found[1] if found else None, cost, first)


def _refuted(
    fn: Callable[..., Any],
    question: Question,
    attempts: list[Attempt],
    cost: Callable[..., Any] | None,
    memory: str,
) -> GradientVerdict:
    attempts = sorted(attempts, key=lambda a: -_merit(a, question))
    for attempt in attempts:
        if grows(attempt.first, attempt.returned, attempt.q.by_key, question.tolerance_for(attempt.returned)):
            return _verdict(fn, question, attempt, GROWING, cost, "It gives more at each call.")
    best = attempts[0]
    endless = [f"d{k}{l}" for (k, l), v in best.found.items() if v is not None and not np.all(np.isfinite(v))]
    if endless:
        found_there = Diagnosis(("not_finite",), (NOT_FINITE.format(", ".join(endless)),))
        return _verdict(fn, question, best, found_there, cost, "")
    attempts = [a for a in attempts if not _nothing(a)] or attempts
    candidates: list[tuple[Attempt, Candidate]] = []
    caches: list[tuple[Attempt, Candidate]] = []
    for attempt in attempts[:MOST_ATTEMPTS]:
        sights = [Sight(attempt.q, attempt.found)]
        case = second_case(attempt.case, question.seed)
        returned = _call_or_text(fn, attempt.layout, case, question.network)
        tolerance = question.tolerance_for(attempt.returned)
        if isinstance(returned, Returned):
            second = Sight(question.quantities(case), found_of(returned), attempt.q)
            wrong = worst(second.found, second.q)[4] > tolerance
            # what was kept from the first case shows at the second alone
            if wrong:
                caches.append((attempt, Candidate([second], tolerance, only="stale")))
            sights.append(Sight(second.q, second.found))
        candidates.append((attempt, Candidate(sights, tolerance)))
    everything = [*candidates, *caches]
    asked = [c for _, c in everything]
    found = diagnose(asked, lambda: another_network(asked, question.reduction))
    if found is not None:
        return _verdict(fn, question, everything[found[0]][0], found[1], cost, "")
    unsteady = None if repeats(best.first, best.returned) else UNSTEADY
    return _verdict(fn, question, best, unsteady, cost, memory)


def _nothing(attempt: Attempt) -> bool:
    """All zeros, as a trial gives whose targets are 0: any fault that loses everything would explain it."""
    return not any(v is not None and np.any(v) for v in attempt.found.values())


def _merit(attempt: Attempt, question: Question) -> float:
    """How much of it is right: agreeing parameters, then shapes, then nearness."""
    W, b = attempt.q.gradient
    tolerance = question.tolerance_for(attempt.returned)
    merit = 0.0 if attempt.layout.targets == TARGETS[0] else -50.0
    for kind, truths in (("W", W), ("b", b)):
        for l, t in enumerate(truths, 1):
            v = attempt.found[kind, l]
            if v is None or v.shape != t.shape:
                continue
            merit += 1.0
            if close(v, t, tolerance):
                merit += 100.0
            size = float(np.linalg.norm(v) * np.linalg.norm(t))
            if size > 0 and math.isfinite(size):
                merit += abs(float((v * t).sum())) / size
    return merit


def _verdict(
    fn: Callable[..., Any],
    question: Question,
    attempt: Attempt,
    found: Diagnosis | None,
    cost: Callable[..., Any] | None,
    first: str,
) -> GradientVerdict:
    at = worst(attempt.found, attempt.q)
    missing = [f"d{k}{l}" for (k, l), v in attempt.found.items() if v is None]
    if found is None and missing:
        found = Diagnosis(("detached", "layer_skipped"), (f"there is no {', no '.join(missing)}",))
    evidence = [
        Evidence("refuted", "the derived gradient", error=at[4], seed=question.seed),
        *forward_evidence(question.network, attempt.q, question.reduction),
        *peers_evidence(question.oracles, question.network, attempt.q, question.reduction),
    ]
    if cost is not None:
        evidence.append(own_cost(cost, attempt.layout, attempt.q, attempt.found))
    conventions = _conventions(attempt, question)
    tolerance = question.tolerance_for(attempt.returned)
    wrong = wrong_keys(attempt.q, attempt.found, tolerance)
    latex = in_latex(question.network, wrong, attempt.layout, question.reduction, question.decay)
    # what is wrong between calls shows in no single one
    between = found is not None and {"stale", "not_repeatable"} & set(found.faults)
    small = None
    if not between and not first and at[4] > WRONG and attempt.q.network.depth <= MOST_LAYERS:
        small = smallest(
            Asked(
                fn,
                attempt.layout,
                question.reduction,
                question.decay,
                frozenset(found.faults if found else ()),
            ),
            attempt.q,
        )
    example = small.lines() if small else ()
    noted = Noted(tolerance, found, conventions, tuple(evidence), first, latex, example)
    return GradientVerdict(
        "refuted",
        str(found) if found else "",
        found.faults if found else (),
        failure(question.network, attempt.q, attempt.found, at, noted),
        at[:4],
        at[4],
        conventions,
        tuple(evidence),
        latex,
        example,
    )
