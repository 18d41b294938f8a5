"""The exact Hessian against differences in fractions; the table of the example; one neuron in two."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from symderive import reference_exact as exact
from symderive.claims.evidence import CheckFailed
from symderive.errors import SymderiveError
from symderive.training import embedding
from symderive.training.embedding import Shallow, example
from symderive.training.inertia import inertia

HALF = Fraction(1, 2)


def drawn(seed: int, H: int = 2, K: int = 2, N: int = 2, B: int = 3) -> Shallow:
    rng = random.Random(seed)

    def rows(n: int, m: int) -> list[list[Fraction]]:
        return [[Fraction(rng.randint(-4, 4), rng.choice((1, 2))) for _ in range(m)] for _ in range(n)]

    return Shallow(rows(H, K), rows(N, H), rows(B, K), rows(B, N), [0, 1, Fraction(1, 2), Fraction(-1, 3)])


def moved(at: Shallow, step: list[Fraction]) -> Shallow:
    H, K = len(at.w), len(at.w[0])
    w = [[v + step[i * K + k] for k, v in enumerate(row)] for i, row in enumerate(at.w)]
    v = [[x + step[H * K + r * H + i] for i, x in enumerate(row)] for r, row in enumerate(at.v)]
    return Shallow(w, v, at.x, at.y, at.sigma)


def test_the_table_of_fukumizu_and_amari_is_reproduced_exactly() -> None:
    at = example()
    assert at.gradient() == [0, 0]
    ww, wv, vw, vv = (value for row in at.hessian() for value in row)
    assert [[vv, wv], [vw, ww]] == [[206, 496], [496, 1195]]
    assert vv * ww - wv * vw == 154
    assert at.curvature() == [[-1]]
    found = {share: tuple(at.split(share).inertia()) for share in (-1, HALF, 2)}
    assert found == {-1: (0, 1, 3), HALF: (1, 1, 2), 2: (0, 1, 3)}


@pytest.mark.parametrize("share", [0, 1])
def test_at_the_ends_of_the_segment_the_block_is_0(share: int) -> None:
    assert tuple(example().split(share).inertia()) == (0, 2, 2)


def test_the_whole_line_is_critical() -> None:
    for n in range(-6, 7):
        assert not any(example().split(Fraction(n, 3)).gradient())


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_exact_reference(seed: int) -> None:
    at = drawn(seed)
    net = exact.Network((2, 2, 2), [exact.polynomial(*at.sigma), "identity"], factor=HALF)
    theta = exact.Parameters.of([at.w, at.v], [(0, 0), (0, 0)])
    sums = [Fraction(0)] * 8
    for x, y in zip(at.x, at.y, strict=True):
        g = exact.gradient_truth(net, theta, list(x), list(y))
        flat = [v for m in g.weights for row in m for v in row]
        sums = [a + b for a, b in zip(sums, flat, strict=True)]
    assert at.gradient() == sums


@pytest.mark.parametrize("seed", range(2))
def test_the_hessian_is_what_the_cost_says(seed: int) -> None:
    """C(theta + t (e_p + e_q)) is a polynomial in t: its second derivative at 0, from its values."""
    at = drawn(seed, H=2, K=1, N=1, B=2)
    matrix, size = at.hessian(), 4

    def second(p: int, q: int) -> Fraction:
        # of degree 8 at most: (2 z^3 v)^2; nine values give the coefficient of t^2 exactly
        values = []
        for t in range(-4, 5):
            step = [Fraction(0)] * size
            step[p] += t
            step[q] += t
            values.append(moved(at, step).cost())
        # weights of the second difference of order 8
        weights = [Fraction(-1, 560), Fraction(8, 315), Fraction(-1, 5), Fraction(8, 5), Fraction(-205, 72)]
        weights += weights[:-1][::-1]
        return sum((a * b for a, b in zip(weights, values, strict=True)), Fraction(0))

    diagonal = [second(p, p) / 4 for p in range(size)]
    for p in range(size):
        assert matrix[p][p] == diagonal[p]
        for q in range(p):
            assert matrix[p][q] == matrix[q][p] == (second(p, q) - diagonal[p] - diagonal[q]) / 2


@pytest.mark.parametrize("seed", range(4))
def test_the_blocks_in_fractions(seed: int) -> None:
    """D^2 C~ = D^2 C + lam (1 - lam) A(xi, xi) + 2 Q(xi, nu), in a basis of directions, at any point."""
    at = drawn(seed, H=1, K=2, N=1)
    share = Fraction(seed + 2, 3)
    large = at.split(share)
    big = large.hessian()
    names = large.parameters
    small = at.hessian()

    def vector(entries: dict[tuple[str, int, int], Fraction]) -> list[Fraction]:
        return [Fraction(entries.get(p, 0)) for p in names]

    narrow = [
        *(vector({("w", 1, k): Fraction(1), ("w", 2, k): Fraction(1)}) for k in (1, 2)),
        vector({("v", 1, 1): share, ("v", 1, 2): 1 - share}),
    ]
    apart = [vector({("w", 1, k): 1 - share, ("w", 2, k): -share}) for k in (1, 2)]
    line = vector({("v", 1, 1): Fraction(1), ("v", 1, 2): Fraction(-1)})

    def form(a: list[Fraction], b: list[Fraction]) -> Fraction:
        return sum(
            (x * h * y for x, row in zip(a, big, strict=True) for h, y in zip(row, b, strict=True)),
            Fraction(0),
        )

    A = at.curvature()
    g = at.gradient()[:2]
    assert [[form(a, b) for b in narrow] for a in narrow] == small
    assert [[form(a, b) for b in apart] for a in apart] == [
        [share * (1 - share) * value for value in row] for row in A
    ]
    assert all(form(a, b) == 0 for a in narrow for b in (*apart, line))
    assert form(line, line) == 0
    assert [form(a, line) * at.v[0][0] for a in apart] == g


def test_numbers_that_do_not_fit() -> None:
    with pytest.raises(SymderiveError, match=r"v: expected integers or fractions, found 0\.5"):
        Shallow([[1]], [[0.5]], [[1]], [[1]], [0, 1])  # type: ignore[list-item]
    with pytest.raises(SymderiveError, match=r"y: expected 1 rows of 1, found rows of \[2\]"):
        Shallow([[1]], [[1]], [[1]], [[1, 2]], [0, 1])


def test_another_share_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Shallow.split
    monkeypatch.setattr(Shallow, "split", lambda self, share: real(self, share / 3))
    with pytest.raises(CheckFailed, match="inertia of a split network"):
        embedding.evidence(1)


def test_inertia_counts() -> None:
    assert tuple(inertia([[0, 1, 0], [1, 0, 0], [0, 0, 0]])) == (1, 1, 1)
