"""`symderive derive`: a user's network derived, and cross-checked on random input and on a file's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from symderive import reference
from symderive.claims.against_reference import Data
from symderive.claims.derivation import CheckedDerivation, check_derivation
from symderive.derivation import derive
from symderive.documents.blocks import Document
from symderive.documents.derivation_document import derivation_document
from symderive.errors import SymderiveError
from symderive.systems import mlp

RANDOM_SAMPLES = 7
# samples times parameters; each parameter is moved by itself to find the true gradient: about a minute
MOST_MOVES = 1_000_000
STAND_IN_DEPTH = 3


@dataclass(frozen=True)
class Request:
    """A network as the command line names it."""

    widths: tuple[int, ...] | None = None
    depth: int | None = None
    activation: str | tuple[str, ...] = "generic"
    output: str | None = None
    cost: str = "generic"
    factor: Fraction | None = None
    samples: int | str | None = None
    reduction: str = "mean"
    relu_at_zero: Fraction = Fraction(0)
    data: Path | None = None
    seed: int = 0
    composed: bool = False
    explicit: bool = False


@dataclass(frozen=True)
class Outcome:
    """The checked derivation and its document."""

    checked: CheckedDerivation
    document: Document

    def as_json(self) -> dict[str, Any]:
        """The outcome for machines."""
        return {
            "equations": [
                {
                    "latex": c.printed.latex,
                    "ranges": list(c.printed.conditions),
                    "evidence": [
                        {
                            "status": e.status,
                            "method": e.text,
                            "error": e.error,
                            "points": e.points,
                            "seed": e.seed,
                        }
                        for e in c.printed.evidence
                    ],
                }
                for c in self.checked.derived
            ],
            "comparisons": [
                {
                    "method": c.method,
                    "samples": c.samples,
                    "largest_error": c.worst,
                    "entries_left_out": c.skipped,
                }
                for c in self.checked.comparisons
            ],
        }


def run(request: Request) -> Outcome:
    """Derive and cross-check; raises SymderiveError for what does not fit, CheckFailed for what disagrees."""
    if request.widths is not None and request.depth is not None:
        raise SymderiveError(
            "expected --widths or --depth, found both: the widths say how many layers there are"
        )
    if request.factor == 0:
        raise SymderiveError("factor: expected a number other than 0, found 0: such a cost has no gradient")
    data = _load(request)
    if data is not None and request.samples is None:
        request = replace(request, samples="B")
    system = mlp(
        widths=request.widths,
        depth=request.depth,
        activation=request.activation,
        output=request.output,
        cost=request.cost,
        factor=request.factor,
        samples=request.samples,
        reduction=request.reduction,
        relu_at_zero=request.relu_at_zero,
    )
    network = reference_network(request)
    samples = request.samples if isinstance(request.samples, int) else RANDOM_SAMPLES
    _affordable(network, samples if request.samples is not None else 1)
    random = Data.random(network, samples, request.seed)
    comparisons = [(network, random)]
    if data is not None:
        if isinstance(request.samples, int) and request.samples != len(data[0]):
            raise SymderiveError(
                f"samples: expected {request.samples} rows in the file, found {len(data[0])}; "
                "leave --samples out"
            )
        found = Data(random.weights, random.biases, *data, request.seed)
        # a number of samples stands in the equations: all or none
        comparisons.append((network, found if isinstance(request.samples, int) else found.affordable()))
    forms = ["matrix", *(name for name in ("composed", "explicit") if getattr(request, name))]
    if request.explicit and request.widths is None:
        raise SymderiveError("expected --widths with --explicit, found none: every component is written out")
    checked = check_derivation(derive(system), comparisons, request.seed, forms=forms)
    return Outcome(checked, derivation_document(checked, title(request), summary(request)))


def reference_network(request: Request) -> reference.Network:
    """The reference network of the same kind; what is arbitrary in the request gets a stand-in."""
    depth = request.depth or STAND_IN_DEPTH
    widths = request.widths or stand_in_widths(depth)
    given = request.activation
    names = [given] * (len(widths) - 1) if isinstance(given, str) else list(given)
    names[-1] = _output(request) or names[-1]
    loss = "squared_error" if request.cost == "generic" else request.cost
    if loss == "cross_entropy" and names[-1] == "softmax":
        names[-1], loss = "identity", "softmax_cross_entropy"  # the same function of the weighted inputs
    elif loss == "cross_entropy" or names[-1] == "softmax":
        raise SymderiveError(
            f"expected a softmax output together with cross_entropy, as the NumPy reference has them, "
            f"found {names[-1]} with {request.cost}"
        )
    factor = Fraction(1, 2) if request.factor is None else request.factor
    return reference.Network(
        tuple(widths),
        ["tanh" if n == "generic" else n for n in names],
        loss,
        reduction=request.reduction if request.samples is not None else "sum",
        factor=float(factor),
        relu_at_zero=float(request.relu_at_zero),
    )


def _output(request: Request) -> str | None:
    """The last activation, if it differs: cross-entropy takes probabilities."""
    if request.output is None and request.cost == "cross_entropy" and isinstance(request.activation, str):
        return "softmax"
    return request.output


def _affordable(network: reference.Network, samples: int) -> None:
    pairs = zip(network.widths, network.widths[1:], strict=False)
    parameters = sum(n * (m + 1) for m, n in pairs)
    if parameters * samples > MOST_MOVES:
        raise SymderiveError(
            f"expected at most {MOST_MOVES:,} parameters times samples for the numeric check, found "
            f"{parameters:,} times {samples:,}: leave the widths or the samples symbols, or make them smaller"
        )


def stand_in_widths(depth: int) -> tuple[int, ...]:
    """Widths for a symbolic network: all differ, up to ten.

    >>> stand_in_widths(3)
    (4, 3, 5, 2)
    """
    cycle = (4, 3, 5, 2, 6, 8, 9, 10, 11, 12)
    return tuple(cycle[m % len(cycle)] for m in range(depth + 1))


def _load(request: Request) -> tuple[Any, Any] | None:
    if request.data is None:
        return None
    if request.widths is None:
        raise SymderiveError("expected --widths with --data, found none: the columns must fit the network")
    # classes may stand for probabilities
    cost = "softmax_cross_entropy" if request.cost == "cross_entropy" else request.cost
    return reference.load_data(request.data, request.widths[0], request.widths[-1], cost)


def title(request: Request) -> str:
    """A title that says which network it is."""
    if request.widths is not None:
        return "Backpropagation in the network " + "-".join(map(str, request.widths))
    if request.depth is not None:
        layers = "layer" if request.depth == 1 else "layers"
        return f"Backpropagation in a network of {request.depth} {layers}"
    return "Backpropagation for every depth"


def summary(request: Request) -> str:
    """One paragraph: activation, cost, samples."""
    names: Sequence[str] = [request.activation] if isinstance(request.activation, str) else request.activation
    shown = ", ".join("an arbitrary activation" if n == "generic" else n for n in names)
    output = _output(request)
    if output is not None:
        shown += f", at the output {output}"
    cost = "an arbitrary cost" if request.cost == "generic" else request.cost.replace("_", " ")
    batch = (
        "one sample"
        if request.samples is None
        else f"a batch of {request.samples} samples ({request.reduction})"
    )
    return f"Activation: {shown}. Cost: {cost}. Input: {batch}."
