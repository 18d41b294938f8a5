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
    lines = ["From mathcomp Require Import all_ssreflect all_algebra.", "Set Printing Width 110."]
    lines += [f"From {prefix} Require Import {file}." for file in named]
    asked = [(file, name) for file, names in named.items() for name in names]
    for file, name in asked:
        full = f"{prefix}.{file}.{name}"
        for part, command in (("statement", f"Check {full}."), ("axioms", f"Print Assumptions {full}.")):
            lines.append(f'Goal True. idtac "{MARK}{part} {file} {name}". Abort. {command}')
    lines.append(f'Goal True. idtac "{MARK}end". Abort.')
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "Audit.v"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        run = compile_file(file, libraries)
    if not run.accepted:
        raise CoqError(f"audit: Coq refuses it: {run.error.strip()[-2000:]}")
    said: dict[tuple[str, str, str], str] = {}
    for piece in run.output.split(MARK)[1:]:
        head, _, body = piece.partition("\n")
        if head != "end":
            part, file_name, name = head.split(" ")
            said[part, file_name, name] = body.strip()
    found = []
    for file_name, name in asked:
        statement, axioms = (said[part, file_name, name] for part in ("statement", "axioms"))
        found.append(Stated(file_name, name, _statement(statement), _axioms(axioms)))
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
