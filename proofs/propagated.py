"""Propositions from claims that were carried through a system, in the order in which they were shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from symderive.calculus.atoms import TensorSymbol
from symderive.calculus.terms import Entry
from symderive.proof.kernel import Theorem
from symderive.proof.result import Argument, Proposition


def propositions(
    theorems: Mapping[Entry, Theorem],
    names: Mapping[Entry, str],
    arguments: Mapping[str, Sequence[Argument]],
    sentence: Callable[[str, Theorem], str],
    chosen: Collection[TensorSymbol],
) -> tuple[Proposition, ...]:
    """One proposition for each theorem about the chosen tensors, with the chains that were shown for it.

    `sentence` says in words what a theorem says of what is called by that name. What an induction carries
    comes first, with the chains that it needed on the way.
    """
    place = {name: n for n, name in enumerate(arguments)}
    wanted = [e for e in theorems if e.symbol in chosen]
    wanted.sort(key=lambda e: place.get(names[e], len(place)))
    found = []
    for e in wanted:
        name, theorem = names[e], theorems[e]
        found.append(Proposition(name, sentence(name, theorem), theorem, tuple(arguments.get(name, ()))))
    return tuple(found)
