"""What a hand-written backward pass is written for: widths, activations, cost; and what it is called with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """A network, as the arguments of a backward pass's maker.

    `cost` is a name of symderive.systems.costs. "cross_entropy" has a softmax output, the costs of logits an
    identity. The cost is the sum or the mean over the samples, and `weight_decay`/2 times all squared weights.
    """

    widths: tuple[int, ...]
    hidden: str = "tanh"
    output: str = "tanh"
    cost: str = "squared_error"
    reduction: str = "sum"
    weight_decay: float = 0.0

    def network(self) -> dict[str, Any]:
        """The network as `symderive.testing` takes it."""
        return {
            "widths": list(self.widths),
            "activation": self.hidden,
            "output_activation": self.output,
            "cost": self.cost,
        }
