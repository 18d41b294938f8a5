"""A torch module as a chain of steps, found by tracing its forward method with torch.fx.

Data must go through the chain once, from the input to the output: what branches, adds or reuses is refused,
by the step where it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.bridges.torch_operations import LINEAR, Step, of_function, of_module
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Traced:
    """The steps in order; `linear` are the torch layers behind the marks LINEAR, by their qualified names."""

    steps: tuple[Step, ...]
    linear: tuple[tuple[str, Any], ...]


def traced(module: Any) -> Traced:
    """The steps of a module; SymderiveError, with position and name, for what is no chain of known steps."""
    import torch
    from torch import fx

    if isinstance(module, torch.nn.Linear):
        module = torch.nn.Sequential(module)
    try:
        graph = fx.symbolic_trace(module).graph
    except Exception as error:  # control flow on data: a dozen kinds of errors, fx's own and Python's
        line = " ".join(str(error).split())[:120]
        raise SymderiveError(
            f"{type(module).__name__}: expected a forward that torch.fx can trace, found {line}"
        ) from None
    steps: list[Step] = []
    linear: list[tuple[str, Any]] = []
    seen: dict[int, str] = {}
    before: Any = None
    position = 0
    for node in graph.nodes:
        if node.op == "placeholder":
            if before is not None:
                raise SymderiveError(f"forward: expected one input, found another one, {node.target}")
            before = node
            continue
        if node.op == "output":
            if node.args[0] is not before:
                raise SymderiveError("forward: expected the last step as the output, found another value")
            break
        where = f"step {position} ({node.target if isinstance(node.target, str) else node.name})"
        _require_chain(node, before, where)
        step = _step(module, node, where)
        if step == LINEAR:
            layer = module.get_submodule(node.target)
            for name, p in layer.named_parameters():
                if id(p) in seen:
                    raise SymderiveError(
                        f"{where}: expected parameters of its own, found {name} shared with {seen[id(p)]}"
                    )
                seen[id(p)] = f"{node.target}.{name}"
            linear.append((node.target, layer))
        if step is not None:
            steps.append(step)
        before = node
        position += 1
    if not linear:
        raise SymderiveError(f"{type(module).__name__}: expected at least one Linear layer, found none")
    return Traced(tuple(steps), tuple(linear))


def _require_chain(node: Any, before: Any, where: str) -> None:
    inputs = list(node.all_input_nodes)
    if inputs != [before] or not node.args or node.args[0] is not before:
        names = ", ".join(i.name for i in inputs) or "nothing"
        raise SymderiveError(f"{where}: expected the step before it as its only input, found {names}")
    if len(before.users) > 1:
        users = ", ".join(u.name for u in before.users)
        raise SymderiveError(f"{where}: expected a chain, found that {before.name} goes to {users}")


def _step(module: Any, node: Any, where: str) -> Step:
    if node.op == "call_module":
        return of_module(module.get_submodule(node.target), where)
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    return of_function(name, node.args[1:], node.kwargs, where)
