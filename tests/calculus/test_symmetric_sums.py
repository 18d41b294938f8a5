"""Sums over many indices of one range: `equal` says yes exactly where renaming the indices makes them one.

Products such as A_ij A_jk A_ki are pictures of graphs, the hardest case for a canonical order of bound
indices. The truth is found by trying all bijections, and by exact values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations
from random import Random
from typing import Any

import pytest

from symderive.calculus import IndexSum, indices, size, tensor
from symderive.calculus.normal_form import equal, normal_form
from symderive.evaluation.exact import Assignment, evaluate_exact

N = size("N")
names = indices("i j k l p q")
u, v = indices("u v")
A, B = tensor("A", (u, 1, N), (v, 1, N)), tensor("B", (u, 1, N), (v, 1, N))
x = tensor("x", (u, 1, N))
f = tensor("f", (u, 1, N))

Factor = tuple[Any, tuple[int, ...]]


def random_factors(r: Random, count: int, length: int) -> list[Factor]:
    """Entries with index numbers; negative is a free index."""
    kinds = [A, A, A, B, x, f]
    found = []
    for _ in range(length):
        t = r.choice(kinds[: r.choice((3, 6))])
        found.append((t, tuple(r.randrange(count) if r.random() < 0.95 else -1 for _ in range(t.rank))))
    return found


def term(factors: Sequence[Factor], count: int, r: Random) -> Any:
    """The sum over all index numbers, with letters, factors and sums in random order."""
    letters = r.sample(names, count)
    body = 1
    for t, index in r.sample(factors, len(factors)):
        body = body * t[tuple(u if a < 0 else letters[a] for a in index)]
    for s in r.sample(letters, count):
        body = IndexSum(body, (s, 1, N))
    return body


def same_picture(a: list[Factor], b: list[Factor], count: int) -> bool:
    """Whether some bijection of the index numbers turns a into b."""
    target = Counter(b)
    return any(
        Counter((t, tuple(s if s < 0 else p[s] for s in index)) for t, index in a) == target
        for p in permutations(range(count))
    )


def near(r: Random, factors: list[Factor], count: int) -> list[Factor]:
    """One index of one factor moved, or the indices of one turned round."""
    p = r.randrange(len(factors))
    t, index = factors[p]
    if t.rank == 2 and r.random() < 0.5:
        new = index[::-1]
    else:
        place = r.randrange(t.rank)
        new = (*index[:place], r.randrange(count), *index[place + 1 :])
    return [*factors[:p], (t, new), *factors[p + 1 :]]


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_equal_is_the_same_picture(count: int) -> None:
    yes = no = 0
    for seed in range(120):
        r = Random(seed)
        factors = random_factors(r, count, r.randint(count, count + 3))
        other = near(r, factors, count)
        one, same, moved = (term(g, count, r) for g in (factors, factors, other))
        assert equal(one, same) and normal_form(one) == normal_form(same), (seed, str(one), str(same))
        expected = same_picture(factors, other, count)
        assert equal(one, moved) == expected, (seed, str(one), str(moved))
        yes, no = yes + expected, no + (not expected)
    assert no > 40 and (count > 2 or yes > 5)


def test_different_pictures_have_different_values_somewhere() -> None:
    """The two notions of truth agree."""
    told_apart = 0
    for seed in range(60):
        r = Random(seed)
        factors = random_factors(r, 3, 4)
        other = near(r, factors, 3)
        pairs = [
            [evaluate_exact(term(g, 3, r), Assignment({N: 3, u: 2}, seed=s)) for g in (factors, other)]
            for s in range(3)
        ]
        differ = any(a != b for a, b in pairs)
        assert differ == (not same_picture(factors, other, 3)), seed
        told_apart += differ
    assert told_apart > 20


@pytest.mark.parametrize("length", [3, 4, 5, 6])
def test_cycles(length: int) -> None:
    """trace A^n, however it is written; a turned factor is another term, unless the picture allows it."""
    around = [(A, (s, (s + 1) % length)) for s in range(length)]
    turned = [(A, (1, 0)), *around[1:]]
    backwards = [(A, (b, a)) for _, (a, b) in around]
    r = Random(length)
    assert equal(term(around, length, r), term(around, length, r))
    assert equal(term(around, length, r), term(backwards, length, r))
    assert not equal(term(around, length, r), term(turned, length, r))
    if length == 6:
        two = [(A, (s, (s + 1) % 3)) for s in range(3)] + [(A, (3 + s, 3 + (s + 1) % 3)) for s in range(3)]
        assert not equal(term(around, 6, r), term(two, 6, r))
        single = term([(A, (s, (s + 1) % 3)) for s in range(3)], 3, r)
        assert equal(term(two, 6, r), single**2)


def test_indices_of_different_ranges_do_not_change_places() -> None:
    i, j = indices("i j")
    M = size("M")
    one = IndexSum(IndexSum(A[i, j], (j, 1, M)), (i, 1, N))
    other = IndexSum(IndexSum(A[j, i], (j, 1, M)), (i, 1, N))
    assert not equal(one, other)
    assert equal(one, IndexSum(IndexSum(A[j, i], (j, 1, N)), (i, 1, M)))
    triangle = IndexSum(IndexSum(A[i, j], (j, 1, i)), (i, 1, N))
    assert not equal(triangle, IndexSum(IndexSum(A[j, i], (j, 1, i)), (i, 1, N)))
