r"""What dC/da^{(L)}_j means: the partial derivative of C at the arguments in the table, C(a^{(L)}; y)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Add, Dummy, Expr, Symbol, expand

from symderive.calculus.atoms import Functional
from symderive.calculus.terms import Entry, Family, FunctionalValue
from symderive.latex.table import SymbolTable, is_index

Rule = dict[Expr, Expr]


def readings(table: SymbolTable, functional: Functional, entries: Sequence[Entry]) -> list[FunctionalValue]:
    """Every value that d functional / d entries can mean at the arguments of the table, each once."""
    found: dict[FunctionalValue, None] = {}
    for pattern in table.values:
        if pattern.functional == functional:
            own = {s for s in pattern.free_symbols if isinstance(s, Symbol) and is_index(s)}
            for partials, rule in _match(pattern, entries, {}):
                if not own <= set(rule):
                    continue  # the entries do not say where the other arguments are taken
                families = [f.xreplace(rule) for f in pattern.families]
                found[FunctionalValue(functional, partials, *families)] = None
    return list(found)


def _match(
    pattern: FunctionalValue, entries: Sequence[Entry], rule: Rule
) -> Iterator[tuple[list[tuple[int, *tuple[Expr, ...]]], Rule]]:
    """For each choice of a family for each entry: the partials, and the values of the pattern's indices."""
    if not entries:
        yield [], rule
        return
    for m, f in enumerate(pattern.families):
        unknown: list[Symbol] = []
        while isinstance(f, Family):
            u = Dummy("u", integer=True)
            unknown.append(u)
            f = f.open(u)
        if not isinstance(f, Entry) or f.symbol != entries[0].symbol:
            continue
        here: Rule | None = dict(rule)
        for mine, theirs in zip(f.index, entries[0].index, strict=True):
            here = here if here is None else _unify(mine, theirs, here, unknown)
        if here is None or any(u not in here for u in unknown):
            continue
        index = tuple(here.pop(u) for u in unknown)
        for rest, final in _match(pattern, entries[1:], here):
            yield [(m, *index), *rest], final


def _unify(mine: Expr, theirs: Expr, rule: Rule, unknown: list[Symbol]) -> Rule | None:
    """The rule with the one open index of `mine` solved for, where mine = theirs has a solution."""
    d = expand(theirs - mine.xreplace(rule))
    if d == 0:
        return rule
    names = [s for s in mine.free_symbols if isinstance(s, Symbol) and s not in rule]
    for s in [s for s in names if s in unknown or is_index(s)]:
        terms = [t for t in Add.make_args(expand(mine.xreplace(rule))) if t == s]
        rest = expand(mine.xreplace(rule) - s)
        if terms and s not in rest.free_symbols:
            return {**rule, s: expand(theirs - rest)}
    return None
