"""What the steps of a torch module do, by name: the table of layers and functions that are known.

A step is `None` (the identity), an `Activation`, or one of the marks LINEAR, FLATTEN, SOFTMAX, LOG_SOFTMAX.
More layers are more rows; each says under which settings it is what it says, and is refused under others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Rational, exp, log, tanh

from symderive.calculus.atoms import ScalarFunction
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation, X, activation
from symderive.systems.numbers import exact, shown

LINEAR, FLATTEN, SOFTMAX, LOG_SOFTMAX = "linear", "flatten", "softmax", "log_softmax"

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


def _own(
    name: str, latex: str, formula: Expr, negative: Expr | None = None, at_zero: Expr | None = None
) -> Activation:
    """A function that the table of activations has not."""
    return Activation(name, ScalarFunction(name, r"\operatorname{%s}" % latex), formula, negative, at_zero)


def _at(found: Activation, name: str, latex: str, value: Expr) -> Activation:
    """The function at this setting: another setting is another function, and gets another name."""
    sign, p, q = "minus" if value < 0 else "", abs(value.p), value.q
    own = f"{name}_{sign}{'_' if sign else ''}{p}_{q}"
    return replace(
        found, name=own, function=ScalarFunction(own, r"\operatorname{%s%s%sover%s}" % (latex, sign, p, q))
    )


def _positive(s: Settings, name: str) -> Expr:
    value = exact(s[name], name)
    if value <= 0:
        raise SymderiveError(f"expected a positive {name}, found {s[name]}")
    return value


def _softplus(s: Settings) -> Step:
    beta = _positive(s, "beta")
    if s["threshold"] < 20:
        # above it torch takes the identity, which is the same up to e^-threshold alone
        raise SymderiveError(f"expected threshold=20 or more, found {s['threshold']}")
    if beta == 1:
        return activation("softplus")
    return _at(_own("softplus", "softplus", log(1 + exp(beta * X)) / beta), "softplus", "softplus", beta)


def _leaky(s: Settings) -> Step:
    slope = exact(s["negative_slope"], "negative_slope")
    found = activation("leaky_relu", slope=slope)
    return found if slope == activation("leaky_relu").at_zero else _at(found, "leaky_relu", "LReLU", slope)


def _gelu(s: Settings) -> Step:
    if s["approximate"] not in ("none", "tanh"):
        raise SymderiveError(f"expected approximate='none' or 'tanh', found {s['approximate']!r}")
    return activation("gelu" if s["approximate"] == "none" else "gelu_tanh")


def _elu(s: Settings) -> Step:
    alpha = exact(s["alpha"], "alpha")
    if s["scale"] != 1 or s["input_scale"] != 1:
        raise SymderiveError(f"expected scale=1 and input_scale=1, found {s['scale']} and {s['input_scale']}")
    if alpha == 1:
        return activation("elu")
    return _at(_own("elu", "ELU", X, alpha * (exp(X) - 1), alpha), "elu", "ELU", alpha)


def _celu(s: Settings) -> Step:
    alpha = _positive(s, "alpha")
    found = _own("celu", "CELU", X, alpha * (exp(X / alpha) - 1))
    return found if alpha == 1 else _at(found, "celu", "CELU", alpha)


def _over_units(mark: str) -> Callable[[Settings], Step]:
    def step(s: Settings) -> Step:
        if s["dim"] not in (1, -1):
            raise SymderiveError(f"expected dim=1, over the units, found {s['dim']}")
        # torch.softmax has its dtype where the function of torch.nn.functional has another argument
        for given in (s["dtype"], s["_stacklevel"]):
            if given is not None and not isinstance(given, int):
                raise SymderiveError(f"expected the precision of the input, found dtype={given}")
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
        raise SymderiveError(
            f"expected start_dim=1 and end_dim=-1, found {s['start_dim']} and {s['end_dim']}"
        )
    return FLATTEN if s["end_dim"] == -1 else None


ABOVE, BELOW = Rational("1.0507009873554805"), Rational("1.7580993408473769")  # scale, and scale times alpha
SELU = _own("selu", "SELU", ABOVE * X, BELOW * (exp(X) - 1), BELOW)
MISH = _own("mish", "mish", X * tanh(log(1 + exp(X))))
SOFTSIGN = _own("softsign", "softsign", X / (1 + X), X / (1 - X))
LOG_SIGMOID = _own("log_sigmoid", "logsigmoid", -log(1 + exp(-X)))
TANHSHRINK = _own("tanhshrink", "tanhshrink", X - tanh(X))

INPLACE = (("inplace", False),)


def _random(module: str, training: bool = True) -> Row:
    """A kind of dropout; as a function some train unless told otherwise, and some do not."""
    return Row(module, (("p", 0.5), ("training", training), *INPLACE), _dropout)


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
    "elu": Row("ELU", (("alpha", 1.0), ("scale", 1), ("input_scale", 1), *INPLACE), _elu),
    "celu": Row("CELU", (("alpha", 1.0), *INPLACE), _celu),
    "selu": Row("SELU", INPLACE, lambda s: SELU),
    "mish": Row("Mish", INPLACE, lambda s: MISH),
    "softsign": Row("Softsign", (), lambda s: SOFTSIGN),
    "log_sigmoid": Row("LogSigmoid", (), lambda s: LOG_SIGMOID),
    "tanhshrink": Row("Tanhshrink", (), lambda s: TANHSHRINK),
    "gelu": Row("GELU", (("approximate", "none"),), _gelu),
    "softmax": Row("Softmax", (("dim", None), ("_stacklevel", 3), ("dtype", None)), _over_units(SOFTMAX)),
    "log_softmax": Row(
        "LogSoftmax", (("dim", None), ("_stacklevel", 3), ("dtype", None)), _over_units(LOG_SOFTMAX)
    ),
    "dropout": _random("Dropout"),
    "dropout1d": _random("Dropout1d"),
    "alpha_dropout": _random("AlphaDropout", training=False),
    "feature_alpha_dropout": _random("FeatureAlphaDropout", training=False),
    "flatten": Row("Flatten", (("start_dim", 0), ("end_dim", -1)), _flatten),
}
MODULES = {row.module: row for row in ROWS.values()}

KNOWN = ", ".join(MODULES)
SYSTEM = "write the network as a System of definitions"
HELP = f"define it as an Activation and use from_arrays, or {SYSTEM}"
INSTEAD = {
    "LazyLinear": "call the module on data first, so that its widths are known",
    "ParametrizedLinear": "its weight is a function of others: call torch.nn.utils.parametrize."
    "remove_parametrizations on it first, or write the network as a System of definitions",
}
"""What to do about a class where the general advice would not help."""


def of_module(module: Any, where: str) -> Step:
    """What a module of torch.nn does; SymderiveError, with its place, for one that the table has not."""
    kind = type(module)
    row = MODULES.get(kind.__name__)
    if row is None or not kind.__module__.startswith("torch.nn.modules."):
        found = kind.__name__ if row is None else f"the {kind.__name__} of {kind.__module__}"
        advice = INSTEAD.get(kind.__name__, HELP)
        raise SymderiveError(f"{where}: expected one of {KNOWN}, found {found}: {advice}")
    require_own_forward(module, where)
    settings = {name: getattr(module, name, default) for name, default in row.settings}
    return _step(row, settings, f"{where}, {kind.__name__}")


def of_function(name: str, args: tuple[Any, ...], kwargs: Settings, where: str) -> Step:
    """What a function, or a method, does; SymderiveError, with its place, for one that the table has not."""
    row = ROWS.get(name.rstrip("_"))
    if row is None or row.module == "Linear":
        raise SymderiveError(f"{where}: expected one of {KNOWN}, or its function, found {name}: {HELP}")
    settings = dict(row.settings)
    # torch.dropout says train where the others say training
    given = {"training" if k == "train" else k: v for k, v in kwargs.items() if k != "input"}
    others = [k for k in given if k not in settings] + [shown(v) for v in args[len(settings) :]]
    if others:
        known = ", ".join(settings) or "none"
        raise SymderiveError(f"{where}, {name}: expected settings of {known}, found {others[0]}")
    return _step(row, settings | dict(zip(settings, args, strict=False)) | given, f"{where}, {name}")


def require_own_forward(module: Any, where: str) -> None:
    """SymderiveError for a module that does something else than the forward method of its class."""
    kind = type(module).__name__
    if any(getattr(module, hooks, None) for hooks in ("_forward_hooks", "_forward_pre_hooks")):
        raise SymderiveError(
            f"{where}: expected a {kind} without hooks, found one with a forward hook (weight_norm, "
            "spectral_norm and pruning of torch.nn.utils are hooks too): remove it first"
        )
    if "forward" in vars(module):
        raise SymderiveError(f"{where}: expected the forward of {kind}, found another one in its place")


def _step(row: Row, settings: Settings, where: str) -> Step:
    try:
        return row.step(settings)
    except SymderiveError as error:
        raise SymderiveError(f"{where}: {error}") from None
