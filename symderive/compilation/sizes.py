"""Sizes from shapes: N is x.shape[0] where x has the shape (N, 4); other shapes are checked against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, Symbol, expand
from sympy.core.basic import Basic

from symderive.calculus.terms import Entry
from symderive.compilation.graph import Node
from symderive.errors import SymderiveError


@dataclass(frozen=True)
class Read:
    """size = (input.shape[axis] - rest) / factor"""

    size: Expr
    source: Node
    axis: int
    rest: Expr
    factor: int


def sizes_in(e: Expr) -> set[Expr]:
    """The sizes of a term: symbols N, and widths n[2].

    >>> from symderive.calculus import size
    >>> sizes_in(2 * size("N") + 1)
    {N}
    """
    found: set[Basic] = set(e.atoms(Entry))
    inside = {s for x in found for s in x.free_symbols}
    return {
        s
        for s in (*found, *e.free_symbols)
        if isinstance(s, Entry) or (isinstance(s, Symbol) and s not in inside)
    }


def read_sizes(inputs: Sequence[Node], wanted: Iterable[Expr], names: Mapping[Node, str]) -> list[Read]:
    """How every size is read from the shapes of the inputs; SymderiveError if one cannot be.

    >>> from sympy import Integer
    >>> from symderive.calculus import size
    >>> from symderive.compilation.graph import Graph
    >>> x = Graph().node("input", (), ("x",), (Integer(4), size("N") + 1))
    >>> [(r.axis, r.rest, r.factor) for r in read_sizes([x], [size("N")], {})]
    [(1, 1, 1)]
    """
    known: dict[Expr, Read] = {}
    axes = [(node, p, e) for node in inputs for p, e in enumerate(node.shape)]
    for steep in (False, True):
        changed = True
        while changed:
            changed = False
            for node, p, e in axes:
                open_ = [s for s in sizes_in(e) if s not in known]
                if len(open_) != 1:
                    continue
                (s,) = open_
                factor = expand(e).coeff(s)
                rest = expand(e - factor * s)
                if factor.is_Integer and factor > 0 and s not in sizes_in(rest) and (factor == 1 or steep):
                    known[s] = Read(s, node, p, rest, int(factor))
                    changed = True
    lacking = sorted((s for s in wanted if s not in known), key=str)
    if lacking:
        raise SymderiveError(
            f"compile: expected sizes that shapes of the inputs tell, found {lacking[0]}: "
            "give its value in sizes"
        )
    return list(known.values())
