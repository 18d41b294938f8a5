r"""The words of the dialect, as data: what is a font, an accent, a space, a sign, a function. A new word is a
new entry.
"""

from __future__ import annotations

LONGEST, DEEPEST, MOST_TOKENS = 20_000, 60, 5_000
DEEPEST_TREE = 160
"""Levels of the tree, where 60 pairs of brackets each hold a product in a sum."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


BOLD = _set(r"\mathbf \boldsymbol \bm \vec \textbf \pmb \mathbold")
TEXTS = _set(r"\text \textrm \textit \mbox \textsf \textnormal \hbox \textup \texttt \textsc")
FONTS = BOLD | TEXTS | _set(r"\mathrm \mathit \mathsf \operatorname \mathtt \mathnormal \mathop")
r"""Dropped: \mathbf{W} is W. With several letters they make one name."""

SWITCHES = _set(r"\rm \bf \it \sf \tt \cal \bfseries \itshape")
r"""Fonts without an argument: {\rm T}."""

KEPT = _set(r"\mathcal \mathbb \mathscr \mathfrak \mathds")
ACCENTS = _set(
    r"\hat \tilde \bar \dot \ddot \widehat \widetilde \overline \check \breve \acute \grave \underline"
)
r"""Part of the name: \hat{y} is not y."""

SPACES = _set(
    r"\, \; \: \! ~ \> \displaystyle \textstyle \scriptstyle \nonumber \notag \limits \nolimits \enspace"
    r" \thinspace \medspace \thickspace \negthinspace \hline \checkmark \strut \mathstrut \xspace"
    r" \centering \allowbreak"
    r" \noindent \/ $ $$ \( \) \[ \] \protect \mathord \mathrel \mathbin \qed \blacksquare \square"
) | {"\\ "}
SIZES = _set(
    r"\left \right \middle \bigl \bigr \Bigl \Bigr \biggl \biggr \Biggl \Biggr \big \Big \bigg \Bigg \bigm"
)
"""Dropped; a point behind them is an empty bracket."""

AROUND = _set(r"\boxed \fbox \large \Large \small \cancel \bcancel \ensuremath \smash \normalsize \mathstrut")
"""Dropped, with the braces of their argument."""

BRACED = _set(r"\underbrace \overbrace")
"""Dropped; what is written below or above the brace too."""

STACKED = _set(r"\stackrel \overset \underset")
"""Of two arguments the second counts."""

WITH_ARGUMENT = _set(
    r"\tag \label \phantom \vphantom \hphantom \vspace \color \textcolor \colorbox \eqref \ref \cite"
)
"""Dropped with their argument."""

UNREAD = _set(r"\substack \newcommand \renewcommand \def \let \input \include \write \xrightarrow \genfrac")

QUADS = _set(r"\quad \qquad \hspace \hfill \newline \hskip")
ARROWS = _set(
    r"\Rightarrow \implies \Leftrightarrow \iff \rightarrow \to \longrightarrow \Longrightarrow \therefore"
    r" \because => -> ⇒ → \Longleftrightarrow \leadsto"
)

TIMES = {t: t for t in _set(r"* \cdot \times \circ \odot \bigodot \bullet \star \otimes \bigotimes \ast")}
TIMES |= {t: t for t in "⋅·×∘⊙•"} | {"∗": "*", "⊗": r"\otimes"}
MINUS = frozenset("-−–—")
_EQUAL = r"= := =: += -= < > \propto \equiv \approx \doteq \triangleq \leq \geq \neq \in \sim \leftarrow"
RELATIONS = {
    **{r: r for r in _set(_EQUAL)},
    **dict.fromkeys(_set(r"\gets ← <-"), r"\leftarrow"),
    **dict.fromkeys(_set(r"\le <= ≤ \leqslant"), r"\leq"),
    **dict.fromkeys(_set(r"\ge >= ≥ \geqslant"), r"\geq"),
    **dict.fromkeys(_set(r"\ne != ≠"), r"\neq"),
    **dict.fromkeys(_set(r"\coloneqq \coloneq ≔"), ":="),
    **dict.fromkeys(_set(r"\simeq ≈ \cong"), r"\approx"),
    r"\lt": "<",
    r"\gt": ">",
    "∝": r"\propto",
    "≡": r"\equiv",
    "==": "=",
    "∈": r"\in",
}
DOTS = _set(r"\ldots \cdots \vdots \ddots \dots ... \dotsc \dotsb … .. ⋯ ⋮ ⋱")
TRANSPOSES = _set(r"T \top \intercal ⊤")
PRIMES = frozenset({"'", r"\prime", "′", "’"})
OPENING = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"}
CLOSING = {v: k for k, v in OPENING.items()}
SAME = {
    r"\lbrace": r"\{",
    r"\rbrace": r"\}",
    r"\lbrack": "[",
    r"\rbrack": "]",
    "⟨": r"\langle",
    "⟩": r"\rangle",
    r"\lparen": "(",
    r"\rparen": ")",
    "√": r"\sqrt",
    ".*": r"\odot",
    "∂": r"\partial",
    "∇": r"\nabla",
    "∞": r"\infty",
}
"""Other spellings of a sign."""
BARS = _set(r"| \vert \lvert \rvert")
NORMS = _set(r"\| \Vert \lVert \rVert ‖ ||")
UPDATES = _set(r"\rightarrow \to \longrightarrow \leadsto -> →")
r"""Between two terms: w \to w - \eta g."""

BIGS = {r"\sum": "sum", r"\prod": "prod", "∑": "sum", "∏": "prod"}
FRACTIONS = _set(r"\frac \dfrac \tfrac \cfrac")
FUNCTIONS = _set(
    r"\tanh \exp \log \ln \sin \cos \tan \max \min \sinh \cosh \arg \det \sup \inf \lg \coth \sec \arctan"
)
FUNCTION_WORDS = _set(
    "tanh exp log ln sigmoid softmax relu ReLU softplus sgn sign diag max min tr Tr sech prod sum mean"
    " argmax argmin vec trace"
)
WORDS = _set(
    "net out in loss Loss error err probs scores cost Cost target output hidden input logits bias grad pred"
    " true LOSS Error label labels MSE CE act lr new old next prev model train test val total"
)
"""Bare words that are one name; other letters in a row are factors."""

STRIPPED = _set("frac partial odot nabla sqrt cdot mathbf mathrm mathcal boldsymbol")
"""Commands that lost their backslash, and nothing else."""

CONNECTING = frozenset(
    {"", "and", "or", "so", "hence", "then", "thus", "therefore", "so that", "i.e", "that is", "also", "but"}
)
"""Words after which another statement follows; after others stands a remark."""

PROSE = CONNECTING | _set(
    "where for with if when since because as by using from let given else otherwise such while all any each"
    " shape shapes note see we is are the assuming assume provided"
)
r"""In \text these words are no names."""

IN_CASES = frozenset({"if", "for", "when", "where", "with"})
OTHERWISE = frozenset({"otherwise", "else", "elsewhere"})

ENVIRONMENTS = _set(
    "align aligned alignat alignedat eqnarray gather gathered split equation multline multlined displaymath"
    " math flalign subequations"
)
MATRICES = _set("matrix bmatrix pmatrix vmatrix Vmatrix Bmatrix smallmatrix array")
CASES = _set("cases dcases rcases")
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma"
    " tau upsilon phi chi psi omega"
)
_SMALL = enumerate(_GREEK.split())
GREEK = {chr(0x3B1 + n): f"\\{name}" for n, name in _SMALL}
GREEK |= {"Δ": r"\Delta", "Σ": r"\Sigma", "Γ": r"\Gamma", "Θ": r"\Theta", "Λ": r"\Lambda", "Φ": r"\Phi"}
GREEK |= {"Ψ": r"\Psi", "Ω": r"\Omega", "Π": r"\Pi", "ℓ": r"\ell"}
UNITS = ("pt", "em", "ex", "mm", "cm", "in", r"\baselineskip")
r"""Behind \\ in brackets stands a length."""
