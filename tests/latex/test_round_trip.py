"""Whatever is printed reads back as what it was printed from: systems, derivations, proofs, random terms."""

from __future__ import annotations

import importlib
import pkgutil
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sympy import Expr, nan, oo, zoo

import proofs
from symderive.calculus.normal_form import equal
from symderive.derivation import derive
from symderive.documents.formula import parse as parse_formula
from symderive.errors import SymderiveError
from symderive.latex import (
    LatexError,
    Notation,
    SymbolTable,
    equation_to_latex,
    parse,
    parse_equation,
    to_latex,
)
from symderive.systems import mlp

NOTATIONS = (
    Notation(),
    Notation(layer="plain", letters={"j": "i", "k": "j"}),
    Notation(layer="brackets", names={"w": r"\vartheta", "C": r"\mathcal{L}"}),
)
SYSTEMS: tuple[dict[str, Any], ...] = (
    {},
    {"per_layer": True},
    {"samples": "B"},
    {"depth": 3, "samples": "B", "reduction": "sum", "cost": "binary_cross_entropy", "per_layer": True},
    {"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"},
    {"widths": [4, 5, 3], "activation": "relu", "cost": "softmax_cross_entropy"},
    {
        "widths": [4, 6, 5, 3],
        "activation": "sigmoid",
        "output": "identity",
        "samples": 7,
        "cost": "squared_error",
    },
)

Equation = tuple[Expr, Expr]


def of_system(options: dict[str, Any]) -> tuple[list[Equation], SymbolTable]:
    """Every equation of a network and of its derivation, steps included, and the table of all of them."""
    system = mlp(**options)
    d = derive(system)
    found = [(e.lhs, e.rhs) for e in (*system.definitions, *d.definitions)]
    found += [(s.lhs, s.rhs) for steps in d.steps.values() for s in steps]
    return found, SymbolTable.of(system, d)


def theorems() -> Iterator[str]:
    for module in pkgutil.iter_modules(proofs.__path__):
        if module.name.startswith("t") and module.name[1].isdigit():
            yield module.name


def of_theorem(name: str) -> tuple[list[Equation], SymbolTable]:
    """Every equation of a theorem: hypotheses, statements, each line of each argument."""
    proved = importlib.import_module(f"proofs.{name}").prove()
    found = [(h.lhs, h.rhs) for h in proved.hypotheses()]
    for p in proved.propositions:
        found.append((p.theorem.lhs, p.theorem.rhs))
        found += [(a.start, e) for a in p.arguments for e, _ in a.lines]
    return found, SymbolTable.of(found)


def check(equations: list[Equation], table: SymbolTable, notation: Notation) -> list[float]:
    """Print and read back every equation, in the portable dialect; how long each took."""
    times = []
    for lhs, rhs in equations:
        start = time.process_time()
        left, right = equation_to_latex(lhs, rhs, notation, table=table)
        back = parse_equation(f"{left} = {right}", table, notation)
        times.append(time.process_time() - start)
        assert equal(back[0], lhs) and equal(back[1], rhs), f"{left} = {right}"
        parse_formula(f"{left} = {right}")
    return times


@pytest.mark.parametrize("options", SYSTEMS, ids=str)
@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda n: n.layer)
def test_every_equation_of_a_network_reads_back(options: dict[str, Any], notation: Notation) -> None:
    equations, table = of_system(options)
    assert len(equations) >= 20
    times = check(equations, table, notation)
    assert statistics.median(times) < 0.008, f"median round trip {statistics.median(times) * 1e3:.1f} ms"


@pytest.mark.parametrize("name", list(theorems()))
@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda n: n.layer)
def test_every_equation_of_a_theorem_reads_back(name: str, notation: Notation) -> None:
    equations, table = of_theorem(name)
    check(equations, table, notation)


def test_equations_printed_without_a_table_read_back_in_the_table_of_all() -> None:
    equations, table = of_system({})
    for lhs, rhs in equations:
        assert parse_equation(" = ".join(equation_to_latex(lhs, rhs)), table) == (lhs, rhs)


@pytest.mark.parametrize("block", range(8))
def test_random_terms_read_back(draw: Callable[[int], Any], everything: SymbolTable, block: int) -> None:
    """250 terms a block, in the three notations in turn; nearly all come back as the very same tree."""
    done = same = 0
    for seed in range(250 * block, 250 * (block + 1)):
        try:
            term = draw(seed).term(2 + seed % 3)
        except SymderiveError:
            continue  # the calculus refuses what means nothing
        if term.has(nan, zoo, oo, -oo):
            continue
        notation = NOTATIONS[seed % 3] if seed % 3 < 2 else Notation(layer="brackets", names={"w": r"\theta"})
        shown = to_latex(term, notation, table=everything)
        back = parse(shown, everything, notation)
        done += 1
        same += back == term
        assert back == term or equal(back, term), shown
    assert done > 200 and same >= 0.98 * done


def test_random_terms_are_told_apart(draw: Callable[[int], Any], everything: SymbolTable) -> None:
    """Different terms have different prints, or the print would not say which of them it is."""
    seen: dict[str, Expr] = {}
    for seed in range(600):
        try:
            term = draw(seed).term(2)
        except SymderiveError:
            continue
        if term.has(nan, zoo):
            continue
        shown = to_latex(term, table=everything)
        assert equal(seen.setdefault(shown, term), term), shown
    assert len(seen) > 300


def test_a_term_of_another_table_is_refused(names: Any, everything: SymbolTable) -> None:
    small = SymbolTable.of(names.x)
    with pytest.raises(LatexError, match="expected a term, found 'w', which names nothing here, at column 9"):
        parse(r"x_{j} + w^{(l)}_{jk}", small)
