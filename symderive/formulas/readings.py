"""How formulas are read where people differ, and what is said of those that have no value."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from symderive.errors import SymderiveError

HADAMARD = frozenset({r"\odot", r"\circ", r"\bullet", "*", r"\bigodot", "⊙", "∘", r"\star", r"\ast"})


KNOWN = {
    r"\tanh": "tanh",
    "tanh": "tanh",
    r"\exp": "exp",
    "exp": "exp",
    r"\log": "log",
    r"\ln": "log",
    "log": "log",
    "ln": "log",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "ReLU": "relu",
    "sgn": "sign",
    "sign": "sign",
    "softmax": "softmax",
    "softplus": "softplus",
}


COSTS = frozenset(
    {"C", "J", "E", "L", r"\mathcal L", r"\mathcal J", r"\mathcal C", r"\mathcal E", r"\ell", "Q"}
    | {"Loss", "loss", "cost", "Cost", "Error", "error", "MSE", "CE"}
)
"""What people call a cost."""

INDICATORS = frozenset({r"\mathbb 1", r"\mathbf 1", "1", r"\mathbb I", "I"})
SPECIAL = frozenset({r"\max", r"\min", "max", "min"}) | frozenset(
    {
        r"\operatorname diag",
        "diag",
        r"\diag",
        "prod",
        r"\Sigma",
        r"\mathbb 1",
        r"\mathbf 1",
        "1",
        r"\mathbb I",
        "I",
    }
)


class FormulaError(SymderiveError):
    """A formula without a value: what was expected, what was found, at which column; `kind` is the sort
    of fault.
    """

    def __init__(self, text: str, column: int = 0, kind: str = "types") -> None:
        self.text, self.column, self.kind = text, column, kind
        super().__init__(f"{text} at column {column}" if column else text)


class OutOfRange(FormulaError):
    """An index outside of its range: the formula says nothing there."""


@dataclass(frozen=True)
class Reading:
    """How products and gradients are read where people differ.

    - `order`: "usual" (juxtaposition and \\cdot bind more tightly than \\odot), "left to right",
    "entrywise first".
    - `gradients`: "as declared", or "transposed": a vector of derivatives is a row where its variable is
    a column.
    - `rows`: everything is transposed: vectors are rows, and weights are stored in-by-out.
    - `inner`: \\cdot of two vectors of one shape is their inner product, not the elementwise one.
    """

    order: str = "usual"
    gradients: str = "as declared"
    inner: bool = False
    rows: bool = False


USUAL = Reading()


def exact(text: str) -> int | Fraction:
    """The digits as an exact number."""
    found = Fraction(text)
    return found.numerator if found.denominator == 1 else found
