"""Displayed: the hook by which an object shows itself, in a terminal, in IPython and in a notebook.

How it shows is settled far above, in `symderive.display`, which knows documents and formulas; what is shown
knows neither. So this hook names that package only when something is shown. Showing only reads.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from symderive.errors import did_you_mean


def show(thing: Any, form: str) -> str | None:
    """The thing as "text", "html" or "latex"; None where it has no such form.

    >>> from symderive.systems import mlp
    >>> show(mlp().definitions[2], "text")
    'a⁽ˡ⁾ⱼ = σ(z⁽ˡ⁾ⱼ)  for 1 ≤ l ≤ L, 1 ≤ j ≤ nₗ'
    """
    found: str | None = getattr(import_module("symderive.display"), form)(thing)
    return found


def _declared(kind: type) -> list[str]:
    """The names that the classes declare with their types, wherever an object keeps them."""
    return [name for base in kind.__mro__ for name in getattr(base, "__annotations__", ())]


class NoAttribute(AttributeError):
    """What the object has in place of a name that it lacks; found only if somebody reads it."""

    def __init__(self, kind: type, name: str) -> None:
        super().__init__(name, name=name, obj=None)  # with `obj` Python would append a hint of its own
        self.kind = kind

    def __str__(self) -> str:
        name, owner = str(self.name), self.kind.__name__
        has = sorted({n for n in (*dir(self.kind), *_declared(self.kind)) if not n.startswith("_")})
        hint = did_you_mean(name, has)
        if not hint and name in getattr(sys.modules.get("symderive"), "__all__", ()):
            hint = f"; write symderive.{name}(..)"
        return f"{owner} has no {name}{hint or '; it has ' + ', '.join(has)}"


class Displayed:
    """What shows itself as `symderive.display` says; nothing is kept here."""

    __slots__ = ()

    def __repr__(self) -> str:
        return show(self, "text") or object.__repr__(self)

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *_declared(type(self))})

    if not TYPE_CHECKING:  # a type checker would take it that there is every attribute

        def __getattr__(self, name: str) -> Any:
            raise NoAttribute(type(self), name)

    def _repr_html_(self) -> str | None:
        return show(self, "html")

    def _repr_latex_(self) -> str | None:
        return show(self, "latex")
