r"""Settings with a name: the fully connected network, as textbooks write it.

| name | one example or a batch | forward |
|---|---|---|
| mlp | one example, columns | z^l = W^l a^{l-1} + b^l |
| mlp-rows | one example, rows | z^l = a^{l-1} W^l + b^l |
| batch | examples are columns | Z^l = W^l A^{l-1} + b^l |
| batch-rows | examples are rows | Z^l = A^{l-1} W^l + b^l |
| units | one example, units named i, j, k | net_j = sum_i w_{ij} o_i + b_j, and so net_k |
| units-prml | the same | a_j = sum_i w_{ji} z_i + b_j, z_j = h(a_j), as in Bishop's book |

Each with a^l = sigma(z^l), a^0 = x, a cost that is an arbitrary function of a^L and y, delta^l = dC/dz^l,
and w^l_{jk} in row j and column k of W^l. In the last two the letter of a unit says which layer it is in: i
before j before k; w_{ij} and w_{ji} are both the weight between i and j, and \delta_j is the derivative by
net_j.
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
        "declare": {**shapes, r"\eta": ""},
        **({"examples": "m"} if capital else {}),
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
        "aliases": {**_COMMON["aliases"], r"\hat y": f"{a}^L", **_other_names(a, z, capital)},
    }


def _other_names(a: str, z: str, capital: bool) -> dict[str, str]:
    """What else people call weights, activations, pre-activations and step sizes."""
    names = {
        "W": (r"\Theta", r"\theta"),
        a: ("H", "O") if capital else ("h", "o"),
        z: ("U",) if capital else ("u",),
        r"\eta": (r"\alpha", r"\epsilon", r"\varepsilon", "lr"),
    }
    return {other: name for name, others in names.items() for other in others}


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


_INNER = {
    "inputs": r"\Lambda", "V": r"\Upsilon", "M": r"\Xi", "sums": r"\Pi", "hidden": r"\Phi", "tops": r"\Psi",
    "outputs": r"\Omega", "bias": r"\mathcal{B}", "bias 2": r"\mathcal{P}", "target": r"\mathcal{T}",
}  # fmt: skip
"""Names of the arrays behind units; nobody writes them, and verdicts say what the writer's names are."""


def _units(before: tuple[str, ...], after: tuple[str, ...]) -> dict[str, Any]:
    """Units by letters: `before` names pre-activations, `after` activations."""
    n = _INNER
    own = {"i": ("", n["inputs"]), "j": (n["sums"], n["hidden"]), "k": (n["tops"], n["outputs"])}
    aliases = {f"{name}_{u}": f"{of[1]}_{u}" for name in after for u, of in own.items()}
    aliases |= {f"{name}_{u}": f"{of[0]}_{u}" for name in before for u, of in own.items() if of[0]}
    for m, pair in ((n["V"], ("ij", "ji")), (n["M"], ("jk", "kj"))):
        for w in ("w", "W", r"\Delta w", r"\Delta W"):
            inner = m if len(w) == 1 else rf"\Delta {m}"
            aliases |= {f"{w}_{{{p}}}": f"{inner}_{{{pair[0]}}}" for p in pair}
    aliases |= {r"\delta_j": r"\beta_j", r"\delta_k": r"\kappa_k", "b_j": f"{n['bias']}_j"}
    aliases |= {"b_k": f"{n['bias 2']}_k", "t_k": f"{n['target']}_k", "y_k": f"{n['target']}_k"}
    shapes = {n["inputs"]: "r", n["V"]: "r x s", n["bias"]: "s", n["M"]: "s x q", n["bias 2"]: "q"}
    return {
        "declare": {**shapes, n["target"]: "q", r"\eta": ""},
        "functions": _COMMON["functions"] | {"h": r"alias of \sigma"},
        "definitions": [
            f"{n['sums']} = {n['V']}^T {n['inputs']} + {n['bias']}",
            rf"{n['hidden']} = \sigma({n['sums']})",
            f"{n['tops']} = {n['M']}^T {n['hidden']} + {n['bias 2']}",
            rf"{n['outputs']} = \sigma({n['tops']})",
            rf"C = \ell({n['outputs']}, {n['target']})",
        ],
        "cost": "C",
        "gradients": [
            rf"\beta = \frac{{\partial C}}{{\partial {n['sums']}}}",
            rf"\kappa = \frac{{\partial C}}{{\partial {n['tops']}}}",
            *(rf"\Delta {n[m]} = -\eta \frac{{\partial C}}{{\partial {n[m]}}}" for m in "VM"),
        ],
        "aliases": {"J": "C", "E": "C", "Loss": "C", "loss": "C", r"\alpha": r"\eta", **aliases},
    }


def as_written(text: str, name: str) -> str:
    """A text of a verdict with the writer's names in it."""
    own = (*_INNER.values(), r"\beta", r"\kappa")
    pairs = [(k, v) for k, v in PRESETS[name]["aliases"].items() if v.startswith(own)]
    for alias, inner in pairs:
        text = text.replace(inner, alias).replace(inner.replace("{", "").replace("}", ""), alias)
    for alias, inner in pairs:  # a whole array: that of all its units
        base = inner.split("_")[0]
        for shown in (base, base.replace("{", " ").replace("}", "")):
            text = text.replace(shown, f"[{alias}]")
    return text


UNITS: Mapping[str, str] = {
    "units": "units are named by letters, i before j before k: net_j is the sum, o_j its activation",
    "units-prml": "units are named by letters, i before j before k: a_j is the sum, z_j its activation",
}
"""Presets for formulas without layers, with what is said of them."""

PRESETS = {
    **PRESETS,
    "units": _units(("net", "z"), ("o", "a", "x")),
    "units-prml": _units(("a",), ("z", "x")),
}


def preset(name: Any) -> Mapping[str, Any]:
    """The setting of this name; SymderiveError for an unknown one.

    >>> preset("mlp")["definitions"][0]
    'z^l = W^l a^{l-1} + b^l'
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise SymderiveError(f"setting: expected a preset of {', '.join(PRESETS)}, found {name!r:.40}")
    return PRESETS[name]
