"""understood(f): the same function, which says in one line what is wrong with the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Signature, signature
from typing import Any, TypeVar

from symderive.errors import SymderiveError, did_you_mean

F = TypeVar("F", bound=Callable[..., Any])


class CallError(SymderiveError, TypeError):
    """Arguments that a function does not take, or lacks: which, and what it takes."""


def understood(function: F) -> F:
    """The function itself, with messages that name the argument.

    >>> from symderive.systems import mlp
    >>> understood(mlp)(width=[2, 1])
    Traceback (most recent call last):
    symderive.calling.CallError: mlp: expected no argument width; did you mean widths?
    """
    takes = signature(function)

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        try:
            takes.bind(*args, **named)
        except TypeError as error:
            raise CallError(_message(function.__name__, takes, args, named, str(error))) from None
        return function(*args, **named)

    return call  # type: ignore[return-value]


def _message(name: str, takes: Signature, args: tuple[Any, ...], named: dict[str, Any], else_: str) -> str:
    places = takes.parameters
    unknown = [n for n in named if n not in places]
    if unknown:
        taken = ", ".join(places)
        hint = did_you_mean(unknown[0], places) or f"; it takes {taken}"
        return f"{name}: expected no argument {unknown[0]}{hint}"
    given = {*list(places)[: len(args)], *named}
    missing = [
        n for n, p in places.items() if p.default is p.empty and p.kind in (0, 1, 3) and n not in given
    ]
    if missing:
        return (
            f"{name}: expected {' and '.join(missing)}, found nothing; help(symderive.{name}) has an example"
        )
    return f"{name}: {else_}; it takes {', '.join(places)}"
