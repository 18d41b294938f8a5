r"""Updates and proportions as equalities: w := w - \eta dC/dw, and \Delta w \propto -dC/dw.

An update of a parameter is read as one step of gradient descent on the cost: its new value is
w - s dC/dw, where s is the step size that the writer has (1 if there is none). A proportion holds if the
sides are equal up to a factor that is no function of what moves.
"""

from __future__ import annotations

from collections.abc import Iterator

from symderive.dialect.syntax import Derivative, Fraction, Group, Name, Node, Number, Product, Sum
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.naming import the_cost
from symderive.formulas.quantities import plain_name
from symderive.formulas.readings import FormulaError
from symderive.formulas.setting import Setting

ARROWS = frozenset({r"\leftarrow", r"\gets", ":=", r"\coloneqq"})
STEPS = (r"\eta", r"\alpha", r"\epsilon", r"\varepsilon", r"\gamma", r"\mu", r"\lambda", r"\rho", "lr")

DESCENT = "the new value is that of a step of gradient descent"


def is_update(left: Node, right: Node) -> bool:
    """Whether the right side is the left side with something added: w := w - eta dw."""
    return isinstance(right, Sum) and len(right.terms) > 1 and left in right.terms


def old_value(left: Node, right: Node) -> bool:
    """Whether the right side has the old value of the left side in it, in whatever way."""
    return any(n == left for n in right.walk())


def descended(left: Node, right: Node, reader: Interpreter) -> Node | None:
    """w - s dC/dw for the parameter w on the left; None where it is no parameter or there is no cost."""
    name = plain_name(left)
    found = reader.find(name) if name is not None else None
    if found is None or not found.quantity.given or found.power is not None:
        return None
    try:
        cost = the_cost(reader, left)
    except FormulaError:
        return None
    step = _step(right, reader)
    slope: Node = Derivative(cost, (left,))
    return Sum((left, slope if step is None else Product((step, slope), ("",))), ("+", "-"))


def _step(right: Node, reader: Interpreter) -> Name | None:
    """The step size of an update: a number of the setting that goes by one of its usual names."""
    names = [n for n in right.walk() if isinstance(n, Name) and n.base in STEPS]
    for base in STEPS:
        for n in names:
            found = reader.find(n) if n.base == base else None
            if found is not None and found.quantity.shape is not None and found.quantity.given:
                return n
    return None


def factors(given: Setting) -> Iterator[tuple[Node, str]]:
    """What two proportional sides may differ by: numbers, step sizes, how many examples; with words."""
    plain: list[Node] = [Number("2")]
    for q in given.quantities:
        number = q.shape is not None and all(isinstance(e, Number) and e.text == "1" for e in q.shape)
        if q.given and number and not q.letters:
            plain.append(Name(q.base, shown=q.base))
    sizes = {e.base: e for q in given.quantities for e in q.shape or () if isinstance(e, Name) and not e.sub}
    plain += [*sizes.values(), *(Fraction(Number("1"), e) for e in (Number("2"), *sizes.values()))]
    yield Sum((Number("1"),), ("-",)), "-1"
    for e in plain:
        yield e, str(e)
        yield Sum((e,), ("-",)), f"-{e}"


def times(factor: Node, side: Node) -> Node:
    """The product, each in parentheses."""
    return Product((Group(factor), Group(side)), ("",))


__all__ = ["ARROWS", "DESCENT", "descended", "factors", "is_update", "old_value", "times"]
