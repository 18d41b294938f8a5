"""The rule for sums of squares: what is concluded, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernel_setting import EMPTY, TO_N, ZERO, N, assumed, j, k, w, x, y
from sympy import Symbol, exp, sqrt

from symderive.calculus import Bracket, IndexSum
from symderive.calculus.ranges import Context
from symderive.proof import kernel
from symderive.proof.certificate import certificate
from symderive.proof.checker import replay
from symderive.proof.kernel import KernelError

SQUARES = IndexSum(x[k] ** 2, (k, 1, N)) + y[1] ** 2
MATRIX = IndexSum(IndexSum(w[j, k] ** 2, (k, 1, N)), (j, 1, N))
NAMED = Symbol("k", integer=True, even=True)


def at(e: object, of: object) -> int:
    """Where a part stands."""
    return list(of.args).index(e)  # type: ignore[attr-defined]


FIRST, SECOND = at(IndexSum(x[k] ** 2, (k, 1, N)), SQUARES), at(y[1] ** 2, SQUARES)
WEIGHTED = N * exp(x[1]) * (y[1] - x[2])
DIFFERENCE = at(y[1] - x[2], WEIGHTED)
INVERSE = 1 / (1 + x[1] ** 2)

PROVED: tuple[tuple[str, Callable[[], kernel.Theorem], str], ...] = (
    ("a term", lambda: kernel.vanishing(assumed("h", SQUARES, 0), (SECOND, 0)), "; h |- y[1] = 0"),
    (
        "each term of a sum",
        lambda: kernel.vanishing(assumed("h", SQUARES, 0), (FIRST, k, 0)),
        "k in 1..N; h |- x[k] = 0",
    ),
    (
        "a sum of sums",
        lambda: kernel.vanishing(assumed("h", MATRIX, 0), (j, k, 0)),
        "j in 1..N, k in 1..N; h |- w[j, k] = 0",
    ),
    (
        "a factor of unknown sign",
        lambda: kernel.vanishing(assumed("h", WEIGHTED, 0), (DIFFERENCE,)),
        "; h |- -x[2] + y[1] = 0",
    ),
    ("an odd power", lambda: kernel.vanishing(assumed("h", x[1] ** 3, 0), (0,)), "; h |- x[1] = 0"),
    (
        "within a context",
        lambda: kernel.vanishing(assumed("h", x[k] ** 2, 0, (k, 1, N)), (0,)),
        "k in 1..N; h |- x[k] = 0",
    ),
    ("nowhere", lambda: kernel.vanishing(assumed("h", x[1], 0), ()), "; h |- x[1] = 0"),
)

REFUSED: tuple[tuple[str, Callable[[], object], str], ...] = (
    (
        "no premise",
        lambda: kernel.vanishing(None, ()),  # type: ignore[arg-type]
        "forged premise",
    ),
    (
        "not 0",
        lambda: kernel.vanishing(assumed("h", x[1] ** 2, 1), (0,)),
        "vanishing: expected an equation with 0 on the right, found 1",
    ),
    (
        "terms that cancel",
        lambda: kernel.vanishing(assumed("h", x[1] ** 2 + y[1], 0), (at(y[1], x[1] ** 2 + y[1]),)),
        "is not seen to be at least 0",
    ),
    (
        "terms of a sum that cancel",
        lambda: kernel.vanishing(assumed("h", IndexSum(x[k], (k, 1, N)), 0), (k,)),
        "is not seen to be at least 0",
    ),
    (
        "an even index",
        lambda: kernel.vanishing(assumed("h", MATRIX, 0), (NAMED,)),
        "expected an index without assumptions for the bound index",
    ),
    (
        "capture",
        lambda: kernel.vanishing(
            assumed("h", IndexSum(w[j, k] ** 2, (k, 1, N)), 0, ctx=Context.of((j, 1, N))),
            (j,),
        ),
        "vanishing: capture: j may not name the bound index",
    ),
    (
        "a number at a sum",
        lambda: kernel.vanishing(assumed("h", MATRIX, 0), (0,)),
        "no part 0 of",
    ),
    (
        "a letter at a product",
        lambda: kernel.vanishing(assumed("h", WEIGHTED, 0), (k,)),
        "no part k of",
    ),
    (
        "a truth value",
        lambda: kernel.vanishing(assumed("h", WEIGHTED, 0), (True,)),
        "no part True of",
    ),
    ("below the first", lambda: kernel.vanishing(assumed("h", WEIGHTED, 0), (-1,)), "no part -1 of"),
    ("beyond the last", lambda: kernel.vanishing(assumed("h", WEIGHTED, 0), (3,)), "no part 3 of"),
    (
        "the argument of a function",
        lambda: kernel.vanishing(assumed("h", Bracket.at_most(1, N - 1), 0), (1,)),
        "no part 1 of",
    ),
    ("an exponent", lambda: kernel.vanishing(assumed("h", x[1] ** 2, 0), (1,)), "no part 1 of the power"),
    ("an inverse", lambda: kernel.vanishing(assumed("h", INVERSE, 0), (0,)), "no part 0 of the power"),
    (
        "another factor may be 0",
        lambda: kernel.vanishing(assumed("h", x[1] ** 2 * y[1] ** 2, 0), (0,)),
        "is not seen to be greater than 0",
    ),
    (
        "a factor before it may be 0",
        lambda: kernel.vanishing(assumed("h", x[1] ** 2 * y[1] ** 2, 0), (1,)),
        "is not seen to be greater than 0",
    ),
)


@pytest.mark.parametrize(("step", "text"), [row[1:] for row in PROVED], ids=[row[0] for row in PROVED])
def test_what_must_be_zero_is_zero_for_kernel_and_checker(
    step: Callable[[], kernel.Theorem], text: str
) -> None:
    theorem = step()
    assert str(theorem) == text
    replayed = replay(certificate({"t": theorem})).theorems["t"]
    assert (replayed.lhs, replayed.rhs) == (theorem.lhs, ZERO)
    assert replayed.context == theorem.context.limits


@pytest.mark.parametrize(("step", "text"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_step_that_does_not_follow_is_refused(step: Callable[[], object], text: str) -> None:
    with pytest.raises(KernelError) as caught:
        step()
    assert text in str(caught.value)


def test_a_root_that_is_zero_has_nothing_under_it() -> None:
    root = sqrt(x[1] ** 2 + y[1] ** 2)
    inside = kernel.vanishing(assumed("h", root, 0), (0,))
    assert str(inside) == f"; h |- {root.base} = 0"
    assert str(kernel.vanishing(inside, (at(y[1] ** 2, root.base), 0))) == "; h |- y[1] = 0"


def test_contexts_are_as_the_kernel_has_them() -> None:
    assert TO_N.limits == kernel.vanishing(assumed("h", SQUARES, 0), (FIRST, k, 0)).context.limits
    assert EMPTY.limits == kernel.vanishing(assumed("h", SQUARES, 0), (SECOND,)).context.limits
