"""A witness is run once more before it is shown: what a document prints was computed for that document."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symderive.claims.crosscheck import CrossCheck, Printed
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.proof.witness import Value, Witness, Worked


@dataclass(frozen=True)
class CheckedWitness:
    """A witness that has been run again, and what it shows of the claim without the hypothesis."""

    witness: Witness
    found: Worked
    control: Worked
    evidence: Evidence
    claim: Printed | None = None


def check_witness(witness: Witness, cross: CrossCheck | None = None) -> CheckedWitness:
    """Run both experiments; CheckFailed where they do not give again what the witness says.

    With `cross`, the equation that is refuted is printed and read back.

    >>> def halves(n): return Worked((("$n$", n),), "$2 (n / 2)$", claimed=n, true=2 * (n // 2))
    >>> str(check_witness(Witness("even", "Odd numbers have no half.", halves, 3, 4)).evidence)
    'refuted: claimed 3, true 2, in exact fractions'
    """
    found, control = witness.run()
    if (found, control) != (witness.found, witness.control):
        raise CheckFailed(
            f"witness for {witness.defends}: expected {witness.found.claimed} claimed, {witness.found.true} "
            f"true, as when it was made, found {found.claimed} and {found.true}"
        )
    claimed, true = value_latex(found.claimed), value_latex(found.true)
    evidence = Evidence("refuted", f"claimed ${claimed}$, true ${true}$, in exact fractions")
    shown = None
    if witness.claim is not None and cross is not None:
        claim = witness.claim
        shown = replace(cross.printed(claim.lhs, claim.rhs, claim.context), evidence=(evidence,))
    return CheckedWitness(witness, found, control, evidence, shown)


def value_latex(value: Value) -> str:
    r"""A fraction, a vector, or a matrix by its rows; a single number without brackets.

    >>> from fractions import Fraction
    >>> value_latex(Fraction(-1, 2)), value_latex((Fraction(3), Fraction(7)))
    ('-\\frac{1}{2}', '(3, 7)')
    >>> value_latex(((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))))
    '\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}'
    """
    if isinstance(value, tuple):
        if len(value) == 1 and not (isinstance(value[0], tuple) and len(value[0]) > 1):
            return value_latex(value[0])  # one number, however deep it lies
        if all(isinstance(row, tuple) for row in value):
            rows = r" \\ ".join(" & ".join(map(value_latex, row)) for row in value)
            return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"
        return f"({', '.join(map(value_latex, value))})"
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"
