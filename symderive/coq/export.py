"""A theorem of ours as a file of Coq: statements printed from the kernel's sequents, proved by the library.

Each proposition KEY, "its name", is proved by the theorem KEY_its_name of `proofs/coq`, if that is there. A
file is confirmed when coqc has accepted it and every theorem in it rests on no axiom.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from symderive.coq.audit import Stated, answers, questions
from symderive.coq.compiler import CoqError, compile_file
from symderive.coq.library import NAME, compiled, sources, theorems
from symderive.coq.names import identifier
from symderive.coq.statement import Sequent, Statement, statement
from symderive.coq.terms import OutOfReach
from symderive.errors import SymderiveError
from symderive.proof.kernel import Theorem
from symderive.proof.result import Proved

NO_THEOREM = "the library of Coq has no theorem for it"
NAMED = "the library of Coq"

HEADER = """\
(* {title}, printed by symderive from its own terms. Indices count from 1; `real` is any ordered
   field. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum.
From Symderive Require Import EpsilonDelta Sums{files}.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.
"""


class Refused(SymderiveError):
    """Coq does not accept what was exported; the message holds its words."""


@dataclass(frozen=True)
class Exported:
    """A file for Coq: its name, its text, the theorems that it states, and what it does not state and why."""

    name: str
    text: str
    stated: tuple[str, ...]
    missing: tuple[tuple[str, str], ...] = ()


@cache
def library_theorems() -> dict[str, str]:
    """Each theorem of the library, and the file that states it.

    >>> library_theorems()["T3_cost"]
    'T3'
    """
    return {name: file for file, text in sources().items() for name in theorems(text)}


def confirming(key: str, proposition: str) -> str | None:
    """The theorem of the library that an exported proposition is reduced to; None where there is none.

    >>> confirming("T3", "cost"), confirming("T3", "no such proposition")
    ('T3_cost', None)
    """
    name = f"{key}_{identifier(proposition)}"
    return name if name in library_theorems() else None


def reduced(printed: Statement, theorem: str) -> str:
    """A statement with its proof: the theorem of the library, whose hypotheses are among those stated."""
    return f"{printed}\nProof. by_library {theorem}. Qed.\n"


def export_theorem(proved: Proved) -> Exported:
    """The file of a theorem: every proposition that the library confirms.

    Raises OutOfReach where it confirms none.

    >>> from symderive.library import prove
    >>> made = export_theorem(prove("T1"))
    >>> made.name, made.stated, made.missing
    ('T1_layer_equations', ('one_layer', 'two_layers', 'first_layer'), ())
    """
    stated, missing, texts, files = [], [], [], []
    for p in proved.propositions:
        found = confirming(proved.key, p.name)
        if found is None:
            missing.append((p.name, NO_THEOREM))
            continue
        try:
            printed = statement(p.name, p.theorem)
        except OutOfReach as error:
            missing.append((p.name, str(error)))
            continue
        stated.append(printed.name)
        texts.append(reduced(printed, found))
        files.append(library_theorems()[found])
    if not stated:
        raise OutOfReach(f"{proved.key}: expected a theorem that {NAMED} confirms, found none of it")
    header = HEADER.format(
        title=f"{proved.key} {proved.title}", files="".join(f" {f}" for f in dict.fromkeys(files))
    )
    name = f"{proved.key}_{proved.name}"
    return Exported(name, "\n".join([header, *texts]), tuple(stated), tuple(missing))


def export_sequent(name: str, theorem: Theorem | Sequent, confirmed_by: str) -> Exported:
    """The file of a single sequent, to be reduced to the named theorem of the library."""
    printed = statement(name, theorem)
    header = HEADER.format(title=name, files=f" {library_theorems()[confirmed_by]}")
    return Exported(printed.name, "\n".join([header, reduced(printed, confirmed_by)]), (printed.name,))


def confirm(made: Exported, seconds: float = 300) -> tuple[tuple[Stated, ...], float]:
    """Compile an exported file: what Coq says of each theorem, and the seconds that it took.

    Raises CoqError where Coq is not installed, Refused where it does not accept the file, or a theorem of it
    rests on an axiom.
    """
    library = compiled()
    asked = [(made.name, name) for name in made.stated]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{made.name}.v"
        file.write_text(f"{made.text}\n{questions(asked)}", "utf-8")
        run = compile_file(file, {NAME: library}, seconds)
    if not run.accepted:
        raise Refused(f"{made.name}.v: Coq refuses it: {_first_lines(run.error)}")
    found = answers(run.output, asked)
    _require_closed(found)
    return found, run.seconds


def _require_closed(found: Sequence[Stated]) -> None:
    for s in found:
        if s.axioms:
            raise Refused(f"{s.name}: expected no axioms, found {', '.join(s.axioms)}")


def _first_lines(said: str) -> str:
    where, _, words = said.partition("Error:")
    return f"{where.strip().splitlines()[0] if where.strip() else ''} {chr(32).join(words.split())[-500:]}"


__all__ = [
    "NO_THEOREM",
    "CoqError",
    "Exported",
    "Refused",
    "confirm",
    "confirming",
    "export_sequent",
    "export_theorem",
]
