r"""Names that people leave short: \nabla_a C for the last a, L for the cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from symderive.dialect.syntax import Call, Name, Node
from symderive.formulas.quantities import Found, swapped
from symderive.formulas.readings import COSTS, FormulaError

if TYPE_CHECKING:
    from symderive.formulas.interpreter import Interpreter


def output_of(reader: Interpreter, name: Name) -> Found | None:
    r"""\nabla_a C: the a that the cost is a function of, where a is written without its layer."""
    cost = reader.setting.cost
    if cost is None or name.sup or name.sub or name.primes:
        return None
    for d in reader.setting.of(cost):
        for n in d.right.walk():
            if isinstance(n, Name) and n.base in (name.base, swapped(name.base)):
                reader.remark(f"{name} is {n}")
                return reader.find(n)
    return None


def the_cost(reader: Interpreter, e: Node) -> Node:
    """The cost as a name, where e asks for it."""
    q = reader.setting.cost
    if q is None:
        raise FormulaError("expected a cost in the setting, found none", e.column, "name")
    return Name(q.base, column=e.column)


def meant(reader: Interpreter, of: Node) -> Node:
    """What is differentiated: a letter for costs that names nothing else is the cost, as L does."""
    head = of.function if isinstance(of, Call) else of
    if reader.setting.cost is None or not isinstance(head, Name) or head.base not in COSTS or head.primes:
        return of
    if reader.find(head) is not None or head.base in reader.setting.functions:
        return of
    reader.remark(f"{head} is the cost")
    return the_cost(reader, of)
