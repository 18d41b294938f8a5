r"""T2. BP1 to BP4 are right: dC = sum_l sum_j ( sum_k dC/dw^l_{jk} dw^l_{jk} + dC/db^l_j db^l_j )."""

from __future__ import annotations

from functools import cache

from proofs.hidden_gradient import DEEP_ORDER, proposition
from proofs.setting import ORDER, network
from proofs.total_differential import propositions
from proofs.witnesses import motion, t2
from symderive.proof.result import Proved

KEY, NAME = "T2", "backpropagation"
ASSUMES = ("inputs are fixed", "targets are fixed", "only one weight moves", "biases do not move")


@cache
def prove() -> Proved:
    """The derived equations BP1 to BP4 give the total differential of the cost."""
    net = network()
    return Proved(
        KEY,
        NAME,
        "Backpropagation",
        "The deltas and gradients that reverse mode derives are the derivatives of the cost, for every "
        "depth, all widths, every differentiable cost and an activation of its own for each layer.",
        net.system,
        (*propositions(), proposition()),
        derivation=net.derivation,
        order=(*ORDER, *DEEP_ORDER),
        sources=("Rumelhart, Hinton, Williams 1986", "Nielsen 2015, chapter 2"),
        witnesses=(*t2.witnesses(), *motion.witnesses()),
    )
