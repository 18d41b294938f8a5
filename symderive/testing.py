"""Judging anybody's gradient code: assert_gradient(fn, network) in a test, check_gradient for the verdict.

The derived gradient is the judge; the NumPy reference, your own cost and exact fractions are asked too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.systems import System
from symderive.verification.judging import judge
from symderive.verification.verdict import GradientVerdict

if TYPE_CHECKING:
    from symderive import strategies

__all__ = ["GradientVerdict", "assert_gradient", "check_gradient", "strategies"]


def __getattr__(name: str) -> Any:
    # only who asks for random networks needs them
    if name == "strategies":
        from symderive import strategies

        return strategies
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def check_gradient(
    fn: Callable[..., Any],
    network: System | Mapping[str, Any],
    *,
    parameters: Any = None,
    data: Any = None,
    cost: Callable[..., Any] | None = None,
    seed: int = 0,
    tolerance: float | None = None,
    convention: str | None = None,
    reduction: str = "sum",
    weight_decay: float = 0.0,
    samples: int = 7,
    form: str | None = None,
    oracles: Sequence[str] = (),
) -> GradientVerdict:
    r"""The verdict on fn(parameters, x, y) -> gradients, or (cost, gradients), of the network's cost.

    - `network`: a system of `symderive.mlp` with numbers for widths, or a dict of widths, activation, cost
      and output_activation.
    - `form`: how fn takes the parameters: "dict" {"W1": .., "b1": .., ..}, "lists" fn(Ws, bs, x, y),
      "pairs" [(W1, b1), ..], "flat" (one vector W1, b1, W2, ..), "arguments" fn(W1, b1, W2, b2, .., x, y);
      None: found by the number of its arguments and by trial, and said. The gradients may come in any of
      these forms, and under the usual keys (W1, dW1, grad_W1, ..).
    - `convention`: "columns" (W^l is n_l x n_{l-1}, samples are columns), "rows" (W^l is n_{l-1} x n_l,
      samples are rows), "out-by-in rows" (W^l is n_l x n_{l-1}, samples are rows), "in-by-out columns";
      None: found by trial, and said.
    - `reduction`: "sum" or "mean" of the cost over the samples; `weight_decay` lambda adds lambda/2 times
      the sum of the squares of all weights. A system with samples says its reduction itself.
    - `parameters`, `data` = (x, y): numbers of your own in place of random ones from `seed`, which keep
      away from kinks.
    - `cost`: your forward pass, with the arguments of fn, for differences of your own cost.
    - `tolerance`: of the largest error relative to the largest entry; 1e-9 for float64, 1e-4 for float32
      unless given.
    - `oracles`: "torch", "jax", or "installed" for those that are: the derived gradient is held to their
      automatic differentiation too, and the note says so. None is needed.

    A function that keeps something of its first call is judged in its own convention where you state
    `convention`: else the first call is a trial of another one; the note says so where it is seen.

    The status is exact where fn also agrees in fractions, numeric where it agrees in floats, refuted where
    it does not, unknown where it gives no gradients. Raises SymderiveError for options that do not fit.

    >>> import numpy as np
    >>> def gradient(p, x, y):
    ...     a = np.tanh(p["W1"] @ x + p["b1"])
    ...     delta = (a - y) * (1 - a)
    ...     return {"W1": delta @ x.T, "b1": delta.sum(axis=1, keepdims=True)}
    >>> net = {"widths": [4, 3], "activation": "tanh", "cost": "squared_error"}
    >>> verdict = check_gradient(gradient, net)
    >>> verdict.status
    'refuted'
    >>> verdict = check_gradient(lambda p, x, y: {k: -v for k, v in gradient(p, x, y).items()}, net)
    >>> verdict.status
    'refuted'
    """
    __tracebackhide__ = True
    try:
        return judge(
            fn,
            network,
            parameters=parameters,
            data=data,
            cost=cost,
            seed=seed,
            tolerance=tolerance,
            convention=convention,
            reduction=reduction,
            weight_decay=weight_decay,
            samples=samples,
            form=form,
            oracles=oracles,
        )
    except CheckFailed:
        raise
    except SymderiveError as error:  # what the caller wrote is told at the caller's line
        raise error.with_traceback(None) from None


def assert_gradient(
    fn: Callable[..., Any], network: System | Mapping[str, Any], **options: Any
) -> GradientVerdict:
    """`check_gradient` for a test: the verdict if the gradient holds, else AssertionError with the note.

    >>> import numpy as np
    >>> def gradient(p, x, y):
    ...     a = np.tanh(x @ p["W1"] + p["b1"])
    ...     delta = (a - y) * (1 - a**2)
    ...     return x.T @ delta, delta.sum(axis=0)
    >>> net = {"widths": [4, 3], "activation": "tanh", "cost": "squared_error"}
    >>> assert_gradient(gradient, net).status
    'numeric'
    >>> assert_gradient(gradient, net, reduction="mean")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    AssertionError: The gradient is wrong in dW1 and db1.
    ...
    """
    __tracebackhide__ = True
    verdict = check_gradient(fn, network, **options)
    if not verdict.holds:
        raise AssertionError(verdict.note)
    return verdict
