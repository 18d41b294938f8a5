"""Whatever is typed ends in a verdict or in one line, soon: mutated formulas, and random ones."""

from __future__ import annotations

import random
import time
from collections import Counter

from symderive.errors import SymderiveError
from symderive.formulas import check
from tests.dialect.test_bounds import PIECES
from tests.dialect.test_reader import FORMULAS
from tests.formulas.test_check import RIGHT, WRONG

PARTS = (
    r"\delta^{l}",
    r"\delta^{l+1}_j",
    "W^{l+1}",
    "w^{l+1}_{jk}",
    "a^l",
    "a^{l-1}_k",
    "z^l",
    r"\sigma'(z^l)",
    r"\sigma(z^l_j)",
    "(W^{l+1})^T",
    "x",
    "y",
    "C",
    r"\frac{\partial C}{\partial a^l}",
    r"\sum_k",
    "1",
    "2",
    r"\eta",
    "b^l_j",
    r"\nabla_{W^l} C",
    "dW^l",
    r"\frac{1}{2}",
    "e^{z^l_j}",
    r"\|a^L-y\|^2",
)
SIGNS = ("", r" \odot ", r" \cdot ", " + ", " - ", " * ", "^T ", "/")
NUMBER = 160


def mutated(r: random.Random) -> str:
    """A formula with up to three letters lost, put in or changed."""
    text = list(r.choice(BASE))
    for _ in range(r.randrange(1, 4)):
        place = r.randrange(len(text) + 1)
        text[place : place + r.randrange(2)] = [r.choice(PIECES)] if r.random() < 0.7 else []
    return "".join(text)


def random_side(r: random.Random) -> str:
    """Some names of the network with signs between them."""
    return "".join(r.choice(PARTS) + r.choice(SIGNS) for _ in range(r.randrange(1, 6))) + r.choice(PARTS)


BASE = [f for fs in RIGHT.values() for f in fs] + [f for _, f, _ in WRONG] + list(FORMULAS)


def test_every_input_ends() -> None:
    r = random.Random(20)
    counts: Counter[str] = Counter()
    slowest = 0.0
    for n in range(NUMBER):
        text = mutated(r) if n % 2 else f"{random_side(r)} = {random_side(r)}"
        start = time.thread_time()
        try:
            verdict = check(text, r.choice(("mlp", "mlp", "mlp-rows", "batch")), seconds=0.5)
            counts[verdict.status] += 1
            assert verdict.holds or verdict.status in ("refuted", "unknown")
            assert verdict.status != "unknown" or verdict.reason
            str(verdict)
        except SymderiveError as error:
            counts["error"] += 1
            assert "\n" not in str(error)
        slowest = max(slowest, time.thread_time() - start)
    assert counts["refuted"] > NUMBER // 10 and counts["unknown"] > NUMBER // 10, counts
    assert slowest < 5.0  # half a second is asked for; the rest is for a slow machine
