r"""Formula -> one line of Unicode, for terminals: δ⁽ˡ⁾ⱼ = σ′(z⁽ˡ⁾ⱼ) ∑(k=1..nₗ₊₁) w⁽ˡ⁺¹⁾ₖⱼ δ⁽ˡ⁺¹⁾ₖ.

A script that Unicode has no characters for stays in braces: w_{qc}. The line is for reading; it is not read
back.
"""

from __future__ import annotations

from symderive.documents.dialect import MATRICES
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
from symderive.documents.mathml import styled

_RAISED = dict(zip(
    "0123456789+−=(),abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδθ⊤",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾,ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᶿᵀ", strict=True,
))  # fmt: skip
_LOWERED = dict(zip(
    "0123456789+−=(),aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎,ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True
))  # fmt: skip
# combining characters; LaTeX names -> the mark that follows the letter
_ACCENTS = {
    "tilde": "\u0303", "widetilde": "\u0303", "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304",
    "overline": "\u0304", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "mathring": "\u030a",
    "check": "\u030c",
}  # fmt: skip


def to_unicode(source: str) -> str:
    r"""The formula in one line.

    >>> to_unicode(r"\frac{\partial C}{\partial w^{(l)}_{jk}} = a^{(l-1)}_{k} \delta^{(l)}_{j}")
    '∂C/∂w⁽ˡ⁾ⱼₖ = a⁽ˡ⁻¹⁾ₖ δ⁽ˡ⁾ⱼ'
    >>> to_unicode(r"\frac{a + b}{2 n} \sum_{k=1}^{n} x_{q}")
    '(a + b)/(2 n) · ∑(k=1..n) x_q'
    """
    return _row(parse(source))


def _row(row: Row, tight: bool = False) -> str:
    """The items side by side; `tight`, as in scripts, without spaces."""
    out = ""
    kinds = classes(row)
    for position, (node, kind) in enumerate(zip(row.items, kinds, strict=True)):
        before = row.items[position - 1] if position else None
        text = _node(node, tight)
        if not text:
            continue
        if isinstance(node, Space):
            out += " " if not tight and node.em > 0.5 and not out.endswith(" ") else ""
        elif kind in ("bin", "rel"):
            # a range of words keeps its spaces; within a script there are none
            out += text if tight else (f"{out and ' ' * (not out.endswith(' '))}{text} ")
        elif before is None or kind in ("close", "punct"):
            out += text + (" " if kind == "punct" and not tight else "")
        elif isinstance(node, Fraction) and isinstance(before, Atom) and before.char in ("d", "−"):
            out += text if before.char == "−" else f"({text})"
        else:
            out += _between(before, kinds[position - 1], node, kind, out, tight) + text
    return out.strip() if not tight else out


def _between(before: Node, kind_before: str, node: Node, kind: str, out: str, tight: bool) -> str:
    """What stands between two neighbours: nothing, a space, or a dot behind a fraction."""
    if tight or out.endswith(" ") or kind_before in ("open", "sign", "bin", "rel", "punct"):
        return ""
    if isinstance(before, Fraction):
        return " · "
    if isinstance(before, Words) or isinstance(node, Words):
        return ""
    called = isinstance(node, Fenced) or kind == "open"
    if called:
        return "" if _callable(before) else " "
    if isinstance(before, Atom) and isinstance(node, Atom) and _digits(before) and _digits(node):
        return ""
    if isinstance(before, Atom) and before.char in "∂∇d/!|−¬∀∃":
        return ""
    if isinstance(node, Atom) and node.char in "/!|":
        return ""
    return " "


def _digits(atom: Atom) -> bool:
    return atom.char[0].isdigit()


def _callable(node: Node) -> bool:
    """Whether parentheses behind it are its argument: a function, which may have primes and scripts."""
    if isinstance(node, Scripts):
        return _callable(node.base)
    return isinstance(node, Atom) and (node.kind == "op" or node.char.isalpha())


def _node(node: Node, tight: bool) -> str:
    match node:
        case Atom():
            return "".join(styled(c, node.style) for c in node.char)
        case Space():
            return " "
        case Words():
            return node.text
        case Row():
            return _row(node, tight)
        case Scripts():
            return _scripts(node)
        case Fraction():
            return f"{_side(node.numerator)}/{_side(node.denominator)}"
        case Root():
            return f"√{_held(_row(node.body))}"
        case Fenced():
            return f"{node.left}{_row(node.body)}{node.right}"
        case Accent():
            body = _row(node.body)
            return body[:1] + _ACCENTS[node.name] + body[1:] if len(body) == 1 else f"{node.name}({body})"
        case Matrix():
            left, right = MATRICES[node.name]
            return f"{left}{'; '.join(', '.join(map(_row, row)) for row in node.rows)}{right}"


def _scripts(node: Scripts) -> str:
    base = _node(node.base, True) + "′" * node.primes
    if isinstance(node.base, Atom) and node.base.kind == "big":
        lower = _row(node.sub, True) if node.sub is not None else ""
        upper = _row(node.sup, True) if node.sup is not None else ""
        return f"{base}({lower}..{upper})" if upper else f"{base}({lower})" if lower else base
    sup = _script(node.sup, _RAISED, "^") if node.sup is not None else ""
    sub = _script(node.sub, _LOWERED, "_") if node.sub is not None else ""
    if isinstance(node.base, Row | Fraction) and len(base) > 1:
        base = f"({base})"
    return base + sup + sub


def _script(row: Row, small: dict[str, str], sign: str) -> str:
    """Small characters where there are some for all of it, else the sign and the script."""
    text = _row(row, True)
    if all(c in small for c in text):
        return "".join(small[c] for c in text)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"


def _side(row: Row) -> str:
    """One side of a fraction: in parentheses where it is more than one factor."""
    text = _row(row)
    return text if " " not in text else f"({text})"


def _held(text: str) -> str:
    return text if len(text) == 1 else f"({text})"
