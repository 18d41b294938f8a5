"""The one base class of every mistake that symderive reports in one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class SymderiveError(Exception):
    """A mistake of the user or of an input: the message says what was expected, what was found, and where.

    >>> str(SymderiveError("expected 2 indices, found 3"))
    'expected 2 indices, found 3'
    """


# what other libraries and books call what has a name here
OTHER_NAMES = {
    "mse": "squared_error", "l2": "squared_error", "quadratic": "squared_error", "ce": "cross_entropy",
    "bce": "binary_cross_entropy", "nll": "cross_entropy", "linear": "identity", "logistic": "sigmoid",
    "sigma": "sigmoid", "swish": "silu", "arbitrary": "generic",
}  # fmt: skip


def did_you_mean(found: object, known: Iterable[str]) -> str:
    """The end of a message: the known name that is nearest to what was found, if one is near.

    >>> did_you_mean("rellu", ["tanh", "relu"]), did_you_mean("mse", ["squared_error"]), did_you_mean(3, "ab")
    ('; did you mean relu?', '; did you mean squared_error?', '')
    """
    if not isinstance(found, str) or len(found) > 100:
        return ""
    names = {name.lower(): name for name in known}
    other = OTHER_NAMES.get(found.lower(), "")
    near = [other] if other in names else get_close_matches(found.lower(), names, 1, 0.7)
    return f"; did you mean {names[near[0]]}?" if near else ""
