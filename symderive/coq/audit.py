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


@dataclass(frozen=True)
class Stated:
    """One theorem as Coq has it: the file, the name, the statement, and the axioms; none is an empty tuple."""

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
    together = {file: f"{file}_together" for file in named if named[file]}
    asked = [(file, name) for file, names in named.items() for name in names]
    said = _asked(named, libraries, prefix, together, asked, each=False)
    if any(_axioms(said["axioms", file, ""]) for file in together):
        said |= _asked(named, libraries, prefix, {}, asked, each=True)
    else:  # a proof of all of them rests on nothing, and so does each
        said |= {("axioms", file, name): CLOSED for file, name in asked}
    found = []
    for file_name, name in asked:
        statement, axioms = (said[part, file_name, name] for part in ("statement", "axioms"))
        found.append(Stated(file_name, name, _statement(statement), _axioms(axioms)))
    return tuple(found)


def _asked(
    named: Mapping[str, Sequence[str]],
    libraries: Mapping[str, Path],
    prefix: str,
    together: Mapping[str, str],
    asked: Sequence[tuple[str, str]],
    each: bool,
) -> dict[tuple[str, str, str], str]:
    """What Coq answers, by part, file and theorem: the statement, or with `each` the axioms, of each theorem.

    `together` names, for each file, a proof of all its theorems at once: what that rests on is asked once, as
    Coq walks through all of MathComp at each question.
    """
    lines = ["From mathcomp Require Import all_ssreflect all_algebra.", "Set Printing Width 110."]
    lines += [f"From {prefix} Require Import {file}." for file in named]
    for file, name in asked:
        full = f"{prefix}.{file}.{name}"
        part, command = ("axioms", f"Print Assumptions {full}.") if each else ("statement", f"Check {full}.")
        lines.append(f'Goal True. idtac "{MARK}{part} {file} {name}". Abort. {command}')
    for file, proof in together.items():
        all_of_them = "I"
        for name in named[file]:
            all_of_them = f"(pair (@{prefix}.{file}.{name}) {all_of_them})"
        lines.append(f"Definition {proof} := {all_of_them}.")
        lines.append(f'Goal True. idtac "{MARK}axioms {file} ". Abort. Print Assumptions {proof}.')
    lines.append(f'Goal True. idtac "{MARK}end". Abort.')
    with tempfile.TemporaryDirectory() as scratch:
        audit_file = Path(scratch) / "Audit.v"
        audit_file.write_text("\n".join(lines) + "\n", "utf-8")
        run = compile_file(audit_file, libraries)
    if not run.accepted:
        raise CoqError(f"audit: Coq refuses it: {run.error.strip()[-2000:]}")
    said: dict[tuple[str, str, str], str] = {}
    for piece in run.output.split(MARK)[1:]:
        head, _, body = piece.partition("\n")
        if head != "end":
            part, file_name, name = head.split(" ")
            said[part, file_name, name] = body.strip()
    return said


def _statement(said: str) -> str:
    """`name : type`, or the name and the type below it -> the type."""
    return re.sub(r"^\S+\s*:\s*", "", said)


def _axioms(said: str) -> tuple[str, ...]:
    """The names that Coq lists; empty only where it says that there is none."""
    if said == CLOSED:
        return ()
    listed = re.findall(r"^(\S+)\s*:", said, re.MULTILINE)
    return tuple(name for name in listed if name != "Axioms") or (said or "no answer",)
