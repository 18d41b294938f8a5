r"""Index expressions, without spaces: l-1, 2j+k, n_{l}-j, \pi_{l}(j), s \cdot j."""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Integer, Mul, Symbol

from symderive.calculus.terms import Entry
from symderive.latex.lexicon import Lexicon, juxtaposed
from symderive.latex.notation import LatexError


class IndexPrinter:
    """Prints what may stand in a script or in a sum's limits."""

    def __init__(self, names: Lexicon) -> None:
        self.names = names

    def show(self, e: Expr) -> str:
        """The index expression; LatexError where scripts cannot hold it."""
        if not isinstance(e, Add):
            return self.term(e)
        parts = [(self.term(t), t.is_Number, place) for place, t in enumerate(e.args)]
        # what is positive first, numbers last, so that n-j+1 does not begin with a sign
        parts.sort(key=lambda p: (p[1], p[0].startswith("-"), p[2]))
        if parts[0][0].startswith("-"):
            parts.sort(key=lambda p: p[0].startswith("-"))
        text = parts[0][0]
        for part, _, _ in parts[1:]:
            text += part if part.startswith("-") else f"+{part}"
        return text

    def term(self, e: Expr) -> str:
        c, rest = e.as_coeff_Mul()
        if not c.is_Integer:
            raise LatexError(f"expected an affine index, found {e}")
        if rest == 1:
            return str(c)
        factors = sorted(
            Mul.make_args(rest), key=lambda f: not (f.is_Symbol and f.is_positive)
        )  # sizes first
        shown = r" \cdot ".join(map(self.factor, factors))
        return {1: "", -1: "-"}.get(int(c), str(c)) + shown

    def factor(self, e: Expr) -> str:
        if isinstance(e, Symbol):
            return self.names.symbol(e)
        if isinstance(e, Entry) and e.symbol.kind != "real":
            sup, sub = self.of_entry(e)
            opening, closing = self.names.notation.layer_marks
            return self.names.head(e.symbol) + (opening + sup + closing if sup else "") + sub
        if isinstance(e, Add):
            return f"({self.show(e)})"
        if isinstance(e, Integer):
            return str(e)
        raise LatexError(f"expected an index, found {type(e).__name__} {e}")

    def of_entry(self, e: Entry) -> tuple[str, str]:
        """What stands above, and the rest with its brace: the subscript, and a permutation's argument."""
        t: Any = e.symbol
        shown = [self.show(i) for i in e.index]
        count = t.sup + self.names.subscripts(t)
        sub = f"_{{{juxtaposed(shown[t.sup : count])}}}" if count > t.sup else ""
        if count < t.rank:
            sub += f"({shown[-1]})"
        return ",".join(shown[: t.sup]), sub
