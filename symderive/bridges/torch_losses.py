r"""torch's losses as costs. `mean` is over all entries of the output, save for cross entropies of classes.

| loss | cost | mean divides by |
|---|---|---|
| MSELoss | sum_j (a_j - y_j)^2 | N n_L |
| CrossEntropyLoss | softmax_cross_entropy | N |
| NLLLoss after LogSoftmax | softmax_cross_entropy | N |
| BCEWithLogitsLoss, BCELoss after Sigmoid | binary_cross_entropy | N n_L |
| PoissonNLLLoss | poisson | N n_L |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.bridges.torch_operations import LOG_SOFTMAX, Step, require_own_forward
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation
from symderive.systems.numbers import shown

ELSE = "define its cost in a System"


@dataclass(frozen=True)
class Loss:
    """A cost of `mlp`, the factor of the squared error, whether the mean is over the outputs too.

    `absorbs`: the name of the last step that belongs to the cost.
    """

    cost: str
    factor: int | None = None
    per_output: bool = True
    classes: bool = False
    absorbs: str = ""
    plain: tuple[tuple[str, Any], ...] = ()


LOSSES: dict[str, Loss] = {
    "MSELoss": Loss("squared_error", factor=1),
    "CrossEntropyLoss": Loss(
        "softmax_cross_entropy",
        per_output=False,
        classes=True,
        plain=(("weight", None), ("ignore_index", -100), ("label_smoothing", 0.0)),
    ),
    "NLLLoss": Loss(
        "softmax_cross_entropy",
        per_output=False,
        classes=True,
        absorbs=LOG_SOFTMAX,
        plain=(("weight", None), ("ignore_index", -100)),
    ),
    "BCEWithLogitsLoss": Loss("binary_cross_entropy", plain=(("weight", None), ("pos_weight", None))),
    "BCELoss": Loss("binary_cross_entropy", absorbs="sigmoid", plain=(("weight", None),)),
    "PoissonNLLLoss": Loss("poisson", plain=(("log_input", True), ("full", False))),
}


def loss_of(loss: Any) -> Loss:
    """The row of a loss module; SymderiveError for another loss or settings that it has not.

    >>> class L1Loss: pass
    >>> loss_of(L1Loss())
    Traceback (most recent call last):
    symderive.errors.SymderiveError: loss: expected one of MSELoss, CrossEntropyLoss, NLLLoss, \
BCEWithLogitsLoss, BCELoss, PoissonNLLLoss, found L1Loss: define its cost in a System
    """
    kind = type(loss)
    row = LOSSES.get(kind.__name__)
    if row is None or not kind.__module__.startswith("torch.nn.modules."):
        found = f"the class {loss.__name__}" if isinstance(loss, type) else kind.__name__
        found = found if row is None else f"the {kind.__name__} of {kind.__module__}"
        raise SymderiveError(f"loss: expected one of {', '.join(LOSSES)}, found {found}: {ELSE}")
    require_own_forward(loss, "loss")
    for name, wanted in row.plain:
        value = getattr(loss, name, wanted)
        if value is not wanted and not (isinstance(value, int | float) and value == wanted):
            raise SymderiveError(
                f"loss: expected {kind.__name__} with {name}={wanted}, found {shown(value)}: {ELSE}"
            )
    if loss.reduction not in ("mean", "sum"):
        raise SymderiveError(f"loss: expected the reduction mean or sum, found {loss.reduction!r}")
    return row


def without_absorbed(steps: tuple[Step, ...], row: Loss, kind: str) -> tuple[Step, ...]:
    """The steps without the last one, where it belongs to the cost; SymderiveError if it is another."""
    last = steps[-1]
    name = last.name if isinstance(last, Activation) else last
    if row.absorbs and name != row.absorbs:
        raise SymderiveError(f"loss: expected {row.absorbs} as the last step before {kind}, found {name}")
    return steps[:-1] if row.absorbs else steps
