"""The arguments of `symderive answer`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def add_parser(
    commands: Any,
    common: Callable[[argparse.ArgumentParser], None],
    run: Callable[[argparse.Namespace], int],
) -> None:
    """Add `answer` to the commands; `common` adds the options of all that write documents."""
    command = commands.add_parser(
        "answer", help="why identical neurons stay identical, and why yours do not",
        description="Proves what the answer to the founding question quotes, and writes it as one document.",
    )  # fmt: skip
    common(command)
    command.set_defaults(run=run)
