"""The figures of the answer: a network with two tied neurons, and training runs of the NumPy reference."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from symderive.answer.prose import sentence
from symderive.documents.blocks import Document, Figure, text
from symderive.training.drawing import COLOURS, SETTINGS, files_of
from symderive.training.figures import figure

RUNS: tuple[tuple[str, str, str, float], ...] = (
    (
        "gap",
        "A curve on a logarithmic scale that grows along a straight dashed line, the predicted rate.",
        "The difference between two neurons that start almost equal, where the tied network is at rest, step "
        "by step. Dashed: the growth by one factor in every step that the second derivatives at the tie "
        "predict.",
        0.5,
    ),
    (
        "flow",
        "Curves in the plane of sum and difference, hyperbolas along which neurons move to the target.",
        "One neuron of a linear network under gradient flow, from several starts: the sum $p$ and the "
        "difference $q$ of its weights. Their product is constant along each path; on the dashed curves the "
        "output is the target.",
        0.5,
    ),
    (
        "one_answer",
        "Left, paths of regressions that all end in one point; right, paths of neurons that end apart.",
        "The same starts on the same data: linear regressions reach one answer, the neurons of a network "
        "do not.",
        1.0,
    ),
    (
        "xor",
        "Losses on XOR: tied, constant and zero starts stay above one sixth, random starts go below it.",
        "Training on XOR from tied, constant, zero and random starts, with the bound for tied neurons. The "
        "run from zeros moves its output bias alone.",
        0.5,
    ),
)
"""Name, words for who does not see it, caption, and the share of the line that it takes."""

TIED_ALT = (
    "Three inputs, four hidden neurons and two outputs in columns. Two hidden neurons share a colour and a "
    "hatching, and so do the weights that enter and leave them."
)
TIED_CAPTION = (
    "Two tied neurons: equal incoming weights, equal biases, equal outgoing weights. Exchanging them "
    "changes nothing, and training keeps it so."
)


def figures_document(seed: int) -> Document:
    """All figures, each with the label figure:NAME."""
    pictures = [Figure("tied_network", _tied("svg"), _tied("pdf"), TIED_ALT, text(TIED_CAPTION), 0.62,
                       label="figure:tied_network")]  # fmt: skip
    for name, alt, caption, width in RUNS:
        svg, pdf = files_of(figure(name, seed))
        pictures.append(Figure(name, svg, pdf, alt, sentence(caption), width, label=f"figure:{name}"))
    return Document("Figures", tuple(pictures))


def _tied(form: str) -> bytes:
    """The network; the same bytes each time."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    layers, tied = (3, 4, 2), {1, 2}
    with rc_context(SETTINGS):
        canvas = Canvas(figsize=(5.4, 3.0), layout="constrained")
        FigureCanvasAgg(canvas)
        axes: Any = canvas.subplots()
        at = [[(2.0 * x, (n - 1) / 2 - y) for y in range(n)] for x, n in enumerate(layers)]
        for x in (0, 1):
            for i, (x0, y0) in enumerate(at[x]):
                for j, (x1, y1) in enumerate(at[x + 1]):
                    of = j if x == 0 else i
                    style = {"color": COLOURS[1], "lw": 1.8} if of in tied else {"color": "0.72", "lw": 0.9}
                    axes.plot((x0, x1), (y0, y1), zorder=1.5 if of in tied else 1, **style)
        _neurons(axes, at, tied)
        for x, words in enumerate(("inputs", "hidden layer", "outputs")):
            axes.text(2.0 * x, -2.05, words, ha="center", va="top", fontsize=10)
        axes.text(0.7, 1.75, "incoming weights", ha="center", color=COLOURS[1], fontsize=10)
        axes.text(3.3, 1.75, "outgoing weights", ha="center", color=COLOURS[1], fontsize=10)
        axes.set_xlim(-0.6, 4.6)
        axes.set_ylim(-2.5, 2.1)
        axes.set_aspect("equal")
        axes.axis("off")
        out = BytesIO()
        when = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}[form]
        canvas.savefig(out, format=form, metadata={"Title": "Two tied neurons", **when})
    return out.getvalue()


def _neurons(axes: Any, at: list[list[tuple[float, float]]], tied: set[int]) -> None:
    from matplotlib.patches import Circle

    for x, column in enumerate(at):
        for n, centre in enumerate(column):
            same = x == 1 and n in tied
            look = {"facecolor": "#f7d9c4", "hatch": "////"} if same else {"facecolor": "white"}
            edge = COLOURS[1] if same else "0.25"
            axes.add_patch(Circle(centre, 0.27, edgecolor=edge, linewidth=1.3, zorder=2, **look))
