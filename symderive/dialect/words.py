r"""The words of the dialect, as data: what is a font, an accent, a space, a sign, a function. A new word
is a new entry.
"""

from __future__ import annotations

LONGEST, DEEPEST, MOST_TOKENS = 20_000, 60, 8_000

FONTS = frozenset(
    {
        r"\mathbf",
        r"\boldsymbol",
        r"\bm",
        r"\vec",
        r"\textbf",
        r"\mathrm",
        r"\mathit",
        r"\mathsf",
        r"\text",
        r"\textrm",
        r"\textit",
        r"\operatorname",
        r"\mbox",
        r"\rm",
        r"\bf",
        r"\mathop",
        r"\pmb",
        r"\textsf",
        r"\textnormal",
    }
)
r"""Dropped: \mathbf{W} is W. With several letters they make one name."""

KEPT = frozenset({r"\mathcal", r"\mathbb", r"\mathscr", r"\mathfrak"})
ACCENTS = frozenset(
    {r"\hat", r"\tilde", r"\bar", r"\dot", r"\widehat", r"\widetilde", r"\overline", r"\check"}
)
r"""Part of the name: \hat{y} is not y."""

SPACES = frozenset(
    {
        r"\,",
        r"\;",
        r"\:",
        r"\!",
        r"\ ",
        "~",
        r"\displaystyle",
        r"\textstyle",
        r"\nonumber",
        r"\notag",
        r"\limits",
        r"\nolimits",
        r"\left",
        r"\right",
        r"\bigl",
        r"\bigr",
        r"\Bigl",
        r"\Bigr",
        r"\biggl",
        r"\biggr",
        r"\Biggl",
        r"\Biggr",
        r"\big",
        r"\Big",
        r"\bigg",
        r"\Bigg",
        r"\middle",
        r"\enspace",
        r"\thinspace",
        r"\hline",
        r"\checkmark",
        r"\strut",
        r"\xspace",
        r"\centering",
        r"\mathstrut",
    }
)

AROUND = frozenset(
    {
        r"\ensuremath",
        r"\boxed",
        r"\fbox",
        r"\large",
        r"\Large",
        r"\small",
        r"\underbrace",
        r"\overbrace",
        r"\mathop",
        r"\cancel",
    }
)
"""Dropped, with the braces of their argument."""

WITH_ARGUMENT = frozenset(
    {r"\tag", r"\label", r"\phantom", r"\vphantom", r"\hphantom", r"\vspace", r"\color"}
)
"""Dropped with their argument."""

QUADS = frozenset({r"\quad", r"\qquad", r"\hspace", r"\hfill", r"\newline"})
ARROWS = frozenset(
    {
        r"\Rightarrow",
        r"\implies",
        r"\Leftrightarrow",
        r"\iff",
        r"\rightarrow",
        r"\to",
        r"\longrightarrow",
        r"\Longrightarrow",
        r"\therefore",
        r"\because",
    }
)

TIMES = {
    "*": "*",
    r"\cdot": r"\cdot",
    r"\times": r"\times",
    r"\circ": r"\circ",
    r"\odot": r"\odot",
    r"\bigodot": r"\bigodot",
    r"\bullet": r"\bullet",
    r"\ast": r"\ast",
    r"\star": r"\star",
    r"\otimes": r"\otimes",
    "⋅": "⋅",
    "·": "·",
    "×": "×",
    "∘": "∘",
    "⊙": "⊙",
    r"\bigotimes": r"\bigotimes",
    "∗": "*",
}
MINUS = frozenset({"-", "−", "–", "—"})
RELATIONS = {
    "=": "=",
    ":=": ":=",
    "=:": "=:",
    r"\leftarrow": r"\leftarrow",
    r"\gets": r"\leftarrow",
    r"\propto": r"\propto",
    r"\equiv": r"\equiv",
    r"\approx": r"\approx",
    r"\doteq": r"\doteq",
    r"\triangleq": r"\triangleq",
    "<": "<",
    ">": ">",
    r"\leq": r"\leq",
    r"\le": r"\leq",
    r"\geq": r"\geq",
    r"\ge": r"\geq",
    r"\neq": r"\neq",
    r"\ne": r"\neq",
    "<=": r"\leq",
    ">=": r"\geq",
    r"\in": r"\in",
    r"\sim": r"\sim",
    r"\lt": "<",
    r"\gt": ">",
    r"\coloneqq": ":=",
    r"\simeq": r"\approx",
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "+=": "+=",
    "-=": "-=",
    r"\leqslant": r"\leq",
    r"\geqslant": r"\geq",
    r"\coloneq": ":=",
    "≈": r"\approx",
    "∝": r"\propto",
    "←": r"\leftarrow",
}
DOTS = frozenset(
    {r"\ldots", r"\cdots", r"\vdots", r"\ddots", r"\dots", "...", r"\dotsc", r"\dotsb", "…", ".."}
)
TRANSPOSES = frozenset(
    {"T", r"\top", r"\intercal", r"\mathsf{T}", r"\mathrm{T}", r"\mathtt{T}", r"\mathbf{T}", r"\text{T}"}
)
PRIMES = frozenset({"'", r"\prime", "′", "’"})
OPENING = {
    "(": ")",
    "[": "]",
    r"\{": r"\}",
    r"\lbrace": r"\rbrace",
    r"\lbrack": r"\rbrack",
    r"\langle": r"\rangle",
}
CLOSING = {v: k for k, v in OPENING.items()}
BIGS = {r"\sum": "sum", r"\prod": "prod", "∑": "sum", "∏": "prod"}
FRACTIONS = frozenset({r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"})
FUNCTIONS = frozenset(
    {
        r"\tanh",
        r"\exp",
        r"\log",
        r"\ln",
        r"\sin",
        r"\cos",
        r"\max",
        r"\min",
        r"\sinh",
        r"\cosh",
        r"\arg",
        r"\det",
        r"\sup",
    }
)
FUNCTION_WORDS = frozenset(
    {
        "tanh",
        "exp",
        "log",
        "ln",
        "sigmoid",
        "softmax",
        "relu",
        "ReLU",
        "softplus",
        "sgn",
        "sign",
        "diag",
        "max",
        "min",
        "tr",
        "Tr",
        "sech",
        "prod",
        "sum",
        "mean",
    }
)
WORDS = frozenset(
    {
        "net",
        "out",
        "in",
        "loss",
        "Loss",
        "error",
        "err",
        "probs",
        "scores",
        "cost",
        "Cost",
        "target",
        "output",
        "hidden",
        "input",
        "logits",
        "bias",
        "grad",
        "pred",
        "true",
        "LOSS",
        "Error",
        "label",
        "labels",
        "MSE",
        "CE",
        "act",
        "lr",
        "new",
        "old",
    }
)
"""Bare words that are one name; other letters in a row are factors."""

CONNECTING = frozenset(
    {"", "and", "or", "so", "hence", "then", "thus", "therefore", "so that", "i.e", "that is", "also"}
)
"""Words after which another statement follows; after others stands a remark."""

ENVIRONMENTS = frozenset(
    {
        "align",
        "aligned",
        "alignat",
        "alignedat",
        "eqnarray",
        "gather",
        "gathered",
        "split",
        "equation",
        "multline",
        "displaymath",
        "math",
        "flalign",
        "subequations",
        "dcases",
    }
)
MATRICES = frozenset(
    {"matrix", "bmatrix", "pmatrix", "vmatrix", "Vmatrix", "Bmatrix", "smallmatrix", "array"}
)
ENTITIES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&nbsp;": " ",
    "&#39;": "'",
    "&quot;": '"',
    "&minus;": "-",
}
IGNORED_LETTERS = frozenset({"$"})
