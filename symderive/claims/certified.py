"""A theorem with its certificate: the checker replays it, and must find what the kernel proved."""

from __future__ import annotations

from dataclasses import dataclass

from symderive.claims.evidence import CheckFailed, Evidence
from symderive.displayed import Displayed
from symderive.proof.certificate import certificate, named_theorems
from symderive.proof.checker import CheckerError, Sequent, replay
from symderive.proof.kernel import Theorem
from symderive.proof.result import Proved

REPLAYED = Evidence("proved", "by the kernel, for all sizes; replayed by the checker")


@dataclass(frozen=True, repr=False)
class Certified(Displayed):
    """The certificate of a theorem with all its chains, and how many steps the checker replayed."""

    text: str
    steps: int


def certified(proved: Proved) -> Certified:
    """Write the certificate, replay it, and compare what it proves; CheckFailed where anything differs.

    >>> from symderive.library import prove
    >>> certified(prove("T1")).steps > 10
    True
    """
    theorems = named_theorems(proved)
    text = certificate(theorems)
    try:
        found = replay(text)
    except CheckerError as error:
        raise CheckFailed(f"{proved.key}: the checker refuses the certificate: {error}") from error
    for name, t in theorems.items():
        if name not in found.theorems or not says(found.theorems[name], t):
            raise CheckFailed(f"{proved.key}, {name}: the checker found another theorem than the kernel")
    return Certified(text, found.steps)


def says(s: Sequent, t: Theorem) -> bool:
    """Whether a replayed sequent is the theorem: context, hypotheses and both sides.

    >>> from symderive.library import prove
    >>> p, q = (x.theorem for x in prove("T1").propositions[:2])
    >>> s = replay(certificate({"one layer": p})).theorems["one layer"]
    >>> says(s, p), says(s, q)
    (True, False)
    """
    hypotheses = {(h.name, h.kind, h.lhs, h.rhs, h.indices, h.reals) for h in t.hypotheses}
    return (s.context, set(s.hypotheses), s.lhs, s.rhs) == (t.context.limits, hypotheses, t.lhs, t.rhs)
