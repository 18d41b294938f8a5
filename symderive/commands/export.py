"""`symderive export coq`: a theorem or a network as a file of Coq, confirmed where coqc is installed."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import proofs
from symderive.claims.evidence import CheckFailed
from symderive.commands.derive import Request
from symderive.coq.audit import Stated
from symderive.coq.compiler import MISSING, coqc, version
from symderive.coq.export import Exported, Refused, confirm, export_theorem
from symderive.coq.library import sources
from symderive.coq.network import export_network
from symderive.derivation import derive
from symderive.documents.files import write_files
from symderive.errors import SymderiveError
from symderive.systems import mlp

NETWORK_OPTIONS = Request()


@dataclass(frozen=True)
class Outcome:
    """An exported file, and what Coq said of it; `stated` is empty where coqc is not installed."""

    made: Exported
    stated: tuple[Stated, ...] = ()
    seconds: float = 0.0

    @property
    def confirmed(self) -> bool:
        """Whether coqc accepted the file, and no theorem of it rests on an axiom."""
        return bool(self.stated)

    def lines(self) -> list[str]:
        """What a person reads."""
        n = len(self.made.stated)
        if self.confirmed:
            found = [f"confirmed by {version()}: {n} statements, no axioms, {self.seconds:.1f} s"]
        else:
            found = [f"not confirmed: {MISSING}"]
        return [*found, *(f"not exported: {name}: {why}" for name, why in self.made.missing)]

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        return {
            "name": self.made.name,
            "confirmed": self.confirmed,
            "coq": version() if self.confirmed else None,
            "reason": None if self.confirmed else MISSING,
            "seconds": round(self.seconds, 3),
            "theorems": [
                {"name": s.name, "statement": s.statement, "axioms": list(s.axioms)} for s in self.stated
            ] or [{"name": name, "statement": None, "axioms": None} for name in self.made.stated],
            "not_exported": [{"name": name, "why": why} for name, why in self.made.missing],
        }  # fmt: skip

    def write(self, directory: Path) -> list[str]:
        """Write the file, and the library that it needs in a directory beside it; their names."""
        library = {f"{name}.v": text for name, text in sources().items()}
        write_files(directory / "library", library)
        listed = ["-Q library Symderive", *(f"library/{name}" for name in library), f"{self.made.name}.v", ""]
        written = write_files(
            directory, {f"{self.made.name}.v": self.made.text, "_CoqProject": "\n".join(listed)}
        )
        return [path.name for path in written]


def run(arguments: argparse.Namespace) -> Outcome:
    """Export and confirm what the command line names; CheckFailed where Coq refuses what was exported."""
    request = Request(
        widths=arguments.widths,
        depth=arguments.depth,
        activation=arguments.activation,
        output=arguments.output_activation,
        cost=arguments.cost,
        factor=arguments.factor,
        relu_at_zero=arguments.relu_at_zero,
    )
    theorem = arguments.theorem
    if theorem is not None and request != NETWORK_OPTIONS:
        raise SymderiveError("export: expected a theorem, or the options of a network, found both")
    made = _network(request) if theorem is None else export_theorem(proofs.find(theorem).prove())
    return confirmed(made)


def confirmed(made: Exported) -> Outcome:
    """The outcome of compiling an exported file, where coqc is installed."""
    if coqc() is None:
        return Outcome(made)
    try:
        stated, seconds = confirm(made)
    except Refused as error:
        raise CheckFailed(str(error)) from error
    return Outcome(made, stated, seconds)


def _network(request: Request) -> Exported:
    if request.widths is None:
        if request != NETWORK_OPTIONS:
            raise SymderiveError(
                "export: expected --widths with the other options of a network, found none: the general "
                "theorem for every depth, all widths, any activation and cost takes no options"
            )
        return export_theorem(proofs.find("T2").prove())
    if request.depth is not None:
        raise SymderiveError("export: expected --widths or --depth, found both")
    if request.factor == 0:
        raise SymderiveError("factor: expected a number other than 0, found 0: such a cost has no gradient")
    return export_network(
        derive(
            mlp(
                widths=request.widths,
                activation=request.activation,
                output=request.output,
                cost=request.cost,
                factor=request.factor,
                relu_at_zero=request.relu_at_zero,
            )
        )
    )
