"""What the export of a concrete network covers; OutOfReach, in one line, for everything else."""

from __future__ import annotations

from itertools import pairwise

from sympy import Expr, Function, Integer

from symderive.calculus.atoms import ScalarFunction
from symderive.calculus.terms import Applied, Entry
from symderive.coq.terms import OutOfReach
from symderive.systems import System

MOST_PARAMETERS = 400
MOST_PATHS = 20_000


def widths(system: System) -> tuple[int, ...]:
    """n_0, .., n_L of a fully connected network for one sample."""
    n = {e.index[0]: v for e, v in system.sizes.items() if isinstance(e, Entry)}
    if system.name != "mlp" or not n:
        raise OutOfReach("Coq export: expected a fully connected network with numbers as widths, found none")
    if system.tensor("x").rank != 1:
        raise OutOfReach("Coq export: expected one sample for a concrete network, found a batch")
    return tuple(n[Integer(m)] for m in range(len(n)))


def activation(system: System, layer: int) -> ScalarFunction | None:
    """The function of a layer; None for the identity."""
    for d in system.of(system.tensor("a")):
        if d.lhs.index[0] == layer:
            if isinstance(d.rhs, Entry):
                return None
            if isinstance(d.rhs, Applied) and isinstance(d.rhs.argument, Entry):
                return d.rhs.function
    raise OutOfReach(
        f"Coq export: expected an activation of one number in layer {layer}, found another, such as softmax"
    )


def factor(system: System) -> Expr | None:
    """The factor of the squared error; None for an arbitrary cost."""
    if system.functionals():
        return None
    (d,) = system.of(system.cost)
    if any(e.func.__name__ in ("log", "exp") for e in d.rhs.atoms(Function)):
        raise OutOfReach(
            "Coq export: expected an arbitrary cost or the squared error, found one with exp or log"
        )
    found: Expr = d.rhs.as_coeff_Mul()[0]
    return found


def require_affordable(sizes: tuple[int, ...]) -> None:
    """Refuse what coqc would work on for many minutes."""
    parameters = sum(m * (k + 1) for k, m in pairwise(sizes))
    paths = parameters
    for m in sizes[2:]:
        paths *= m
    if parameters > MOST_PARAMETERS or paths > MOST_PATHS:
        raise OutOfReach(
            f"Coq export: expected at most {MOST_PARAMETERS} parameters and {MOST_PATHS:,} paths, found "
            f"{parameters:,} and about {paths:,}: export the general theorem T2 instead"
        )
