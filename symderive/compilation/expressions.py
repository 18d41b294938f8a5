"""Numbers and sizes as Python: 1/N is `1 / N`, n[2] is `n_2`, sqrt(2) is 1.4142135623730951."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from sympy import Expr, Mul, Pow

from symderive.errors import SymderiveError

RESERVED = frozenset({
    "np", "math", "float", "C_", "Mismatch", "dtype", "out", "workspace", "names", "axes", "arrays", "fresh",
    "results", "kept",
})  # fmt: skip


class Names:
    """Identifiers for what has a name, all different, whatever the names are.

    >>> names = Names(); names.new("grad w'"), names.new("np"), names.new("grad_w_"), names.new("lambda")
    ('grad_w_', 'np_', 'grad_w__2', 'lambda_')
    """

    def __init__(self) -> None:
        self.taken = set(RESERVED)

    def new(self, wanted: str) -> str:
        """An identifier like this one that is not taken."""
        base = re.sub(r"[^0-9A-Za-z_]", "_", wanted) or "t"
        if not re.match(r"[A-Za-z]", base):
            base = "t" + base
        if keyword.iskeyword(base) or base in RESERVED:
            base += "_"
        name, n = base, 1
        while name in self.taken:
            n += 1
            name = f"{base}_{n}"
        self.taken.add(name)
        return name


def prose(text: str) -> str:
    """A text for a docstring or a comment: one line, and nothing in it that could end either.

    >>> print(prose("x" + chr(10) + chr(34) * 3 + "; import os"))
    x?'''; import os
    """
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown.replace("\\", "/").replace('"', "'")


def python(e: Expr, sizes: Mapping[Expr, str]) -> str:
    """A term in sizes as a Python expression, made of numbers, their names, and + * ** / alone.

    >>> from symderive.calculus import size
    >>> N = size("N"); python((N + 1) / 2, {N: "N"}), python(1 / N, {N: "N"})
    ('0.5 * N + 0.5', '1 / N')
    """
    return _sum(e, sizes)


def _sum(e: Expr, sizes: Mapping[Expr, str]) -> str:
    if not e.is_Add:
        return _product(e, sizes)
    numbers = [a for a in e.args if a.is_number]
    terms = [_product(a, sizes) for a in e.args if not a.is_number] + [_product(a, sizes) for a in numbers]
    return " + ".join(terms).replace(" + -", " - ")


def _product(e: Expr, sizes: Mapping[Expr, str]) -> str:
    if e.is_number:
        return _number(e)
    if e in sizes:
        return sizes[e]
    if not (e.is_Mul or isinstance(e, Pow)):
        return _atom(e, sizes)
    c, rest = e.as_coeff_Mul()
    above = [f for f in Mul.make_args(rest) if not _below(f)]
    below = [1 / f for f in Mul.make_args(rest) if _below(f)]
    over = [_power(f, sizes) for f in above]
    if c == -1 and over:
        over[0] = "-" + over[0]
    elif c != 1 or not over:
        over.insert(0, _number(c))
    text = " * ".join(over)
    for f in below:
        text += " / " + _power(f, sizes)
    return text


def _below(f: Expr) -> bool:
    return isinstance(f, Pow) and bool(f.exp.is_negative)


def _power(f: Expr, sizes: Mapping[Expr, str]) -> str:
    if isinstance(f, Pow) and f not in sizes:
        return f"{_atom(f.base, sizes)} ** {_atom(f.exp, sizes)}"
    return _atom(f, sizes)


def _atom(e: Expr, sizes: Mapping[Expr, str]) -> str:
    if e in sizes:
        return sizes[e]
    if e.is_number:
        text = _number(e)
        return f"({text})" if text.startswith("-") else text
    if e.is_Add or e.is_Mul or isinstance(e, Pow):
        return f"({_sum(e, sizes)})"
    raise SymderiveError(f"compile: expected a number or a term in sizes, found {e}: give its value in sizes")


def _number(e: Expr) -> str:
    if e.is_Integer:
        return str(int(e))
    if e.is_real is False:
        raise SymderiveError(f"compile: expected a real number, found {e}")
    return repr(float(e))
