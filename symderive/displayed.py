"""Displayed: the hook by which an object shows itself, in a terminal, in IPython and in a notebook.

How it shows is settled far above, in `symderive.display`, which knows documents and formulas; what is shown
knows neither. So this hook names that package only when something is shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def show(thing: Any, form: str) -> str | None:
    """The thing as "text", "html" or "latex"; None where it has no such form.

    >>> from symderive.systems import mlp
    >>> show(mlp().definitions[2], "text")
    'a⁽ˡ⁾ⱼ = σ(z⁽ˡ⁾ⱼ)  for l = 1..L, j = 1..nₗ'
    """
    found: str | None = getattr(import_module("symderive.display"), form)(thing)
    return found


class Displayed:
    """What shows itself as `symderive.display` says; nothing is kept here."""

    __slots__ = ()

    def __repr__(self) -> str:
        return show(self, "text") or object.__repr__(self)

    def _repr_html_(self) -> str | None:
        return show(self, "html")

    def _repr_latex_(self) -> str | None:
        return show(self, "latex")
