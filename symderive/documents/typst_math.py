"""Tree of a formula -> a formula of Typst, in functions only: nothing is left to its shorthands."""

from __future__ import annotations

from symderive.documents import dialect
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

_STYLE = {
    "bold": "bold(upright({}))", "bold-italic": "bold({})", "calligraphic": "cal({})",
    "double-struck": "bb({})", "sans": "sans({})", "upright": "upright({})", "italic": "italic({})",
}  # fmt: skip
_ACCENT = {
    "tilde": "tilde", "widetilde": "tilde", "hat": "hat", "widehat": "hat", "bar": "macron", "dot": "dot",
    "ddot": "dot.double", "vec": "arrow", "mathring": "circle", "check": "caron",
}  # fmt: skip
_FENCE = {
    "(": "paren.l", ")": "paren.r", "[": "bracket.l", "]": "bracket.r", "{": "brace.l", "}": "brace.r",
    "|": "bar.v", "‖": "bar.v.double", "⟨": "chevron.l", "⟩": "chevron.r", "⌊": "floor.l", "⌋": "floor.r",
    "⌈": "ceil.l", "⌉": "ceil.r",
}  # fmt: skip


def string(text: str) -> str:
    r"""A string literal of Typst: the one way in which words of a document enter its source.

    >>> print(string('say "#panic()" \\'))
    "say \"#panic()\" \\"
    """
    out = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + out.replace("\t", "\\t").replace("\0", "\ufffd") + '"'


def to_typst(source: str) -> str:
    r"""The inside of $...$.

    >>> to_typst(r"\frac{1}{2} w^{(l)}_{jk}")
    'frac(1, 2) attach(w, t: #sym.paren.l l #sym.paren.r, b: j k)'
    """
    return row_to_typst(parse(source))


def row_to_typst(row: Row) -> str:
    """A row, or a part of one."""
    return _row(row)


def _row(row: Row) -> str:
    parts = [_node(item, kind) for item, kind in zip(row.items, classes(row), strict=True)]
    return " ".join(parts) if parts else '""'


def _node(node: Node, kind: str) -> str:
    match node:
        case Atom():
            return _atom(node, kind)
        case Space():
            return f"#h({node.em:.4g}em)"
        case Words():
            return f"#text({string(node.text)})"
        case Row():
            return f'class("normal", {_row(node)})' if len(node.items) != 1 else _row(node)
        case Scripts():
            return _scripts(node, kind)
        case Fraction():
            return f"frac({_row(node.numerator)}, {_row(node.denominator)})"
        case Root():
            return f"sqrt({_row(node.body)})"
        case Fenced():
            left, right = (_FENCE[side] if side else "" for side in (node.left, node.right))
            inside = " ".join(part for part in (left, _row(node.body), right) if part)
            return f"lr({inside})"
        case Accent():
            if node.name == "overline":
                return f"overline({_row(node.body)})"
            return f"accent({_row(node.body)}, {_ACCENT[node.name]})"
        case Matrix():
            return _matrix(node)


def _atom(atom: Atom, kind: str) -> str:
    char = atom.char
    if kind in ("op", "big") and char.isascii():
        limits = "true" if "\\" + char in dialect.LIMITS else "false"
        return f"op({string(char)}, limits: #{limits})"
    if char.isascii() and char.isalnum():
        if atom.style == "upright":
            return char if char.isdigit() else f"upright({string(char) if len(char) > 1 else char})"
        if atom.style == "italic" and len(char) == 1:
            return char
        return _STYLE[atom.style].format(string(char) if len(char) > 1 else char)
    if char[0].isdigit():
        return char
    if kind in ("open", "close") and char in _FENCE:
        return f"#sym.{_FENCE[char]}"
    if char in _FENCE:
        return f"#sym.{_FENCE[char]}"
    if char.isascii():
        escaped = f"\\{char}"
        if kind == "sign":
            return f'class("normal", {escaped})'
        return f'class("relation", {escaped})' if char == ":" else escaped
    if atom.style in ("bold", "bold-italic"):
        return _STYLE[atom.style].format(char)
    if char.isalpha() and char.isupper() and "Α" <= char <= "Ω":
        return f"upright({char})"
    if kind == "sign":
        return f'class("normal", {char})'
    if kind == "ord" and char in "⊤⊥∣":
        return f'class("normal", {char})'
    return char


def _scripts(node: Scripts, kind: str) -> str:
    above = []
    if node.primes:
        above.append(f"primes(#{node.primes})")
    if node.sup is not None:
        above.append(_row(node.sup))
    named = []
    if above:
        named.append(f"t: {' '.join(above)}")
    if node.sub is not None:
        named.append(f"b: {_row(node.sub)}")
    return f"attach({', '.join([_node(node.base, kind), *named])})"


def _matrix(node: Matrix) -> str:
    rows = "; ".join(", ".join(_row(cell) for cell in row) for row in node.rows)
    left, _ = dialect.MATRICES[node.name]
    if node.name == "cases":
        lines = ", ".join(" quad ".join(_row(cell) for cell in row) for row in node.rows)
        return f"cases({lines})"
    delimiter = "#none" if not left else string(left)
    return f"mat(delim: {delimiter}, {rows})"
