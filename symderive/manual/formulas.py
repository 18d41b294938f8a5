"""Formulas of the manual as MathML, as in all pages of symderive: they need no script and no network."""

from __future__ import annotations

from typing import Any

from symderive.documents.mathml import to_mathml


def setup(app: Any) -> dict[str, Any]:
    """The extension of Sphinx: a renderer of formulas called mathml."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(writer: Any, node: Any) -> None:
    """A formula in a line of text."""
    _write(writer, to_mathml(node.astext(), display=False))


def display(writer: Any, node: Any) -> None:
    """A formula that stands by itself."""
    _write(
        writer,
        f'<div class="math" style="overflow-y: hidden">{to_mathml(node.astext(), display=True)}</div>\n',
    )


def _write(writer: Any, text: str) -> None:
    from docutils import nodes

    writer.body.append(text)
    raise nodes.SkipNode
