"""A torch module as a chain of steps, found by tracing its forward method with torch.fx.

Data must go through the chain once, from the input to the output: what branches, adds or reuses is refused,
by the step where it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderive.bridges.torch_flattening import sizes_of, width_of
from symderive.bridges.torch_operations import (
    FLATTEN,
    LINEAR,
    ROWS,
    SYSTEM,
    Step,
    of_function,
    of_module,
    require_own_forward,
)
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Traced:
    """The steps in order; `linear` are the torch layers behind the marks LINEAR, by their qualified names.

    `flattens`: whether a sample may have any shape, as it is made a row before the first layer.
    """

    steps: tuple[Step, ...]
    linear: tuple[tuple[str, Any], ...]
    flattens: bool = False


def traced(module: Any) -> Traced:
    """The steps of a module; SymderiveError, with position and name, for what is no chain of known steps."""
    import torch

    if isinstance(module, torch.nn.Linear):
        found = traced(torch.nn.Sequential(module))
        return Traced(found.steps, (("", module),))
    require_own_forward(module, "forward")
    nodes = list(_graph(module).nodes)
    sizes = sizes_of(nodes)
    steps: list[Step] = []
    linear: list[tuple[str, Any]] = []
    widths: list[tuple[str, int, int]] = []
    seen: dict[int, str] = {}
    before: Any = None
    position, flattens = 0, False
    for node in nodes:
        if node in sizes:
            continue
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
        width = width_of(node, sizes)
        _require_chain(node, before, where, sizes, width)
        step = FLATTEN if width else _step(module, node, where)
        if width and width > 0:
            widths.append((where, len(linear), width))
        if step == LINEAR:
            layer = module.get_submodule(node.target)
            for name, p in layer.named_parameters():
                if id(p) in seen:
                    raise SymderiveError(
                        f"{where}: expected parameters of its own, found {name} shared with {seen[id(p)]}: "
                        f"{SYSTEM}"
                    )
                seen[id(p)] = f"{node.target}.{name}"
            linear.append((node.target, layer))
        if step == FLATTEN:
            flattens |= not linear
        elif step is not None:
            steps.append(step)
        before = node
        position += 1
    if not linear:
        raise SymderiveError(f"{type(module).__name__}: expected at least one Linear layer, found none")
    for where, m, width in widths:
        own = linear[m - 1][1].out_features if m else linear[0][1].in_features
        if width != own:
            raise SymderiveError(f"{where}: expected a row of {own} for each sample, found rows of {width}")
    return Traced(tuple(steps), tuple(linear), flattens)


def _graph(module: Any) -> Any:
    """The graph of the forward method; what this stores in the module meanwhile is taken back."""
    from torch import fx

    before = [(m, dict(vars(m))) for m in module.modules()]
    try:
        return fx.Tracer().trace(module)
    except Exception as error:  # control flow on data: a dozen kinds of errors, fx's own and Python's
        line = " ".join(str(error).split())[:120]
        raise SymderiveError(
            f"{type(module).__name__}: expected a forward that torch.fx can trace, found {line}: {SYSTEM}"
        ) from None
    finally:
        for m, attributes in before:
            vars(m).clear()
            vars(m).update(attributes)


def _require_chain(node: Any, before: Any, where: str, sizes: set[Any], width: int | None) -> None:
    if node.op == "get_attr":
        raise SymderiveError(
            f"{where}: expected a layer or a function, found a parameter or constant on its own: {SYSTEM}"
        )
    inputs = [i for i in node.all_input_nodes if not (width and i in sizes)]
    if inputs != [before] or _data(node) is not before:
        names = ", ".join(i.name for i in inputs) or "nothing"
        raise SymderiveError(
            f"{where}: expected the step before it as its only input, found {names}: {SYSTEM}"
        )
    users = [u for u in before.users if u not in sizes]
    if len(users) > 1:
        names = ", ".join(u.name for u in users)
        raise SymderiveError(f"{where}: expected a chain, found that {before.name} goes to {names}: {SYSTEM}")


def _data(node: Any) -> Any:
    """What a step is applied to: the first argument, or the one that is called input."""
    return node.args[0] if node.args else node.kwargs.get("input")


def _step(module: Any, node: Any, where: str) -> Step:
    if node.op == "call_module":
        return of_module(module.get_submodule(node.target), where)
    if node.op == "call_method":
        return of_function(node.target, node.args[1:], node.kwargs, where)
    return of_function(_function(node.target, where), node.args[1:], node.kwargs, where)


def _function(target: Any, where: str) -> str:
    """The name of a function; one that has the name of a known function and is not torch's is refused."""
    import torch

    name = str(getattr(target, "__name__", target))
    places = (torch, torch.nn.functional, torch._C._nn)
    if name.rstrip("_") in ROWS and all(getattr(place, name, None) is not target for place in places):
        raise SymderiveError(
            f"{where}: expected torch's own {name}, found that of {target.__module__}: {SYSTEM}"
        )
    return name
