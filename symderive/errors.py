"""The one base class of every mistake that symderive reports in one line."""

from __future__ import annotations


class SymderiveError(Exception):
    """A mistake of the user or of an input: the message says what was expected, what was found, and where.

    >>> str(SymderiveError("expected 2 indices, found 3"))
    'expected 2 indices, found 3'
    """
