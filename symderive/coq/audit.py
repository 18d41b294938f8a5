"""What Coq says of each theorem: its statement as Coq prints it, and the axioms on which its proof rests."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symderive.coq.compiler import CoqError, compile_file
from symderive.coq.library import NAME, compiled, sources, theorems

CLOSED = "Closed under the global context"
MARK = "@@symderive@@"
ALL = "-"


@dataclass(frozen=True)
class Stated:
    """One theorem as Coq has it: file, name, statement, and the axioms that it rests on, if any."""

    file: str
    name: str
    statement: str
    axioms: tuple[str, ...]


def library_audit(directory: Path | None = None) -> tuple[Stated, ...]:
    """All theorems of the library; `directory` holds it compiled, by default the one in the cache.

    Raises CoqError where Coq is missing, or a file does not compile.
    """
    named = {name: theorems(text) for name, text in sources().items()}
    return audit(named, {NAME: directory or compiled()}, NAME)


def audit(
    named: Mapping[str, Sequence[str]], libraries: Mapping[str, Path], prefix: str
) -> tuple[Stated, ...]:
    """Ask Coq for statement and assumptions of the theorems of compiled files, by file."""
    asked = [(file, name) for file, names in named.items() for name in names]
    head = ["From mathcomp Require Import all_ssreflect all_algebra."]
    head += [f"From {prefix} Require Import {file}." for file in named]
    for together in (True, False):
        text = "\n".join([*head, questions(asked, f"{prefix}.", together)])
        with tempfile.TemporaryDirectory() as scratch:
            file_of_questions = Path(scratch) / "Audit.v"
            file_of_questions.write_text(text, "utf-8")
            run = compile_file(file_of_questions, libraries)
        if not run.accepted:
            raise CoqError(f"audit: Coq refuses it: {run.error.strip()[-2000:]}")
        found = answers(run.output, asked)
        if not together or not any(s.axioms for s in found):
            break
    return found


def questions(asked: Sequence[tuple[str, str]], prefix: str = "", together: bool = True) -> str:
    """The commands that ask for the statements and the assumptions of theorems, given by file and name.

    `together`: what a proof of all theorems rests on is asked once, as Coq walks through all of MathComp at
    each question; where that rests on an axiom, each has to be asked.
    """
    lines = ["Set Printing Width 86."]
    full = {(file, name): f"{prefix}{file}.{name}" if prefix else name for file, name in asked}
    for file, name in asked:
        lines.append(f'Goal True. idtac "{MARK}statement {file} {name}". Abort. Check {full[file, name]}.')
    if together:
        all_of_them = "I"
        for name in full.values():
            all_of_them = f"(pair (@{name}) {all_of_them})"
        lines.append(f"Definition symderive_all_of_them := {all_of_them}.")
        lines.append(f'Goal True. idtac "{MARK}axioms {ALL} {ALL}". Abort.')
        lines.append("Print Assumptions symderive_all_of_them.")
    else:
        for file, name in asked:
            lines.append(f'Goal True. idtac "{MARK}axioms {file} {name}". Abort.')
            lines.append(f"Print Assumptions {full[file, name]}.")
    return "\n".join([*lines, f'Goal True. idtac "{MARK}end". Abort.', ""])


def answers(output: str, asked: Sequence[tuple[str, str]]) -> tuple[Stated, ...]:
    """What Coq answered; where it was asked for all together, each rests on what all rest on."""
    said: dict[tuple[str, str, str], str] = {}
    for piece in output.split(MARK)[1:]:
        head, _, body = piece.partition("\n")
        if head != "end":
            part, file, name = head.split(" ")
            said[part, file, name] = body.strip()
    found = []
    for file, name in asked:
        axioms = said.get(("axioms", file, name)) or said.get(("axioms", ALL, ALL)) or ""
        found.append(Stated(file, name, _statement(said["statement", file, name]), _axioms(axioms)))
    return tuple(found)


def _statement(said: str) -> str:
    """`name : type`, or the name and the type below it -> the type."""
    return re.sub(r"^\S+\s*:\s*", "", said)


def _axioms(said: str) -> tuple[str, ...]:
    """The names that Coq lists; empty only where it says that there is none."""
    if said == CLOSED:
        return ()
    listed = re.findall(r"^(\S+)\s*:", said, re.MULTILINE)
    return tuple(name for name in listed if name != "Axioms") or (said or "no answer",)
