"""A second table of faulty backward passes, written out one by one: what is right to say of each.

TABLE is filled by written_out_regression, _classifier and _square: the network, the function, the machine
names of its faults, and words that the diagnosis must contain. None of these functions knows symderive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NETWORKS: dict[str, dict[str, Any]] = {
    "regression": {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error", "samples": "B"},
    "classifier": {"widths": [6, 5, 4, 3], "activation": "relu", "cost": "cross_entropy", "output": "softmax",
                   "samples": "B"},
    "square": {"widths": [4, 4, 4, 4], "activation": "sigmoid", "cost": "squared_error", "samples": "B",
               "reduction": "sum"},
}  # fmt: skip
FORMS = {"regression": "arguments", "classifier": "pairs", "square": "lists"}


@dataclass(frozen=True)
class WrittenOut:
    """One faulty function: the machine names of all its faults, and words of a right diagnosis."""

    network: str
    fn: Callable[..., Any]
    names: frozenset[str]
    words: str
    options: tuple[tuple[str, Any], ...] = ()

    def told(self, faults: tuple[str, ...], diagnosis: str) -> bool:
        """Whether exactly these faults are named, in these words."""
        return set(faults) == self.names and self.words in diagnosis


TABLE: dict[str, WrittenOut] = {}


def faulty(network: str, names: str, words: str, **options: Any) -> Callable[[Any], Any]:
    """Enter a function in the table."""

    def enter(fn: Callable[..., Any]) -> Callable[..., Any]:
        TABLE[fn.__name__] = WrittenOut(
            network, fn, frozenset(names.split("+")), words, tuple(options.items())
        )
        return fn

    return enter
