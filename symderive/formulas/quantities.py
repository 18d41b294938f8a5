"""The names of a setting: what they stand for, and how a name of a formula is recognised as one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symderive.dialect.syntax import Call, Change, Differential, Group, Name, Node
from symderive.errors import SymderiveError


class SettingError(SymderiveError):
    """A setting that cannot be used: the key, what was expected, what was found."""


@dataclass(frozen=True)
class Quantity:
    """A name that stands for numbers: where its family letters and literal scripts stand, and its shape.

    `sup`, `sub`: the scripts that belong to the name, each a family letter or a literal text. `shape` is
    None where the right side of its definition gives it.
    """

    base: str
    sup: tuple[str, ...] = ()
    sub: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    shape: tuple[Node, Node] | None = None
    given: bool = True
    gradient: bool = False
    shown: str = ""

    @property
    def key(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """What tells it from others."""
        return self.base, self.sup, self.sub

    def __str__(self) -> str:
        return self.shown or self.base


@dataclass(frozen=True)
class Defined:
    """A definition: of a quantity, at these family indices and components, by a formula."""

    of: Quantity
    at: tuple[Node, ...]
    components: tuple[Node, ...]
    right: Node
    text: str


@dataclass(frozen=True)
class FunctionOf:
    """A function: its kind ("generic", a name of NAMED, "cost", or with `order` 1 the derivative of
    another).
    """

    name: str
    kind: str
    order: int = 0
    of: str = ""
    along: str = ""


@dataclass(frozen=True)
class Found:
    """What a name of a formula stands for: a quantity, its family indices, components, a power behind it;
    of a batch one example.
    """

    quantity: Quantity
    at: tuple[Node, ...]
    components: tuple[Node, ...]
    power: Node | None = None
    example: Node | None = None


def letter_in(e: Node, indices: Mapping[str, Any]) -> str:
    """The family letter of an index such as l or l + 1; "" where there is none."""
    found = {n.base for n in e.walk() if isinstance(n, Name) and n.base in indices}
    return found.pop() if len(found) == 1 else ""


def plain_name(e: Node) -> Name | None:
    r"""A name, also in braces; dW and \Delta w are names of their own."""
    if isinstance(e, Group):
        return plain_name(e.body) if not e.sub else None
    if isinstance(e, Differential | Change):
        inner = plain_name(e.of)
        if inner is None:
            return None
        mark = "d" if isinstance(e, Differential) else r"\Delta"
        return Name(
            f"{mark} {inner.base}", inner.sup, inner.sub, inner.around, inner.primes, f"{e}", column=e.column
        )
    if isinstance(e, Name):
        return e
    return None


def swapped(base: str) -> str:
    """The letter in the other case."""
    *before, last = base.split(" ")
    other = last.swapcase() if len(last) == 1 else last
    return " ".join([*before, other])


def is_letter(e: Node, indices: Mapping[str, Any]) -> bool:
    """Whether an index is nothing but a family letter."""
    return isinstance(e, Name) and e.base in indices and not e.sub and not e.sup


def plain_text(e: Node) -> str:
    """A node as text without spaces and braces."""
    return str(e).replace(" ", "").replace("{", "").replace("}", "")


def find(
    name: Name,
    known: Mapping[str, Sequence[Quantity]],
    indices: Mapping[str, Any],
    examples: bool = False,
) -> Found | None:
    """What a name stands for among those known by their bases; None where it is none of them."""
    bases = [name.base + "'" * name.primes] if name.primes else [name.base]
    bases += [swapped(b) for b in bases]
    for base in bases:
        options = [f for q in known.get(base, ()) if (f := _fits(name, q, indices, examples)) is not None]
        if options:
            # literal scripts before family letters, and the most scripts first
            return max(
                options, key=lambda f: (_literals(f.quantity), f.power is None, len(f.quantity.letters))
            )
    return None


def _literals(q: Quantity) -> int:
    return len(q.sup) + len(q.sub) - len(q.letters)


def _fits(name: Name, q: Quantity, indices: Mapping[str, Any], examples: bool) -> Found | None:
    at: dict[str, Node] = {}

    def take(patterns: Sequence[str], entries: Sequence[Node]) -> Sequence[Node] | None:
        if len(entries) < len(patterns):
            return None
        for pattern, e in zip(patterns, entries, strict=False):
            if pattern in q.letters:
                at[pattern] = e
            elif plain_text(e) != pattern:
                return None
        return entries[len(patterns) :]

    scripts = _with_examples(name.sup) if examples else name.sup
    sup, sub = take(q.sup, scripts), take(q.sub, name.sub)
    if sup is None or sub is None:
        # the layer in the other place: W_l for W^l
        flat = [*q.sup, *q.sub]
        at.clear()
        places = [*name.sup, *name.sub]
        if not q.letters or (name.sup and name.sub):
            return None
        rest = take(flat, places)
        if rest is None or not all(_about_families(e, indices) for e in at.values()):
            return None
        sup, sub = (), rest
    power = example = None
    if len(sup) == 1 and examples:
        (last,) = sup
        if isinstance(last, Group) and last.shown == "(":
            example = last.body
        elif name.around == "(":
            example = last
    if sup and example is None:
        if len(sup) > 1 or name.around:
            return None
        power = sup[0]
    return Found(q, tuple(at[k] for k in q.letters), tuple(sub), power, example)


def _with_examples(scripts: tuple[Node, ...]) -> tuple[Node, ...]:
    """l(i) as the layer and the example; the example last."""
    if len(scripts) == 1 and isinstance(scripts[0], Call) and len(scripts[0].arguments) == 1:
        call = scripts[0]
        return call.function, Group(call.arguments[0], "(")
    if [e.shown for e in scripts if isinstance(e, Group)] == ["(", "["] and len(scripts) == 2:
        return scripts[1], scripts[0]
    return scripts


def _about_families(e: Node, indices: Mapping[str, Any]) -> bool:
    """Whether an index speaks of layers: a number, or a family letter with or without a shift."""
    names = [n.base for n in e.walk() if isinstance(n, Name)]
    return all(n in indices or n == "L" for n in names)


def alias_key(name: Name) -> str:
    """A name as the key of an alias."""
    sup = "".join(f"^{plain_text(e)}" for e in name.sup)
    sub = "".join(f"_{plain_text(e)}" for e in name.sub)
    return name.base + "'" * name.primes + sup + sub
