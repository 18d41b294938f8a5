"""The coarsest balanced colouring against all colourings there are, on networks small enough to list them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from symderive.claims.colouring import coarsest_balanced_colouring, is_balanced
from symderive.errors import SymderiveError

Colouring = tuple[tuple[int, ...], ...]


def partitions(n: int) -> Iterator[tuple[int, ...]]:
    """All colourings of n neurons, each named once: a new colour is the next number."""

    def go(done: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(done) == n:
            yield done
            return
        for c in range(max(done, default=-1) + 2):
            yield from go((*done, c))

    yield from go(())


def colourings(widths: Sequence[int]) -> Iterator[Colouring]:
    hidden = [list(partitions(n)) for n in widths[1:-1]]
    for middle in product(*hidden):
        yield (tuple(range(widths[0])), *middle, tuple(range(widths[-1])))


def balanced_by_hand(w: Any, b: Any, colours: Colouring) -> bool:
    """The definition as it is written, apart from the package: sums as indicator matrices."""
    one = [np.array([[int(c == k) for k in sorted(set(cs))] for c in cs]) for cs in colours]
    for m in range(1, len(colours) - 1):
        into = np.array(w[m - 1], dtype=object) @ one[m - 1]
        out = np.array(w[m], dtype=object).T @ one[m + 1]
        for p, q in product(range(len(colours[m])), repeat=2):
            if colours[m][p] != colours[m][q]:
                continue
            if b[m - 1][p] != b[m - 1][q] or any(into[p] != into[q]) or any(out[p] != out[q]):
                return False
    return True


def refines(fine: Colouring, coarse: Colouring) -> bool:
    """Whether neurons of one colour in `fine` have one colour in `coarse`."""
    return all(
        c[p] == c[q]
        for f, c in zip(fine, coarse, strict=True)
        for p, q in product(range(len(f)), repeat=2)
        if f[p] == f[q]
    )


def small_network(rng: random.Random) -> tuple[list[Any], list[Any], list[int]]:
    """Few different numbers, so that many neurons are alike; at times copied on purpose."""
    widths = rng.choice([[1, 4, 2], [2, 3, 3, 1], [1, 3, 4, 2], [2, 2, 3, 2, 1], [1, 5, 1], [1, 3, 3, 3, 1]])
    numbers = rng.choice([(0, 1), (1, 2), (0, 1, 2), (Fraction(1, 2), Fraction(1, 3))])
    w: list[Any] = [[[rng.choice(numbers) for _ in range(n)] for _ in range(m)] for n, m in pairwise(widths)]
    b = [[rng.choice((0, 0, 0, 1)) for _ in range(m)] for m in widths[1:]]
    if rng.random() < 0.7:  # inputs that all neurons see alike
        w[0] = [[rng.choice(numbers)] * widths[0] for _ in range(widths[1])]
        if rng.random() < 0.7:
            w[0] = [w[0][0]] * widths[1]
            b[0] = [0] * widths[1]
    if rng.random() < 0.5:
        w[-1] = [[rng.choice(numbers)] * widths[-2] for _ in range(widths[-1])]
    return w, b, widths


@pytest.mark.parametrize("block", range(4))
def test_it_is_the_coarsest_of_all_balanced_colourings(block: int) -> None:
    rng = random.Random(block)
    coarser = several = 0
    for _ in range(60):
        w, b, widths = small_network(rng)
        found = coarsest_balanced_colouring(w, b)
        balanced = [c for c in colourings(widths) if balanced_by_hand(w, b, c)]
        assert found in balanced
        assert all(refines(c, found) for c in balanced)
        for c in colourings(widths):
            assert is_balanced(w, b, c) == (c in balanced)
        coarser += len(balanced) > 1
        several += any(len(set(map(tuple, zip(*m, strict=True)))) > 1 for m in w)
    assert coarser >= 20 and several >= 40  # the discrete colouring is always balanced: it must not be alone


def test_partitions_are_counted_by_the_bell_numbers() -> None:
    assert [len(set(partitions(n))) for n in range(1, 7)] == [1, 2, 5, 15, 52, 203]


def test_the_order_of_neurons_does_not_matter() -> None:
    rng = random.Random(5)
    for _ in range(40):
        w, b, widths = small_network(rng)
        pi = [list(range(n)) for n in widths]
        for p in pi[1:-1]:
            rng.shuffle(p)
        moved = [[[m[j][k] for k in pi[n]] for j in pi[n + 1]] for n, m in enumerate(w)]
        found = coarsest_balanced_colouring(w, b)
        other = coarsest_balanced_colouring(moved, [[v[j] for j in pi[n + 1]] for n, v in enumerate(b)])
        for n, p in enumerate(pi):
            same = [found[n][j] for j in p]
            assert all((u == v) == (s == t) for u, s in zip(same, other[n], strict=True)
                       for v, t in zip(same, other[n], strict=True))  # fmt: skip


def test_weights_may_differ_within_a_colour_but_not_their_sums() -> None:
    w = [[[1], [1], [2], [2]], [[1, 2, 1, 3], [2, 1, 3, 1]], [[4, 4]]]
    b: list[Any] = [[0, 0, 5, 5], [7, 7], [1]]
    assert coarsest_balanced_colouring(w, b) == ((0,), (0, 0, 1, 1), (0, 0), (0,))
    for place, change in (((0, 0, 0), 9), ((1, 0, 0), 9), ((2, 0, 0), 9)):
        other = [[list(r) for r in m] for m in w]
        m, j, k = place
        other[m][j][k] = change
        assert coarsest_balanced_colouring(other, b)[1][:2] == (0, 1)
    assert coarsest_balanced_colouring(w, [[0, 0, 5, 6], [7, 7], [1]])[1:3] == ((0, 1, 2, 3), (0, 1))
    # a colour that splits in layer 2 splits layer 1, too
    assert coarsest_balanced_colouring(w, [[0, 0, 5, 5], [7, 8], [1]])[1:3] == ((0, 1, 2, 3), (0, 1))


def test_floats_need_a_tolerance() -> None:
    w = [np.array([[0.1 + 0.2], [0.3]]), np.array([[1.0, 1.0]])]
    b = [np.zeros(2), np.zeros(1)]
    assert coarsest_balanced_colouring(w, b) == ((0,), (0, 1), (0,))
    assert coarsest_balanced_colouring(w, b, 1e-12) == ((0,), (0, 0), (0,))
    assert is_balanced(w, b, [[0], [0, 0], [0]], 1e-12) and not is_balanced(w, b, [[0], [0, 0], [0]])
    # a chain of close numbers is one class, whatever the order
    chain = [np.array([[1.0], [1.15], [1.08], [2.0]]), np.ones((1, 4))]
    assert coarsest_balanced_colouring(chain, [np.zeros(4), np.zeros(1)], 0.05)[1] == (0, 0, 0, 1)


def test_sums_of_integers_do_not_overflow() -> None:
    huge = 2**62
    w = [np.array([[1], [1]]), np.array([[huge, 0], [huge, 0], [huge, 0], [huge, 0]]), np.ones((1, 4), int)]
    b = [np.zeros(2, int), np.zeros(4, int), np.zeros(1, int)]
    assert coarsest_balanced_colouring(w, b)[1] == (0, 1)


def test_it_is_fast_enough_for_a_real_network() -> None:
    """Five groups of tied neurons in each of two layers of 60."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(5), 12)
    w = [rng.normal(size=(5, 10))[group], rng.normal(size=(5, 5))[np.ix_(group, group)],
         rng.normal(size=(3, 5))[:, group]]  # fmt: skip
    b = [rng.normal(size=5)[group], rng.normal(size=5)[group], rng.normal(size=3)]
    found = coarsest_balanced_colouring(w, b, 1e-12)
    assert found[1] == found[2] == tuple(group)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: coarsest_balanced_colouring([], []), "weights and biases of each layer, found 0 and 0"),
        (lambda: coarsest_balanced_colouring([[[1]]], []), "found 1 and 0"),
        (
            lambda: coarsest_balanced_colouring([[[1], [1]], [[1]]], [[0, 0], [0]]),
            r"layer 2: expected rows of 2 weights, one bias for each, found 1 rows of \[1\] and 1 biases",
        ),
        (lambda: coarsest_balanced_colouring([[[1], [1, 2]]], [[0, 0]]), "layer 1: expected rows of 1 "),
        (lambda: coarsest_balanced_colouring([[[1]]], [[0, 0]]), "layer 1: .* and 2 biases"),
        (lambda: coarsest_balanced_colouring([[[float("nan")]]], [[0]]), "finite numbers .*, found nan"),
        (lambda: coarsest_balanced_colouring([[[1]]], [[True]]), "finite numbers .*, found True"),
        (lambda: coarsest_balanced_colouring([[[1]]], [[0]], 2), "tolerance: .* from 0 and below 1, found 2"),
        (lambda: is_balanced([[[1]]], [[0]], [[0], [0, 0]]), r"colours: expected \[1, 1\].*\[1, 2\]"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused(made: Any, says: str) -> None:
    with pytest.raises(SymderiveError, match=says):
        made()


def test_inputs_have_colours_of_their_own() -> None:
    assert not is_balanced([[[1, 1]]], [[0]], [[0, 0], [0]])
    assert is_balanced([[[1, 1]]], [[0]], [[0, 1], [0]])
