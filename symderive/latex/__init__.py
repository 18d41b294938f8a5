"""Formulas both ways: terms as textbooks print them, and a grammar that reads exactly what is printed."""

from symderive.latex.lexicon import Lexicon, lexicon
from symderive.latex.matrix import MatrixForm, Refused, matrix_form
from symderive.latex.notation import LatexError, Notation
from symderive.latex.parser import parse, parse_equation
from symderive.latex.printer import equation_to_latex, ranges_to_latex, to_latex
from symderive.latex.table import SymbolTable

__all__ = [
    "LatexError", "Lexicon", "MatrixForm", "Notation", "Refused", "SymbolTable", "equation_to_latex",
    "lexicon", "matrix_form", "parse", "parse_equation", "ranges_to_latex", "to_latex",
]  # fmt: skip
