"""Calling somebody's function in one layout; its mistakes are told in one line, with their place."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from symderive.errors import SymderiveError
from symderive.verification.layout import FORMS, Layout
from symderive.verification.quantities import Case
from symderive.verification.reading import Returned, read


class CallError(SymderiveError):
    """The function raised an error: the message has its text, file and line.

    `reached` are the lines of the user's code that were being run, from the function inwards.
    """

    def __init__(self, text: str, reached: tuple[int, ...] = ()) -> None:
        super().__init__(text)
        self.reached = reached


def call(fn: Callable[..., Any], layout: Layout, case: Case, widths: tuple[int, ...]) -> Returned:
    """The gradients that the function returns at this case. Raises CallError or UnreadableError."""
    try:
        value = raw(fn, layout.arguments(case))
    except CallError as e:
        if e.reached or not str(e).startswith("TypeError"):
            raise
        # it was not even entered: its arguments are others
        raise CallError(f"{e}; form {layout.form!r} calls it with {FORMS[layout.form]}") from None
    return read(value, layout, widths)


def raw(fn: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What the function returns; raises CallError where it raises.

    >>> raw(lambda x: x / 0, (1.0,))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    symderive.verification.calling.CallError: ZeroDivisionError: ...
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return fn(*arguments)
        except (Exception, SystemExit) as e:  # sys.exit(0) in a function must not pass for a verdict
            raise CallError(told(e), tuple(f.lineno or 0 for f in _frames(e))) from None


def told(e: BaseException) -> str:
    """An error in one line, with the file and line of the user's code that it came from.

    >>> told(ValueError("no"))
    'ValueError: no'
    """
    at = _frames(e)[-1:]
    where = f" ({Path(at[0].filename).name}:{at[0].lineno})" if at else ""
    text = " ".join(str(e).split()) or "no message"
    return f"{type(e).__name__}: {text[:300]}{where}"


def _frames(e: BaseException) -> list[traceback.FrameSummary]:
    """Where the error came from: the user's code, else whatever there is but this package's."""
    own = Path(__file__).parent
    frames = [f for f in traceback.extract_tb(e.__traceback__) if Path(f.filename).parent != own]
    mine = [f for f in frames if "site-packages" not in f.filename and not f.filename.startswith("<")]
    return mine or frames
