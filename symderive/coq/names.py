"""Names that Coq takes: every name of ours gets an identifier of its own, whatever its characters."""

from __future__ import annotations

import re
from collections.abc import Hashable

# Coq's and SSReflect's words, and what the printed text uses
RESERVED = frozenset(
    {
        *("as", "at", "by", "cofix", "else", "end", "exists", "exists2", "fix", "for", "forall", "fun", "if"),
        *("IF", "in", "is", "let", "match", "mod", "of", "Prop", "return", "Set", "SProp", "then", "Type"),
        *("using", "where", "with", "Definition", "Theorem", "Lemma", "Proof", "Qed", "Section", "End"),
        *("Variable", "Hypothesis", "nat", "real", "seq", "iota", "index_iota", "deriv", "partials", "bool"),
        *("list", "true", "false", "S", "O", "nil", "cons"),
    }
)


class Names:
    """Identifiers by what they stand for; two things never share one.

    >>> names = Names()
    >>> names.of("a", "w"), names.of("b", "w"), names.of("c", "for"), names.of("d", "\\\\bar w; Qed.")
    ('w', 'w_2', 'for_', 'bar_w_Qed')
    >>> names.of("a", "w")
    'w'
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, str] = {}
        self._taken: set[str] = set(RESERVED)

    def of(self, what: Hashable, wish: str) -> str:
        """The identifier of this thing, as near to the wish as it can be."""
        if what not in self._known:
            self._known[what] = self.fresh(wish)
        return self._known[what]

    def fresh(self, wish: str) -> str:
        """An identifier that nothing has yet."""
        base = identifier(wish)
        found, number = (base, 1) if base not in RESERVED else (base + "_", 1)
        while found in self._taken:
            number += 1
            found = f"{base}_{number}"
        self._taken.add(found)
        return found


def identifier(text: str) -> str:
    """Letters, digits and underscores of the text, at most 60.

    >>> identifier("equal incoming weights"), identifier("2 layers"), identifier("\\N{GREEK SMALL LETTER PI}")
    ('equal_incoming_weights', 'n2_layers', 'name')
    """
    words = "_".join(re.findall(r"[A-Za-z0-9]+", text))[:60].strip("_")
    return (f"n{words}" if words[:1].isdigit() else words) or "name"
