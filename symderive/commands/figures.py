"""`symderive figures`: the figures of the theorems about training, drawn from runs of the NumPy reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symderive.errors import SymderiveError
from symderive.training.drawing import FORMS, render
from symderive.training.figures import NAMES, Figure, figure


@dataclass(frozen=True)
class Outcome:
    """A figure, and the file that shows it."""

    figure: Figure
    name: str
    content: bytes

    def as_json(self) -> dict[str, Any]:
        """What the figure shows, for machines: every line with its points."""
        return {
            "name": self.figure.name,
            "title": self.figure.title,
            "seed": self.figure.seed,
            "file": self.name,
            "panels": [
                {
                    "title": panel.title,
                    "x": panel.x,
                    "y": panel.y,
                    "lines": [
                        {"label": line.label, "x": line.x.tolist(), "y": line.y.tolist()}
                        for line in panel.lines
                    ],
                }
                for panel in self.figure.panels
            ],
        }


def select(names: Sequence[str], form: str) -> list[str]:
    """The figures of these names, each once; all of them if none is named.

    Raises SymderiveError for an unknown name or form, before anything is run.
    """
    if form not in FORMS:
        raise SymderiveError(f"format: expected one of {', '.join(FORMS)}, found {form!r}")
    for name in names:
        if name not in NAMES:
            raise SymderiveError(f"expected a figure of {', '.join(NAMES)}, found {name!r}")
    return list(dict.fromkeys(names)) or list(NAMES)


def draw_all(names: Sequence[str], form: str, seed: int) -> Iterator[Outcome]:
    """One figure after the other."""
    for name in select(names, form):
        found = figure(name, seed)
        yield Outcome(found, f"{name}.{form}", render(found, form))
