r"""Hessian times vector: the gradient of sum_T sum_i \dot T_i dC/dT_i, by the machinery that made dC/dT.

The matrix of second derivatives is never formed; its product with a direction costs what a few gradients do.
"""

from __future__ import annotations

from symderive.calculus.terms import index_sum
from symderive.derivation.adjoint import adjoint_symbol, patterns
from symderive.derivation.derive import Derivation, derive
from symderive.systems.definition import Definition


def hessian_vector(first: Derivation) -> Derivation:
    r"""The derivatives of the cost's directional derivative, \dot C = sum \dot w dC/dw + sum \dot b dC/db.

    The direction \dot T of a parameter T is an input named v_T; the entries of H v that belong to T are
    `.gradient("T")` of the result, defined over the first derivation's system.

    Raises SymderiveError where the first derivation leaves a parameter out.

    >>> from symderive.derivation import derive
    >>> from symderive.systems import mlp
    >>> second = hessian_vector(derive(mlp()))
    >>> second.system.inputs, second.gradient("b")[0].lhs, second.gradient("b")[0].rhs
    ((x, y, v_b, v_w), grad_vC_b[l, j], grad_vC_z[l, j])
    """
    system = first.system
    total = 0
    for t in system.parameters:
        direction = t.derived(f"v_{t.name}", latex_name=rf"\dot{{{t.latex_name}}}")
        bar = adjoint_symbol(system, t)
        for entry, limits in patterns(system, t):
            total += index_sum(direction[entry.index] * bar[entry.index], *limits)
    cost = system.cost
    moved = cost.derived(f"v{cost.name}", latex_name=rf"\dot{{{cost.latex_name}}}")
    objective = Definition(moved(), total, (), "directional derivative")
    return derive(first.as_system(objective, f"{system.name}, with a direction"))
