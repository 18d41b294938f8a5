"""Documents as files: all rendered before the first is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from symderive.documents.blocks import Document
from symderive.documents.files import write_files
from symderive.documents.html_writer import to_html
from symderive.documents.latex_writer import to_latex
from symderive.documents.pdf import to_pdf


def write(
    documents: dict[str, Document], folder: Path, pdf: bool, beside: Mapping[str, str] | None = None
) -> list[str]:
    """All documents, rendered before the first is written, and the files that belong beside them.

    A page among these files is not rendered again.
    """
    files: dict[str, str | bytes] = dict(beside or {})
    for name, document in documents.items():
        files |= {f"{f.name}.pdf": f.pdf for f in document.figures}
        for page, render in ((f"{name}.tex", to_latex), (f"{name}.html", to_html)):
            if page not in files:
                files[page] = render(document)
        if pdf:
            files[f"{name}.pdf"] = to_pdf(document).content
    write_files(folder, files)
    return sorted(files)
