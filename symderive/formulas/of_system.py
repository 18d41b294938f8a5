"""The setting of a system: its definitions as they are printed, its tensors with their shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr, Symbol

from symderive.calculus.atoms import TensorSymbol
from symderive.errors import SymderiveError
from symderive.latex import equation_to_latex, to_latex
from symderive.systems.system import System

KINDS = ("sigmoid", "tanh", "relu", "softplus")


def of_system(system: System) -> dict[str, Any]:
    r"""The setting, as JSON, in which formulas speak of this system. SymderiveError for what no setting says.

    >>> from symderive.systems import mlp
    >>> found = of_system(mlp())
    >>> found["declare"]["w^{l}"], found["gradients"][0]
    ('n_{l} x n_{l-1}', '\\delta^{l} = \\frac{\\partial C}{\\partial z^{l}}')
    """
    tensors = [t for t in (*system.inputs, *system.parameters, *system.defined) if t.kind == "real"]
    letters: dict[str, list[str]] = {}
    declare = {}
    for t in (*system.inputs, *system.parameters, *system.defined):
        name, shape = _declared(t, system, letters)
        declare[name] = shape
    definitions = []
    for d in system.definitions:
        left, right = equation_to_latex(d.lhs, d.rhs, avoid=d.context.symbols)
        definitions.append(f"{left} = {right}")
    functions: dict[str, str] = {}
    for f in system.functions():
        known = system.activations.get(f)
        if known is not None and known.name not in KINDS:
            raise SymderiveError(f"check: expected an activation of {', '.join(KINDS)}, found {known.name}")
        functions[f.latex_name] = "generic" if known is None else known.name
    for g in system.functionals():
        functions[g.latex_name] = "cost"
    cost = system.cost.latex_name
    gradients = []
    for t, delta in system.adjoints.items():
        sup = _scripts(t)
        gradients.append(
            rf"{delta.latex_name}{sup} = \frac{{\partial {cost}}}{{\partial {t.latex_name}{sup}}}"
        )
    for t in system.defined:  # the others by a bar, as derivations call them
        if t != system.cost and t not in system.adjoints and t.kind == "real":
            sup = _scripts(t)
            slope = rf"\frac{{\partial {cost}}}{{\partial {t.latex_name}{sup}}}"
            gradients.append(rf"\bar{{{t.latex_name}}}{sup} = {slope}")
    if not tensors:
        raise SymderiveError("check: expected a system with tensors, found none")
    sizes = {to_latex(e).replace("{", "").replace("}", ""): n for e, n in system.sizes.items()}
    return {
        "indices": letters,
        "declare": declare,
        "functions": functions,
        "definitions": definitions,
        "cost": cost,
        "gradients": gradients,
        "sizes": sizes,
    }


def _scripts(t: TensorSymbol) -> str:
    return f"^{{{', '.join(t.letters[: t.sup])}}}" if t.sup else ""


def _declared(t: TensorSymbol, system: System, letters: dict[str, list[str]]) -> tuple[str, str]:
    names = [Symbol(k, integer=True) for k in t.letters]
    if len(names) != t.rank:
        raise SymderiveError(f"check: expected letters for the indices of {t}")
    ranges = t.ranges(*names)
    rule: Mapping[Any, Any] = system.size_rule
    for k, (lo, hi) in zip(t.letters[: t.sup], ranges[: t.sup], strict=True):
        own = [_shown(lo, rule), _shown(hi, rule)]
        # w^l is for l in 1..L, and a^l also for 0
        if k not in letters or own[0] == "1":
            letters[k] = own
    units = []
    for lo, hi in ranges[t.sup :]:
        if lo != 1:
            raise SymderiveError(f"check: expected indices of {t} from 1")
        units.append(_shown(hi, rule))
    if len(units) > 2:
        raise SymderiveError(f"check: expected at most two component indices of {t}, found {len(units)}")
    return f"{t.latex_name}{_scripts(t)}", " x ".join(units)


def _shown(e: Expr, rule: Mapping[Any, Any]) -> str:
    return to_latex(e.xreplace(dict(rule)))
