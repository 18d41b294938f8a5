r"""What the names of a network mean where people differ: a table, and the settings that it makes of one.

| key | values |
|---|---|
| delta | "dC/dz": \delta^l is the derivative by z^l; "dC/da": by a^l; "-dC/dz": its negative |
| update | "-eta": \Delta w is minus \eta times the gradient; "+eta", "gradient", "-gradient" |
| weights | "into": W^l and b^l lead into layer l; "out of": out of it, into layer l + 1; a^1 = x |
| examples | "together": \delta^l, dZ^l, dA^l are derivatives of the cost; "each": the cost is a mean over m |
| | examples, and these are m times its derivatives, those of each example's own loss |

The first value of a key is what the presets say. The value "any" leaves a key open: the others are then tried
in turn where a formula does not hold under the first, and the verdict says which one it took. With the
presets batch and batch-rows `examples` is open unless it is fixed; without any network, the others are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from symderive.formulas.quantities import SettingError
from symderive.formulas.setting import Setting, setting

ANY = "any"

_DELTAS = (
    (r"\delta^l", "z^l", "a^l"),
    (r"\delta^l", "Z^l", "A^l"),
    (r"\beta", r"\Pi", r"\Phi"),
    (r"\kappa", r"\Psi", r"\Omega"),
)
"""The definitions of the presets that say what delta is: its name, the pre-activation, the activation."""

CHOICES: Mapping[str, Mapping[str, str]] = {
    "delta": {
        "dC/dz": "",
        "dC/da": r"\delta is the derivative of the cost by the activation a",
        "-dC/dz": r"\delta is minus the derivative of the cost by z",
    },
    "update": {
        "-eta": "",
        "+eta": r"\Delta w is \eta times the gradient",
        "gradient": r"\Delta w is the gradient itself",
        "-gradient": r"\Delta w is minus the gradient itself",
    },
    "weights": {"into": "", "out of": "W^l and b^l lead from layer l to layer l + 1"},
    "examples": {
        "together": "",
        "each": r"the cost is a mean over m examples, and \delta, dZ, dA are derivatives of each one's loss",
    },
}
"""Values of each key, the usual one first, with what is said where a verdict rests on another one."""


def _slope(by: str) -> str:
    return rf"\frac{{\partial C}}{{\partial {by}}}"


Source = dict[str, Any]


def _delta(source: Source, value: str) -> Source | None:
    def right(z: str, a: str) -> str:
        return _slope(a) if value == "dC/da" else f"-{_slope(z)}"

    new = {f"{d} = {_slope(z)}": f"{d} = {right(z, a)}" for d, z, a in _DELTAS}
    gradients = source["gradients"]
    return {**source, "gradients": [new.get(g, g) for g in gradients]} if new.keys() & {*gradients} else None


def _update(source: Source, value: str) -> Source | None:
    factor = {"+eta": r"\eta ", "gradient": "", "-gradient": "-"}[value]
    old = source["gradients"]
    new = [g.replace(r"= -\eta ", f"= {factor}") if g.startswith(r"\Delta") else g for g in old]
    return {**source, "gradients": new} if new != old else None


def _examples(source: Source, value: str) -> Source | None:
    old = rf"\delta^l = {_slope('Z^l')}"
    if old not in source["gradients"]:
        return None
    each = [f"d {q}^l = m {_slope(f'{q}^l')}" for q in "ZA"]
    own = [rf"\delta^l = m {_slope('Z^l')}" if g == old else g for g in source["gradients"]]
    return {**source, "gradients": [*own, *each]}


def _weights(source: Source, value: str) -> Source | None:
    old, new = (("n_{l-1}", "n_l"), ("n_l", "n_{l+1}"))
    declared = source.get("declare", {})
    if not all(f"{p}^l" in declared for p in "Wb"):
        return None
    moved = dict(zip(old, new, strict=True))
    moved["n_0"] = "n_1"
    changed = [p for p in declared if p in ("W^l", "b^l", "x", "X")]
    shapes = {p: " x ".join(moved.get(e, e) for e in declared[p].split(" x ")) for p in changed}
    definitions = [
        d.replace("W^l", "W^{l-1}").replace("b^l", "b^{l-1}").replace("^0 =", "^1 =")  # inputs are layer 1
        for d in source["definitions"]
    ]
    return {**source, "declare": {**declared, **shapes}, "definitions": definitions}


_MADE = {"delta": _delta, "update": _update, "weights": _weights, "examples": _examples}


def conventional(given: Setting) -> Setting:
    """The setting with the values that its conventions fix; SettingError where it has nothing to change."""
    for key, value in _fixed(given).items():
        if value != next(iter(CHOICES[key])):
            changed = _changed(given, key, value)
            if changed is None:
                text = f"conventions, {key}: expected a setting with the definitions of a preset for it"
                raise SettingError(f"{text}, found none to change")
            given = changed
    return given


def _fixed(given: Setting) -> dict[str, str]:
    fixed = {k: v for k, v in given.conventions.items() if k in CHOICES and v != ANY}
    for key, value in fixed.items():
        if value not in CHOICES[key]:
            known = ", ".join((*CHOICES[key], ANY))
            raise SettingError(f"conventions, {key}: expected one of {known}, found {value!r:.30}")
    return fixed


def variants(given: Setting) -> Sequence[tuple[str, Setting]]:
    """What else the names may mean where the setting leaves it open, with what to say of it; made once."""
    if "variants" not in given.kept:
        found = []
        for key, values in CHOICES.items():
            stated = given.conventions.get(key, ANY if key == "examples" else "")
            for value, words in list(values.items())[1:] if stated == ANY else ():
                changed = _changed(given, key, value)
                if changed is not None:
                    found.append((words, changed))
        given.kept["variants"] = found
    made: Sequence[tuple[str, Setting]] = given.kept["variants"]
    return made


def _changed(given: Setting, key: str, value: str) -> Setting | None:
    source = {"gradients": [], "definitions": [], **given.source}
    changed = _MADE[key]({k: v for k, v in source.items() if k != "preset"}, value)
    return None if changed is None else setting(changed)


__all__ = ["ANY", "CHOICES", "conventional", "variants"]
