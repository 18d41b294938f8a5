r"""T13. With tied hidden neurons and monotone activations the mean squared error on XOR is at least 1/6.

It is a monotone function of one linear form, and XOR asks that for more than such a function can give:

    C >= n_L / 6   for targets 0, 1, 1, 0 at four points with x_4 = x_2 + x_3 - x_1, any depth and widths
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Rational

from proofs.hidden_gradient import M
from proofs.setting import j, k, s
from proofs.tied_network import MONOTONE, ORDER, Tied, law_of, one_form, one_neuron, output_form, r, tied
from proofs.vanishing_parts import apart
from proofs.witnesses.t13 import witnesses
from symderive.calculus import IndexSum, tensor
from symderive.calculus.ranges import EMPTY, Context
from symderive.calculus.terms import Applied
from symderive.claims.evidence import Evidence
from symderive.claims.instance import at_instance
from symderive.proof import kernel
from symderive.proof.result import Argument, Proposition, Proved
from symderive.proof.tactics import Chain
from symderive.training import xor

KEY, NAME = "T13", "tied_on_xor"
SIGNS = {1: "is not negative", -1: "is not positive"}
ASSUMES = (
    "tied incoming weights", "tied biases", MONOTONE, "a parallelogram", "targets of XOR",
    *(f"the {which} difference {sign}" for which in ("first", "second") for sign in SIGNS.values()),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """The signs of both differences: which sample is the pivot, and by which two it is misplaced."""

    first: int
    second: int

    @property
    def pivot(self) -> int:
        """Samples 4 and 1 have the target 0, 2 and 3 the target 1."""
        return {(1, 1): 4, (-1, -1): 1, (1, -1): 3, (-1, 1): 2}[self.first, self.second]

    @property
    def others(self) -> tuple[int, int]:
        """The neighbours of the pivot on the square."""
        return (2, 3) if self.pivot in (1, 4) else (1, 4)

    @property
    def opposite(self) -> int:
        """The sample that the bound does not need."""
        return 5 - self.pivot

    @property
    def name(self) -> str:
        """In words."""
        return f"first difference {SIGNS[self.first]}, second {SIGNS[self.second]}"


CASES = tuple(Case(a, b) for a in (1, -1) for b in (1, -1))


def forms() -> tuple[Expr, Expr]:
    """kappa sum_k omega_k (x_2 - x_1) and kappa sum_k omega_k (x_3 - x_1)."""
    net = tied()
    x = net.tensor("x")
    first, second = (
        net.kappa[j] * IndexSum(net.omega[1, k] * (x[i, k] - x[1, k]), (k, 1, net.n[0])) for i in (2, 3)
    )
    return first, second


def bound(case: Case) -> tuple[tuple[Chain, ...], Chain]:
    """C = n_L / 6 + (1/4) sum_j (squares), where the two differences have these signs."""
    net = tied()
    a, z, laws, N = net.tensor("a"), net.tensor("z"), net.laws, net.N
    outputs = (j, 1, net.n[M + 1])
    ctx = Context.of(outputs)
    A, B = tensor("A", outputs), tensor("B", outputs)
    signed = [
        law_of(f"the {which} difference {SIGNS[sign]}", form, sign * root[j] ** 2, outputs)
        for which, form, sign, root in zip(
            ("first", "second"), forms(), (case.first, case.second), (A, B), strict=True
        )
    ]
    pivot, last = case.pivot, M + 1
    slack = {}
    placed = []
    for other in case.others:
        low, high = sorted((pivot, other))
        which = 0 if {low, high} in ({1, 2}, {3, 4}) else 1  # x_2 - x_1 = x_4 - x_3, x_3 - x_1 = x_4 - x_2
        slack[other] = (A, B)[which][j] * N[high, low, j]
        # f_high - f_low = +- (root N)^2
        difference = Chain(z[1, high, 1] - z[1, low, 1], ctx).rewrite(laws["z"]).rewrite(laws["input"])
        difference.rewrite(laws["tied w"])
        if high == 4:
            difference.rewrite(laws["parallelogram"])
        form = forms()[which]
        difference.ring(form.args[form.args.index(net.kappa[j]) - 1])
        gap = kernel.instantiate(output_form().theorem, {s: Integer(high), r: Integer(low)}, ctx)
        known = Chain(gap.lhs, ctx).then(gap, "one linear form")
        known.rewrite(difference.theorem, "difference of the weighted inputs").ring(
            apart(form) * N[high, low, j] ** 2
        )
        root = (A, B)[which][j]
        known.rewrite(signed[which]).ring((case.first, case.second)[which] * root**2 * N[high, low, j] ** 2)
        value, sign = a[last, pivot, j], 1 if other == high else -1
        moved = Chain(a[last, other, j], ctx).ring(
            value + sign * apart(gap.lhs), "the pivot and the difference"
        )
        placed.append(
            moved.rewrite(known.theorem, "difference of the outputs").ring(value + sign * known.now)
        )
    chain = Chain(net.tensor("C")(), EMPTY).rewrite(laws["C"])
    chain = _four(chain).rewrite(laws["targets"])
    for moved in placed:
        chain.rewrite(moved.theorem, "order of the outputs")
    return tuple(placed), chain.ring(_goal(net, case, slack), "completed to squares")


def _four(chain: Chain) -> Chain:
    """The sum over the four samples written out."""
    for at in (1, 2, 3):
        chain.split(lambda e, at=at: Integer(at) if (e.lo, e.hi) == (at, 4) else None, "sample by sample")  # type: ignore[misc]
    return chain.single()


def _goal(net: Tied, case: Case, slack: dict[int, Expr]) -> Expr:
    """n_L / 6 + (1/4) sum_j ((f_o - y_o)^2 + 3 (f_p - p + t/3)^2 + 2t/3 + (r^4 + q^4)/3 + (r^2 - q^2)^2/3)

    p = 1/3 for a pivot p with the target 1, whose neighbours f_o = f_p + r^2, f_p + q^2 have the target 0;
    else p = 2/3, and t = -(r^2 + q^2) in the first of these squares.
    """
    a = net.tensor("a")
    f, target = a[M + 1, case.pivot, j], 1 if case.pivot in (2, 3) else 0
    r2, q2 = (e**2 for e in slack.values())
    third = Rational(1, 3)
    middle = f - third + (r2 + q2) / 3 if target else f - 2 * third - (r2 + q2) / 3
    rest = (a[M + 1, case.opposite, j] - target) ** 2
    squares = rest + 3 * middle**2 + 2 * third * (r2 + q2) + (r2**2 + q2**2) / 3 + (r2 - q2) ** 2 / 3
    n = net.n[M + 1]
    return n / 6 + IndexSum(squares, (j, 1, n)) / 4


def numeric(seed: int) -> tuple[Evidence, ...]:
    """Training runs on XOR, and each bound at a network of the reference."""
    return (*xor.evidence(seed), *instances(seed))


def instances(seed: int) -> tuple[Evidence, ...]:
    """Tied networks of the reference, one for each case; slopes between samples are those of its outputs."""
    theorems = {p.name: p.theorem for p in prove().propositions}
    net = tied()
    n = net.n
    activation = net.laws["a"].rhs
    assert isinstance(activation, Applied)
    name = activation.function.name
    widths = (2, 3, 2, 1)
    sizes = {M: 2, **{n[i]: width for i, width in enumerate(widths)}}
    found = []
    for case in CASES:
        given = xor.tied_numbers(seed, widths, (case.first, case.second))
        given["x"], given["y"] = xor.INPUTS, xor.TARGETS
        found.append(
            at_instance(
                theorems[f"bound, {case.name}"], f"bound, {case.name}", given, sizes, seed,
                functions={name: lambda order, z: math.tanh(z)},
            )
        )  # fmt: skip
    return tuple(found)


@cache
def prove() -> Proved:
    """Any number of hidden layers, all widths, any monotone activations, any parallelogram for the inputs."""
    net = tied()
    first, second = one_neuron()
    always, start, step = one_form()
    outputs = output_form()
    bounds = []
    for case in CASES:
        placed, chain = bound(case)
        text = (
            f"The {case.name}: then samples {case.others[0]} and {case.others[1]} lie on the wrong side "
            f"of sample "
            f"{case.pivot}, and the cost is a sixth of the number of outputs and a sum of squares."
        )
        arguments = [Argument.of(f"Output {o}", c) for o, c in zip(case.others, placed, strict=True)]
        bounds.append(
            Proposition(
                f"bound, {case.name}", text, chain.theorem, (*arguments, Argument.of("The cost", chain))
            )
        )
    return Proved(
        KEY,
        NAME,
        "What a fully tied network cannot do",
        "Where all neurons of each hidden layer share their incoming weights and their bias, the network "
        "is a function of one linear form of the input, and with monotone activations every output is a "
        "monotone one: the slope between any two samples has the sign of kappa. Then XOR is out of reach: "
        "for four inputs that form a parallelogram, as 00, 01, 10, 11 do, with the targets 0, 1, 1, 0, the "
        "mean squared error of every output is at least 1/6. Every real number is the square of a real "
        "number or its negative, so that the four cases, by the signs of the two differences of the form, "
        "are all there are. That an activation is monotone is stated with a slack for each two samples: "
        "the slope between them is a square.",
        net.system,
        (
            Proposition(
                "one neuron, weighted input",
                "Tied neurons have equal weighted inputs.",
                first.theorem,
                (Argument.of("The weighted input", first),),
            ),
            Proposition(
                "one neuron",
                "Tied neurons have equal activations.",
                second.theorem,
                (Argument.of("The activation", second),),
            ),
            Proposition(
                "one linear form",
                "Two samples differ in any hidden layer by their difference in the first, times a slope "
                "whose sign does not depend on the samples.",
                always,
                (Argument.of("The first hidden layer", start), Argument.of("From layer to layer", step)),
            ),
            Proposition(
                "monotone output",
                "Two samples differ in an output by their difference in the one linear form, times a slope "
                "whose "
                "sign does not depend on the samples.",
                outputs.theorem,
                (Argument.of("The output", outputs),),
            ),
            *bounds,
        ),
        order=ORDER,
        sources=("Minsky, Papert 1969", "Goodfellow, Bengio, Courville 2016, section 6.1"),
        witnesses=witnesses(),
    )
