"""The arguments of `symderive verify`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from symderive.commands.arguments import number


def add_parser(
    commands: Any,
    network_options: Callable[[argparse.ArgumentParser], None],
    seed: Callable[[str], int],
    whole: Callable[[str], int],
    run: Callable[[argparse.Namespace], int],
) -> None:
    """Add `verify` to the commands; `network_options` adds the options that `derive` has too."""
    command = commands.add_parser(
        "verify", help="judge a Python function that computes gradients",
        description="Calls MODULE:FUNCTION with parameters and data, and compares what it returns with the "
                    "derived gradient; names the fault if there is one.",
        epilog="Exit status: 0 the gradient is right; 1 it is wrong; 2 unusable input; "
               "3 it gave no gradients.",
    )  # fmt: skip
    add = command.add_argument
    add("target", metavar="MODULE:FUNCTION", help="imported from the current directory")
    network_options(command)
    add("--form", choices=("dict", "lists", "pairs", "flat", "arguments"),
        help="how the function takes the parameters (default: found by trial)")  # fmt: skip
    add("--convention", choices=("columns", "rows", "out-by-in rows", "in-by-out columns"),
        help="how its arrays are laid out (default: found by trial)")  # fmt: skip
    add("--reduction", default="sum", choices=("sum", "mean"),
        help="of the cost over samples (default: %(default)s)")  # fmt: skip
    add("--weight-decay", type=number, default=0.0, metavar="LAMBDA",
        help="the cost has LAMBDA/2 times the squared weights (default: %(default)s)")  # fmt: skip
    add("--oracle", action="append", default=[], choices=("torch", "jax", "installed"), dest="oracles",
        help="ask its automatic differentiation as well; may be given twice")  # fmt: skip
    add("--count", type=whole, default=7, metavar="N", help="how many samples (default: %(default)s)")
    add("--seed", type=seed, default=0, help="of the random numbers (default: %(default)s)")
    add("--json", action="store_true", help="print a machine-readable result")
    command.set_defaults(run=run)
