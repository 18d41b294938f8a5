r"""Matrix expressions as they are printed: A B, A \odot B, A + B, A^\top, with parentheses where needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# how tightly a print holds together
SUM, HADAMARD, PRODUCT, FACTOR, BASE = range(5)


@dataclass(frozen=True)
class Block:
    """A printed array: its text, how tightly it holds together, what it is the transpose or product of.

    >>> a = Block("A", BASE)
    >>> multiply(a, transpose(Block("B^{(1)}", FACTOR))).text
    'A \\\\left(B^{(1)}\\\\right)^{\\\\top}'
    """

    text: str
    level: int
    flipped: Block | None = None
    factors: tuple[Block, ...] = ()

    def within(self, level: int) -> str:
        """The text, in parentheses where it holds together less than that."""
        return self.text if self.level >= level else rf"\left({self.text}\right)"


def transpose(a: Block) -> Block:
    """Rows and columns exchanged: (A B)^T = B^T A^T, and A^TT = A."""
    if a.flipped is not None:
        return a.flipped
    if a.factors:
        return multiply(*(transpose(f) for f in reversed(a.factors)))
    return Block(rf"{a.within(BASE)}^{{\top}}", FACTOR, a)


def multiply(*parts: Block) -> Block:
    """The matrix product, from left to right."""
    factors = tuple(f for p in parts for f in (p.factors or (p,)))
    if len(factors) == 1:
        return factors[0]
    return Block(" ".join(f.within(FACTOR) for f in factors), PRODUCT, None, factors)


def hadamard(parts: Iterable[Block]) -> Block:
    """The product entry by entry: matrix products first, functions last."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    found.sort(key=lambda b: (b.level == BASE and b.text.endswith(r"\right)"), b.level != PRODUCT))
    return Block(r" \odot ".join(b.within(PRODUCT) for b in found), HADAMARD)


def scale(number: str, a: Block) -> Block:
    """A multiple; a minus sign stands in front of everything."""
    sign, number = ("-", number[1:].lstrip()) if number.startswith("-") else ("", number)
    if number in ("", "1"):
        return Block("-" + a.within(HADAMARD), SUM) if sign else a
    if a.level == HADAMARD:
        return Block(f"{sign}{number} {a.text}", SUM if sign else HADAMARD)
    return Block(f"{sign}{number} {a.within(PRODUCT)}", SUM if sign else PRODUCT)


def add(parts: Iterable[Block]) -> Block:
    """The sum: what is positive first, and products before single arrays, vectors of ones last."""

    def order(b: Block) -> tuple[bool, bool, bool]:
        return b.text.startswith("-"), b.text.startswith(r"\mathbf{1}"), b.level not in (HADAMARD, PRODUCT)

    found = sorted(parts, key=order)
    if len(found) == 1:
        return found[0]
    text = found[0].text
    for b in found[1:]:
        text += f" - {b.text[1:]}" if b.text.startswith("-") else f" + {b.text}"
    return Block(text, SUM)
