"""Figures drawn with matplotlib (the extra `plot`), the same bytes for the same figure.

Colours are those of Okabe and Ito, which people of every colour vision tell apart; where it matters, lines
differ by their dashes too.
"""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import Any

from symderive.errors import SymderiveError
from symderive.training.figures import Figure, Line, Panel

FORMS = ("svg", "pdf", "png")
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = {"solid": "-", "dashed": "--", "dashdot": "-.", "dotted": ":", "thin": "-"}
# no date, and no random identifiers: the same figure gives the same file
SETTINGS: Any = {"svg.hashsalt": "symderive", "svg.fonttype": "path", "font.size": 9.5, "axes.grid": True,
            "grid.alpha": 0.3, "legend.framealpha": 0.9, "pdf.compression": 6}  # fmt: skip


def render(figure: Figure, form: str = "svg") -> bytes:
    """The figure as SVG, PDF or PNG.

    Raises SymderiveError for another form, or where matplotlib is missing.
    """
    if form not in FORMS:
        raise SymderiveError(f"format: expected one of {', '.join(FORMS)}, found {form!r}")
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas
    except ImportError:
        raise SymderiveError("expected matplotlib for figures, found none: pip install matplotlib") from None
    with rc_context(SETTINGS):
        canvas = Canvas(figsize=(4.4 * len(figure.panels), 3.2), layout="constrained")
        FigureCanvasAgg(canvas)
        for axes, panel in zip(
            canvas.subplots(1, len(figure.panels), squeeze=False)[0], figure.panels, strict=True
        ):
            _panel(axes, panel)
        out = BytesIO()
        # the title is what a screen reader says of the picture
        when = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}[form]
        canvas.savefig(out, format=form, dpi=120, metadata={"Title": figure.title, **when})
    return out.getvalue()


def files_of(drawn: Any) -> tuple[bytes, bytes]:
    """SVG and PDF of a figure of ours, or of one of matplotlib.

    Raises SymderiveError for anything else.
    """
    if isinstance(drawn, Figure):
        return render(drawn, "svg"), render(drawn, "pdf")
    if not hasattr(drawn, "savefig"):
        raise SymderiveError(f"figure: expected one of symderive or matplotlib, found {type(drawn).__name__}")
    from matplotlib import rc_context

    found = []
    for form, when in (("svg", {"Date": None}), ("pdf", {"CreationDate": None})):
        out = BytesIO()
        with rc_context(SETTINGS):
            drawn.savefig(out, format=form, metadata=when)
        found.append(out.getvalue())
    return found[0], found[1]


def _panel(axes: Any, panel: Panel) -> None:
    if panel.field is not None:
        x, y, u, v = panel.field
        axes.quiver(x, y, u, v, color="0.75", pivot="mid", width=0.004, scale=28)
    colours = count()
    for line in panel.lines:
        colour = line.colour if line.colour is not None else next(colours)
        _line(axes, line, COLOURS[colour % len(COLOURS)])
    axes.set_title(panel.title)
    axes.set_xlabel(panel.x)
    axes.set_ylabel(panel.y)
    if panel.log:
        axes.set_yscale("log")
    if panel.limits is not None:
        left, right, bottom, top = panel.limits
        axes.set_xlim(left, right)
        axes.set_ylim(bottom, top)
    if panel.equal:
        axes.set_aspect("equal", adjustable="datalim" if panel.limits is None else "box")
    if any(line.label for line in panel.lines):
        axes.legend(loc="best", fontsize=7.5)


def _line(axes: Any, line: Line, colour: str) -> None:
    width = 1.0 if line.style == "thin" else 1.8
    axes.plot(line.x, line.y, DASHES[line.style], color=colour, linewidth=width, label=line.label or None)
    if line.ends:
        axes.plot(line.x[:1], line.y[:1], "o", color=colour, markersize=4, fillstyle="none")
        axes.plot(line.x[-1:], line.y[-1:], "o", color=colour, markersize=5)


__all__ = ["FORMS", "render"]
