r"""Elementwise optimisers: theta(t+1) = alpha_t theta(t) + psi(t, state, gradient), entry by entry.

The state of an entry follows from its state before and its gradient alone. Gradient descent has no state;
heavy ball, Nesterov, AdaGrad, RMSProp, Adam, AdamW and sign descent are of this form, each with functions of
its own; alpha_t = 1 - eta_t lambda is weight decay apart from the gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Integer, Symbol

from proofs.colouring import g, h
from proofs.descent import WHAT, eta
from proofs.quotient import NOTE, Quotient
from proofs.setting import L, T, j, k, l, t
from symderive.calculus import Functional, TensorSymbol, family, indices, size, tensor
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.kernel import Hypothesis, Theorem, hypothesis_of

(v,) = indices("v")
d = size("D")

State = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Rule:
    """An elementwise rule: the factor of a parameter, its change, and the next state where there is one."""

    name: str
    factor: Callable[[str], Expr]
    change: Callable[[Expr, State], Expr]
    state: Callable[[Expr, Expr, State], Expr] | None = None


def gradient_descent() -> Rule:
    """theta(t+1) = theta(t) - eta_t gradient"""
    return Rule("gradient descent", lambda _: Integer(1), lambda gradient, _: -eta[t] * gradient)


def any_elementwise_rule() -> Rule:
    """theta(t+1) = alpha_t theta(t) + psi(t, state(t+1), gradient); state(t+1) = rho(t, state, gradient)."""
    alpha = {
        "w": tensor("alpha", (t, 0, T), latex=r"\alpha"),
        "b": tensor("beta", (t, 0, T), latex=r"\beta"),
    }
    psi = Functional("psi", r"\psi", 3)
    rho = Functional("rho", r"\rho", 4)

    def components(state: State) -> Expr:
        return family(state(v), (v, 1, d))

    return Rule(
        "elementwise rule",
        lambda name: alpha[name][t],
        lambda gradient, state: psi(t, components(state), gradient),
        lambda u, gradient, state: rho(t, u, components(state), gradient),
    )


@dataclass(frozen=True)
class Training:
    """A rule at work on the network and on its quotient."""

    quotient: Quotient
    rule: Rule
    states: dict[str, TensorSymbol]
    laws: dict[str, Theorem]

    def index(self, name: str) -> tuple[Symbol, ...]:
        """The indices of a weight or of a bias."""
        return (l, j, k) if name == "w" else (l, j)

    def state(self, name: str, step: Expr | int, index: tuple[Expr, ...]) -> State:
        """The components of the state of one entry; `name` is w, b, w_bar or b_bar."""
        if not self.states:
            return lambda _: Integer(0)
        return lambda x: self.states[name][(step, *index, x)]

    def change(self, name: str, index: tuple[Expr, ...]) -> Expr:
        """By how much a weight of the quotient's gradient and state changes, M times smaller."""
        M = self.quotient.colours.M
        gradient = self.quotient.bar.tensors[f"grad_{name}"][(t, *index)] / M[l, index[1]]
        return self.rule.change(gradient, self.state(f"{name}_bar", t + 1, index))

    def start(self) -> dict[str, Hypothesis]:
        """Entries between two colours start with equal states."""
        return {
            name: hypothesis_of(f"equal states of {WHAT[name]}", *self._equal(name, 0), self._over(name))
            for name in ("w", "b")
            if self.states
        }

    def goals(self) -> dict[str, Hypothesis]:
        """Entries between two colours have equal states at step t."""
        return {
            name: hypothesis_of(
                f"equal states of {WHAT[name]}, induction hypothesis",
                *self._equal(name, t), self._over(name), "induction",
            )
            for name in ("w", "b")
            if self.states
        }  # fmt: skip

    def coloured(self, name: str) -> tuple[Expr, ...]:
        """The colours of the indices of an entry."""
        to = (l, self.quotient.colour(l, j))
        return (*to, self.quotient.colour(l - 1, k)) if name == "w" else to

    def _equal(self, name: str, step: Expr | int) -> tuple[Expr, Expr]:
        one = self.state(name, step, self.index(name))
        return one(v), self.state(f"{name}_bar", step, self.coloured(name))(v)

    def _over(self, name: str) -> tuple[tuple[Symbol, Expr | int, Expr | int], ...]:
        n = self.quotient.run.n
        more = ((k, 1, n[l - 1]),) if name == "w" else ()
        return ((l, 1, L), (j, 1, n[l]), *more, (v, 1, d))


def training(q: Quotient, rule: Rule) -> Training:
    """The rule as definitions, for both networks."""
    n, K, M = q.run.n, q.colours.K, q.colours.M
    states: dict[str, TensorSymbol] = {}
    if rule.state is not None:
        for name, width, latex in (("", n, "{}"), ("_bar", K, r"\bar{{{}}}")):
            axes = ((t, 0, T), (l, 1, L), (j, 1, width[l]))
            states[f"w{name}"] = tensor(
                f"S{name}", *axes, (k, 1, width[l - 1]), (v, 1, d), sup=2, latex=latex.format("S")
            )
            states[f"b{name}"] = tensor(f"R{name}", *axes, (v, 1, d), sup=2, latex=latex.format("R"))
    made = Training(q, rule, states, {})
    laws: dict[str, Theorem] = {}

    def define(key: str, what: str, lhs: Expr, rhs: Expr, *limits: tuple[Symbol, object, object]) -> None:
        over = [(x, lo, hi) for x, lo, hi in ((t, 0, T - 1), *limits)]
        laws[key] = kernel.assume(hypothesis_of(what, lhs, rhs, over, "definition"), EMPTY)

    for name in ("w", "b"):
        wide = ((l, 1, L), (j, 1, n[l]), (k, 1, n[l - 1]))
        coarse = ((l, 1, L), (g, 1, K[l]), (h, 1, K[l - 1]))
        rank = 3 if name == "w" else 2
        index = tuple(x for x, _, _ in wide[:rank])
        colour = tuple(x for x, _, _ in coarse[:rank])
        theta, gradient = q.run.tensors[name], q.run.tensors[f"grad_{name}"][(t, *index)]
        theta_bar, gradient_bar = q.bar.tensors[name], q.bar.tensors[f"grad_{name}"][(t, *colour)]
        members = M[l - 1, h] if name == "w" else Integer(1)
        own = rule.change(gradient, made.state(name, t + 1, index))
        change = members * made.change(name, colour)
        factor = rule.factor(name)
        text = f"{rule.name} on {WHAT[name]}"
        define(f"{name}", text, theta[(t + 1, *index)], factor * theta[(t, *index)] + own, *wide[:rank])
        define(
            f"{name}_bar", text + NOTE,
            theta_bar[(t + 1, *colour)], factor * theta_bar[(t, *colour)] + change, *coarse[:rank],
        )  # fmt: skip
        if rule.state is not None:
            before = made.state(name, t, index)
            text = f"states of {WHAT[name]}"
            define(
                f"state_{name}", text, made.state(name, t + 1, index)(v),
                rule.state(v, gradient, before), *wide[:rank], (v, 1, d),
            )  # fmt: skip
            before = made.state(f"{name}_bar", t, colour)
            define(
                f"state_{name}_bar", text + NOTE, made.state(f"{name}_bar", t + 1, colour)(v),
                rule.state(v, gradient_bar / M[l, g], before), *coarse[:rank], (v, 1, d),
            )  # fmt: skip
    return Training(q, rule, states, laws)
