"""Evidence -> the words that stand beside an equation, the same for every writer."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from symderive.documents.blocks import Evidence, Inline, Inlines, Math, Text


def error_latex(error: float) -> str:
    r"""An error with two digits, rounded upwards: what is printed is a bound.

    >>> error_latex(2.11e-16)
    '2.2 \\times 10^{-16}'
    >>> error_latex(0.0)
    '0'
    """
    if error == 0:
        return "0"
    if error == float("inf"):
        return r"\infty"
    exact = Decimal(error)
    exponent = exact.adjusted()
    digits = (exact.scaleb(-exponent)).quantize(Decimal("0.1"), rounding=ROUND_CEILING)
    if digits >= 10:
        digits, exponent = Decimal("1.0"), exponent + 1
    if -3 <= exponent <= 2:
        return format(digits.scaleb(exponent).normalize(), "f")
    return rf"{digits} \times 10^{{{exponent}}}"


def short_words(evidence: Evidence) -> Inlines:
    """What follows the status in a margin: the error alone, or what refutes.

    >>> short_words(Evidence("numeric", error=0.0, samples=64, seed=7))
    (Math(latex='0'),)
    """
    if evidence.error is not None:
        return (Math(error_latex(evidence.error)),)
    return {"refuted": evidence.detail, "unknown": (Text("to tests"),)}.get(evidence.status, ())


def evidence_words(evidence: Evidence) -> Inlines:
    """What follows the status: error, samples, seed, detail, with commas between them.

    >>> evidence_words(Evidence("numeric", error=0.0, samples=64, seed=7))
    (Text(text='largest relative error '), Math(latex='0'), Text(text=', 64 samples'), Text(text=', seed 7'))
    """
    pieces: list[Inline] = []

    def add(words: str, *more: Inline) -> None:
        pieces.append(Text(f", {words}" if pieces else words))
        pieces.extend(more)

    if evidence.error is not None:
        name = "error probability at most " if evidence.status == "exact" else "largest relative error "
        add(name, Math(error_latex(evidence.error)))
    noun = "point" if evidence.status == "exact" else "sample"
    if evidence.samples is not None:
        add(f"{evidence.samples:,} {noun}{'s' if evidence.samples != 1 else ''}".replace(",", "\u202f"))
    if evidence.seed is not None:
        add(f"seed {evidence.seed}")
    if evidence.detail:
        if pieces:
            pieces.append(Text("; "))
        pieces.extend(evidence.detail)
    return tuple(pieces)
