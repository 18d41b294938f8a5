"""Tree of a formula -> MathML Core: real text, no script, with its LaTeX source as an annotation."""

from __future__ import annotations

from html import escape

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

# (style, first letter of the alphabet) -> first code point; letters that Unicode had before are exceptions.
_ALPHABET = {
    ("bold", "A"): 0x1D400, ("bold", "a"): 0x1D41A, ("bold", "0"): 0x1D7CE,
    ("bold-italic", "A"): 0x1D468, ("bold-italic", "a"): 0x1D482,
    ("bold-italic", "Α"): 0x1D71E, ("bold-italic", "α"): 0x1D736,
    ("calligraphic", "A"): 0x1D49C,
    ("double-struck", "A"): 0x1D538, ("double-struck", "a"): 0x1D552, ("double-struck", "0"): 0x1D7D8,
    ("sans", "A"): 0x1D5A0, ("sans", "a"): 0x1D5BA, ("sans", "0"): 0x1D7E2,
}  # fmt: skip
_EARLIER = {
    "calligraphic": dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True)),
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}

_THIN = '<mspace width="0.08em"></mspace>'
_SPACE = {"bin": "0.2222em", "rel": "0.2778em"}


def styled(char: str, style: str) -> str:
    """A letter in an alphabet, as the Unicode character for it.

    >>> styled("R", "double-struck")
    'ℝ'
    """
    if char in _EARLIER.get(style, {}):
        return _EARLIER[style][char]
    for first in ("A", "a", "0", "Α", "α"):
        code = _ALPHABET.get((style, first))
        offset = ord(char) - ord(first)
        if code is not None and 0 <= offset < (10 if first == "0" else 25 if first in "Αα" else 26):
            return chr(code + offset)
    return char


def to_mathml(source: str, *, display: bool) -> str:
    r"""One <math> element. `display` sets limits above and below, and fractions in full size.

    >>> to_mathml("a", display=False)
    '<math><semantics><mi>a</mi><annotation encoding="application/x-tex">a</annotation></semantics></math>'
    """
    return math_element(parse(source), display=display)


def math_element(row: Row, *, display: bool, source: str | None = None) -> str:
    """The <math> element of a row or of a part of one; `source` is annotated, the row's own if None."""
    style = ' displaystyle="true"' if display else ""
    annotation = escape((row.source if source is None else source).strip(), quote=False)
    return (
        f"<math{style}><semantics>{_row(row)}"
        f'<annotation encoding="application/x-tex">{annotation}</annotation></semantics></math>'
    )


def _row(row: Row) -> str:
    """One element: that of the only item, or an <mrow>."""
    kinds = classes(row)
    parts = [_node(item, kind) for item, kind in zip(row.items, kinds, strict=True)]
    if len(parts) == 1:
        return parts[0]
    return f"<mrow>{''.join(_spaced(parts, row.items, kinds))}</mrow>"


def _spaced(parts: list[str], items: tuple[Node, ...], kinds: tuple[str, ...]) -> list[str]:
    """TeX puts a thin space beside the name of a function and after a fenced part; MathML puts none."""
    out: list[str] = []
    for position, part in enumerate(parts):
        kind = kinds[position]
        before = kinds[position - 1] if position else "begin"
        fenced = isinstance(items[position], Fenced)
        thin = (kind == "op" and before in ("ord", "close", "inner")) or (
            before == "op" and kind in ("ord", "op") and not fenced
        )
        thin = thin or (before == "inner" and kind in ("ord", "inner", "open"))
        thin = thin or (kind == "inner" and not fenced and before == "ord")
        if thin:
            out.append('<mspace width="0.1667em"></mspace>')
        out.append(part)
    return out


def _node(node: Node, kind: str) -> str:
    match node:
        case Atom():
            return _atom(node, kind)
        case Space():
            return f'<mspace width="{node.em:.4g}em"></mspace>'
        case Words():
            words = node.text
            kept = words.lstrip(" ")
            words = (
                "\u00a0" * (len(words) - len(kept))
                + kept.rstrip(" ")
                + ("\u00a0" * (len(kept) - len(kept.rstrip(" "))))
            )
            return f"<mtext>{escape(words, quote=False)}</mtext>"
        case Row():
            return _row(node)
        case Scripts():
            return _scripts(node, kind)
        case Fraction():
            return f"<mfrac>{_row(node.numerator)}{_row(node.denominator)}</mfrac>"
        case Root():
            return f"<msqrt>{_row(node.body)}</msqrt>"
        case Fenced():
            return (
                f"<mrow>{_fence(node.left, 'prefix')}{_row(node.body)}{_fence(node.right, 'postfix')}</mrow>"
            )
        case Accent():
            mark = dialect.ACCENTS["\\" + node.name]
            wide = "true" if node.name in ("overline", "widetilde", "widehat") else "false"
            accent = f'<mo stretchy="{wide}">{mark}</mo>'
            return f'<mover accent="true">{_row(node.body)}{accent}</mover>'
        case Matrix():
            return _matrix(node)


def _atom(atom: Atom, kind: str) -> str:
    char = escape(atom.char, quote=False)
    match kind:
        case "ord":
            if atom.char.isdigit() or atom.char[0].isdigit():
                digits = "".join(styled(letter, atom.style) for letter in atom.char)
                return f"<mn>{digits}</mn>"
            if atom.style in ("upright", "italic") and not atom.char.isalpha() and atom.char not in "∞∅⊤⊥":
                return (
                    f'<mo lspace="0" rspace="0" stretchy="false">{char}</mo>'
                    if atom.char in "|‖/∣"
                    else (f"<mi>{char}</mi>")
                )
            if atom.style == "italic":
                return f"<mi>{char}</mi>"
            if atom.style == "upright":
                normal = ' mathvariant="normal"' if len(atom.char) == 1 else ""
                return f"<mi{normal}>{char}</mi>"
            return f"<mi>{''.join(styled(letter, atom.style) for letter in atom.char)}</mi>"
        case "op":
            return f"<mi>{char}</mi>"
        case "sign":
            return f'<mo form="prefix" lspace="0" rspace="0">{char}</mo>'
        case "bin" | "rel":
            space = _SPACE[kind]
            return f'<mo form="infix" lspace="{space}" rspace="{space}" stretchy="false">{char}</mo>'
        case "open" | "close":
            form = "prefix" if kind == "open" else "postfix"
            return f'<mo form="{form}" stretchy="false">{char}</mo>'
        case "punct":
            return f'<mo separator="true" lspace="0" rspace="0.1667em">{char}</mo>'
        case _:
            return f"<mo>{char}</mo>"


def _fence(delimiter: str, form: str) -> str:
    if not delimiter:
        return ""
    return f'<mo fence="true" form="{form}" stretchy="true" lspace="0" rspace="0">{escape(delimiter)}</mo>'


def _scripts(node: Scripts, kind: str) -> str:
    base = _node(node.base, kind)
    if node.primes:
        # The sign is drawn raised and small in mathematical fonts; as a superscript it would be so twice.
        prime = "′″‴⁗"[node.primes - 1] if node.primes < 5 else "′" * node.primes
        sign = f'<mo lspace="0" rspace="0">{prime}</mo>'
        if node.sub is not None and node.sup is None:
            # A subscript stands below the sign, not behind it.
            sub = f'<mrow><mpadded width="0">{sign}</mpadded></mrow>'
            return f"<mrow><msub><mrow>{base}{sub}</mrow>{_row(node.sub)}</msub>{_THIN}</mrow>"
        base = f"<mrow>{base}{sign}</mrow>"
    sup = _row(node.sup) if node.sup is not None else ""
    sub = _row(node.sub) if node.sub is not None else ""
    limits = isinstance(node.base, Atom) and (
        (kind == "big" and node.base.char != "∫") or "\\" + node.base.char in dialect.LIMITS
    )
    under, over, both = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    if sub and sup:
        return f"<{both}>{base}{sub}{sup}</{both}>"
    if not sub and not sup:
        return base
    return f"<{under}>{base}{sub}</{under}>" if sub else f"<{over}>{base}{sup}</{over}>"


def _matrix(node: Matrix) -> str:
    left, right = dialect.MATRICES[node.name]
    rows = "".join(
        "<mtr>" + "".join(f"<mtd>{_row(cell)}</mtd>" for cell in row) + "</mtr>" for row in node.rows
    )
    css = ' class="cases"' if node.name == "cases" else ""
    return f"<mrow>{_fence(left, 'prefix')}<mtable{css}>{rows}</mtable>{_fence(right, 'postfix')}</mrow>"
