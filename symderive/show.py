"""Progress and tables on a terminal (rich), plain text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, TextIO


class Progress:
    """A bar on standard error while something runs; nothing where that is no terminal, or when quiet."""

    def __init__(self, total: int, quiet: bool = False) -> None:
        self.total = total
        self.shown = not quiet and sys.stderr.isatty()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if self.shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self.total)
        return self

    def tell(self, what: str) -> None:
        """What is being worked on."""
        if self._bar is not None:
            self._bar.update(self._task, description=what)

    def done(self) -> None:
        """One more is finished."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str, file: TextIO) -> None:
    """A table: ruled on a terminal, aligned columns elsewhere."""
    if file.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        shown = Table(title=title, title_justify="left")
        for h in header:
            shown.add_column(h, overflow="fold")
        for row in rows:
            shown.add_row(*(Text(c) for c in row))  # as it is: LaTeX is full of brackets
        Console(file=file).print(shown)
        return
    widths = [max(len(r[n]) for r in (header, *rows)) for n in range(len(header))]
    file.write(title + "\n")
    for row in (header, *rows):
        file.write("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n")
