"""The library of formal proofs, `proofs/coq`: its sources, and their compiled form outside the sources."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

from symderive.coq.compiler import CoqError, compile_file, version

NAME = "Symderive"
STATED = re.compile(r"^(?:Theorem|Lemma|Corollary)\s+(\w+)", re.MULTILINE)
# what would make a statement true by decree; Variable and Hypothesis belong to a section, and the audit sees
# to it that none stays behind
FORBIDDEN = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|bypass_check|Unset\s+Guard\s+Checking|"
    r"Unset\s+Positivity\s+Checking|Unset\s+Universe\s+Checking)\b"
)


def sources() -> dict[str, str]:
    """The text of each file of the library by its name, in the order in which they are compiled.

    >>> list(sources())[0]
    'Network'
    """
    directory = files("proofs") / "coq"
    listed = [line.strip() for line in (directory / "_CoqProject").read_text("utf-8").splitlines()]
    names = [line.removesuffix(".v") for line in listed if line.endswith(".v")]
    return {name: (directory / f"{name}.v").read_text("utf-8") for name in names}


def without_comments(text: str) -> str:
    """The text without its comments, which nest.

    >>> without_comments("A (* b (* c *) d *) E")
    'A  E'
    """
    kept, depth, place = [], 0, 0
    while place < len(text):
        pair = text[place : place + 2]
        if pair == "(*":
            depth, place = depth + 1, place + 2
        elif pair == "*)" and depth:
            depth, place = depth - 1, place + 2
        else:
            if not depth:
                kept.append(text[place])
            place += 1
    return "".join(kept)


def decrees(text: str) -> list[str]:
    """The words of a file that would accept a statement without proof.

    >>> decrees("Lemma f : False. Admitted. (* Axiom *)")
    ['Admitted']
    """
    return [found[0] for found in FORBIDDEN.finditer(without_comments(text))]


def theorems(text: str) -> list[str]:
    """The names of the theorems and lemmas that a file states, in order.

    >>> theorems("Lemma one : True. Proof. done. Qed.")
    ['one']
    """
    return STATED.findall(without_comments(text))


def build(directory: Path) -> float:
    """Compile the whole library in this directory; the seconds that it took.

    Raises CoqError where Coq is missing, refuses a file, or a file accepts a statement without proof.
    """
    total = 0.0
    for name, text in sources().items():
        found = decrees(text)
        if found:
            raise CoqError(f"{name}.v: expected proofs, found {found[0]}")
        (directory / f"{name}.v").write_text(text, "utf-8")
        run = compile_file(directory / f"{name}.v", {NAME: directory})
        if not run.accepted:
            raise CoqError(f"{name}.v: Coq refuses it: {run.error.strip()[-2000:]}")
        total += run.seconds
    return total


@cache
def compiled() -> Path:
    """The directory of the compiled library, which is made once for each version of Coq and of the sources.

    It lies in the user's cache directory. Raises CoqError as `build` does.
    """
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "symderive"
    digest = hashlib.sha256("\0".join([version(), *sources().values()]).encode()).hexdigest()[:32]
    target = root / f"coq-{digest}"
    if target.is_dir():
        return target
    root.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=root, prefix="coq-building-"))
    try:
        build(scratch)
        try:
            scratch.rename(target)
        except OSError:  # another process was faster
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target
