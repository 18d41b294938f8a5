r"""Two widely read formulas are no backpropagation: (24, 34) is not (3, 7), and 9 is not 3.

\delta^l_j = \delta^{l+1}_j \sigma'(z^l_j) loses the sum over the outgoing weights, and so does
\Delta w^{L-1}_{jk} = -\partial C/\partial a^L_j \sigma'(z^L_j) \sigma'(z^{L-1}_j) a^{L-2}_k. Both are read as
LaTeX and evaluated as terms, beside what the engine derives, against forward passes in exact fractions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sympy import Expr

from proofs.hidden_gradient import M, last_hidden
from proofs.setting import L, j, l, network
from proofs.witnesses.at_numbers import AtNumbers
from symderive import reference_exact as exact
from symderive.calculus.terms import Applied
from symderive.derivation import derive
from symderive.evaluation.exact import Number
from symderive.latex import Notation, SymbolTable, parse
from symderive.proof.witness import Claim, Witness, Worked
from symderive.systems import Definition, SystemTypeError, mlp
from symderive.systems.typing import check_definition

RECURSION = r"\delta^l_j = \delta^{l+1}_j \sigma'(z^l_j)"
STEP = (
    r"\Delta w^{L-1}_{jk} = - \frac{\partial Loss}{\partial a^L_j} "
    r"\sigma'(z^L_j)\sigma'(z^{L-1}_j) a^{L-2}_k"
)


@dataclass(frozen=True)
class Formula:
    """A definition of the deltas, or of the gradient, of a hidden layer; and what its types say."""

    definition: Definition
    source: str = ""
    objection: str = ""

    @property
    def term(self) -> Expr:
        """The right side."""
        return self.definition.rhs

    @property
    def claim(self) -> Claim:
        """What was written, to be printed."""
        d = self.definition
        return Claim(d.lhs, d.rhs, d.context, self.source)


def read(source: str) -> Expr:
    r"""The right side of a formula, as a term: with \sigma of the layer for \sigma, and C for Loss.

    >>> read(RECURSION)
    sigma'(l, z[l, j])*delta[l + 1, j]
    """
    right = source.split("=")[1]
    spelled = re.sub(r"([_^])(\w)", r"\1{\2}", right.replace("Loss", "C"))
    spelled = spelled.replace("(", r"\left(").replace(")", r"\right)")
    net = mlp()
    term = parse(spelled, SymbolTable.of(net, derive(net)), Notation(layer="plain"))
    sigma = network().laws["a"].rhs
    assert isinstance(sigma, Applied)
    own = {e: Applied(sigma.function, e.order, e.argument.index[0], e.argument) for e in term.atoms(Applied)}
    return term.xreplace(own)


def objection(claim: Definition, deep: bool) -> str:
    """What the types of a system say of a definition; empty if it fits. With `deep`, M + 1 is the depth."""
    try:
        check_definition(claim, None, {L: M + 1} if deep else {})
    except SystemTypeError as error:
        return str(error)
    return ""


@cache
def recursions() -> tuple[Formula, Formula]:
    """The recursion as it is widely read, and as it is derived."""
    net = network()
    (right,) = (d for d in net.derivation.definitions if d.lhs == net.tensor("delta")[l, j])
    wrong = replace(right, rhs=read(RECURSION))
    return (
        Formula(wrong, RECURSION, objection(wrong, deep=False)),
        Formula(right, "", objection(right, deep=False)),
    )


@cache
def gradients() -> tuple[Formula, Formula]:
    """The gradient of the last hidden layer as the widely read step has it, and as it is proved."""
    proved = last_hidden().theorem
    right = Definition(proved.lhs, proved.rhs, tuple(proved.context))
    wrong = replace(right, rhs=-read(STEP).xreplace({L: M + 1}))
    return (
        Formula(wrong, STEP, objection(wrong, deep=True)),
        Formula(right, "", objection(right, deep=True)),
    )


@dataclass(frozen=True)
class Case:
    """A formula in a network with one hidden layer, identity activation, C = |a|^2/2 and x = 1."""

    formula: Formula
    first: Sequence[int]
    second: Sequence[Sequence[int]]

    @property
    def network(self) -> exact.Network:
        """The network of the exact reference."""
        return exact.Network((1, len(self.first), len(self.second)))

    @property
    def parameters(self) -> exact.Parameters:
        """W^1, W^2; the biases are 0."""
        return exact.Parameters.of([[[w] for w in self.first], self.second])

    @property
    def targets(self) -> list[int]:
        """y = 0"""
        return [0] * len(self.second)

    def engine(self) -> AtNumbers:
        """The forward definitions, and the delta of the last layer, at these numbers."""
        net, theta = network(), self.parameters
        given: dict[tuple[Any, ...], Number] = {("n", m): n for m, n in enumerate(self.network.widths)}
        for m, (w, b) in enumerate(zip(theta.weights, theta.biases, strict=True), 1):
            given |= {("b", m, r): v for r, v in enumerate(b, 1)}
            given |= {("w", m, r, c): v for r, row in enumerate(w, 1) for c, v in enumerate(row, 1)}
        given |= {("y", r): v for r, v in enumerate(self.targets, 1)}
        given[("x", 1)] = 1
        last = [d for d in net.derivation.definitions if d.lhs == net.tensor("delta")[L, j]]
        return AtNumbers([*net.system.definitions, *last], {"L": 2, "M": 1}, given)

    def truth(self) -> exact.Parameters:
        """dC/dW and dC/db from forward passes alone."""
        return exact.gradient_truth(self.network, self.parameters, [1], self.targets)

    def setting(self) -> tuple[tuple[str, object], ...]:
        """What a reader needs to follow by hand."""
        _, a = exact.forward(self.network, self.parameters, [1])
        deltas = exact.backward(self.network, self.parameters, [1], self.targets).deltas
        return (
            ("$W^{(1)}$", self.parameters.weights[0]),
            ("$W^{(2)}$", self.parameters.weights[1]),
            ("$a^{(1)}$", a[1]),
            ("$a^{(2)}$", a[2]),
            (r"$\delta^{(2)}$", deltas[1]),
        )


def deltas(case: Case) -> Worked:
    """delta^1 by the formula, and by forward passes: how C moves with b^1."""
    return _worked(case, r"$\delta^{(1)}$", {"l": 1}, case.truth().biases[0])


def gradient(case: Case) -> Worked:
    """dC/dw^1 by the formula, and by forward passes."""
    true = tuple(row[0] for row in case.truth().weights[0])
    return _worked(case, r"$\partial C / \partial W^{(1)}$", {"k": 1}, true)


def _worked(case: Case, quantity: str, indices: dict[str, int], true: Any) -> Worked:
    numbers = case.engine()
    rows = range(1, len(case.first) + 1)
    claimed = tuple(numbers.value(case.formula.term, {**indices, "j": r}) for r in rows)
    return Worked(case.setting(), quantity, claimed, true, case.formula.objection)


NUMBERS = "Identity activation, $C = |a^{(2)}|^2/2$, $x = 1$, no biases, widths "
COLUMNS = ("the claim", "what holds")
CHAIN, WIDE = ([1], [[3]]), ([1, 1], [[1, 2], [3, 4]])


@cache
def witnesses() -> tuple[Witness, ...]:
    """Both formulas, each in the networks 1-2-2 and 1-1-1."""
    found = []
    lost = "It has lost the sum over the outgoing weights. "
    step = (
        "Its step is minus the gradient, with 1 for the step size that it leaves out; $M$ is the last hidden "
        "layer. "
    )
    again = "The same formula in the smallest network with a hidden layer, in which its types happen to fit. "
    for (wrong, right), experiment, defends, words in (
        (recursions(), deltas, "delta of a hidden layer", f"A widely read recursion. {lost}"),
        (gradients(), gradient, "last hidden layer", f"A widely read rule of training. {lost}{step}"),
    ):
        for text, claim, shape, numbers in (
            (words, wrong, "1-2-2", WIDE),
            (again, replace(wrong, objection=""), "1-1-1", CHAIN),
        ):
            cases = Case(claim, *numbers), Case(right, *numbers)
            shown = claim.claim if claim.objection else None
            found.append(Witness(defends, f"{text}{NUMBERS}{shape}.", experiment, *cases, COLUMNS, shown))
    return tuple(found)
