"""What Coq says of a theorem's propositions: which theorem confirms each, the statement, the axioms."""

from __future__ import annotations

from collections.abc import Sequence

from symderive.coq.confirmation import Confirmation
from symderive.documents.blocks import Block, Code, Listing, Paragraph, Section, Table, text

WORDS = (
    "A second kernel, Coq with MathComp, was given each proposition as a statement printed from the same "
    "terms, over exact ordered fields: it says nothing about floating point. A proposition without a theorem "
    "of Coq rests on the kernel and the checker alone."
)


def confirmed_blocks(found: Sequence[Confirmation]) -> list[Block]:
    """A section with a row for each proposition, and the statements as Coq prints them; none if not asked.

    >>> blocks = confirmed_blocks([Confirmation("cost", "T3_cost", "forall n : nat, ..")])
    >>> [type(b).__name__ for b in blocks]
    ['Section', 'Paragraph', 'Table', 'Listing']
    >>> confirmed_blocks([])
    []
    """
    if not found:
        return []
    rows = tuple(
        (
            text(c.proposition),
            (Code(c.theorem),) if c.confirmed else text("none"),
            text(", ".join(c.axioms) or "no axioms") if c.confirmed else text(f"not confirmed: {c.reason}"),
        )
        for c in found
    )
    header = tuple(text(h) for h in ("proposition", "theorem of Coq", "assumptions"))
    table = Table(header, rows, text("Obtained by running Coq on the exported statements."), "lll")
    listings = [
        Listing(c.statement, text(f"{c.proposition}, as Coq prints it")) for c in found if c.confirmed
    ]
    return [Section("What Coq says"), Paragraph(text(WORDS)), table, *listings]
