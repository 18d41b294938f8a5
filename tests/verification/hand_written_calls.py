"""Parameters and gradients from one form to another: what surrounds a backward pass in somebody's code.

The forms that a function takes: dict, lists, pairs, flat, arguments. Those that it may return: any key names in a
dict, two lists, pairs, one list in the order W1, b1, W2, .., one vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hand_written import COLUMNS, ROWS, Backward
from hand_written_settings import Setting

Lists = tuple[list[Any], list[Any]]

FORMS = ("dict", "lists", "pairs", "flat", "arguments")
KEYS = (("W%d", "b%d"), ("dW%d", "db%d"), ("grad_W%d", "grad_b%d"), ("w%d", "b%d"))
RETURNED = (*KEYS, "lists", "pairs", "sequence", "flat")


def shapes(setting: Setting, convention: str) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The shapes of the weights and of the biases."""
    pairs = list(zip(setting.widths, setting.widths[1:], strict=False))
    if convention == ROWS:
        return [(n, m) for n, m in pairs], [(m,) for _, m in pairs]
    return [(m, n) for n, m in pairs], [(m, 1) if convention == COLUMNS else (m,) for _, m in pairs]


def as_arguments(form: str, Ws: list[Any], bs: list[Any]) -> tuple[Any, ...]:
    """The arguments that stand before x and y."""
    pairs = list(zip(Ws, bs, strict=True))
    if form == "dict":
        return ({f"{key}{l}": v for l, pair in enumerate(pairs, 1) for key, v in zip("Wb", pair, strict=True)},)
    if form == "lists":
        return list(Ws), list(bs)
    if form == "pairs":
        return (pairs,)
    if form == "flat":
        return (np.concatenate([v.ravel() for pair in pairs for v in pair]),)
    return tuple(v for pair in pairs for v in pair)


def as_lists(found: Any, setting: Setting, convention: str) -> Lists:
    """The weights and biases in a dict, two lists, pairs, a sequence W1, b1, .. or a vector."""
    layers = len(setting.widths) - 1
    if isinstance(found, dict):
        by_key = {key.lower().removeprefix("grad_").removeprefix("d"): v for key, v in found.items()}
        return [by_key[f"w{l + 1}"] for l in range(layers)], [by_key[f"b{l + 1}"] for l in range(layers)]
    if isinstance(found, np.ndarray):
        Ws, bs, at = [], [], 0
        for shape, bias in zip(*shapes(setting, convention), strict=True):
            Ws.append(found[at : at + np.prod(shape)].reshape(shape))
            at += np.prod(shape)
            bs.append(found[at : at + np.prod(bias)].reshape(bias))
            at += np.prod(bias)
        return Ws, bs
    if isinstance(found, tuple) and isinstance(found[0], list):
        return list(found[0]), list(found[1])
    if all(isinstance(pair, tuple) for pair in found):
        return [W for W, _ in found], [b for _, b in found]
    return list(found[0::2]), list(found[1::2])


def parted(found: Any) -> tuple[float | None, Any]:
    """The cost, if it was returned beside the gradients, and the gradients."""
    if isinstance(found, tuple) and isinstance(found[0], float):
        return found[0], found[1]
    return None, found


def as_returned(form: Any, Ws: list[Any], bs: list[Any]) -> Any:
    """The gradients in a form of RETURNED."""
    if form == "sequence":
        return list(as_arguments("arguments", Ws, bs))
    if isinstance(form, str):
        found = as_arguments(form, Ws, bs)
        return found if form == "lists" else found[0]
    weight, bias = form
    named = {weight % l: W for l, W in enumerate(Ws, 1)}
    return {**named, **{bias % l: b for l, b in enumerate(bs, 1)}}


def around(
    backward: Backward, setting: Setting, own: str, form: str, returned: Any, convention: str
) -> Callable[..., Any]:
    """The same backward pass, taking its parameters in `form` and giving its gradients as `returned`."""

    def called(*arguments: Any) -> Any:
        *parameters, x, y = arguments
        given: Any = tuple(parameters) if form == "lists" else parameters[0]
        Ws, bs = as_lists(list(parameters) if form == "arguments" else given, setting, convention)
        found = backward(*as_arguments(own, Ws, bs), x, y)
        cost, found = parted(found)
        gradients = as_returned(returned, *as_lists(found, setting, convention))
        return gradients if cost is None else (cost, gradients)

    return called
