"""What stands behind the options of the command line: each type in one line of refusal."""

from __future__ import annotations

import argparse
import re
from fractions import Fraction


def whole(value: str) -> int:
    """A whole number from 0."""
    require_short(value)
    if not re.fullmatch(r"\d{1,6}", value):
        raise argparse.ArgumentTypeError(f"expected a whole number, found {value!r}")
    return int(value)


def require_short(value: str) -> None:
    """Refuse numbers of more than six digits."""
    if re.fullmatch(r"\s*\d{7,}\s*", value):
        raise argparse.ArgumentTypeError(f"expected at most 999999, found {value.strip():.40}")


def seed(value: str) -> int:
    """A seed."""
    return whole(value)


def widths(value: str) -> tuple[int, ...]:
    """Numbers between commas."""
    parts = value.split(",")
    for p in parts:
        require_short(p)
    if not all(re.fullmatch(r"\s*\d{1,6}\s*", p) for p in parts):
        raise argparse.ArgumentTypeError(
            f"expected whole numbers with commas, such as 4,5,3, found {value!r}"
        )
    return tuple(int(p) for p in parts)


def names(value: str) -> str | tuple[str, ...]:
    """A name, or several between commas."""
    parts = tuple(p.strip() for p in value.split(","))
    return parts[0] if len(parts) == 1 else parts


def number(value: str) -> float:
    """A number."""
    try:
        return float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, found {value!r:.40}") from None


def fraction(value: str) -> Fraction:
    """A fraction or a decimal, exactly."""
    if not re.fullmatch(r"-?\d{1,9}(\.\d{1,9}|/[1-9]\d{0,8})?", value):
        raise argparse.ArgumentTypeError(f"expected a number such as 1/2 or 0.5, found {value!r}")
    return Fraction(value)


def samples(value: str) -> int | str:
    """How many samples: a number or a letter."""
    if re.fullmatch(r"\d{1,6}", value):
        return int(value)
    if value != "B":
        raise argparse.ArgumentTypeError(f"expected a whole number, or the letter B, found {value!r}")
    return value


def convention(value: str) -> tuple[str, str]:
    """KEY=VALUE."""
    from symderive.commands.scanning.directives import convention

    found = convention(value)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected KEY=VALUE, found {value!r:.60}")
    return found


def macro(value: str) -> tuple[str, str]:
    """\\NAME=BODY."""
    m = re.fullmatch(r"(\\[A-Za-z]+)=(.{0,2000})", value, re.DOTALL)
    if not m:
        raise argparse.ArgumentTypeError(rf"expected \NAME=BODY, found {value!r:.60}")
    return m[1], m[2]
