r"""Where gradients of a linear regression are 0: one prediction, with full rank one weight, least cost."""

from __future__ import annotations

from dataclasses import dataclass

from proofs.setting import B, T, k, m, s, t
from proofs.two_regressions import SECOND, K, Runs, assumed, difference_of_gradients, over, runs
from proofs.vanishing_parts import equal_by_difference
from symderive.calculus import TensorSymbol, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Bracket
from symderive.proof import kernel
from symderive.proof.kernel import Theorem
from symderive.proof.tactics import Chain


@dataclass(frozen=True)
class Critical:
    """What holds where both gradients are 0."""

    squares: Chain
    same: Theorem
    predictions: Chain
    weights: Chain
    minimum: Chain


def critical() -> Critical:
    """sum_s e_s^2 = 0, hence equal predictions; with full column rank equal weights; the cost is least."""
    r = runs()
    x, o = r.tensor("x"), r.tensor("o")
    here = Context.of((t, 0, T))
    flat = assumed("the gradient is 0", r.tensor("grad_w")[t, k], 0, (k, 1, K), ctx=here)
    still = assumed("the gradient of the second run is 0", r.second("grad_w")[t, k], 0, (k, 1, K), ctx=here)
    both = difference_of_gradients().theorem
    unfolded = Chain(over(r.d[t, k] * both.rhs), here).ring(
        over(r.e[t, s] * over(x[t, s, k] * r.d[t, k]), s), "the sums exchanged"
    )
    unfolded.backwards(r.laws["e"]).ring(over(r.e[t, s] ** 2, s))
    squares = (
        Chain(over(r.e[t, s] ** 2, s), here)
        .then(kernel.symmetry(unfolded.theorem), "difference of the predictions, and the sums exchanged")
        .backwards(both, "difference of the gradients")
        .rewrite(flat)
        .rewrite(still)
    )
    none = kernel.vanishing(squares.theorem, (s, 0))
    by_sample = here.bind(s, 1, B)
    apart = Chain(o[t, s] - r.second("o")[t, s], by_sample).rewrite(r.laws["o"]).rewrite(r.laws["o" + SECOND])
    apart.fold(r.e[t, s], [r.laws["e"], r.laws["d"]], "collected").rewrite(none, "a sum of squares is 0")
    predictions = equal_by_difference(apart.theorem, o[t, s], r.second("o")[t, s])

    g = tensor("g", (k, 1, K), (s, 1, B))
    inverse = assumed(
        "full column rank", over(g[k, s] * x[t, s, m], s), Bracket.equal(k, m), (k, 1, K), (m, 1, K), ctx=here
    )
    one = here.bind(k, 1, K)
    return _rest(r, none, squares, predictions, inverse, one, g, both, still)


def _rest(r: Runs, none: Theorem, squares: Chain, predictions: Chain, inverse: Theorem, one: Context,
          g: TensorSymbol, both: Theorem, still: Theorem) -> Critical:  # fmt: skip
    x, w, v = r.tensor("x"), r.tensor("w"), r.second("w")
    start = over(g[k, s] * over(x[t, s, m] * r.d[t, m], m), s)
    gap = Chain(start, one).backwards(r.laws["e"]).rewrite(none, "a sum of squares is 0")
    inverted = Chain(start, one).ring(over(over(g[k, s] * x[t, s, m], s) * r.d[t, m], m))
    inverted.rewrite(inverse).contract()
    zero = kernel.transitivity(kernel.symmetry(inverted.theorem), gap.theorem)
    apart = Chain(w[t, k] - v[t, k], one).backwards(r.laws["d"]).then(zero, "left inverse of the inputs")
    weights = equal_by_difference(apart.theorem, w[t, k], v[t, k])

    o, p, y, C = r.tensor("o"), r.second("o"), r.tensor("y"), r.tensor("C")
    here = Context.of((t, 0, T))
    shift = Chain(o[t, s], here.bind(s, 1, B)).rewrite(r.laws["o"])
    shift.fold(p[t, s] + r.e[t, s], [r.laws["o" + SECOND], r.laws["e"], r.laws["d"]], "collected")
    slope = Chain(over((p[t, s] - y[t, s]) * r.e[t, s], s), here).rewrite(r.laws["e"])
    slope.fold(
        over(r.d[t, k] * r.second("grad_w")[t, k]),
        [r.laws["grad_w" + SECOND], r.laws["bar_o" + SECOND]],
        "gradient of the second run",
    ).rewrite(still)
    minimum = Chain(C[t], here).rewrite(r.laws["C"]).rewrite(shift.theorem, "prediction of the second run")
    minimum.ring(
        over((p[t, s] - y[t, s]) ** 2, s) / 2 + slope.theorem.lhs + over(r.e[t, s] ** 2, s) / 2, "squared"
    )
    minimum.replace(slope.theorem, "gradient of the second run is 0")
    minimum.fold(
        r.second("C")[t] + over(r.e[t, s] ** 2, s) / 2, [r.laws["C" + SECOND]], "cost of the second run"
    )
    return Critical(squares, none, predictions, weights, minimum)
