"""The arguments of `symderive export`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add_parser(
    commands: Any,
    network_options: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], int],
) -> None:
    """Add `export` to the commands; `network_options` adds the options that `derive` has too."""
    command = commands.add_parser(
        "export", help="write a theorem or a network for another proof system, and have it confirmed",
        description="Prints symderive's own terms as statements of Coq, proved by the library of proofs/coq; "
                    "without a theorem and widths: backpropagation for every depth.",
        epilog="Exit status: 0 coqc accepted it, with no axioms; 1 it refused it, and nothing is written; "
               "2 the library does not cover it; 3 coqc is missing, and the file is written unconfirmed.",
    )  # fmt: skip
    command.add_argument("system", choices=("coq",), help="the proof system")
    command.add_argument("theorem", nargs="?", metavar="THEOREM", help="key or name, such as T5")
    network_options(command)
    command.add_argument("-o", "--output", type=Path, default=Path("symderive-out"), metavar="DIR",
                         help="where the file and the library go (default: %(default)s)")  # fmt: skip
    command.add_argument("--json", action="store_true", help="print a machine-readable result")
    command.set_defaults(run=run)
