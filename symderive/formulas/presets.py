r"""Settings with a name: the fully connected network, as textbooks write it.

| name | one example or a batch | forward |
|---|---|---|
| mlp | one example, columns | z^l = W^l a^{l-1} + b^l |
| mlp-rows | one example, rows | z^l = a^{l-1} W^l + b^l |
| batch | examples are columns | Z^l = W^l A^{l-1} + b^l |
| batch-rows | examples are rows | Z^l = A^{l-1} W^l + b^l |

Each with a^l = sigma(z^l), a^0 = x, a cost that is an arbitrary function of a^L and y, delta^l = dC/dz^l,
and w^l_{jk} in row j and column k of W^l.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symderive.errors import SymderiveError

_COMMON: dict[str, Any] = {
    "indices": {"l": ["1", "L"]},
    "functions": {
        r"\sigma": "generic",
        r"\ell": "cost",
        **dict.fromkeys(("f", "g", r"\phi", r"\varphi", r"\psi", "s"), r"alias of \sigma"),
    },
    "cost": "C",
    "aliases": {
        "J": "C",
        "E": "C",
        r"\mathcal L": "C",
        r"\mathcal C": "C",
        r"\hat y": "a^L",
        "Loss": "C",
        "loss": "C",
    },
}


def _made(shapes: Mapping[str, str], forward: str, capital: bool) -> dict[str, Any]:
    a, z, x, y = ("A", "Z", "X", "Y") if capital else ("a", "z", "x", "y")
    return {
        **_COMMON,
        "declare": {**shapes, r"\eta": "", r"\alpha": ""},
        "definitions": [
            f"{z}^l = {forward}",
            rf"{a}^l = \sigma({z}^l)",
            f"{a}^0 = {x}",
            rf"C = \ell({a}^L, {y})",
        ],
        "gradients": [
            rf"\delta^l = \frac{{\partial C}}{{\partial {z}^l}}",
            r"\Delta W^l = -\eta \frac{\partial C}{\partial W^l}",
            r"\Delta b^l = -\eta \frac{\partial C}{\partial b^l}",
        ],
        "aliases": {**_COMMON["aliases"], r"\hat y": f"{a}^L"},
    }


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "mlp": _made(
        {"W^l": "n_l x n_{l-1}", "b^l": "n_l", "x": "n_0", "y": "n_L"}, "W^l a^{l-1} + b^l", capital=False
    ),
    "mlp-rows": _made(
        {"W^l": "n_{l-1} x n_l", "b^l": "1 x n_l", "x": "1 x n_0", "y": "1 x n_L"},
        "a^{l-1} W^l + b^l",
        capital=False,
    ),
    "batch": _made(
        {"W^l": "n_l x n_{l-1}", "b^l": "n_l", "X": "n_0 x m", "Y": "n_L x m"},
        "W^l A^{l-1} + b^l",
        capital=True,
    ),
    "batch-rows": _made(
        {"W^l": "n_{l-1} x n_l", "b^l": "1 x n_l", "X": "m x n_0", "Y": "m x n_L"},
        "A^{l-1} W^l + b^l",
        capital=True,
    ),
}


def preset(name: Any) -> Mapping[str, Any]:
    """The setting of this name; SymderiveError for an unknown one.

    >>> preset("mlp")["definitions"][0]
    'z^l = W^l a^{l-1} + b^l'
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise SymderiveError(f"setting: expected a preset of {', '.join(PRESETS)}, found {name!r:.40}")
    return PRESETS[name]
