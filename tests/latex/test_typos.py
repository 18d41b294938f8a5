"""A print with one typo is never taken for the print: it is refused, or it reads as something else.

Typos are made wherever they fit in every equation of the networks, one at a time, in component and in matrix
form. Nothing is evaluated: what is read is compared by its normal form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sympy import Expr

from symderive.calculus.normal_form import equal
from symderive.derivation import derive
from symderive.latex import (
    LatexError,
    MatrixForm,
    SymbolTable,
    equation_to_latex,
    matrix_form,
    parse_equation,
)
from symderive.systems import mlp

SYSTEMS: tuple[dict[str, Any], ...] = (
    {},
    {"samples": "B"},
    {"depth": 3, "per_layer": True, "cost": "squared_error"},
    {"widths": [4, 5, 3], "activation": "tanh", "cost": "binary_cross_entropy"},
)

Edit = Callable[[re.Match[str]], str]
TYPOS: dict[str, tuple[str, Edit]] = {
    "index swapped": (r"_\{([a-z])([a-z])\}", lambda m: f"_{{{m[2]}{m[1]}}}"),
    "index doubled": (r"_\{([a-z])([a-z])\}", lambda m: f"_{{{m[1]}{m[1]}}}"),
    "index dropped": (r"_\{([a-z])([a-z])\}", lambda m: f"_{{{m[1]}}}"),
    "other index": (r"_\{([jk])\}", lambda m: "_{k}" if m[1] == "j" else "_{j}"),
    "prime dropped": (r"'", lambda m: ""),
    "prime doubled": (r"'", lambda m: "''"),
    "lower bound changed": (r"=1\}\^", lambda m: "=0}^"),
    "upper bound changed": (r"\}\^\{n_\{(\w)([-+]1)?\}\}", lambda m: f"}}^{{n_{{{m[1]}+2}}}}"),
    "upper bound off by one": (r"(=1\}\^\{)(\w+|n_\{[^}]*\})\}", lambda m: f"{m[1]}{m[2]}-1}}"),
    "layer up": (r"\^\{\((\w)\)\}", lambda m: f"^{{({m[1]}+1)}}"),
    "layer down": (r"\^\{\((\w)([-+]1)\)\}", lambda m: f"^{{({m[1]})}}"),
    "layer dropped": (r"\^\{\([^)]*\)\}", lambda m: ""),
    "sign": (r" \+ ", lambda m: " - "),
    "sign of a difference": (r" - ", lambda m: " + "),
    "sign in front": (r"= ", lambda m: "= -"),
    "sum dropped": (r"\\sum_\{\w=1\}\^\{(?:\w+|n_\{[^}]*\})\} ", lambda m: ""),
    "transpose dropped": (r"\\left\(([^()]*(?:\([^()]*\))?[^()]*)\\right\)\^\{\\top\}", lambda m: m[1]),
    "transpose added": (r"(W\^\{\([^)]*\)\}) (?!=)", lambda m: rf"\left({m[1]}\right)^{{\top}} "),
    "Hadamard for matrix product": (r"(?<=\}) (?=[aA\\]\S*\^)", lambda m: r" \odot "),
    "matrix for Hadamard product": (r" \\odot ", lambda m: " "),
    "factor two": (r"= ", lambda m: "= 2 "),
    "one half lost": (r"\\frac\{1\}\{2\} ", lambda m: ""),
    "mean lost": (r"\\frac\{1\}\{B\} ", lambda m: ""),
    "square lost": (r"\\right\)\^\{2\}", lambda m: r"\right)"),
    "other tensor": (r"(?<=[ (])a(?=\^)", lambda m: "z"),
}  # fmt: skip


def typos(shown: str) -> Iterator[tuple[str, str]]:
    """The name of a typo, and the print with it, for each place where it fits."""
    for name, (pattern, edit) in TYPOS.items():
        for m in re.finditer(pattern, shown):
            wrong = shown[: m.start()] + edit(m) + shown[m.end() :]
            if wrong != shown:
                yield name, wrong


def caught(wrong: str, lhs: Expr, rhs: Expr, table: SymbolTable, letters: Any = ()) -> str:
    """How a typo shows: "refused", "differs", or "" if it does not."""
    try:
        back = parse_equation(wrong, table, letters=letters)
    except LatexError:
        return "refused"
    return "" if equal(back[0], lhs) and equal(back[1], rhs) else "differs"


def prints(options: dict[str, Any]) -> Iterator[tuple[str, Expr, Expr, SymbolTable, Any]]:
    """Every equation of a network and its derivation, in component form and in matrix form."""
    system = mlp(**options)
    d = derive(system)
    table = SymbolTable.of(system, d)
    for e in (*system.definitions, *d.definitions):
        yield " = ".join(equation_to_latex(e.lhs, e.rhs, table=table)), e.lhs, e.rhs, table, ()
        view = matrix_form(e.lhs, e.rhs, e.indices, table=table)
        if isinstance(view, MatrixForm):
            yield view.latex, e.lhs, e.rhs, table, view.indices


@pytest.mark.parametrize("options", SYSTEMS, ids=str)
def test_every_typo_is_caught(options: dict[str, Any]) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for shown, lhs, rhs, table, letters in prints(options):
        assert caught(shown, lhs, rhs, table, letters) == ""
        for name, wrong in typos(shown):
            how = caught(wrong, lhs, rhs, table, letters)
            assert how, f"{name}: {wrong} is taken for {shown}"
            found[name, how] += 1
    assert found.total() >= 100
    assert sum(n for (_, how), n in found.items() if how == "differs") >= 40


def test_every_kind_of_typo_was_tried() -> None:
    tried = {name for options in SYSTEMS for shown, *_ in prints(options) for name, _ in typos(shown)}
    assert tried == set(TYPOS)
