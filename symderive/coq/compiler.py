"""coqc on one file, with bounds on time and memory; all that Coq says is kept, nothing is guessed from it."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from symderive.errors import SymderiveError

SECONDS = 600
MEMORY = 8 << 30  # bytes of address space, of which Coq maps more than it uses
# The shell sets the bound and becomes Coq. A function of ours between fork and exec would run Python there,
# which a process with threads must not do; JAX warns of it.
BOUNDED = ("/bin/sh", "-c", f'ulimit -v {MEMORY >> 10} && exec "$@"', "sh")
MISSING = "coqc is not installed: on Debian, install coq and libcoq-mathcomp-algebra-tactics"


class CoqError(SymderiveError):
    """Coq is missing, or did not accept what was to be compiled."""


@dataclass(frozen=True)
class Run:
    """One run of coqc: whether it accepted the file, what it printed, and what it said against it."""

    accepted: bool
    output: str
    error: str
    seconds: float


def coqc() -> str | None:
    """Where coqc is; None where it is not installed."""
    return shutil.which("coqc")


def version() -> str:
    """The first line of `coqc --version`; CoqError where Coq is not installed."""
    found = coqc()
    if found is None:
        raise CoqError(MISSING)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False)
    return said.stdout.splitlines()[0].strip() if said.stdout else "an unknown version of Coq"


def compile_file(file: Path, libraries: Mapping[str, Path], seconds: float = SECONDS) -> Run:
    """Compile one file; `libraries` gives the directory of each logical name, {"Symderive": directory}.

    Raises CoqError where Coq is not installed.
    """
    found = coqc()
    if found is None:
        raise CoqError(MISSING)
    command = [*BOUNDED, found, "-q", "-w", "none"]
    for name, directory in libraries.items():
        command += ["-Q", str(directory), name]
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [*command, file.name], cwd=file.parent, capture_output=True, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Run(False, "", f"stopped after {seconds:g} seconds", time.perf_counter() - start)
    return Run(done.returncode == 0, done.stdout, done.stderr, time.perf_counter() - start)
