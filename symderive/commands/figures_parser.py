"""The arguments of `symderive figures`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add_parser(
    commands: Any, seed: Callable[[str], int], default: int, run: Callable[[argparse.Namespace], int]
) -> None:
    """Add `figures` to the commands."""
    command = commands.add_parser(
        "figures", help="draw the figures of the theorems about training",
        description="Draws figures from runs of the NumPy reference; no name: all of them.",
    )  # fmt: skip
    add = command.add_argument
    add("figures", nargs="*", metavar="FIGURE", help="gap, one_answer, flow or xor")
    add("-o", "--output", type=Path, default=Path("symderive-out"), metavar="DIR",
        help="where the files go (default: %(default)s)")  # fmt: skip
    add("--format", default="svg", choices=("svg", "pdf", "png"), help="of the files (default: %(default)s)")
    add("--json", action="store_true", help="print the data of the figures")
    add("--seed", type=seed, default=default, help="seed of the runs (default: %(default)s)")
    command.set_defaults(run=run)
