r"""Two widely read formulas are no backpropagation: (24, 34) is not (3, 7), and 9 is not 3.

\delta^l_j = \delta^{l+1}_j \sigma'(z^l_j) loses the sum over the outgoing weights, and so does
\Delta w^{L-1}_{jk} = -\partial C/\partial a^L_j \sigma'(z^L_j) \sigma'(z^{L-1}_j) a^{L-2}_k. Both are read as
LaTeX and evaluated as terms, beside what the engine derives, against forward passes in exact fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sympy import Expr

from proofs.hidden_gradient import M, last_hidden
from proofs.setting import L, j, l, network
from proofs.witnesses.at_numbers import AtNumbers
from symderive import reference_exact as exact
from symderive.calculus import tensor
from symderive.derivation import derive
from symderive.evaluation.exact import Number
from symderive.latex import Notation, SymbolTable, equation_to_latex, parse, parse_equation
from symderive.proof.witness import Witness, Worked
from symderive.systems import Definition, SystemTypeError, mlp
from symderive.systems.typing import check_definition

PLAIN = Notation(layer="plain")
eta = tensor("eta", latex=r"\eta")
RECURSION = r"\delta^{l}_{j} = \delta^{l+1}_{j} \sigma'\left(z^{l}_{j}\right)"
STEP_LEFT = r"\Delta w^{L-1}_{jk} = "
STEP = (
    r"-\frac{\partial C}{\partial a^{L}_{j}} \sigma'\left(z^{L}_{j}\right) "
    r"\sigma'\left(z^{L-1}_{j}\right) a^{L-2}_{k}"
)


@dataclass(frozen=True)
class Formula:
    """A formula for the deltas of a hidden layer, or for minus the gradient of the last hidden layer."""

    latex: str
    term: Expr
    objection: str = ""


def objection(claim: Definition, deep: bool) -> str:
    """What the types of a system say of a definition; empty if it fits. With `deep`, M + 1 is the depth."""
    try:
        check_definition(claim, None, {L: M + 1} if deep else {})
    except SystemTypeError as error:
        return str(error)
    return ""


def names() -> SymbolTable:
    r"""What the widely read formulas name: one activation \sigma for all layers, and its network's deltas."""
    net = mlp()
    return SymbolTable.of(net, derive(net))


@cache
def recursions() -> tuple[Formula, Formula]:
    """The recursion as it is widely read, and as it is derived."""
    net = network()
    _, claimed = parse_equation(RECURSION, names(), PLAIN)
    (right,) = (d for d in net.derivation.definitions if d.lhs == net.tensor("delta")[l, j])
    wrong = Definition(right.lhs, claimed, right.indices)
    left, shown = equation_to_latex(right.lhs, right.rhs)
    return (
        Formula(RECURSION, claimed, objection(wrong, deep=False)),
        Formula(f"{left} = {shown}", right.rhs, objection(right, deep=False)),
    )


@cache
def steps() -> tuple[Formula, Formula]:
    """The step of a weight into the last hidden layer as it is widely read, and as it is proved."""
    proved = last_hidden().theorem
    claimed = parse(STEP, names(), PLAIN).xreplace({L: M + 1})
    limits = tuple(proved.context)
    step = -eta[()] * proved.rhs
    wrong, right = (Definition(proved.lhs, e, limits) for e in (claimed, step))
    _, shown = equation_to_latex(proved.lhs, step)
    return (
        Formula(STEP, claimed, objection(wrong, deep=True)),
        Formula(shown, step, objection(right, deep=True)),
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
        given[("x", 1)] = given[("eta",)] = 1
        last = [d for d in net.derivation.definitions if d.lhs == net.tensor("delta")[L, j]]
        return AtNumbers([*net.system.definitions, *last], {"L": 2, "M": 1}, given)

    def truth(self) -> exact.Parameters:
        """dC/dW and dC/db from forward passes alone."""
        return exact.gradient_truth(self.network, self.parameters, [1], self.targets)

    def setting(self) -> tuple[tuple[str, object], ...]:
        """What a reader needs to follow by hand."""
        _, a = exact.forward(self.network, self.parameters, [1])
        return (
            ("$W^{(1)}$", self.parameters.weights[0]),
            ("$W^{(2)}$", self.parameters.weights[1]),
            ("$a^{(1)} = W^{(1)} x$", a[1]),
            (r"$a^{(2)} = W^{(2)} a^{(1)} = \delta^{(2)}$", a[2]),
        )


def deltas(case: Case) -> Worked:
    """delta^1 by the formula, and by forward passes: how C moves with b^1."""
    numbers = case.engine()
    claimed = tuple(
        numbers.value(case.formula.term, {"l": 1, "j": r}) for r in range(1, len(case.first) + 1)
    )
    true = case.truth().biases[0]
    return Worked(case.setting(), r"$\delta^{(1)}$", claimed, true, case.formula.objection)


def first_step(case: Case) -> Worked:
    """Delta w^1 by the formula, and by forward passes, for the step size 1."""
    numbers = case.engine()
    claimed = tuple(
        numbers.value(case.formula.term, {"j": r, "k": 1}) for r in range(1, len(case.first) + 1)
    )
    true = tuple(-row[0] for row in case.truth().weights[0])
    lines = (*case.setting(), (r"$\partial C / \partial w^{(1)}_{j1}$", tuple(-v for v in true)))
    return Worked(lines, r"$\Delta w^{(1)}_{j1}$", claimed, true, case.formula.objection)


NUMBERS = "Identity activation, $C = |a^{(2)}|^2/2$, $x = 1$, no biases, "
SIZE = r"step size $\eta = 1$, "
COLUMNS = ("the claim", "what is derived")
CHAIN, WIDE = ([1], [[3]]), ([1, 1], [[1, 2], [3, 4]])


@cache
def witnesses() -> tuple[Witness, ...]:
    """Both formulas, each in the networks 1-1-1 and 1-2-2."""
    found = []
    again = "The same formula in the smallest network with a hidden layer, in which its types happen to fit. "
    deep = r", with $M = L - 1$"
    for (wrong, right), experiment, defends, (left, shown, note), more in (
        (recursions(), deltas, "delta of a hidden layer", ("", "", ""), ""),
        (steps(), first_step, "last hidden layer", (STEP_LEFT, r"\Delta w^{(M)}_{jk} = ", deep), SIZE),
    ):
        full = (
            f"It is widely read that $${left}{wrong.latex}.$$ The sum over the outgoing weights is lost. "
            f"What is derived is{note} $${shown}{right.latex}.$$ "
        )
        for words, claim, shape, (first, second) in (
            (full, wrong, "1-2-2", WIDE),
            (again, replace(wrong, objection=""), "1-1-1", CHAIN),
        ):
            cases = Case(claim, first, second), Case(right, first, second)
            text = f"{words}{NUMBERS}{more}widths {shape}."
            found.append(Witness(defends, text, experiment, *cases, COLUMNS))
    return tuple(found)
