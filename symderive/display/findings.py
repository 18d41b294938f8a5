"""How findings show: verdicts, evidence, reports on another library's gradient, stability of ties."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from symderive.bridges.bridged import Bridged
from symderive.bridges.verification import Verified
from symderive.claims.certified import Certified
from symderive.claims.crosscheck import Printed
from symderive.claims.derivation import CheckedDerivation
from symderive.claims.evidence import Evidence
from symderive.display.card import Card, Equation, Fold, Grid, Part, Words, counted, joined
from symderive.display.formulas import mixed, written
from symderive.documents.blocks import Math
from symderive.formulas.verdict import Verdict
from symderive.verification import GradientVerdict


def evidence(e: Evidence) -> Card:
    """Status, method, error."""
    said = str(e).removeprefix(e.status).removeprefix(": ")
    if "$" in e.text:
        said = e.text + said[len(e.text.replace("$", "")) :]
    return Card(mixed(said), (), e.status)


def verdict(v: Verdict) -> Card:
    """The formula, what is known of it, and what would be right; the counterexample unfolds."""
    body: list[Part] = [Words(written(v.formula))] if v.formula else []
    body += [Words((f"if {c}",)) for c in v.conditions]
    if v.diagnosis:
        body.append(Words(("what is wrong: ", v.diagnosis)))
    if v.right_form:
        body.append(Words(("right form: ", *written(v.right_form))))
    if v.reason:
        body.append(Words(("because ", v.reason)))
    if v.example:
        title = f"counterexample in {counted(len(v.example), 'line')}"
        body.append(Fold((title,), tuple(Words((x,)) for x in v.example), "title"))
    if v.certificate:
        size = counted(len(v.certificate), "character")
        body.append(Words((f"certificate: {size} of JSON in .certificate",)))
    return Card((v.summary.removeprefix(f"{v.status} "),), tuple(body), v.status)


def gradient_verdict(v: GradientVerdict) -> Card:
    """What is known of a gradient function, what is wrong with it, and by which evidence."""
    body: list[Part] = [Words((line,)) for line in v.note.splitlines() if line != v.diagnosis]
    body += [Words((c,)) for c in v.conventions]
    found = tuple(Words((f"{e.status}: ", *mixed(str(e).removeprefix(f"{e.status}: ")))) for e in v.evidence)
    body += [Fold((counted(len(found), "check"),), found, "title")] if found else []
    agrees = "the gradient agrees with the derived one" if v.holds else "nothing is known of it"
    return Card((v.diagnosis or agrees,), tuple(body), v.status)


def checked_derivation(c: CheckedDerivation) -> Card:
    """Each derived equation with its evidence, and the comparison with the reference."""
    lines = tuple(
        Equation(d.printed.lhs, d.printed.rhs, reason=(", ".join(e.status for e in d.printed.evidence),))
        for d in c.derived
    )
    runs = tuple(
        Words((f"{r.method} of the NumPy reference, {counted(r.samples, 'sample')}: "
               f"largest relative error {r.worst:.1e}",))
        for r in c.comparisons
    )  # fmt: skip
    title = f"Checked derivation: {counted(c.count, 'equation')} printed, read back and tested"
    return Card((title,), (*lines, *runs))


def printed(p: Printed) -> Card:
    """The equation, where it holds, and its evidence."""
    note = joined(Math(c) for c in p.conditions)
    return Card((), (Equation(p.lhs, p.rhs, note, (", ".join(e.status for e in p.evidence),)),))


def outcome(o: Any) -> Card:
    """One theorem as `symderive prove` has it: what the checker replayed, what was tested, what Coq says."""
    counts = Counter(e.status for e in o.evidence)
    said = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
    body = [
        Words((f"{counted(o.certificate.steps, 'step')} replayed by the checker",)),
        Words((f"{counted(o.equations, 'equation')} printed and read back; evidence: {said}",)),
        *(Words((f"Coq, {c.proposition}: {c.reason or 'confirmed'}",)) for c in o.coq),
    ]
    return Card((f"{o.key}. {o.title}",), tuple(body), "proved")


def verified(v: Verified) -> Card:
    """A line for each parameter."""
    rows = tuple(((name,), (e.status,), mixed(str(e).removeprefix(f"{e.status}: "))) for name, e in
                 v.evidence.items())  # fmt: skip
    grid = Grid((("parameter",), ("status",), ("found",)), rows)
    return Card((f"gradient of {v.source}",), (grid, *(Words((n,)) for n in v.notes)), v.status)


def bridged(b: Bridged) -> Card:
    """Widths, activations, cost and arrays."""
    names = [", ".join(dict.fromkeys(getattr(f, "name", str(f)) for f in row)) for row in b.plan.functions]
    rows = tuple(((p.name,), (" x ".join(map(str, np.shape(p.value))),), (f"{p.tensor} of layer {p.layer}",))
                 for p in b.entries)  # fmt: skip
    title = f"Network from {b.source}: widths {', '.join(map(str, b.plan.widths))}; {', '.join(names)}"
    return Card(
        (f"{title}; cost {b.plan.cost}",),
        (Grid((("array",), ("shape",), ("is",)), rows), *(Words((n,)) for n in b.notes)),
    )


def certified(c: Certified) -> Card:
    """How much the checker replayed."""
    size = counted(len(c.text), "character")
    said = f"by the kernel; {counted(c.steps, 'step')} replayed by the checker, {size} of JSON in .text"
    return Card((said,), (), "proved")
