r"""LaTeX back to terms: parse(to_latex(t), table) equals t. A LALR grammar; nothing that is read is run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedToken, VisitError
from sympy import Expr, Symbol

from symderive.calculus.atoms import CalculusError, fresh
from symderive.calculus.terms import Entry
from symderive.latex.lexicon import lexicon
from symderive.latex.notation import LAYERS, LatexError, Notation
from symderive.latex.reader import Reader
from symderive.latex.shapes import ONE, Array
from symderive.latex.table import SymbolTable
from symderive.latex.terminals import BEGINNINGS, TERM, WORDS, Scanner, moderate

LONGEST = 20_000
MOST_NAMED = 8


def parse(text: str, table: SymbolTable, notation: Notation | None = None) -> Expr:
    r"""The term that a formula means. LatexError, in one line with the column, where it means none.

    >>> from symderive.calculus import IndexSum, indices, tensor
    >>> j, k = indices("j k")
    >>> w, x = tensor("w", (j, 1, 3), (k, 1, 2)), tensor("x", (k, 1, 2))
    >>> table = SymbolTable.of(w, x)
    >>> parse(r"\sum_{k=1}^{2} w_{jk} x_{k}", table)
    sum(x[k]*w[j, k], k=1..2)
    >>> parse(r"\sum_{k=1}^{2} w_{jk} x_{jk}", table)
    Traceback (most recent call last):
    symderive.latex.notation.LatexError: formula: expected 1 index below x, found 2 at column 23
    """
    value = _read(text, table, notation, "expression").value
    if isinstance(value, Array):
        raise LatexError(f"formula: expected a scalar, found a {value}: write its indices, or an equation")
    return _scalar(value)


def parse_equation(
    text: str, table: SymbolTable, notation: Notation | None = None, *, letters: Sequence[Symbol] = ()
) -> tuple[Expr, Expr]:
    r"""Both sides of an equation, as component terms; a matrix equation gets free indices, or `letters`.

    >>> from symderive.calculus import indices, tensor
    >>> j, k = indices("j k")
    >>> w, x, z = tensor("w", (j, 1, 3), (k, 1, 2)), tensor("x", (k, 1, 2)), tensor("z", (j, 1, 3))
    >>> parse_equation(r"z = W x", SymbolTable.of(w, x, z))
    (z[j], sum(x[k]*w[j, k], k=1..2))
    """
    sides = _read(text, table, notation, "equation")
    left, right = (s.value for s in sides)
    if not isinstance(left, Array) and not isinstance(right, Array):
        return _scalar(left), _scalar(right)
    arrays = isinstance(left, Array) and isinstance(right, Array)
    if not arrays or (left.rows, left.cols) != (right.rows, right.cols):
        what = [f"a {s}" if isinstance(s, Array) else "a scalar" for s in (left, right)]
        raise LatexError(f"formula: expected two sides of one shape, found {what[0]} = {what[1]}")
    index = _free(left, right, letters)
    return left.at(*index), right.at(*index)


def _scalar(value: Any) -> Expr:
    if not isinstance(value, Expr) or not getattr(value, "is_scalar", True):
        raise LatexError(f"formula: expected a scalar, found the family {value}")
    return value


def _free(left: Array, right: Array, letters: Sequence[Symbol]) -> tuple[Expr, Expr]:
    """Free indices for the rows and columns that there are."""
    wanted = [r is not None for r in (left.rows, left.cols)]
    given = list(letters)
    if given and len(given) != sum(wanted):
        raise LatexError(f"formula: expected letters for {sum(wanted)} indices, found {len(given)}")
    probe = [Symbol(f"probe{n}", integer=True) for n in range(2)]
    e = left.at(*probe)
    used = {*e.free_symbols, *right.at(*probe).free_symbols}
    found: list[Expr] = []
    for place, is_open in enumerate(wanted):
        if not is_open:
            found.append(ONE)
        elif given:
            found.append(given.pop(0))
        else:
            k = fresh(used, _preferred(e, probe[place]))
            used.add(k)
            found.append(k)
    return found[0], found[1]


def _preferred(e: Expr, index: Symbol) -> tuple[str, ...]:
    return tuple(
        letter
        for entry in sorted(e.atoms(Entry), key=str)
        for letter, i in zip(entry.symbol.letters, entry.index, strict=False)
        if i == index
    )


def _read(text: str, table: SymbolTable, notation: Notation | None, start: str) -> Any:
    if not isinstance(text, str):
        raise LatexError(f"formula: expected text, found {type(text).__name__}")
    if len(text) > LONGEST:
        raise LatexError(f"formula: expected at most {LONGEST} characters, found {len(text)}")
    names = lexicon(table, notation or Notation())
    session = _grammar(names.notation.layer).parse_interactive(start=start)
    try:
        for token in moderate(_scanner(names.table, names.notation).tokens(text)):
            session.feed_token(token)
        return Reader(names).transform(session.feed_token(Token("$END", "", len(text))))
    except VisitError as e:
        raise _in_a_line(e.orig_exc) from None
    except UnexpectedToken as e:
        raise LatexError(_explained(e.token, session.accepts())) from None  # type: ignore[no-untyped-call]


def _in_a_line(e: BaseException) -> BaseException:
    """What went wrong in a rule, as an error of the formula."""
    if isinstance(e, LatexError):
        return e
    if isinstance(e, CalculusError):
        return LatexError(f"formula: {e}")
    if isinstance(e, RecursionError):
        return LatexError("formula: expected moderate nesting, found more")
    return e


def _explained(token: Token, accepted: set[str]) -> str:
    """One line: what was expected, what was found, and at which column."""
    words, left = [], set(accepted)
    if left >= TERM:
        words, left = ["a term"], left - BEGINNINGS
    words += list(dict.fromkeys(w for t, w in WORDS.items() if t in left))
    if len(words) > MOST_NAMED:
        words = [*words[:MOST_NAMED], ".."]
    shown = repr(token[:20].encode("ascii", "backslashreplace").decode()) if token else "the end"
    if token.type == "UNKNOWN" and token.strip("\\").isalpha():
        shown += ", which names nothing here,"
    place = (token.start_pos or 0) + 1
    return f"formula: expected {', '.join(words) or 'a formula'}, found {shown} at column {place}"


@lru_cache(maxsize=3)
def _grammar(layer: str) -> Lark:
    """The grammar with this style of layers; all tables share it."""
    static = (Path(__file__).parent / "grammar.lark").read_text("utf-8")
    opening, closing = LAYERS[layer]
    if layer == "plain":
        own = """
        scripted: TENSOR subscript? -> tensor
                | LAYERED superscript subscript? -> tensor
        superscript: _POWER indices _RBRACE
        """
    else:
        end = "_END _RBRACE" if closing == ")}" else "_UNLAYER _RBRACE"
        own = rf"""
        scripted: TENSOR superscript? subscript? -> tensor
        superscript: _LAYER indices {end}
        _LAYER: "{opening}"
        _UNLAYER: "]"
        """
    return Lark(f"{static}\n{own}", parser="lalr", lexer="basic", start=["expression", "equation"])


@lru_cache(maxsize=256)
def _scanner(table: SymbolTable, notation: Notation) -> Scanner:
    """What splits a formula over these names into tokens, made once."""
    return Scanner(lexicon(table, notation), _grammar(notation.layer).terminals)
