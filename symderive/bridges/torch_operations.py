"""What the steps of a torch module do, by name: the table of layers and functions that are known.

A step is `None` (the identity), an `Activation`, or one of the marks LINEAR, SOFTMAX and LOG_SOFTMAX. More
layers are more rows; each says under which settings it is what it says, and is refused under others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from symderive.calculus.atoms import ScalarFunction
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation, activation
from symderive.systems.numbers import exact

LINEAR, SOFTMAX, LOG_SOFTMAX = "linear", "softmax", "log_softmax"

Step = Activation | str | None
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One operation: torch's class, its settings with their defaults as a function, and what it does."""

    module: str
    settings: tuple[tuple[str, Any], ...]
    step: Callable[[Settings], Step]


def _named(name: str) -> Callable[[Settings], Step]:
    return lambda s: activation(name)


def _softplus(s: Settings) -> Step:
    if s["beta"] != 1:
        raise SymderiveError(f"expected beta=1, found {s['beta']}")
    return activation("softplus")


def _leaky(s: Settings) -> Step:
    slope = exact(s["negative_slope"], "negative_slope")
    found = activation("leaky_relu", slope=slope)
    if slope == activation("leaky_relu").at_zero:
        return found
    # another slope is another function, and gets another name
    name = f"leaky_relu_{slope.p}_{slope.q}"
    return replace(
        found, name=name, function=ScalarFunction(name, r"\operatorname{LReLU%sover%s}" % (slope.p, slope.q))
    )


def _gelu(s: Settings) -> Step:
    if s["approximate"] not in ("none", "tanh"):
        raise SymderiveError(f"expected approximate='none' or 'tanh', found {s['approximate']!r}")
    return activation("gelu" if s["approximate"] == "none" else "gelu_tanh")


def _elu(s: Settings) -> Step:
    if s["alpha"] != 1:
        raise SymderiveError(f"expected alpha=1, found {s['alpha']}")
    return activation("elu")


def _over_units(mark: str) -> Callable[[Settings], Step]:
    def step(s: Settings) -> Step:
        if s["dim"] not in (1, -1):
            raise SymderiveError(f"expected dim=1, over the units, found {s['dim']}")
        return mark

    return step


def _dropout(s: Settings) -> Step:
    if s["training"] and s["p"]:
        raise SymderiveError(
            f"expected no random units, found p={s['p']:g} in training: call eval() on the module first"
        )
    return None


def _flatten(s: Settings) -> Step:
    if s["start_dim"] != 1 or s["end_dim"] not in (-1, 1):
        raise SymderiveError(f"expected start_dim=1, found {s['start_dim']}")
    return None


ROWS: dict[str, Row] = {
    # name in torch.nn.functional or of a tensor's method
    "linear": Row("Linear", (), lambda s: LINEAR),
    "identity": Row("Identity", (), lambda s: None),
    "tanh": Row("Tanh", (), _named("tanh")),
    "sigmoid": Row("Sigmoid", (), _named("sigmoid")),
    "relu": Row("ReLU", (("inplace", False),), _named("relu")),
    "silu": Row("SiLU", (("inplace", False),), _named("silu")),
    "softplus": Row("Softplus", (("beta", 1), ("threshold", 20)), _softplus),
    "leaky_relu": Row("LeakyReLU", (("negative_slope", 0.01), ("inplace", False)), _leaky),
    "elu": Row("ELU", (("alpha", 1.0), ("inplace", False)), _elu),
    "gelu": Row("GELU", (("approximate", "none"),), _gelu),
    "softmax": Row("Softmax", (("dim", None), ("_stacklevel", 3), ("dtype", None)), _over_units(SOFTMAX)),
    "log_softmax": Row(
        "LogSoftmax", (("dim", None), ("_stacklevel", 3), ("dtype", None)), _over_units(LOG_SOFTMAX)
    ),
    "dropout": Row("Dropout", (("p", 0.5), ("training", True), ("inplace", False)), _dropout),
    "flatten": Row("Flatten", (("start_dim", 0), ("end_dim", -1)), _flatten),
}
MODULES = {row.module: row for row in ROWS.values()}

KNOWN = ", ".join(MODULES)
HELP = "define it as an Activation and use from_arrays, or write the network as a System of definitions"


def of_module(module: Any, where: str) -> Step:
    """What a module of torch.nn does; SymderiveError, with its place, for one that the table has not."""
    kind = type(module)
    row = MODULES.get(kind.__name__)
    if row is None or not kind.__module__.startswith("torch.nn.modules."):
        raise SymderiveError(f"{where}: expected one of {KNOWN}, found {kind.__name__}: {HELP}")
    if any(getattr(module, hooks, None) for hooks in ("_forward_hooks", "_forward_pre_hooks")):
        raise SymderiveError(
            f"{where}: expected a {kind.__name__} without hooks, found one with a forward hook"
        )
    settings = {name: getattr(module, name, default) for name, default in row.settings}
    return _step(row, settings, f"{where}, {kind.__name__}")


def of_function(name: str, args: tuple[Any, ...], kwargs: Settings, where: str) -> Step:
    """What a function, or a method, does; SymderiveError, with its place, for one that the table has not."""
    row = ROWS.get(name.rstrip("_"))
    if row is None or row.module == "Linear":
        raise SymderiveError(f"{where}: expected one of {KNOWN}, or its function, found {name}: {HELP}")
    settings = dict(row.settings)
    settings |= dict(zip(settings, args, strict=False))
    settings |= {k: v for k, v in kwargs.items() if k != "input"}
    return _step(row, settings, f"{where}, {name}")


def _step(row: Row, settings: Settings, where: str) -> Step:
    try:
        return row.step(settings)
    except SymderiveError as error:
        raise SymderiveError(f"{where}: {error}") from None
