r"""Gradient descent as equations over the steps t = 0..T: w(t+1) = w(t) - eta_t dC/dw(t).

Every step may run on another mini-batch of B samples: the data carry the step as an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Symbol

from proofs.setting import SHORT, L, Setting, T, j, k, l, network, short, t
from symderive.calculus import TensorSymbol, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import Entry
from symderive.proof import kernel
from symderive.proof.hypotheses import as_hypothesis, over_steps
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of

eta = tensor("eta", (t, 0, T), latex=r"\eta")

WHAT = {"w": "the weights", "b": "the biases"}


@dataclass(frozen=True)
class Run:
    """The network at every step: its tensors with the step as first index, its definitions as theorems."""

    plain: Setting
    tensors: dict[str, TensorSymbol]
    laws: dict[str, Theorem]

    @property
    def n(self) -> TensorSymbol:
        """The widths."""
        return self.plain.n

    def unit(self, name: str, *index: Expr | int) -> Entry:
        """The entry of z, a or delta of sample s."""
        return self.plain.unit(self.tensors[name], *index)

    def with_laws(self, *hypotheses: tuple[str, Hypothesis]) -> Run:
        """The run under more definitions, such as those of an optimiser."""
        more = {name: kernel.assume(h, EMPTY) for name, h in hypotheses}
        return Run(self.plain, self.tensors, {**self.laws, **more})


@cache
def network_at_every_step() -> Run:
    """Forward and backward equations at every step, without a rule that leads from one to the next."""
    net = network(batch=True)
    forward_backward = (*net.system.definitions, *net.derivation.definitions)
    definitions, made = over_steps(forward_backward, t, T)
    laws = {
        short(old): kernel.assume(as_hypothesis(new, SHORT[short(old)]), EMPTY)
        for old, new in zip(forward_backward, definitions, strict=True)
    }
    return Run(net, {old.name: new for old, new in made.items()}, laws)


def ranges(run: Run, name: str) -> tuple[tuple[Symbol, ...], tuple[tuple[Symbol, Expr, Expr], ...]]:
    """The indices of the weights or biases, with their ranges."""
    n, one = run.n, Integer(1)
    limits = ((l, one, L), (j, one, n[l]), (k, one, n[l - 1]))
    found = limits if name == "w" else limits[:2]
    return tuple(x for x, _, _ in found), found


@cache
def descent() -> Run:
    """Gradient descent with step sizes eta_t; each step may see other samples."""
    run = network_at_every_step()
    rules = []
    for name in ("w", "b"):
        index, limits = ranges(run, name)
        theta, gradient = run.tensors[name], run.tensors[f"grad_{name}"]
        rules.append(
            (
                f"update_{name}",
                hypothesis_of(
                    f"gradient descent on {WHAT[name]}",
                    theta[(t + 1, *index)],
                    theta[(t, *index)] - eta[t] * gradient[(t, *index)],
                    ((t, 0, T - 1), *limits),
                    "definition",
                ),
            )
        )
    return run.with_laws(*rules)
