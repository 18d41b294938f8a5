"""The portable dialect of LaTeX formulas, by allow-list: what every writer prints alike, and nothing else."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# The classes of TeX: they decide the space around a symbol, and where a long line may break.
ORDINARY, OPERATOR, BINARY, RELATION, OPEN, CLOSE, PUNCTUATION, BIG = (
    "ord",
    "op",
    "bin",
    "rel",
    "open",
    "close",
    "punct",
    "big",
)


def _table(kind: str, pairs: str) -> dict[str, tuple[str, str]]:
    words = pairs.split()
    return {"\\" + name: (kind, char) for name, char in zip(words[::2], words[1::2], strict=True)}


# Command -> (class, character). Lower-case Greek is italic and upper-case Greek upright, as in TeX.
GREEK: Final = MappingProxyType(
    _table(
        ORDINARY,
        """
    alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
    lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ
    chi χ psi ψ omega ω
    Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω""",
    )
)

SYMBOLS: Final = MappingProxyType({
    **GREEK,
    **_table(ORDINARY, """
    partial ∂ nabla ∇ infty ∞ ell ℓ hbar ℏ emptyset ∅ forall ∀ exists ∃ neg ¬ top ⊤ bot ⊥ ldots … cdots ⋯
    vdots ⋮ ddots ⋱ dots … prime ′ Re ℜ Im ℑ aleph ℵ square □ dagger †"""),
    **_table(BINARY, """
    cdot ⋅ times × odot ⊙ otimes ⊗ oplus ⊕ ominus ⊖ pm ± mp ∓ circ ∘ ast ∗ star ⋆ bullet • cup ∪ cap ∩
    setminus ∖ wedge ∧ vee ∨ div ÷ land ∧ lor ∨"""),
    **_table(RELATION, """
    le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ in ∈ notin ∉ ni ∋
    subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ to → rightarrow → leftarrow ← leftrightarrow ↔ mapsto ↦
    Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ iff ⟺ longrightarrow ⟶ longmapsto ⟼ mid ∣ parallel ∥
    perp ⊥ ll ≪ gg ≫ vdash ⊢ models ⊨ coloneqq ≔ colon :"""),
    **_table(OPEN, "langle ⟨ lfloor ⌊ lceil ⌈ lVert ‖ lvert | lbrace { lbrack ["),
    **_table(CLOSE, "rangle ⟩ rfloor ⌋ rceil ⌉ rVert ‖ rvert | rbrace } rbrack ]"),
    **_table(BIG, "sum ∑ prod ∏ int ∫ bigcup ⋃ bigcap ⋂ bigoplus ⨁"),
    "\\{": (OPEN, "{"), "\\}": (CLOSE, "}"), "\\|": (ORDINARY, "‖"), "\\Vert": (ORDINARY, "‖"),
    "\\vert": (ORDINARY, "|"), "\\%": (ORDINARY, "%"), "\\#": (ORDINARY, "#"), "\\&": (ORDINARY, "&"),
    "\\_": (ORDINARY, "_"), "\\$": (ORDINARY, "$"),
})  # fmt: skip

# Names that stand upright, with the space of an operator.
FUNCTIONS: Final = frozenset(
    "\\" + name
    for name in (
        "exp",
        "log",
        "ln",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "arcsin",
        "arccos",
        "arctan",
        "max",
        "min",
        "sup",
        "inf",
        "lim",
        "arg",
        "det",
        "dim",
        "ker",
        "deg",
        "gcd",
    )
)
LIMITS: Final = frozenset(("\\max", "\\min", "\\sup", "\\inf", "\\lim", "\\det", "\\gcd"))

CHARACTERS: Final = MappingProxyType({
    "+": (BINARY, "+"), "-": (BINARY, "−"), "*": (BINARY, "∗"), "/": (ORDINARY, "/"),
    "=": (RELATION, "="), "<": (RELATION, "<"), ">": (RELATION, ">"), ":": (RELATION, ":"),
    "(": (OPEN, "("), "[": (OPEN, "["), ")": (CLOSE, ")"), "]": (CLOSE, "]"),
    ",": (PUNCTUATION, ","), ";": (PUNCTUATION, ";"), "!": (CLOSE, "!"), "?": (CLOSE, "?"),
    ".": (ORDINARY, "."), "|": (ORDINARY, "|"),
})  # fmt: skip

# What may follow \left and \right.
DELIMITERS: Final = MappingProxyType({
    "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", ".": "", "\\{": "{", "\\}": "}", "\\|": "‖",
    "\\lbrace": "{", "\\rbrace": "}", "\\langle": "⟨", "\\rangle": "⟩", "\\lfloor": "⌊", "\\rfloor": "⌋",
    "\\lceil": "⌈", "\\rceil": "⌉", "\\lvert": "|", "\\rvert": "|", "\\lVert": "‖", "\\rVert": "‖",
    "\\vert": "|", "\\Vert": "‖",
})  # fmt: skip

# Widths in em; a mathematical thin space is 3/18 em.
SPACES: Final = MappingProxyType({
    "\\,": 3 / 18, "\\:": 4 / 18, "\\;": 5 / 18, "\\!": -3 / 18, "\\ ": 1 / 3, "\\quad": 1.0, "\\qquad": 2.0,
})  # fmt: skip

# Accent -> the character that MathML puts above.
ACCENTS: Final = MappingProxyType({
    "\\tilde": "~", "\\widetilde": "~", "\\hat": "^", "\\widehat": "^", "\\bar": "¯", "\\overline": "¯",
    "\\dot": "˙", "\\ddot": "¨", "\\vec": "→",
    "\\mathring": "˚", "\\check": "ˇ",
})  # fmt: skip

# Alphabet -> how it looks; `upright` and `text` keep several letters together as one word.
ALPHABETS: Final = MappingProxyType({
    "\\mathrm": "upright", "\\operatorname": "operator", "\\mathbf": "bold", "\\boldsymbol": "bold-italic",
    "\\mathcal": "calligraphic", "\\mathbb": "double-struck", "\\mathsf": "sans", "\\mathit": "italic",
})  # fmt: skip

MATRICES: Final = MappingProxyType({
    "matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|"),
    "cases": ("{", ""),
})  # fmt: skip

LONGEST = 20_000
DEEPEST = 60
