"""What proving a theorem leaves behind, as plain data: texts, numbers and evidence, and no kernel object.

A `Theorem` is made by the kernel alone. To hand one from process to process would be to make it without
the kernel, so a `Result` has none: it is what a reader sees, and proves nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from symderive.claims.evidence import Evidence
from symderive.coq.confirmation import Confirmation
from symderive.documents.blocks import Document
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex

if TYPE_CHECKING:
    from symderive.commands.prove import Outcome


@dataclass(frozen=True)
class Result:
    """One theorem of the library: its document, its files by their endings, its evidence, all as data."""

    key: str
    name: str
    document: Document
    files: Mapping[str, str]
    """The certificate (json) and the pages (tex, html)."""
    evidence: tuple[Evidence, ...]
    coq: tuple[Confirmation, ...]
    told: Mapping[str, Any]
    """What `Outcome.as_json` says."""

    @classmethod
    def of(cls, outcome: Outcome) -> Result:
        """Of a theorem that was proved, replayed and tested."""
        pages = {"tex": to_latex(outcome.document), "html": to_html(outcome.document)}
        return cls(
            outcome.key,
            outcome.name,
            outcome.document,
            {"json": outcome.certificate.text, **pages},
            tuple(outcome.evidence),
            outcome.coq,
            outcome.as_json(),
        )

    def as_json(self) -> dict[str, Any]:
        """The result for machines."""
        return dict(self.told)
