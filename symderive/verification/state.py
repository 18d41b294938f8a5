"""What a function keeps between calls: read off its closure, its globals, its defaults and its object.

Nothing is changed and nothing is called: what is kept is walked through before and after, within bounds.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from symderive.verification.measured import close
from symderive.verification.reading import Returned

DEPTH = 6
MOST_VISITED = 20_000
# relative differences between two calls with the same arguments that rounding explains
REPEATS = 1e-7


def kept_by(fn: Callable[..., Any]) -> dict[str, int]:
    """A fingerprint of each thing that a function may keep, by its name.

    >>> seen = []
    >>> def f(x): seen.append(x)
    >>> before = kept_by(f); f(1); changed(before, kept_by(f))
    ('seen',)
    """
    return {name: _print(value) for name, value in _things(fn, 0)}


def changed(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, ...]:
    """The names of what is no longer as it was."""
    return tuple(sorted(name for name, v in after.items() if before.get(name) != v))


def _things(fn: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """(name, value) of closures, globals that its code names, defaults, and attributes of its object."""
    if depth > 2:
        return
    if isinstance(fn, types.MethodType):
        yield type(fn.__self__).__name__, fn.__self__
        fn = fn.__func__
    if not isinstance(fn, types.FunctionType):
        if not isinstance(fn, type | types.ModuleType | types.BuiltinFunctionType):
            yield type(fn).__name__, fn
        return
    code = fn.__code__
    for name, cell in zip(code.co_freevars, fn.__closure__ or (), strict=False):
        try:
            value = cell.cell_contents
        except ValueError:  # not yet filled
            continue
        yield from _thing(name, value, depth)
    for name in _names(code):
        if name in fn.__globals__:
            yield from _thing(name, fn.__globals__[name], depth)
    for value in (*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values()):
        if isinstance(value, list | dict | set):
            yield "a default argument", value
    for name, value in vars(fn).items():
        yield f"{fn.__name__}.{name}", value


def _thing(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, types.FunctionType | types.MethodType):
        yield from _things(value, depth + 1)
    elif not isinstance(value, type | types.ModuleType | types.BuiltinFunctionType):
        yield name, value


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _print(value: Any) -> int:
    """A number that differs where the contents do: arrays by their bytes, objects by their attributes."""
    left = [MOST_VISITED]
    open_: set[int] = set()

    def walk(v: Any, depth: int) -> Any:
        left[0] -= 1
        if depth > DEPTH or left[0] < 0 or id(v) in open_:
            return type(v).__name__
        if isinstance(v, np.ndarray):
            return v.shape, v.dtype.str, v.tobytes() if v.dtype != object else repr(v.ravel()[:100].tolist())
        if v is None or isinstance(v, bool | int | float | complex | str | bytes):
            return type(v).__name__, repr(v)[:200]
        open_.add(id(v))
        try:
            if isinstance(v, Mapping):
                return tuple((repr(k)[:100], walk(item, depth + 1)) for k, item in list(v.items())[:1000])
            if isinstance(v, list | tuple | set | frozenset):
                return type(v).__name__, len(v), tuple(walk(item, depth + 1) for item in list(v)[:1000])
            if isinstance(v, type | types.ModuleType | types.FunctionType):
                return getattr(v, "__qualname__", getattr(v, "__name__", ""))
            own = getattr(v, "__dict__", None)
            return type(v).__name__, walk(dict(own), depth + 1) if own else ""
        finally:
            open_.discard(id(v))

    try:
        return hash(walk(value, 0))
    except Exception:  # an object that does not let itself be looked at: nothing is known of it
        return 0


def repeats(first: Returned, again: Returned) -> bool:
    """Whether two calls with the same arguments gave the same gradients."""
    return all(
        (u is None and v is None) or (u is not None and v is not None and _same(u, v))
        for (_, _, u), (_, _, v) in zip(first.each(), again.each(), strict=True)
    )


def _same(u: Any, v: Any) -> bool:
    return np.array_equal(u, v, equal_nan=True) or close(u, v, REPEATS)


def grows(first: Returned, again: Returned, truth: Mapping[tuple[str, int], Any], tolerance: float) -> bool:
    """Whether a second call, with the same arguments, gave the first's gradients and the right ones again.

    So for some parameters at least; the others are right.
    """
    grown = 0
    for (kind, l, u), (_, _, v) in zip(first.each(), again.each(), strict=True):
        if u is None or v is None or u.shape != v.shape or not np.all(np.isfinite([u, v])):
            return False
        right, loose = truth[kind, l], max(tolerance, REPEATS)
        if np.any(right) and close(v - u, right, loose):
            grown += 1
        elif not (close(u, right, loose) and close(v, right, loose)):
            return False
    return grown > 0


def said(names: tuple[str, ...], stated: bool) -> str:
    """One line on what a function keeps, where nothing else explains what it gives."""
    if not names:
        return ""
    shown = ", ".join(names[:3]) + (", .." if len(names) > 3 else "")
    line = f"It keeps something between calls ({shown})"
    if stated:
        return f"{line}: what a first call left there may be what is wrong."
    return (
        f"{line}, and was first called in other conventions than its own: give convention= (and form=), "
        "so that its first call is one that it is meant for."
    )
