"""Ten thousand corrupted certificates: the checker accepts none that changes a statement or a false step.

What it accepts must prove the same theorems by the same steps; or the same theorems by other steps, each of
which then holds in exact arithmetic, in a model of its hypotheses. Where the range of a context is changed,
the theorem may be another one, said of fewer indices: that too must hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from corruptions import KINDS, Corrupter, NothingToChange, Original
from sympy import Integer

import proofs
from symderive.calculus.ranges import Context
from symderive.claims.sizes import test_sizes as sizes_for
from symderive.evaluation.modular import Model
from symderive.proof.certificate import named_theorems
from symderive.proof.checker.sequent import CheckerError, Sequent

KEYS = ("T1", "T2", "T4", "T5", "T8", "T18")
EACH = 105
# a theorem said of fewer indices is another one, and true; so is one that goes by another's name
RANGES = ("range of a context", "range of a context, everywhere", "context")
OTHERS = (*RANGES, "order of steps", "step left out")


@pytest.fixture(scope="module")
def originals() -> list[Original]:
    odd = proofs.find("T5c").prove().propositions[0]  # laws for all real numbers, and their derivatives
    first = Original.of("T5c", {odd.name: odd.theorem})
    return [first, *(Original.of(key, named_theorems(proofs.find(key).prove())) for key in KEYS)]


def holds(s: Sequent) -> bool:
    """Whether the equation holds at random numbers that obey the hypotheses; empty ranges hold."""
    terms = [s.lhs, s.rhs, *(e for h in s.hypotheses for e in h.terms())]
    terms += [end for _, *ends in s.context for end in ends]
    model = Model(sorted(s.hypotheses, key=lambda h: h.name), sizes_for(terms), seed=1)
    return bool(model.test_everywhere(s.lhs, s.rhs, Context(s.context)).holds)


def outcomes(original: Original, kind: str, seed: int) -> Iterator[str]:
    """What became of EACH changes of one kind."""
    corrupter = Corrupter(original, seed)
    done = 0
    while done < EACH:
        try:
            changed = corrupter.draw(kind)
        except NothingToChange:
            continue
        done += 1
        try:
            steps, named = changed.replayed(original)
        except CheckerError as error:
            assert "\n" not in str(error) and len(str(error)) <= 500
            yield "refused"
            continue
        before = original.file.sequents
        same = {name: before[n] for name, n in original.data["theorems"].items()}
        where = f"{original.name}, {kind}, step {changed.first}"
        other = [name for name in same if named.get(name) != same[name]]
        assert not other or kind in OTHERS, f"{where}: accepted other statements: {other}"
        others = [s for s, old in zip(steps, before, strict=False) if s != old]
        false = [f"{s.lhs} = {s.rhs} in {s.context}" for s in others if not holds(s)]
        assert not false, f"{where}: accepted what is false: {false[:1]}"
        yield "another theorem, true" if other else "other steps, true" if others else "harmless"


def test_no_corrupted_certificate_is_accepted(originals: list[Original]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for n, original in enumerate(originals):
        for kind in KINDS:
            found.update((kind, what) for what in outcomes(original, kind, seed=n))
    total = sum(found.values())
    assert total == len(originals) * len(KINDS) * EACH >= 10_000
    by_outcome = Counter()
    for (_, what), number in found.items():
        by_outcome[what] += number
    print(f"{total} corrupted certificates: {dict(by_outcome)}")
    for kind in KINDS:
        assert found[kind, "refused"] > EACH, f"{kind}: changes that the checker mostly accepts test nothing"
    assert by_outcome["refused"] > 0.95 * total


def test_the_judge_tells_false_statements(originals: list[Original]) -> None:
    """`holds` is what decides about accepted changes: it refutes a wrong statement."""
    (original,) = (o for o in originals if o.name == "T4")
    s = original.file.sequents[original.data["theorems"]["gradients of the biases"]]
    assert holds(s)
    assert not holds(s._replace(rhs=s.rhs + Integer(1)))


def test_the_original_replays(originals: list[Original]) -> None:
    for original in originals:
        changed = Corrupter(original, 0)
        parts = original.data
        assert len(original.file.sequents) == len(parts["steps"]) > 10
        assert changed.table is parts["table"]
