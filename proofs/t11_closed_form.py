r"""T11. Gradient flow of a linear network keeps distinct neurons distinct, and has a closed form.

f = x sum_i v_i w_i,   p_i = w_i + v_i,   q_i = w_i - v_i,   u = sum_i v_i w_i:

    p_i' = (s - m u) p_i,   q_i' = -(s - m u) q_i,   so   p_i = p_i(0) e^theta,   q_i = q_i(0) e^-theta

with m the mean square of the input (1 where it is whitened) and s its mean product with the target. The flow
is stated by differentials: dT is the derivative of T by the time.
"""

from __future__ import annotations

from functools import cache

from proofs.linear_flow import (
    AT_REST,
    CONSTANT,
    FLOW,
    INTEGRAL,
    ORDER,
    conserved,
    constant,
    gap,
    gradients,
    model,
    moving,
    product,
    ratio,
    scalar_equation,
    solved,
    ties,
)
from proofs.linear_flow_limit import limit
from proofs.saxe import balanced, saxe
from proofs.witnesses.t11 import witnesses
from symderive.claims.evidence import Evidence
from symderive.proof.kernel import Theorem
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.training import closed_form

KEY, NAME = "T11", "closed_form"
ASSUMES = (
    *FLOW, INTEGRAL, f"sums: {CONSTANT}", f"differences: {CONSTANT}", "equal sums at one time",
    "equal differences at one time", "equal sums at the start", "equal differences at the start", AT_REST,
    "inputs are fixed", "targets are fixed", "balanced weights", "positive output", "time",
    f"Saxe's quantity: {CONSTANT}", "start of Saxe's quantity",
)  # fmt: skip


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The formulas against flows that were integrated step by step."""
    return closed_form.evidence(seed)


def _said(name: str, text: str, *chains: Chain, theorem: Theorem | None = None) -> Proposition:
    last = chains[-1]
    arguments = tuple(Argument.of(name.capitalize(), chain) for chain in chains)
    return Proposition(name, text, theorem or last.theorem, arguments)


@cache
def prove() -> Proved:
    """All numbers of neurons and samples, any data: m stands for the mean square of the input."""
    incoming, outgoing = gradients()
    move = moving()
    tied = {x: ties(x) for x in "pq"}
    both, root = limit()
    product_equation, saxe_equation = balanced()
    quantity, formula = saxe()
    return Proved(
        KEY,
        NAME,
        "A model solved in closed form: neurons that differ stay different, without any nonlinearity",
        "The network is linear in its input, yet its neurons do not become equal. By the sums p = w + v "
        "and the differences q = w - v of the two weights of a neuron, gradient flow is one equation for "
        "one unknown: every sum grows by the same factor, and every difference shrinks by it. So ratios of "
        "sums are conserved, neurons end distinct if and only if they start distinct, and the difference "
        "between two neurons grows at the rate s - m u as long as that is positive. It is "
        "often said that the nonlinearity magnifies the difference between neurons; here it is magnified "
        "without one, by the error that all neurons share. For a whitened input m = 1. The flow is stated "
        "by differentials, each a derivative by the time.",
        model(),
        (
            _said(
                "gradient of the incoming weights",
                "The error reaches a weight through the other weight of its neuron.",
                incoming,
            ),
            _said("gradient of the outgoing weights", "And the other way round.", outgoing),
            _said(
                "equation of the sums",
                "Every sum changes at one rate, which all neurons share: the error of the output as the "
                "input "
                "sees it.",
                move["p"],
            ),
            _said("equation of the differences", "Every difference changes at the opposite rate.", move["q"]),
            _said(
                "products are conserved",
                "The product of any sum with any difference does not change; for one neuron it is $w_i^2 - "
                "v_i^2$.",
                conserved(),
            ),
            _said(
                "sums against the exponential",
                "What the mean value theorem needs: this has the derivative 0.",
                constant("p"),
            ),
            _said("differences against the exponential", "So has this.", constant("q")),
            _said("sums solved", "Hence every sum is its start times one and the same factor.", solved("p")),
            _said("differences solved", "Every difference is its start over that factor.", solved("q")),
            _said("ratios are conserved", "The sums of two neurons keep their ratio.", ratio()),
            _said(
                "a gap grows with its neurons",
                "The difference between the sums of two neurons changes at that rate too: where the rate is "
                "positive it is magnified, and no nonlinearity is needed.",
                gap(),
            ),
            _said(
                "equal sums were always equal",
                "Sums that are equal at one time were equal at the start.",
                tied["p"][0],
            ),
            _said(
                "equal differences were always equal",
                "Differences that are equal at one time were equal at the start.",
                tied["q"][0],
            ),
            _said("equal sums stay equal", "Sums that are equal at the start stay equal.", tied["p"][1]),
            _said("equal differences stay equal", "So do differences.", tied["q"][1]),
            _said("product", "The output depends on the one unknown alone.", product()),
            _said(
                "one equation",
                "In $e^{2 \\theta}$ this is one equation for one unknown; its right side is positive below "
                "the positive root and negative above it.",
                scalar_equation(),
            ),
            _said(
                "limit",
                "At rest $e^{2 \\theta}$ is the positive root; with it the solved sums and differences "
                "give the weights in the limit, of which each is half the sum of both.",
                both,
                root,
            ),
            _said(
                "equation of the product",
                "The output moves by the error times the size of the weights.",
                product_equation,
            ),
            _said(
                "Saxe's equation",
                "Where both weights of each neuron are equal, the output obeys one logistic equation.",
                saxe_equation,
            ),
            _said(
                "Saxe's quantity",
                "This has the derivative 0; the output is positive, which is written as an exponential.",
                quantity,
            ),
            _said(
                "Saxe's formula",
                "Hence the output at every time, as an equation that is multiplied by its denominator.",
                formula,
            ),
        ),
        order=ORDER,
        sources=(
            "Saxe, McClelland, Ganguli 2014 (arXiv 1312.6120)",
            "Rudin 1976, Principles of Mathematical Analysis, theorems 5.11 and 6.20",
        ),
        witnesses=witnesses(),
    )


__all__ = ["ASSUMES", "KEY", "NAME", "model", "numeric", "prove"]
