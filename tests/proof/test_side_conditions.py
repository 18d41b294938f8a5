"""Each side condition of the kernel is needed: without it, a step that the tests want refused goes on.

The conditions are taken from the source, not from a list: whatever is added to the kernel, to the sequents or
to the language is removed here in its turn, and must be missed by a row of the tables of refused steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from kernel_mutants import CHAIN, Mutant, installed, mutants

from symderive.proof import kernel

Case = tuple[str, Callable[[], object], str]

EQUIVALENT: dict[str, str] = {
    "_admit: no check(rule, language.require_context, ctx)": "refused all the same when the theorem is made; "
    "ranges that are not plain are not remembered either, so that this is the second of two locks",
    "_admit: no check(rule, language.require_term, e)": "refused all the same, but after facts were computed "
    "from the term and remembered: test_remembered misses it",
}
"""Conditions that another one implies, each with the reason."""


def cases(tables: dict[str, ModuleType]) -> Iterator[Case]:
    """All steps that the tests want refused, with what the refusal says."""
    for name in (n for n in tables if n != "kernel_setting"):
        for *about, step, text in getattr(tables[name], "REFUSED", ()) or tables[name].FORGERIES:
            yield f"{name}: {about[0] if about else text}", step, text
    language = tables["test_language"]
    ctx = language.Context.of((language.k, 1, 3), (language.j, 1, 3))
    for name, make, text in language.FOREIGN:
        yield name, lambda make=make: language.kernel.reflexivity(make(), ctx), text
    for name, make, text in language.CONTEXTS:
        yield name, lambda make=make: language.kernel.reflexivity(language.ONE, make()), text

    def sign(e: object, signs: tuple[bool, bool]) -> None:
        if (language.positive(e), language.nonnegative(e)) == signs:
            raise language.KernelError("as it should be")

    for e, signs in language.SIGNS:
        yield f"sign of {e}", lambda e=e, signs=signs: sign(e, signs), "as it should be"


def missed(mutant: Mutant | None) -> tuple[list[str], list[str]]:
    """The cases that are not refused as they should be, and those of them in which the step goes through."""
    other, through = [], []
    with installed(mutant) as tables:
        error = tables["kernel_setting"].kernel.KernelError
        for name, step, text in cases(tables):
            try:
                step()
                through.append(name)
            except error as refusal:
                if text not in str(refusal):
                    other.append(name)
            except Exception:  # whatever a step runs into that is not stopped
                other.append(name)
    return other + through, through


def test_the_kernel_as_it_is_refuses_every_case() -> None:
    assert missed(None) == ([], [])
    with installed(None) as tables:
        assert len(list(cases(tables))) >= 240


@pytest.mark.parametrize("module", CHAIN)
def test_each_condition_is_missed_when_it_is_removed(module: str) -> None:
    found = [(m.name, *missed(m)) for m in mutants(module)]
    survivors = {name for name, wrong, _ in found if not wrong}
    assert survivors == {name for name in EQUIVALENT if name in {n for n, _, _ in found}}
    assert len(found) >= {"language": 60, "sequent": 14, "kernel": 85}[module.rpartition(".")[2]]
    # mostly the illegal step makes a theorem; else Python stumbles, or a later condition stops it
    assert sum(bool(through) for _, _, through in found) >= len(found) // 2


def test_a_condition_that_nothing_needs_is_found() -> None:
    """A kernel with one more condition, that no step breaks: its removal is not missed."""
    source = Path(kernel.__file__).read_text()
    needless = source.replace(
        '    _premise("symmetry", t)\n',
        '    _premise("symmetry", t)\n    if t.rule == "needless":\n        refuse("symmetry", "needless")\n',
    )
    assert needless != source
    names = [
        m.name
        for m in mutants("symderive.proof.kernel", needless)
        if "needless" in m.name and not missed(m)[0]
    ]
    assert names == ["symmetry: no refuse('symmetry', 'needless')"]
