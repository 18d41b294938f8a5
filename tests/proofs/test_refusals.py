"""T6 to T10 do not prove where one hypothesis is missing: in its place stands one about something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

import proofs
from symderive.calculus import Entry
from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, KernelError, Theorem

KEYS = ("T6", "T7", "T8", "T8b", "T9", "T10", "T10b")
PARTS = (
    "descent", "colouring", "quotient", "two_points", "two_neurons", "transverse", "blocks", "descending",
    "near_tie", "normal_coordinates",
)  # fmt: skip
CACHED = (*PARTS, *(proofs.find(k).__name__.split(".")[-1] for k in KEYS))
# what T9 takes over from T4 is tested there; without it there is no copy to speak of
TAKEN = {h.name for h in proofs.find("T4").prove().hypotheses()}
NEEDED = [
    (key, h.name)
    for key in KEYS
    for h in proofs.find(key).prove().hypotheses()
    if key != "T9" or h.name not in TAKEN
]


def elsewhere(h: Hypothesis) -> Hypothesis:
    """The same equation for a tensor that nothing else speaks of; or one that says nothing."""
    if not isinstance(h.lhs, Entry):
        return h._replace(rhs=h.lhs)
    t = h.lhs.symbol
    other = t.derived(f"{t.name}_elsewhere", latex_name=rf"\tilde{{{t.latex_name}}}")
    return h._replace(lhs=other[h.lhs.index])


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Forget what was proved, before the test and after it."""

    def forget() -> None:
        for name in CACHED:
            for value in vars(import_module(f"proofs.{name}")).values():
                if hasattr(value, "cache_clear") and value.__module__ in {f"proofs.{n}" for n in CACHED}:
                    value.cache_clear()

    forget()
    yield forget
    monkeypatch.undo()
    forget()


def replacing(name: str, seen: list[str]) -> Callable[[Hypothesis, Context], Theorem]:
    """The kernel's rule, where the hypothesis of this name is another one."""
    real = kernel.assume

    def assume(h: Hypothesis, ctx: Context) -> Theorem:
        if h.name == name:
            seen.append(name)
            h = elsewhere(h)
        return real(h, ctx)

    return assume


@pytest.mark.parametrize(("key", "name"), NEEDED)
def test_no_proof_without_it(
    key: str, name: str, anew: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(kernel, "assume", replacing(name, seen))
    with pytest.raises(KernelError):
        proofs.find(key).prove()
    assert seen


@pytest.mark.parametrize("key", KEYS)
def test_the_proof_is_found_again_with_all_of_them(
    key: str, anew: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusals are for the hypothesis, not for how it is taken away."""
    before = proofs.find(key).prove()
    anew()
    seen: list[str] = []
    monkeypatch.setattr(kernel, "assume", replacing("no such hypothesis", seen))
    after = proofs.find(key).prove()
    assert after is not before and not seen
    assert [p.theorem.hypotheses for p in after.propositions] == [
        p.theorem.hypotheses for p in before.propositions
    ]
