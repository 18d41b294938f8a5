"""view and reshape of a traced module, where all that they do is to make a row of each sample.

That is so for `x.view(x.size(0), -1)` and the like, whatever comes before, and for `x.view(-1, n)` where a
sample has n numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

METHODS = ("view", "reshape")


def sizes_of(nodes: Iterable[Any]) -> set[Any]:
    """The nodes that give no data but their shape: x.size(0), x.size(), x.shape and their entries."""
    found: set[Any] = set()
    for node in nodes:
        shape = node.op == "call_function" and node.target is getattr and node.args[1:] == ("shape",)
        entry = node.op == "call_function" and node.target is operator.getitem and node.args[0] in found
        if shape or entry or (node.op == "call_method" and node.target == "size"):
            found.add(node)
    return found


def width_of(node: Any, sizes: set[Any]) -> int | None:
    """The length of the rows that a view or reshape makes, -1 for "what there is"; None for another step."""
    import torch

    if not (node.op == "call_method" and node.target in METHODS) and node.target is not torch.reshape:
        return None
    shape = node.args[1:]
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    if len(shape) != 2:
        return None
    samples, width = shape
    if samples == -1 and isinstance(width, int) and width > 0:
        return width
    # x.size(0), x.size()[0] and x.shape[0] all have this 0 as their last argument
    counts = isinstance(samples, torch.fx.Node) and samples in sizes and samples.args[1:] == (0,)
    return -1 if counts and width == -1 else None
