r"""T2b. The same over a batch, C = (1/B) sum_s l(a^L_s; y_s): gradients are sums over the samples."""

from __future__ import annotations

from functools import cache

from proofs.setting import ORDER, network
from proofs.total_differential import propositions
from proofs.witnesses.motion import witnesses
from symderive.proof.result import Proved

KEY, NAME = "T2b", "backpropagation_batch"
ASSUMES = ("inputs are fixed", "targets are fixed", "only one weight moves", "biases do not move")


@cache
def prove() -> Proved:
    """The derived equations for a batch give the total differential of the mean cost."""
    net = network(batch=True)
    return Proved(
        KEY,
        NAME,
        "Backpropagation over a batch",
        "With the mean cost of a batch of any size, the gradients are sums over the samples of what "
        "each sample contributes, for every depth and all widths.",
        net.system,
        propositions(batch=True),
        derivation=net.derivation,
        order=ORDER,
        sources=("Rumelhart, Hinton, Williams 1986", "Nielsen 2015, chapter 2"),
        witnesses=witnesses(),
    )
