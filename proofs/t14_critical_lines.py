r"""T14. A critical point of H neurons is a line of critical points of H + 1; its Hessian has one block more.

w~ = (.., w_H, w_H), v~ = (.., lam v_H, (1 - lam) v_H), and where the gradient of the smaller network is 0,

    D^2 C~ = D^2 C + lam (1 - lam) sum_{km} A_{km} xi_k xi_m,   0 along the line
"""

from __future__ import annotations

from functools import cache

from sympy import Expr, Integer, exp

from proofs.critical_hessian import block_form, blocks, by_samples, channel, moved
from proofs.critical_lines import (
    INPUTS,
    KEPT,
    LAM,
    MOVED,
    ORDER,
    OUTPUTS,
    SPLIT,
    H,
    i,
    k,
    law_of,
    networks,
    nu,
    parts,
    r,
    split_network,
    xi,
)
from proofs.witnesses.t14 import witnesses
from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY
from symderive.calculus.terms import index_sum
from symderive.claims.evidence import Evidence
from symderive.proof import kernel
from symderive.proof.kernel import Theorem
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.training import embedding
from symderive.training.embedding import one_hidden_layer

KEY, NAME = "T14", "critical_lines"
ASSUMES = (
    *SPLIT, "critical incoming weights", "critical outgoing weights", *MOVED,
    "outgoing weights part along the line", "the incoming weights do not move",
    "the outgoing weights do not move",
    "A is not negative", "lambda lies between 0 and 1", "lambda lies outside of 0 to 1",
    "the smaller Hessian is not negative", "the smaller Hessian is positive definite",
    "A is positive definite",
    "lambda lies strictly between 0 and 1", "the second derivative is 0",
)  # fmt: skip


def critical() -> tuple[Theorem, Theorem]:
    """dC/dw = 0 and dC/dv = 0 in the smaller network."""
    small = networks().small
    return (
        law_of("critical incoming weights", small["grad_w"][i, k], 0, KEPT, INPUTS),
        law_of("critical outgoing weights", small["grad_v"][r, i], 0, OUTPUTS, KEPT),
    )


def lines() -> list[tuple[str, Chain]]:
    """Both gradients of the larger network are 0, for every lambda."""
    found = []
    for name, law in zip(("grad_w", "grad_v"), critical(), strict=True):
        for key, *_ in parts():
            gradient = split_network()[name + key].theorem
            chain = Chain(gradient.lhs, gradient.context).then(gradient, "gradient of the smaller network")
            found.append((name + key, chain.rewrite(law)))
    return found


@cache
def at_critical() -> Chain:
    """D^2 C~ = D^2 C + lam (1 - lam) A(xi, xi), where nu = c v_H."""
    small, Q = networks().small, networks().Q
    c = tensor("c")
    along = law_of("outgoing weights part along the line", nu[r], c[()] * small["v"][r, H], OUTPUTS)
    chain = Chain(block_form().theorem.lhs, EMPTY).then(block_form().theorem, "the block form").rewrite(along)
    A, _ = blocks()
    row = IndexSum(small["v"][r, H] * Q[k, r], OUTPUTS)
    chain.ring(small["q"]() + LAM * (1 - LAM) * A + 2 * c[()] * IndexSum(xi[k] * row, INPUTS))
    return chain.rewrite(channel().theorem, "the gradient").rewrite(critical()[0])


def squares() -> tuple[Expr, Expr, Expr]:
    """rho^2, alpha^2, c^2: what is not negative."""
    return (tensor("rho", latex=r"\rho")() ** 2, tensor("alpha", latex=r"\alpha")() ** 2, tensor("e")() ** 2)


def cases() -> dict[str, Chain]:
    """Where A is not negative: a valley between 0 and 1, a saddle outside."""
    small, A = networks().small, blocks()[0]
    rho, alpha, share = squares()
    bend = law_of("A is not negative", A, alpha)
    inner = law_of("lambda lies between 0 and 1", LAM * (1 - LAM), share)
    outer = law_of("lambda lies outside of 0 to 1", LAM * (1 - LAM), -share)
    below = law_of("the smaller Hessian is not negative", small["q"](), rho)
    here = at_critical().theorem
    valley = Chain(here.lhs, EMPTY).then(here, "at a critical point").rewrite(below)
    valley.rewrite(bend).ring(rho + _behind(LAM * (1 - LAM)) * alpha).rewrite(inner).ring(rho + share * alpha)
    still = (
        law_of("the incoming weights do not move", small["v_w"][i, k], 0, KEPT, INPUTS),
        law_of("the outgoing weights do not move", small["v_v"][r, i], 0, OUTPUTS, KEPT),
    )
    nothing = Chain(small["q"](), EMPTY).rewrite(networks().laws["q"]).rewrite(still[0]).rewrite(still[1])
    apart = (
        Chain(here.lhs, EMPTY)
        .then(here, "at a critical point")
        .rewrite(nothing.theorem, "nothing moves there")
    )
    saddle = Chain(here.lhs, EMPTY).then(apart.theorem, "the two neurons apart").rewrite(bend)
    saddle.ring(_behind(LAM * (1 - LAM)) * alpha).rewrite(outer).ring(-share * alpha)
    return {"apart": apart, "valley": valley, "saddle": saddle}


def _behind(e: Expr) -> Expr:
    """The product as it stands, beside other factors."""
    return IndexSum(e, Integer(1), Integer(1))


@cache
def flat() -> tuple[Chain, dict[str, Theorem]]:
    """With positive definite forms the second derivative is 0 along the line alone."""
    small, A = networks().small, blocks()[0]
    rho, alpha, _ = squares()
    g, b, c = (exp(tensor(name, latex=latex)()) for name, latex in (("g", "g"), ("b", "b"), ("l", r"\ell")))
    dw, dv = small["v_w"], small["v_v"]
    length = index_sum(dw[i, k] ** 2, KEPT, INPUTS) + index_sum(dv[r, i] ** 2, OUTPUTS, KEPT)
    ahead = IndexSum(xi[k] ** 2, INPUTS)
    below = law_of("the smaller Hessian is positive definite", small["q"](), g * length + rho)
    bend = law_of("A is positive definite", A, b * ahead + alpha)
    inner = law_of("lambda lies strictly between 0 and 1", LAM * (1 - LAM), c)
    none = law_of("the second derivative is 0", networks().large["q"](), 0)
    here = at_critical().theorem
    chain = Chain(here.lhs, EMPTY).then(here, "at a critical point").rewrite(below)
    chain.rewrite(bend).ring(g * length + rho + _behind(LAM * (1 - LAM)) * (b * ahead + alpha)).rewrite(inner)
    chain.ring(g * length + rho + c * (b * ahead + alpha))
    zero = kernel.transitivity(kernel.symmetry(chain.theorem), none)

    def path(e: Expr, *steps: Expr) -> tuple[int, ...]:
        found = []
        for part in steps:
            found.append(e.args.index(part))
            e = part
        return tuple(found)

    w, v = length.args if length.args[0].has(dw) else reversed(length.args)
    weighted = c * (b * ahead + alpha)
    return chain, {
        "incoming": kernel.vanishing(zero, (*path(zero.lhs, g * length, length, w), i, k, 0)),
        "outgoing": kernel.vanishing(zero, (*path(zero.lhs, g * length, length, v), r, i, 0)),
        "apart": kernel.vanishing(
            zero, (*path(zero.lhs, weighted, b * ahead + alpha, b * ahead, ahead), k, 0)
        ),
    }


def numeric(seed: int) -> tuple[Evidence, ...]:
    """The theorem on real arrays and in fractions."""
    return embedding.evidence(seed)


def _said(name: str, text: str, *chains: Chain, theorem: Theorem | None = None) -> Proposition:
    arguments = tuple(Argument.of(name.capitalize(), chain) for chain in chains)
    return Proposition(name, text, theorem or chains[-1].theorem, arguments)


GRADIENTS = {
    "grad_w": "The gradient of the incoming weights of a neuron that is kept is the old one.",
    "grad_w, first": "The incoming weights of the first of the two have its share of the old gradient.",
    "grad_w, second": "The incoming weights of the second of the two have the rest of the old gradient.",
    "grad_v": "The gradient of the outgoing weights of a neuron that is kept is the old one.",
    "grad_v, first": "The outgoing weights of the first of the two have the old gradient.",
    "grad_v, second": "The outgoing weights of the second of the two have the old gradient.",
}
MEANING = {
    "grad_w": "incoming weights", "grad_v": "outgoing weights", "": "", ", first": ", first of the two",
    ", second": ", second of the two",
}  # fmt: skip


def _title(key: str) -> str:
    name, mark = key[:6], key[6:]
    return MEANING[name] + MEANING[mark]


def _critical(key: str) -> str:
    whose = f"the{key[7:]} of the two" if key[6:] else "each neuron that is kept"
    return (
        f"At a critical point of the smaller network the gradient of the {MEANING[key[:6]]} of {whose} is 0, "
        "for every lambda."
    )


@cache
def prove() -> Proved:
    """Any numbers of neurons, inputs, outputs and samples, any twice differentiable activation and cost."""
    gradient = split_network()
    inside = moved()
    case, (sum_, zero) = cases(), flat()
    hessian = block_form()
    return Proved(
        KEY,
        NAME,
        "Critical points of the smaller network are lines of critical points of the larger",
        "Split one neuron in two with the same incoming weights, whose outgoing weights add up to the "
        "old ones: "
        "the larger network computes the same for every share lambda, and where the smaller is at a critical "
        "point, so is the larger, along a whole line. Any direction of the larger network is one of the "
        "smaller, "
        "and beside it a difference of the two: xi of the incoming, nu of the outgoing weights. Along it the "
        "second derivative is that of the smaller network, and lambda (1 - lambda) A and 2 Q of the "
        "difference. "
        "With one output, or where nu is a multiple of the outgoing weights, Q drops out at a critical "
        "point. So "
        "where the smaller network has a strict minimum with a positive definite Hessian: A positive "
        "definite "
        "gives a valley floor for lambda between 0 and 1 and saddles outside of it, A negative definite the "
        "reverse, an indefinite A saddles for every lambda but 0 and 1. That a floor which is flat along "
        "the line "
        "alone consists of local minima is the second-order sufficient condition along a curve of "
        "critical points "
        "(Fukumizu and Amari 2000, theorem 3), which is not proved here. Inequalities are stated with "
        "squares, "
        "strict ones with exponentials. As the cost of a sample is any function of its outputs, layers "
        "above may be "
        "part of it, and the inputs may be activations of layers below.",
        one_hidden_layer(),
        (
            _said(
                "outputs",
                "The larger network computes what the smaller does.",
                gradient["z"],
                gradient["z, second"],
                gradient["a"],
                gradient["a, second"],
                gradient["o"],
            ),
            _said("cost", "So their costs agree.", gradient["C"]),
            *(
                _said(
                    _title(key),
                    text,
                    *(c for n, c in gradient.items() if key.startswith("grad_w") and n == "bar_z" + key[6:]),
                    gradient[key],
                )
                for key, text in GRADIENTS.items()
            ),
            *(_said(f"critical line, {_title(key)}", _critical(key), chain) for key, chain in lines()),
            _said(
                "second derivative",
                "Along a direction of the smaller network, sample by sample.",
                by_samples(False),
            ),
            _said(
                "block form",
                "At every point, critical or not, the Hessian of the larger network has these blocks.",
                inside["do"],
                inside["de"],
                hessian,
            ),
            _said(
                "the block Q",
                "Along the outgoing weights the block Q is the gradient of the incoming ones.",
                channel(),
            ),
            _said(
                "at a critical point",
                "So it drops out at a critical point, where the outgoing weights part along the line.",
                at_critical(),
            ),
            _said(
                "the two neurons apart",
                "Where the smaller network does not move, this is what is left: its sign is that of "
                "$\\lambda (1 - \\lambda)$ times that of A.",
                case["apart"],
            ),
            _said(
                "valley",
                "A and the smaller Hessian not negative, lambda between 0 and 1: no direction leads down.",
                case["valley"],
            ),
            _said(
                "saddle",
                "A not negative, lambda outside: moving the two neurons apart leads down.",
                case["saddle"],
            ),
            _said(
                "flat directions",
                "Where all is positive definite and the second derivative is 0, the two neurons do not "
                "move apart,",
                sum_,
                theorem=zero["apart"],
            ),
            _said("flat directions, incoming weights", "no incoming weights move,", theorem=zero["incoming"]),
            _said(
                "flat directions, outgoing weights",
                "nor outgoing ones: only the line is flat.",
                theorem=zero["outgoing"],
            ),
        ),
        order=ORDER,
        sources=(
            "Fukumizu, Amari 2000, Neural Networks 13, theorems 1 and 3",
            "Simsek et al. 2021 (arXiv 2105.12221)",
        ),
        witnesses=witnesses(),
    )


__all__ = ["ASSUMES", "KEY", "NAME", "numeric", "prove"]
