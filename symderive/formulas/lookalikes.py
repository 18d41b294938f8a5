"""Names that could stand in the place of a name: another layer, another quantity, the same scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from symderive.dialect.syntax import (
    Call,
    Name,
    Node,
    Number,
    Sum,
)
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.quantities import Quantity, is_letter, letter_in
from symderive.formulas.setting import Setting


def is_array(node: Name, reader: Interpreter) -> bool:
    found = reader.find(node)
    return found is not None and not found.components and found.power is None


def like(name: Name, setting: Setting, reader: Interpreter) -> Iterator[Name]:
    """Other quantities in the place of a name, with its scripts."""
    found = reader.find(name)
    if found is None:
        return
    q = found.quantity
    for other in setting.quantities:
        if other.key == q.key or other.base == q.base:
            continue
        if len(other.letters) == len(q.letters):
            yield with_scripts(name, other)


def with_scripts(name: Name, q: Quantity) -> Name:
    literal = [n for n in (*q.sup, *q.sub) if n not in q.letters]
    if literal or not q.letters:
        return as_declared(q, name)
    return replace(name, base=q.base, shown=q.shown or q.base, primes=0)


def as_declared(q: Quantity, name: Name) -> Name:
    """The name of a quantity with literal scripts, as in W_1, and the components of another name."""
    families = {k: Name(k) for k in q.letters}

    def written(patterns: tuple[str, ...]) -> tuple[Node, ...]:
        return tuple(families.get(p) or (Number(p) if p.isdigit() else Name(p)) for p in patterns)

    return Name(q.base, written(q.sup), written(q.sub), name.around if q.sup else "", shown=q.shown or q.base)


def shifted(name: Name, setting: Setting, reader: Interpreter) -> Iterator[Name]:
    """The name one layer up and down."""
    for where in ("sup", "sub"):
        entries: tuple[Node, ...] = getattr(name, where)
        for n, s in enumerate(entries):
            for by in (1, -1):
                new = moved_index(s, by, setting)
                if new is not None:
                    moved = (*entries[:n], new, *entries[n + 1 :])
                    yield replace(name, sup=moved) if where == "sup" else replace(name, sub=moved)


def moved_index(s: Node, by: int, setting: Setting) -> Node | None:
    if isinstance(s, Number) and s.text.isdigit():
        return Number(str(int(s.text) + by)) if int(s.text) + by >= 0 else None
    letter = letter_in(s, setting.indices)
    capital = isinstance(s, Name) and any(str(hi) == s.base for _, hi in setting.indices.values())
    if not letter and not capital and not isinstance(s, Sum):
        return None
    base, shift = s, by
    if isinstance(s, Sum) and len(s.terms) == 2 and isinstance(s.terms[1], Number):
        base = s.terms[0]
        shift = by + int(s.terms[1].text) * (1 if s.signs[1] == "+" else -1)
        letter = letter_in(base, setting.indices)
        if not letter and not isinstance(base, Name):
            return None
    elif isinstance(s, Sum):
        return None
    if shift == 0:
        return base
    return Sum((base, Number(str(abs(shift)))), ("+", "+" if shift > 0 else "-"))


def component_letters(left: Node, e: Node, setting: Setting) -> list[Name]:
    """Component letters at hand: one-letter names in subscripts."""
    found: dict[str, Name] = {}
    for side in (left, e):
        for n in side.walk():
            if isinstance(n, Name):
                for s in n.sub:
                    if isinstance(s, Name) and not s.sub and not s.sup and not is_letter(s, setting.indices):
                        found.setdefault(s.base, s)
    return list(found.values())


def slopes(left: Node, e: Node, setting: Setting, reader: Interpreter) -> Iterator[Call]:
    """f'(z) for each activation z of a definition, with scripts that occur in the formula."""
    seen: set[str] = set()
    for d in setting.definitions:
        for node in d.right.walk():
            if not isinstance(node, Call) or not isinstance(node.function, Name) or len(node.arguments) != 1:
                continue
            f = reader.function(node.function)
            z = node.arguments[0]
            if f is None or f.kind in ("cost", "softmax") or not isinstance(z, Name):
                continue
            for one in written_like(z, left, e, setting, reader):
                slope = Call(replace(node.function, primes=node.function.primes + 1), (one,))
                if str(slope) not in seen:
                    seen.add(str(slope))
                    yield slope


def written_like(z: Name, left: Node, e: Node, setting: Setting, reader: Interpreter) -> Iterator[Name]:
    """A name with the family scripts and components that names of the formula have."""
    target = reader.find(z)
    if target is None:
        return
    q = target.quantity
    yield as_declared(q, z)
    for side in (left, e):
        for n in side.walk():
            if isinstance(n, Name) and (found := reader.find(n)) is not None and found.quantity.letters:
                if len(found.quantity.letters) == len(q.letters):
                    for components in {found.components[:1], found.components[1:], ()}:
                        count = len(found.components)
                        sub = n.sub[: len(n.sub) - count]
                        yield Name(q.base, n.sup, (*sub, *components), n.around, shown=q.shown or q.base)
            elif isinstance(n, Name) and found is not None and not q.letters:
                for components in {found.components[:1], found.components[1:], ()}:
                    declared = as_declared(q, z)
                    yield replace(declared, sub=(*declared.sub, *components))
