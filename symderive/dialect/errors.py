"""The one error of this package."""

from __future__ import annotations

from symderive.errors import SymderiveError


class DialectError(SymderiveError):
    """A formula that is not in the dialect: what was expected, what was found, at which column (and line)."""

    def __init__(self, expected: str, found: str, column: int, line: int = 1) -> None:
        self.column, self.line = column, line
        at = f"line {line}, column {column}" if line > 1 else f"column {column}"
        super().__init__(f"formula: expected {expected}, found {found} at {at}")
