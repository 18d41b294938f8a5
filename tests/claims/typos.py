r"""Typos in printed equations: z^{(l)}_{j} -> z^{(l+1)}_{j}, w_{jk} -> w_{kj}, \sigma' -> \sigma, + -> -, ..

Each kind is a function from the text of one side to all texts with one such typo. None of them renames a
bound index throughout, changes the order of factors, or puts a minus in front of 0: those are no typos.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Typo = Callable[[str, Sequence[str]], Iterator[str]]

LOWER = re.compile(r"_\{([a-z](?:,?[a-z])*)\}")
UPPER = re.compile(r"\^\{\(((?:[a-z0-9][+-]?[0-9]?,)?)([a-zL0-9](?:[+-][0-9])?)\)\}")
FUNCTION = re.compile(r"(\\sigma'*_\{)([^{}]*)(\})")
SUM = re.compile(r"\\sum_\{([a-z])=([^{}]*)\}\^\{((?:n_\{[^{}]*\})|[^{}]*)\}")
ENTRY = re.compile(
    r"(?:\\mathrm\{d\} )?(?:\\[a-z]+\{)?\\?[a-z]+\}?(?:\^\{\([^()]*\)\})_\{[a-z,]+\} (?=[\\a-z])"
)
OPERATOR = re.compile(r" ([+-]) ")
FRACTION = re.compile(r"\\frac\{(\d+)\}")
BRACKET = re.compile(r"\\left\[ (.*?) (=|\\leq) (.*?) \\right\]")
TRANSPOSED = re.compile(r"\\left\((.*?)\\right\)\^\{\\top\}")
MATRIX = re.compile(r"(?<![\\a-zA-Z])(?:[AWZ]|\\Delta)\^\{\([^()]*\)\}")
NUMBERS = re.compile(r"_\{(\d+(?:,\d+)*)\}")
IMAGE = re.compile(r"\\pi_\{[^{}]*\}\(([a-z])\)")
ACCENT = re.compile(r"\\(?:tilde|bar)\{(\\?[a-zA-Z]+)\}")
NAMES = dict(zip("azwbxyAZWX", "zabwyxZABY", strict=True))
NAME = re.compile(r"(?<![\\a-zA-Z])([azwbxyAZWX])(?=[_^ \\]|$)")


def shifted(value: str) -> list[str]:
    """The numbers and letters next to an index: l+1 -> l, l+2.

    >>> shifted("l"), shifted("m+1"), shifted("3")
    (['l+1', 'l-1'], ['m+2', 'm'], ['4', '2'])
    """
    found = re.fullmatch(r"([a-zA-Z]?)([+-]?\d+)?", value)
    if not found or not value:
        return []
    letter, number = found[1], int(found[2] or 0)
    return [
        (letter + (f"{n:+d}" if n else "")) if letter else str(n)
        for n in (number + 1, number - 1)
        if letter or n >= 0
    ]


def _each(
    pattern: re.Pattern[str], side: str, change: Callable[[re.Match[str]], Sequence[str]]
) -> Iterator[str]:
    for found in pattern.finditer(side):
        for new in change(found):
            if new != found[0]:
                yield side[: found.start()] + new + side[found.end() :]


def transposed(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""w_{jk} -> w_{kj}; \left(W\right)^{\top} -> W, and back"""

    def change(found: re.Match[str]) -> list[str]:
        indices = found[1].replace(",", "")
        return [found[0].replace(found[1], indices[::-1])] if len(indices) == 2 else []

    yield from _each(LOWER, side, change)
    yield from _each(NUMBERS, side, lambda found: ["_{" + ",".join(found[1].split(",")[::-1]) + "}"])
    yield from _each(TRANSPOSED, side, lambda found: [found[1]])
    yield from _each(MATRIX, side, lambda found: [rf"\left({found[0]}\right)^{{\top}}"])


def index(side: str, letters: Sequence[str]) -> Iterator[str]:
    """w_{jk} -> w_{jj}, w_{ik}; w_{1,2} -> w_{1,3}"""

    def change(found: re.Match[str]) -> list[str]:
        old = found[1]
        return [
            "_{" + old[:n] + letter + old[n + 1 :] + "}"
            for n in range(len(old))
            if old[n] != ","
            for letter in letters
            if letter != old[n]
        ]

    yield from _each(LOWER, side, change)
    yield from _each(NUMBERS, side, lambda found: [f"_{{{found[1][:-1]}{s}}}" for s in shifted(found[1][-1])])


def prime_dropped(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\sigma' -> \sigma"""
    yield from _each(re.compile("'"), side, lambda found: [""])


def prime_added(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\sigma -> \sigma'"""
    names = re.compile(r"\\(?:sigma|tanh|operatorname\{ReLU\})(?!')")
    yield from _each(names, side, lambda found: [found[0] + "'"])


def sum_bound(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\sum_{k=1}^{n_{l}} -> \sum_{k=2}^{n_{l}}, \sum_{k=1}^{n_{l+1}}"""

    def change(found: re.Match[str]) -> list[str]:
        k, lo, hi = found.groups()
        inner = re.fullmatch(r"n_\{(.*)\}", hi)
        others = [f"n_{{{s}}}" for s in shifted(inner[1])] if inner else shifted(hi)
        return [
            *(rf"\sum_{{{k}={s}}}^{{{hi}}}" for s in shifted(lo)),
            *(rf"\sum_{{{k}={lo}}}^{{{s}}}" for s in others),
        ]

    yield from _each(SUM, side, change)


def layer(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""a^{(l-1)} -> a^{(l)}; \sigma_{l} -> \sigma_{l+1}"""
    yield from _each(UPPER, side, lambda found: [f"^{{({found[1]}{s})}}" for s in shifted(found[2])])
    yield from _each(FUNCTION, side, lambda found: [found[1] + s + found[3] for s in shifted(found[2])])


def time_step(side: str, letters: Sequence[str]) -> Iterator[str]:
    """w^{(t,l)} -> w^{(t+1,l)}"""

    def change(found: re.Match[str]) -> list[str]:
        return [f"^{{({s},{found[2]})}}" for s in shifted(found[1][:-1])] if found[1] else []

    yield from _each(UPPER, side, change)


def sign(side: str, letters: Sequence[str]) -> Iterator[str]:
    """+ -> -, and a minus in front"""
    yield from _each(OPERATOR, side, lambda found: [" - " if found[1] == "+" else " + "])
    if side != "0" and not OPERATOR.search(side):
        yield f"-{side}"


def factor(side: str, letters: Sequence[str]) -> Iterator[str]:
    """w_{jk} a_{k} -> a_{k}"""
    yield from _each(ENTRY, side, lambda found: [""])


def name(side: str, letters: Sequence[str]) -> Iterator[str]:
    """a -> z, w -> b, x -> y"""
    yield from _each(NAME, side, lambda found: [NAMES[found[1]]])


def accent(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\tilde{w} -> w"""
    yield from _each(ACCENT, side, lambda found: [found[1]])


def number(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\frac{1}{2} -> \frac{2}{2}, 2 a -> 3 a"""
    yield from _each(FRACTION, side, lambda found: [rf"\frac{{{s}}}" for s in shifted(found[1])])


def bracket(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""[j = k] -> [j \leq k]"""

    def change(found: re.Match[str]) -> list[str]:
        other = "=" if found[2] == r"\leq" else r"\leq"
        return [rf"\left[ {found[1]} {other} {found[3]} \right]"]

    yield from _each(BRACKET, side, change)


def permutation(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""a_{\pi_{l}(j)} -> a_{j}"""
    yield from _each(IMAGE, side, lambda found: [found[1]])


def product(side: str, letters: Sequence[str]) -> Iterator[str]:
    r"""\delta \odot a -> \delta a"""
    yield from _each(re.compile(r" \\odot "), side, lambda found: [" "])


def character(side: str, letters: Sequence[str]) -> Iterator[str]:
    """one character left out; blanks say nothing, nor do commas between single letters"""
    yield from _each(re.compile(r"[^\s,]"), side, lambda found: [""])


KINDS: dict[str, Typo] = {
    "transpose": transposed,
    "index": index,
    "prime dropped": prime_dropped,
    "prime added": prime_added,
    "sum bound": sum_bound,
    "layer number": layer,
    "time step": time_step,
    "sign": sign,
    "factor dropped": factor,
    "wrong name": name,
    "accent dropped": accent,
    "number": number,
    "bracket": bracket,
    "permutation dropped": permutation,
    "product": product,
    "character dropped": character,
}


def mutants(kind: str, sides: tuple[str, str]) -> list[tuple[str, str]]:
    """All equations with one typo of this kind, on either side."""
    letters = sorted({c for s in sides for found in LOWER.findall(s) for c in found if c.isalpha()})
    left, right = sides
    found = [(m, right) for m in KINDS[kind](left, letters)]
    found += [(left, m) for m in KINDS[kind](right, letters)]
    return list(dict.fromkeys(found))
