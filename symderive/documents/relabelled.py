"""Blocks under other labels, so that documents can be mixed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from symderive.documents.blocks import Evidence, Ref

T = TypeVar("T")
PLACE = "place"


def relabelled(x: T, prefix: str, evidence: Callable[[Evidence], Evidence] = lambda e: e) -> T:
    """The same blocks with the prefix before all labels and references; `evidence` may change what is said.

    >>> from symderive.documents.blocks import Paragraph, Section, text
    >>> relabelled((Section("One", label="one"), Paragraph(text(Ref("one")))), "T5:")[1].inlines
    (Ref(label='T5:one'),)
    """
    found: Any = _moved(x, prefix, evidence)
    return found  # type: ignore[no-any-return]


def _moved(x: Any, prefix: str, evidence: Callable[[Evidence], Evidence]) -> Any:
    if isinstance(x, Ref):
        return Ref(f"{prefix}{x.label}")
    if isinstance(x, Evidence):
        return evidence(x)
    if isinstance(x, tuple):
        return tuple(_moved(y, prefix, evidence) for y in x)
    if not is_dataclass(x) or isinstance(x, type):
        return x
    changed = {f.name: _moved(getattr(x, f.name), prefix, evidence) for f in fields(x) if f.name != PLACE}
    if changed.get("label"):
        changed["label"] = f"{prefix}{changed['label']}"
    return replace(x, **changed)
