r"""How the names of a table are written in a notation, and what LaTeX names: w^{(l)}_{jk} is w[l, j, k]."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sympy import Expr, Max, Min, Symbol, cos, cosh, erf, exp, log, pi, sign, sin, sinh, tan, tanh

from symderive.calculus.atoms import LETTERS, Functional, ScalarFunction, TensorSymbol
from symderive.latex.notation import ACCENTS, GREEK, WRAPPED, LatexError, Notation, portable
from symderive.latex.table import SymbolTable, is_index

# SymPy's own functions of one variable
PLAIN_FUNCTIONS: dict[str, Callable[[Expr], Expr]] = {
    r"\exp": exp, r"\log": log, r"\tanh": tanh, r"\sinh": sinh, r"\cosh": cosh, r"\sin": sin, r"\cos": cos,
    r"\tan": tan, r"\operatorname{erf}": erf, r"\operatorname{sign}": sign,
}  # fmt: skip
EXTREMA: dict[str, Any] = {r"\max": Max, r"\min": Min}
# beyond these, primes cannot be counted
MOST_PRIMES = 8
INDEX_LETTERS = tuple(sorted({*LETTERS, "l", "t"}))

Key = tuple[str, str, str]
Role = str


@dataclass(frozen=True)
class Lexicon:
    """The names of a table in a notation. Two meanings for one name are an error when it is made."""

    table: SymbolTable
    notation: Notation
    symbols: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, Any] = field(default_factory=dict)
    functionals: dict[str, Functional] = field(default_factory=dict)
    tensors: dict[Key, list[TensorSymbol]] = field(default_factory=dict)
    matrices: dict[str, str] = field(default_factory=dict)
    letters: frozenset[str] = frozenset()

    # ---- how names are written

    def head(self, t: TensorSymbol) -> str:
        """The name of a tensor without indices; that of a derivative is the name of what it is taken by."""
        return self.notation.name(t.latex_name)

    def key(self, t: TensorSymbol) -> Key:
        """What tells a tensor from others: its name, and whether it is a differential or a derivative."""
        return self.head(t), t.style, " ".join(self.marks(t))

    def marks(self, t: TensorSymbol) -> list[str]:
        """What is differentiated, for each derivative in the style of a tensor, innermost first."""
        return [self.notation.name(m) for m in t.mark.split()] if "partial" in t.style.split() else []

    def symbol(self, s: Symbol) -> str:
        """A size, an index or another scalar symbol."""
        name = str(s.name)
        written = self.notation.letter(name)
        if len(written) == 1:
            return written
        numbered = re.fullmatch(r"([A-Za-z])(\d+)", name)
        if numbered:
            return f"{self.notation.letter(numbered[1])}_{{{numbered[2]}}}"
        return self.notation.name(name)

    def function(self, f: ScalarFunction) -> str:
        """The name of a scalar function, without primes."""
        return self.notation.name(f.latex_name)

    def functional(self, f: Functional) -> str:
        """The name of a functional."""
        return self.notation.name(f.latex_name)

    def bare(self, t: TensorSymbol, missing: int) -> str:
        """The name of a tensor of which `missing` component indices are not written: W is the matrix of w."""
        head = self.head(t)
        return self.matrices.get(head, head) if missing == 2 and t.rank - t.sup == 2 else head

    @property
    def euler(self) -> bool:
        """Whether e is free to be Euler's number."""
        return "e" not in self.names

    @property
    def names(self) -> set[str]:
        """All that is written somewhere, but index letters that no term has used."""
        heads = {k[0] for k in self.tensors} | set(self.matrices.values())
        symbols = {self.symbol(s) for s in self.table.symbols}
        return heads | symbols | set(self.functions) | set(self.functionals)

    def unusable(self) -> set[str]:
        """Letters that no bound index may have, as they are a tensor's, a function's or a size's."""
        taken = {k[0] for k in self.tensors} | set(self.functions) | set(self.functionals)
        taken |= {t for t, s in self.symbols.items() if t not in self.letters}
        return {self.notation.unletter(t) for t in taken if len(t) == 1}

    # ---- what a piece of LaTeX is

    def index_letter(self, text: str) -> Symbol | None:
        """The index that a letter stands for, i_{2} included, if it is one."""
        if text in self.letters:
            return self.symbols[text]
        numbered = re.fullmatch(r"([A-Za-z])_\{(\d+)\}", text)
        if numbered and numbered[1] in self.letters:
            return Symbol(f"{self.notation.unletter(numbered[1])}{numbered[2]}", integer=True)
        return None

    def candidates(self, head: str, style: str, mark: str, sup: int) -> list[TensorSymbol]:
        """The tensors of this name, style and number of superscripts."""
        return [t for t in self.tensors.get((head, style, mark), ()) if t.sup == sup]

    def subscripts(self, t: TensorSymbol) -> int:
        """How many indices stand in the subscript; a permutation takes its last one as an argument."""
        return t.rank - t.sup - (1 if t.kind == "permutation" and t.rank > t.sup else 0)

    # ---- how it is made

    @classmethod
    def of(cls, table: SymbolTable, notation: Notation) -> Lexicon:
        """The lexicon; LatexError where two things would be written alike."""
        lexicon = cls(table, notation)
        _Maker(lexicon).fill()
        taken = {k[0] for k in lexicon.tensors} | set(lexicon.functions) | set(lexicon.functionals)
        for letter in (*INDEX_LETTERS, *(c for t in table.tensors for c in t.letters)):
            written = notation.letter(letter)
            if len(written) == 1 and written not in taken and written not in lexicon.symbols:
                lexicon.symbols[written] = Symbol(letter, integer=True)
        letters = {t for t, s in lexicon.symbols.items() if len(t) == 1 and s.is_Symbol and is_index(s)}
        object.__setattr__(lexicon, "letters", frozenset(letters))
        return lexicon


class _Maker:
    def __init__(self, lexicon: Lexicon) -> None:
        self.x = lexicon

    def fill(self) -> None:
        x = self.x
        for t in x.table.tensors:
            self._tensor(t)
        for s in x.table.symbols:
            text = x.symbol(s)
            self._once(x.symbols, text, s)
            self._apart_from_tensor(text, s)
        for f in x.table.functions:
            self._once(x.functions, x.function(f), f)
        for f in x.table.functionals:
            self._once(x.functionals, x.functional(f), f)
        for text in set(x.functions) & set(x.functionals):
            raise _clash(text, x.functions[text], x.functionals[text])
        for text in x.functions:
            if any(k[0] == text for k in x.tensors) or text in x.symbols:
                raise LatexError(f"two things are written {text}: a function, and a tensor or symbol")
        for text, function in (PLAIN_FUNCTIONS | EXTREMA).items():
            x.functions.setdefault(text, function)
        if r"\pi" not in x.symbols and not any(
            k[0] == r"\pi" and x.subscripts(t) + t.sup == 0 and t.kind != "permutation"
            for k, ts in x.tensors.items() for t in ts
        ):  # fmt: skip
            x.symbols[r"\pi"] = pi
        self._matrices()

    def _once(self, into: dict[str, Any], text: str, value: Any) -> None:
        if into.setdefault(text, value) != value:
            raise _clash(text, into[text], value)

    def _tensor(self, t: TensorSymbol) -> None:
        key = self.x.key(t)
        same = self.x.tensors.setdefault(key, [])
        for other in same:
            # w^{(l)} and w^{(t,l)} are told apart, but nothing else
            if t.sup == other.sup or self.x.subscripts(t) != self.x.subscripts(other) or t.kind != other.kind:
                raise _clash(key[0], other, t)
        same.append(t)
        if self.x.notation.layer == "plain" and len({bool(s.sup) for s in same}) > 1:
            raise LatexError(
                f"{key[0]} is written with and without a layer: in plain notation a power would look like one"
            )

    def _apart_from_tensor(self, text: str, s: Symbol) -> None:
        numbered = re.fullmatch(r"(.+)_\{\d+\}", text)
        for (head, _, _), ts in self.x.tensors.items():
            if numbered and head == numbered[1]:
                raise LatexError(f"two things may be written {text}: the symbol {s}, and an entry of {ts[0]}")
            if head == text:
                for t in ts:
                    if t.sup == 0 and self.x.subscripts(t) == 0 and t.kind != "permutation":
                        raise _clash(text, s, t)
                    if t.sup and self.x.notation.layer == "plain":
                        raise _clash(text, s, t)

    def _matrices(self) -> None:
        """A name for the matrix of the entries w_{jk}: W, or bold where that is taken."""
        x = self.x
        heads = {k[0] for k in x.tensors}
        taken = heads | set(x.symbols) | set(x.functions) | set(x.functionals)
        for t in x.table.tensors:
            head = x.head(t)
            if t.rank - t.sup != 2 or t.kind != "real" or head in x.matrices:
                continue
            for name in (upper(head), bold(upper(head) or head), bold(head)):
                if name and (name == head or name not in taken):
                    x.matrices[head] = name
                    taken.add(name)
                    break


def _clash(text: str, a: Any, b: Any) -> LatexError:
    what = "; ".join(f"{type(v).__name__} {v}" for v in (a, b))
    return LatexError(f"two things are written {text}: {what}")


def upper(name: str) -> str:
    r"""The capital of a name, under its accents; empty where there is none.

    >>> upper("w"), upper(r"\tilde{\delta}"), upper(r"\alpha")
    ('W', '\\tilde{\\Delta}', '')
    """
    inner = WRAPPED.fullmatch(name)
    if inner and inner[1] in ACCENTS:
        core = upper(inner[2])
        return rf"\{inner[1]}{{{core}}}" if core else ""
    if len(name) == 1:
        return name.upper()
    capital = name[1:].capitalize()
    return rf"\{capital}" if name[1:] in GREEK and capital in GREEK else ""


def bold(name: str) -> str:
    """The name in bold letters, under its accents."""
    inner = WRAPPED.fullmatch(name)
    if inner:
        return rf"\{inner[1]}{{{bold(inner[2])}}}"
    if len(name) == 1:
        return rf"\mathbf{{{name}}}"
    new = rf"\boldsymbol{{{name}}}"
    return new if portable(new) else ""


def juxtaposed(shown: Sequence[str]) -> str:
    """Indices side by side where each is one letter, else with commas: jk, but j,k+1.

    >>> juxtaposed(["j", "k"]), juxtaposed(["1", "2"])
    ('jk', '1,2')
    """
    plain = all(len(s) == 1 and s.isalpha() for s in shown)
    return ("" if plain else ",").join(shown)


@lru_cache(maxsize=64)
def lexicon(table: SymbolTable, notation: Notation) -> Lexicon:
    """The lexicon of a table in a notation, made once."""
    return Lexicon.of(table, notation)


def alternatives(names: Iterable[str]) -> str:
    r"""A regular expression for any of these names, the longest first; \sigma is not the start of \sigmax."""
    parts = [
        re.escape(n) + ("(?![A-Za-z])" if n.startswith("\\") and n[-1].isalpha() else "")
        for n in sorted(set(names), key=lambda n: (-len(n), n))
    ]
    return "|".join(parts)
