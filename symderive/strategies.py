"""Strategies of hypothesis: random networks, and random seeds, for tests of gradients.

    @given(strategies.networks(costs=("squared_error",)))
    def test_my_gradient(network):
        assert_gradient(make(network), network)

A network is the dict that `symderive.testing.assert_gradient` takes; it shrinks to one layer, one unit
each, the first activation and the first cost. hypothesis is imported when a strategy is first made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from symderive.errors import SymderiveError
from symderive.systems import activations as known_activations

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    Networks = SearchStrategy[dict[str, Any]]

SOFTMAX, IDENTITY = "softmax", "identity"
ACTIVATIONS = ("tanh", "sigmoid", "softplus", "relu")
COSTS = ("squared_error", "softmax_cross_entropy", "cross_entropy", "binary_cross_entropy")
OF_LOGITS = ("softmax_cross_entropy", "binary_cross_entropy")


def networks(
    *,
    min_layers: int = 1,
    max_layers: int = 4,
    max_width: int = 6,
    activations: Sequence[str] = ACTIVATIONS,
    costs: Sequence[str] = COSTS,
    equal_widths: bool = False,
) -> Networks:
    """Networks {"widths": [n_0, .., n_L], "activation": .., "output_activation": .., "cost": ..}.

    L is from `min_layers` to `max_layers`, each width from 1 to `max_width`; with `equal_widths` all are one
    number, which is where a lost transpose does not show by its shape. All layers but the last have one
    activation. The last has that too for a squared error, the softmax for a cross_entropy, and the identity
    for costs of logits. Both costs with a softmax have two classes at least.
    Raises SymderiveError for limits or names that do not fit, or where hypothesis is missing.

    >>> networks(costs=["l1"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    symderive.errors.SymderiveError: costs: expected names among squared_error, ..., found 'l1'
    """
    if not 1 <= min_layers <= max_layers:
        raise SymderiveError(
            f"layers: expected 1 <= min_layers <= max_layers, found {min_layers} and {max_layers}"
        )
    if max_width < 2:
        raise SymderiveError(f"max_width: expected at least 2, found {max_width}")
    names = known_activations.NAMES
    _known("activations", activations, names)
    _known("costs", costs, COSTS)
    st = _hypothesis()
    composite: Callable[[Callable[[Any], dict[str, Any]]], Callable[[], Networks]] = st.composite

    @composite
    def drawn(draw: Any) -> dict[str, Any]:
        layers = draw(st.integers(min_layers, max_layers))
        activation, cost = draw(st.sampled_from(tuple(activations))), draw(st.sampled_from(tuple(costs)))
        classes = 2 if cost in ("cross_entropy", "softmax_cross_entropy") else 1
        if equal_widths:
            widths = [draw(st.integers(classes, max_width))] * (layers + 1)
        else:
            widths = [draw(st.integers(1, max_width)) for _ in range(layers)]
            widths.append(draw(st.integers(classes, max_width)))
        output = SOFTMAX if cost == "cross_entropy" else IDENTITY if cost in OF_LOGITS else activation
        return {"widths": widths, "activation": activation, "output_activation": output, "cost": cost}

    return drawn()


def seeds() -> SearchStrategy[int]:
    """Seeds of random parameters and data, from 0.

    >>> from hypothesis import find
    >>> find(seeds(), lambda seed: seed > 10)
    11
    """
    found: SearchStrategy[int] = _hypothesis().integers(0, 2**32 - 1)
    return found


def _known(what: str, given: Sequence[str], names: Sequence[str]) -> None:
    if isinstance(given, str) or not given:
        raise SymderiveError(f"{what}: expected a list of names, found {given!r}")
    for name in given:
        if name not in names:
            raise SymderiveError(f"{what}: expected names among {', '.join(names)}, found {name!r}")


def _hypothesis() -> Any:
    try:
        from hypothesis import strategies
    except ImportError:
        raise SymderiveError("strategies: expected hypothesis to be installed, found none") from None
    return strategies
