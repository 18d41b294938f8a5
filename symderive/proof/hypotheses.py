r"""What a theorem about a system assumes: its definitions, as named hypotheses; copies with other names."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symderive.calculus.atoms import TensorSymbol
from symderive.derivation.over_steps import over_steps as over_steps
from symderive.proof.kernel import Hypothesis
from symderive.systems.system import Definition


def as_hypothesis(d: Definition, name: str = "") -> Hypothesis:
    """A definition as a hypothesis: for all its indices, lhs = rhs."""
    return Hypothesis(name or f"definition of {d.lhs}", d.lhs, d.rhs, d.indices, "definition")


def rename(e: Expr, names: dict[TensorSymbol, TensorSymbol]) -> Expr:
    """The term with other tensors of the same shape."""
    return e.xreplace(dict(names))


def renamed(d: Definition, names: dict[TensorSymbol, TensorSymbol]) -> Definition:
    """The definition with other tensors of the same shape."""
    return replace(d, lhs=rename(d.lhs, names), rhs=rename(d.rhs, names))


def marked(t: TensorSymbol, mark: str = "tilde") -> TensorSymbol:
    r"""\tilde{T}: a tensor of the same shape for a second network.

    >>> from symderive.calculus import indices, tensor
    >>> j, = indices("j"); marked(tensor("w", (j, 1, 3))).latex_name
    '\\tilde{w}'
    """
    return t.derived(f"{t.name}_{mark}", latex_name=rf"\{mark}{{{t.latex_name}}}")
