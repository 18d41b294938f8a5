"""Width of a formula in em, as TeX would set it: close enough to decide where a long line breaks.

The widths are those of Computer Modern (cmmi10, cmr10, cmsy10), spaces those of TeX's rules.
"""

from __future__ import annotations

from functools import lru_cache

from symderive.documents import dialect
from symderive.documents.blocks import Code, Inline, Inlines, Math
from symderive.documents.formula import (
    Accent,
    Atom,
    Fenced,
    Fraction,
    Matrix,
    Node,
    Root,
    Row,
    Scripts,
    Space,
    Words,
    classes,
    parse,
)


def _widths(pairs: str) -> dict[str, float]:
    words = pairs.split()
    return {char: int(width) / 1000 for char, width in zip(words[::2], words[1::2], strict=True)}


_ITALIC = _widths("""
a 529 b 429 c 433 d 520 e 466 f 565 g 497 h 576 i 345 j 434 k 552 l 318 m 878 n 600 o 485 p 503 q 482 r 479
s 469 t 361 u 572 v 521 w 743 x 572 y 526 z 509 A 750 B 809 C 787 D 856 E 796 F 782 G 786 H 912 I 518 J 651
K 920 L 681 M 1079 N 912 O 791 P 781 Q 791 R 767 S 671 T 723 U 792 V 806 W 1083 X 907 Y 803 Z 754
α 644 β 619 γ 574 δ 482 ϵ 406 ε 466 ζ 512 η 533 θ 497 ϑ 591 ι 354 κ 576 λ 583 μ 603 ν 558 ξ 484 π 606 ϖ 856
ρ 517 ϱ 517 σ 607 ς 399 τ 550 υ 576 φ 654 ϕ 596 χ 626 ψ 687 ω 658""")
_OTHER = _widths("""
Γ 625 Δ 833 Θ 778 Λ 694 Ξ 667 Π 750 Σ 722 Υ 778 Φ 722 Ψ 778 Ω 722
∂ 587 ∇ 833 ∞ 1000 ℓ 417 ( 389 ) 389 [ 278 ] 278 { 500 } 500 | 278 ‖ 500 . 278 , 278 ; 278 / 500 : 278 ! 278
⋅ 278 ∑ 1444 ∏ 1278 ∫ 778 … 1172 ⋯ 1172 → 1000 ⟶ 1638 ⟹ 1638 ⟺ 1858 ↦ 1000 ∈ 667 ⟨ 389 ⟩ 389 ∗ 500
⋮ 278 ⋱ 1282 ∀ 556 ∃ 556 ¬ 667 ∅ 500 ∣ 278 ℝ 722 ℜ 722 ℑ 722 □ 778""")
_MATHEMATICAL_SPACE = {"bin": 4 / 18, "rel": 5 / 18}
_WORD_WIDTHS = {
    char: wide
    for chars, wide in (
        ("iljI.,:;'|!()[]", 0.285),
        ("frt-", 0.37),
        ("acesz", 0.45),
        (" ", 0.335),
        ("mwMW", 0.85),
    )
    for char in chars
}
_SIZES = (1.0, 0.78, 0.64)  # of letters in scripts: the small fonts are wider than scaled ones
_KERN = 0.02


def width(row: Row, *, display: bool = True) -> float:
    """Width in em at the size of running text."""
    return _row(row, 0, display)


def formula_width(source: str, *, display: bool = True) -> float:
    r"""Width in em of a formula.

    >>> 2.5 < formula_width("a + b") < 3
    False
    """
    return width(parse(source), display=display)


def words_width(text: str) -> float:
    """Width in em of running text.

    >>> 25 < words_width("the smallest counterexample has one neuron in each layer") < 26
    True
    """
    return sum(_WORD_WIDTHS.get(char, 0.77 if char.isupper() else 0.53) for char in text)


def inline_width(inline: Inline) -> float:
    """Width in em of one piece of a line of text."""
    match inline:
        case Math():
            return formula_width(inline.latex, display=False)
        case Code():
            return 0.53 * len(inline.text)
        case _:
            return words_width(getattr(inline, "text", "Theorem 10.1"))


def inlines_width(inlines: Inlines) -> float:
    return sum(inline_width(inline) for inline in inlines)


def reaches(row: Row) -> list[float]:
    """How far the first 0, 1, 2, ... items of a row reach, in em: the last is the width of the row."""
    return _reaches(row, 0, True)


def _row(row: Row, level: int, display: bool) -> float:
    return _reaches(row, level, display)[-1]


def _reaches(row: Row, level: int, display: bool) -> list[float]:
    kinds = classes(row)
    reached = [0.0]
    previous = "begin"
    for item, kind in zip(row.items, kinds, strict=True):
        space = 0.0
        if level == 0:
            space = _between(previous, kind)
        elif kind == "op" or previous == "op":
            space = 0.06
        reached.append(reached[-1] + space + _node(item, level, display))
        if kind != "space":
            previous = kind
    return reached


def _between(left: str, right: str) -> float:
    """The space that TeX puts between two classes."""
    if left in ("begin", "open") or right == "close":
        return 0.0
    if "rel" in (left, right):
        return 0.0 if left == right else _MATHEMATICAL_SPACE["rel"]
    if "bin" in (left, right):
        return _MATHEMATICAL_SPACE["bin"]
    if left in ("op", "big", "punct") or right in ("op", "big"):
        return 0.0 if right in ("open", "space") else 3 / 18
    if "inner" in (left, right):
        return 0.0 if left == "sign" or right in ("open", "space", "punct") else 3 / 18
    return 0.0


@lru_cache(maxsize=1 << 16)
def _node(node: Node, level: int, display: bool) -> float:
    size = _SIZES[min(level, 2)]
    match node:
        case Atom():
            return _atom(node, display and level == 0) * size
        case Space():
            return node.em * size
        case Words():
            return words_width(node.text) * size
        case Row():
            return _row(node, level, display)
        case Scripts():
            return _scripts(node, level, display)
        case Fraction():
            inner = level if display and level == 0 else level + 1
            parts = (_row(part, inner, False) for part in (node.numerator, node.denominator))
            return max(parts) + 0.24 * size
        case Root():
            return _row(node.body, level, display) + 0.9 * size
        case Fenced():
            fence = 0.39 + 0.2 * min(_height(node.body, display and level == 0), 3)
            sides = sum(1 for side in (node.left, node.right) if side)
            return _row(node.body, level, display) + sides * fence * size + (2 - sides) * 0.12
        case Accent():
            return _row(node.body, level, display)
        case Matrix():
            return _matrix(node)


def _matrix(node: Matrix) -> float:
    columns = max(len(row) for row in node.rows)
    widest = [
        max((_row(row[column], 0, False) for row in node.rows if column < len(row)), default=0.0)
        for column in range(columns)
    ]
    left, right = dialect.MATRICES[node.name]
    return sum(widest) + 1.0 * (columns - 1) + 0.9 * (bool(left) + bool(right))


def _atom(atom: Atom, display: bool) -> float:
    if atom.kind == dialect.BIG and not display:
        return 1.06
    if atom.style == "italic" and atom.char in _ITALIC:
        return _ITALIC[atom.char]
    if len(atom.char) == 1 and atom.char in _OTHER:
        return _OTHER[atom.char]
    if len(atom.char) == 1 and atom.char.isascii() and atom.char.isalpha():
        return 0.75 if atom.char.isupper() or atom.char in "mw" else 0.53
    if atom.char[0].isdigit() or atom.char.isalpha():
        return sum(0.28 if char in ".iljt" else 0.83 if char in "mM" else 0.54 for char in atom.char)
    return 0.78


def _scripts(node: Scripts, level: int, display: bool) -> float:
    base = _node(node.base, level, display)
    sup = _row(node.sup, level + 1, False) if node.sup is not None else 0.0
    sup += 0.3 * node.primes * _SIZES[min(level, 2)]
    sub = _row(node.sub, level + 1, False) if node.sub is not None else 0.0
    if isinstance(node.base, Atom) and display and level == 0:
        stacked = node.base.kind == dialect.BIG and node.base.char != "∫"
        if stacked or "\\" + node.base.char in dialect.LIMITS:
            return max(base, sup, sub)
    return base + max(sup, sub) + 0.05 + _KERN


def _height(row: Row, display: bool) -> int:
    """How many sizes larger a delimiter around the row grows: 0 for plain symbols, 3 for large ones."""
    tallest = 0
    for item in row.items:
        match item:
            case Scripts():
                big = isinstance(item.base, Atom) and item.base.kind == dialect.BIG
                raised = item.sup is not None
                grown = (3 if display else 1) if big else 1 if raised else 0
                inner = item.base.body if isinstance(item.base, Fenced) else None
                tallest = max(tallest, grown, _height(inner, display) if inner is not None else 0)
            case Fraction():
                tallest = max(tallest, 3 if display else 1)
            case Fenced() | Root():
                tallest = max(tallest, _height(item.body, display))
            case Matrix():
                tallest = max(tallest, 3)
            case _:
                pass
    return tallest
