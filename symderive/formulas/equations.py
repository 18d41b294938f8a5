"""The equation between terms that a formula stands for, for all indices in their ranges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from sympy import Expr, Integer, Symbol

from symderive.calculus.ranges import Context
from symderive.dialect.syntax import Node
from symderive.formulas import terms
from symderive.formulas.readings import FormulaError, Reading
from symderive.formulas.symbolic import SymbolicWorld
from symderive.formulas.symbolic_reader import SymbolicInterpreter
from symderive.formulas.terms import Dim, Jacobian
from symderive.formulas.trial import families
from symderive.formulas.worlds import slots

Limits = tuple[Symbol, Expr, Expr]


@dataclass
class Equation:
    """Both sides of a formula as terms, for all indices of a context."""

    lhs: Expr
    rhs: Expr
    context: Context
    remarks: tuple[str, ...] = field(default=())


def equation(world: SymbolicWorld, left: Node, right: Node, reading: Reading) -> Equation:
    """The equation that a formula stands for; NoTerm or FormulaError where it stands for none."""
    reader = SymbolicInterpreter(world.setting, world, reading)
    world.constraints.clear()
    letters = families(world.setting, left, right)
    env: dict[str, Expr] = {k: world.letters[k] for k in letters}
    found: dict[str, Dim] = {}
    for side in (left, right):
        for k, d in slots(side, env, reader):
            if found.setdefault(k, cast(Dim, d)).name != d.name:
                raise FormulaError(f"index {k} runs over two ranges", side.column, "index order")
    units = {k: Symbol(k.strip("\\"), integer=True) for k in found}
    env |= units
    a, b = reader.value(left, env), reader.value(right, env)
    if isinstance(a, Jacobian) or isinstance(b, Jacobian):
        a, b = reader.plain(a, left), reader.plain(b, right)
        if a.dims != b.dims and terms.transpose(b).dims == a.dims:
            b = terms.transpose(b)
    if a.dims != b.dims:
        raise FormulaError(f"the left side is a {a}, the right side a {b}", right.column)
    used = {s.name for s in units.values()} | set(letters) | world.bases | world._named
    r, c = (Symbol(k, integer=True) for k in [k for k in "jkipqrsuvt" if k not in used][:2])
    row: Expr = Integer(1) if a.rows.name == "1" else r
    col: Expr = Integer(1) if a.cols.name == "1" else c
    lhs, rhs = a.at(row, col), b.at(row, col)
    limits: list[Limits] = [
        (world.letters[k], *world.narrowed(world.letters[k], *world.range(k))) for k in letters
    ]
    limits += [(units[k], Integer(1), d.size) for k, d in found.items()]
    if a.rows.name != "1":
        limits.append((r, Integer(1), a.rows.size))
    if a.cols.name != "1":
        limits.append((c, Integer(1), a.cols.size))
    return Equation(lhs, rhs, Context.of(*limits), tuple(reader.remarks))
