"""What stands anywhere within blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")


def within(x: Any, kind: type[T]) -> Iterator[T]:
    """Everything of this kind in a block, or in a row of blocks, from outside in.

    >>> from symderive.documents.blocks import Paragraph, Ref, text
    >>> [r.label for r in within((Paragraph(text("see ", Ref("one"))),), Ref)]
    ['one']
    """
    if isinstance(x, kind):
        yield x
    if isinstance(x, tuple):
        for y in x:
            yield from within(y, kind)
    elif is_dataclass(x) and not isinstance(x, type):
        for f in fields(x):
            if f.name != "place":
                yield from within(getattr(x, f.name), kind)
