r"""T1. The layer equations in components, and what they give when one is put into the next."""

from __future__ import annotations

from functools import cache

from proofs.setting import ORDER, L, j, l, network, within
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain

KEY, NAME = "T1", "layer_equations"
ASSUMES: tuple[str, ...] = ()


@cache
def prove() -> Proved:
    """One layer, two layers, and the first layer in terms of the input, for every depth and all widths."""
    net = network()
    n, laws, a = net.n, net.laws, net.tensor("a")
    one = Chain(a[l, j], within((l, 1, L), (j, 1, n[l]))).rewrite(laws["a"]).rewrite(laws["z"])
    two = (
        Chain(a[l + 1, j], within((l, 1, L - 1), (j, 1, n[l + 1])))
        .rewrite(one.theorem, "one layer")
        .rewrite(one.theorem, "one layer")
    )
    first = Chain(a[1, j], within((j, 1, n[1]))).rewrite(one.theorem, "one layer").rewrite(laws["input"])
    return Proved(
        KEY,
        NAME,
        "The layer equations",
        "Each layer computes weighted sums of the layer before it and applies its activation. All neurons of "
        "a layer have the same equation; they differ by the index j alone.",
        net.system,
        (
            Proposition(
                "one layer",
                "A layer in terms of the layer before it.",
                one.theorem,
                (Argument.of("One layer", one),),
            ),
            Proposition(
                "two layers",
                "A layer in terms of the layer before that.",
                two.theorem,
                (Argument.of("Two layers", two),),
            ),
            Proposition(
                "first layer",
                "The first layer in terms of the input.",
                first.theorem,
                (Argument.of("The first layer", first),),
            ),
        ),
        order=ORDER,
        sources=("Nielsen 2015, chapter 2",),
    )
