"""Evidence has one of five statuses, states its error, and is never merged or rounded up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from symderive.claims.evidence import STATUSES, CheckFailed, Evidence
from symderive.commands import derive, prove
from symderive.documents.compose import chain, summary
from symderive.errors import SymderiveError


def test_the_statuses_are_those_of_the_design() -> None:
    assert STATUSES == ("proved", "exact", "numeric", "refuted", "unknown")


@pytest.mark.parametrize("status", ["Proved", "proven", "proved, exact", "", "true"])
def test_other_statuses_are_refused(status: str) -> None:
    with pytest.raises(SymderiveError, match=f"expected a status of proved, exact, .*, found '{status}'"):
        Evidence(status, "x", error=0.0)


@pytest.mark.parametrize("status", ["exact", "numeric"])
def test_an_error_has_to_be_stated(status: str) -> None:
    with pytest.raises(SymderiveError, match=f"{status} evidence has to state its error"):
        Evidence(status, "both sides")
    assert Evidence(status, "both sides", error=0.0).error == 0.0


def test_evidence_prints_what_it_has() -> None:
    assert str(Evidence("proved", "by the kernel")) == "proved: by the kernel"
    assert str(Evidence("unknown", "")) == "unknown"
    shown = str(Evidence("numeric", "modulo $2^{61}$", error=1.234e-13, points=1, seed=7))
    assert shown == "numeric: modulo 2^{61}, largest relative error 1.2e-13, 1 point, seed 7"


def test_a_failed_check_is_no_ordinary_mistake_of_a_user() -> None:
    assert issubclass(CheckFailed, SymderiveError)
    assert CheckFailed is not SymderiveError


def lines(*evidence: tuple[Evidence, ...]) -> list[Any]:
    class Shown:
        lhs, rhs, reason, conditions = "a", "b", "", ()

        def __init__(self, found: tuple[Evidence, ...]) -> None:
            self.evidence = found

    return [Shown(e) for e in evidence]


def test_a_chain_claims_what_every_line_has_and_the_weakest_figure_of_each() -> None:
    proved = Evidence("proved", "by the kernel")
    strong, weak = (
        Evidence("exact", "mod p", error=e, points=n, seed=1) for e, n in ((1e-18, 12), (1e-16, 2))
    )
    for both in (lines((proved, strong), (proved, weak)), lines((proved, weak), (strong, proved))):
        of = {e.status: e for e in summary(both)}
        assert list(of) == ["proved", "exact"]
        assert (of["exact"].error, of["exact"].samples, of["exact"].seed) == (1e-16, 2, 1)
    assert [e.status for e in summary(lines((proved, strong), (strong,)))] == ["exact"]
    assert summary(lines((proved,), (weak,))) == ()
    assert summary([]) == ()


def test_a_chain_prints_its_left_side_once() -> None:
    shown = chain(lines((), (), ()))
    assert [line.lhs for line in shown] == ["a", "", ""]


# --------------------------------------------------------------------------------- of what is emitted


UNTESTED = {"T6": 10, "T9": 46, "T10": 4, "T10b": 5, "T11": 16, "T12": 35, "T13": 42, "T14": 46}
"""Lines that no random numbers reach: ties at step t + 1 are no definition, and an update defines the same
entries; inequalities with slack squares, and critical points. They are proved, and marked as unknown.
In T9 and T10 squares that say inequalities, and ties after a step, are no definitions either; in T10b bases
of a kernel are none. Of T12 and T13 the statements are tested at instances, of T11 and T14 against runs."""
IN_FLOATS = {"T9", "T10", "T11"}
"""Exponentials have no exact values."""


def test_every_emitted_line_carries_its_own_evidence(
    proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]
) -> None:
    untested: Counter[str] = Counter()
    for o in proved:
        for p in o.checked.propositions:
            for shown in (p.statement, *(s for a in p.arguments for s in a.lines)):
                first, second = shown.evidence
                assert first.status == "proved", shown.latex
                if second.status == "unknown":
                    untested[o.key] += 1
                    why = ("no random numbers that obey: ", "no numbers are sought for a hypothesis")
                    assert second.text.startswith(tuple(f"not tested: {w}" for w in why)), str(second)
                else:
                    allowed = ("exact", "numeric") if o.key in IN_FLOATS else ("exact",)
                    assert second.status in allowed, shown.latex
    assert untested == UNTESTED
    for name, d in derived.items():
        for c in d.checked.derived:
            assert [e.status for e in c.printed.evidence] == ["numeric"], (name, c.printed.latex)
            for _, step in c.steps:
                assert [e.status for e in step.evidence] in (["exact"], ["numeric"]), (name, step.latex)
        for shown in (*d.checked.matrix, *d.checked.composed, *d.checked.explicit):
            assert [e.status for e in shown.evidence] in (["exact"], ["numeric"]), (name, shown.latex)


def test_figures_are_measured_and_small(
    proved: Sequence[prove.Outcome], derived: Mapping[str, derive.Outcome]
) -> None:
    found = [e for o in proved for e in o.evidence]
    found += [e for d in derived.values() for p in d.checked.printed() for e in p.evidence]
    exact = [e for e in found if e.status == "exact"]
    assert len(exact) > 200
    assert all(e.error is not None and 0 <= e.error < 1e-18 for e in exact)
    assert all(e.points and e.seed == 20_260 for e in exact)
    numeric = [e for e in found if e.status == "numeric"]
    assert len(numeric) > 40
    assert all(e.error is not None and 0 <= e.error <= 1e-6 for e in numeric)
    assert any(e.error for e in numeric)


def test_the_result_for_machines_counts_each_status_apart(proved: Sequence[prove.Outcome]) -> None:
    for o in proved:
        result = o.as_json()
        assert sum(result["evidence"].values()) == len(o.evidence)
        assert result["evidence"]["proved"] == sum(e.status == "proved" for e in o.evidence)
        assert result["status"] == "proved"
