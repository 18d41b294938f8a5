r"""How layers, indices and names are written, z^{(l)}_j or u^{[l]}_i: one setting changes all equations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from symderive.errors import SymderiveError

Pairs = tuple[tuple[str, str], ...]


class LatexError(SymderiveError):
    """A term that has no print, or a formula without a meaning: what was expected, what was found where."""


LAYERS: dict[str, tuple[str, str]] = {
    "parentheses": ("^{(", ")}"),
    "brackets": ("^{[", "]}"),
    "plain": ("^{", "}"),
}

ACCENTS = ("tilde", "hat", "bar", "dot", "ddot", "vec", "mathring", "check", "widetilde", "overline")
ALPHABETS = ("mathrm", "operatorname", "mathbf", "mathcal", "mathbb", "mathsf", "boldsymbol")
_GREEK = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho varrho
    sigma tau upsilon phi varphi chi psi omega ell
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"""
GREEK = tuple(_GREEK.split())
# commands that are names; every other one means something else
COMMANDS = frozenset(
    rf"\{word}" for word in (*GREEK, "nabla", "exp", "log", "tanh", "sinh", "cosh", "sin", "cos", "tan")
)
WRAPPED = re.compile(r"\\(%s)\{(.*)\}" % "|".join(ACCENTS))
STYLED = re.compile(r"\\(?:%s)\{(?:[A-Za-z0-9]+|\\[A-Za-z]+)\}" % "|".join(ALPHABETS))


def portable(name: str) -> bool:
    r"""Whether a name can stand in every formula: w, \delta, \tilde{w}, \operatorname{ReLU}.

    >>> portable(r"\tilde{w}"), portable("w_1"), portable(r"\sum")
    (True, False, False)
    """
    inner = WRAPPED.fullmatch(name)
    if inner:
        return portable(inner[2])
    if re.fullmatch(r"[A-Za-z]", name) or STYLED.fullmatch(name):
        return name not in (r"\mathrm{d}", r"\mathbf{1}", r"\operatorname{diag}")
    return name in COMMANDS


@lru_cache(maxsize=1024)
def readable(name: str) -> str:
    r"""A name made portable: eta is \eta, and a word of several letters stands upright.

    >>> readable("eta"), readable("loss"), readable(r"\delta")
    ('\\eta', '\\mathrm{loss}', '\\delta')
    """
    if portable(name):
        return name
    if name in GREEK:
        return rf"\{name}"
    word = re.sub(r"[^A-Za-z0-9]", "", name)
    if "\\" in name or not word or word == "d":
        raise LatexError(f"expected a letter, a Greek letter or a word as a name, found {name!r}")
    return rf"\mathrm{{{word}}}"


@dataclass(frozen=True)
class Notation:
    r"""How equations are written.

    - `layer`: "parentheses" a^{(l)}, "brackets" a^{[l]}, or "plain" a^{l}.
    - `letters`: {"j": "i", "k": "j"}: index letters exchanged, free and bound ones alike. The letters are
      permuted: where nothing is said of i, it becomes k here, so that two indices never meet.
    - `names`: {"w": "u", r"\delta": r"\epsilon"}: names in LaTeX replaced, under accents and in derivatives.

    Raises LatexError for what the formulas cannot hold.

    >>> Notation(letters={"j": "i"}).letter("i")
    'j'
    """

    layer: str = "parentheses"
    letters: Mapping[str, str] | Pairs = ()
    names: Mapping[str, str] | Pairs = ()

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise LatexError(f"notation: expected layer as one of {', '.join(LAYERS)}, found {self.layer!r}")
        object.__setattr__(self, "letters", _closed(_pairs(self.letters)))
        object.__setattr__(self, "names", _pairs(self.names))
        for old, new in _pairs(self.names):
            if not portable(new):
                raise LatexError(f"notation: expected a portable name for {old}, found {new!r}")

    def letter(self, name: str) -> str:
        """The letter that an index is written with."""
        return next((new for old, new in _items(self.letters) if old == name), name)

    def unletter(self, written: str) -> str:
        """The index that a letter stands for: the inverse of `letter`."""
        return next((old for old, new in _items(self.letters) if new == written), written)

    def name(self, latex: str) -> str:
        r"""A name as it is written: \tilde{w} is \tilde{u} where w is u.

        >>> Notation(names={"w": "u"}).name(r"\tilde{w}")
        '\\tilde{u}'
        """
        found = next((new for old, new in _items(self.names) if old == latex), None)
        if found is not None:
            return found
        inner = WRAPPED.fullmatch(latex)
        if inner:
            return rf"\{inner[1]}{{{self.name(inner[2])}}}"
        return readable(latex)

    @property
    def layer_marks(self) -> tuple[str, str]:
        """What opens and closes a layer number."""
        return LAYERS[self.layer]


def _items(pairs: Mapping[str, str] | Pairs) -> Pairs:
    return tuple(pairs.items()) if isinstance(pairs, Mapping) else pairs


def _pairs(given: Mapping[str, str] | Pairs) -> Pairs:
    pairs = tuple(sorted((str(a), str(b)) for a, b in dict(given).items()))
    if len({b for _, b in pairs}) != len(pairs):
        raise LatexError(f"notation: expected different names for different things, found {dict(pairs)}")
    return pairs


def _closed(pairs: Pairs) -> Pairs:
    """The letters as a permutation: what is only written with takes the place of what is only replaced."""
    for pair in pairs:
        for letter in pair:
            if not re.fullmatch(r"[A-Za-z]", letter):
                raise LatexError(f"notation: expected single letters as indices, found {letter!r}")
    rule = dict(pairs)
    free = {}
    for start in set(rule) - set(rule.values()):
        end = start
        while end in rule:
            end = rule[end]
        free[end] = start
    return tuple(sorted((a, b) for a, b in (rule | free).items() if a != b))
