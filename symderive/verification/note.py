"""What a colleague would write: which parameter, how far, what it looks like, and what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symderive.claims.evidence import Evidence
from symderive.verification.backward import Key
from symderive.verification.diagnosis import Diagnosis
from symderive.verification.measured import Found, close, floor_of
from symderive.verification.network import Network
from symderive.verification.quantities import Quantities

MOST_LISTED = 6


@dataclass(frozen=True)
class Noted:
    """What a note tells beside the numbers: diagnosis, equations, example, how it was measured."""

    tolerance: float
    diagnosis: Diagnosis | None
    conventions: Sequence[str]
    evidence: Sequence[Evidence]
    first: str = ""
    latex: Sequence[str] = ()
    example: Sequence[str] = ()


def success(status: str, error: float, conventions: Sequence[str], evidence: Sequence[Evidence]) -> str:
    """The note on a gradient that holds."""
    lines = [f"The gradient agrees with the derivation ({status}, largest relative error {error:.1e})."]
    lines += [f"  - {c}" for c in conventions]
    lines += [f"  - {e}" for e in evidence[1:]]
    return "\n".join(lines)


def failure(
    network: Network,
    q: Quantities,
    found: Found,
    at: tuple[str, tuple[int, ...], Any, Any, float],
    noted: Noted,
) -> str:
    """The note on a gradient that does not."""
    name, index, expected, value, error = at
    tolerance, diagnosis, first = noted.tolerance, noted.diagnosis, noted.first
    truth = dict(sorted(q.by_key.items(), key=_in_order))
    wrong = wrong_keys(q, found, tolerance)
    fine = [k for k in truth if k not in wrong]
    lines = [
        f"The gradient is wrong in {_names(wrong) or name}"
        + (f"; {_names(fine)} {'are' if len(fine) > 1 else 'is'} right." if fine else ".")
    ]
    if first:
        lines.append(first)
    lines.append(_place(name, index, expected, value, error))
    lines += [line for k in wrong[:MOST_LISTED] if (line := _entries(k, truth[k], found[k], tolerance))]
    if len(wrong) > MOST_LISTED:
        lines.append(f"  and {len(wrong) - MOST_LISTED} more parameters")
    if diagnosis is not None:
        lines.append(f"What it looks like: {diagnosis}.")
    elif error < 1e-4:
        lines.append(
            "It is close: if it is meant to be rounded or a finite difference, give "
            f"tolerance= (now {tolerance:g})."
        )
    else:
        lines.append("None of the usual faults, nor a pair of them, explains it.")
    lines.append("What is right, as derived:")
    lines += [f"  {equation}" for equation in equations(network, wrong)]
    if q.scale != 1:
        lines.append(f"  each added up over the samples and divided by N = {q.case.samples}")
    else:
        lines.append("  each added up over the samples")
    if q.decay:
        lines.append(f"  and {q.decay:g} w for the regularisation, at weights alone")
    if noted.latex:
        lines.append("In LaTeX, with W and the samples as your arrays have them:")
        lines += [f"  {line}" for line in noted.latex]
    if noted.example:
        lines.append(f"The smallest counterexample found, {noted.example[0]}")
        lines += noted.example[1:]
    lines.append("How it was measured:")
    lines += [f"  - {c}" for c in noted.conventions]
    lines += [f"  - {e}" for e in noted.evidence[1:]]
    return "\n".join(lines)


def wrong_keys(q: Quantities, found: Found, tolerance: float) -> list[Key]:
    """The parameters whose gradients are wrong, in the order W1, b1, W2, .."""
    floor = floor_of(q.by_key)
    return [
        k
        for k, t in sorted(q.by_key.items(), key=_in_order)
        if (v := found[k]) is None or not close(v, t, tolerance, floor)
    ]


def _in_order(item: tuple[Key, Any]) -> tuple[int, bool]:
    (kind, l), _ = item
    return l, kind == "b"


def equations(network: Network, wrong: Sequence[Key]) -> list[str]:
    """The derived equations of the gradients that are wrong, and of the deltas they use, for one sample.

    >>> from symderive.verification.network import network_of
    >>> net = network_of({"widths": [4, 5, 3], "activation": "tanh", "cost": "squared_error"})
    >>> for line in equations(net, [("b", 1)]):
    ...     print(line)
    delta[1, j] := tanh'(z[1, j])*(sum(delta[2, k]*w[2, k, j], k=1..3))  for j in 1..5
    grad_b[1, j] := delta[1, j]  for j in 1..5
    """
    layers = sorted({l for _, l in wrong}, reverse=True)[:3]
    found = [str(d) for l in layers for d in network.derivation.delta(l)]
    for l in layers:
        for kind, name in (("W", "w"), ("b", "b")):
            if (kind, l) in wrong:
                found += [str(d) for d in network.derivation.gradient(name, l)]
    return found


def _names(keys: Sequence[Key]) -> str:
    names = [f"d{kind}{l}" for kind, l in keys]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)


def _place(name: str, index: tuple[int, ...], expected: Any, value: Any, error: float) -> str:
    if value is None:
        return f"d{name} is not there."
    if not index and np.shape(value) != np.shape(expected):
        shapes = f"shape {np.shape(value)}, expected {np.shape(expected)}"
        return f"d{name} has {shapes} (weights as n_l x n_{{l-1}})."
    where = f"d{name}[{', '.join(map(str, index))}]"
    return (
        f"The worst entry is {where} (counted from 0, weights as n_l x n_{{l-1}}): "
        f"expected {float(expected):.10g}, found {float(value):.10g}; "
        f"the largest relative error is {error:.2g}."
    )


def _entries(key: Key, truth: Any, value: Any, tolerance: float) -> str:
    """How many entries of one parameter are off, and by which ratio if it is one."""
    name = f"d{key[0]}{key[1]}"
    if value is None or value.shape != truth.shape:
        shape = None if value is None else value.shape
        return f"  {name}: shape {shape}, expected {truth.shape}"
    finite = np.isfinite(value)
    scale = max(float(np.abs(truth).max()), float(np.abs(value[finite]).max(initial=0)))
    gap = np.abs(value[finite] - truth[finite])
    endless = int((~finite).sum())
    off = int((gap > tolerance * scale).sum()) + endless
    most = f", {endless} of them nan or inf" if endless else f", by up to {float(gap.max()):.3g}"
    return f"  {name}: {off} of {value.size} entries are off{most}"
