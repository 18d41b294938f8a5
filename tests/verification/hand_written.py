"""The table of hand-written backward passes: 15 styles, what each is written for, and edits that break them.

A faulty pass is a correct one after an edit of its source, as an engineer would make it by mistake: `Faulty`
names the style, the edits, the network, the diagnoses that are acceptable, and a factor's size.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import hand_written_columns as columns
import hand_written_loops as loops
import hand_written_rows as rows
from hand_written_settings import Setting

Backward = Callable[..., Any]

COLUMNS, ROWS, TORCH = "columns", "rows", "out-by-in rows"
REGRESSION = ("squared_error",)


@dataclass(frozen=True)
class Style:
    """How a backward pass is written: what it takes, and the costs and reduction that it is for."""

    make: Callable[[Setting], Backward]
    form: str
    convention: str
    costs: tuple[str, ...] = REGRESSION
    reduction: str = "sum"
    decays: bool = False
    from_output: bool = False  # sigma' is written in a, which not every activation has

    @property
    def name(self) -> str:
        return self.make.__name__

    def setting(self, widths: tuple[int, ...], hidden: str = "tanh", output: str = "sigmoid") -> Setting:
        """What it is written for, in a network of these widths."""
        cost = self.costs[0]
        last = {"cross_entropy": "softmax", "squared_error": output}.get(cost, "identity")
        return Setting(widths, hidden, last, cost, self.reduction, 0.3 if self.decays else 0.0)


STYLES = {
    style.name: style
    for style in (
        Style(columns.caches, "dict", COLUMNS),
        Style(columns.course, "dict", COLUMNS, ("binary_cross_entropy",), "mean"),
        Style(columns.accumulated, "lists", COLUMNS),
        Style(columns.recursive, "pairs", COLUMNS, from_output=True),
        Style(columns.jacobian, "dict", COLUMNS, ("cross_entropy",)),
        Style(rows.fused, "dict", ROWS, ("softmax_cross_entropy", "cross_entropy"), "mean"),
        Style(rows.linears, "lists", TORCH),
        Style(rows.layers, "pairs", ROWS),
        Style(rows.minimized, "flat", ROWS, reduction="mean", decays=True),
        Style(rows.ridge, "dict", TORCH, decays=True, from_output=True),
        Style(rows.augmented, "pairs", ROWS),
        Style(loops.ported, "lists", TORCH),
        Style(loops.blackboard, "arguments", TORCH),
        Style(loops.outer, "pairs", ROWS, ("softmax_cross_entropy", "cross_entropy"), "mean"),
        Style(loops.two_pass, "flat", TORCH),
    )
}


def edited(make: Callable[[Setting], Backward], edits: tuple[tuple[str, str], ...]) -> Any:
    """The same function after edits of its source; each must change exactly one place."""
    source = textwrap.dedent(inspect.getsource(make))
    for old, new in edits:
        if source.count(old) != 1:
            raise ValueError(f"{make.__name__}: expected {old!r} once, found it {source.count(old)} times")
        source = source.replace(old, new)
    names: dict[str, Any] = dict(inspect.getmodule(make).__dict__)
    exec(compile(source, f"<{make.__name__}, edited>", "exec"), names)
    return names[make.__name__]


@dataclass(frozen=True)
class Faulty:
    """A style, its network, the edits, and for each fault the machine names that are a right diagnosis."""

    style: Style
    setting: Setting
    edits: tuple[tuple[str, str], ...]
    expected: tuple[frozenset[str], ...]
    factor: str = ""

    @property
    def label(self) -> str:
        widths = "-".join(map(str, self.setting.widths))
        faults = " + ".join("|".join(sorted(names)) for names in self.expected)
        return f"{self.style.name} {widths} {faults}{self.factor and ' ' + self.factor}"

    def make(self) -> Backward:
        made: Backward = edited(self.style.make, self.edits)(self.setting)
        return made

    def diagnosed(self, faults: tuple[str, ...]) -> bool:
        """Whether each fault has one of its names among these, and these are names of its faults alone."""
        allowed = frozenset().union(*self.expected)
        return set(faults) <= allowed and all(names & set(faults) for names in self.expected)
