r"""T10b. The inertia of B = [[P, Q], [Q^T, 0]] is that of Z^T P Z, and rank Q of each sign beside it."""

from __future__ import annotations

from functools import cache

import numpy as np

from proofs.normal_coordinates import normal_form
from symderive.claims.evidence import CheckFailed, Evidence
from symderive.proof.result import Argument, Proposition, Proved
from symderive.systems import mlp

KEY, NAME = "T10b", "inertia"
ASSUMES = ("Z is in the kernel", "W is in the kernel", "Y and X are dual")
CASES = 50


def numeric(seed: int) -> tuple[Evidence, ...]:
    """Eigenvalues of B and of Z^T P Z of random matrices, counted."""
    rng = np.random.default_rng(seed)
    for case in range(CASES):
        n, o = (int(v) for v in rng.integers(1, 6, size=2))
        rank = int(rng.integers(0, min(n, o) + 1))
        P = rng.normal(size=(n, n))
        P = P + P.T
        Q = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, o))
        values = np.linalg.eigvalsh(np.block([[P, Q], [Q.T, np.zeros((o, o))]]))
        Z = np.linalg.svd(Q)[0][:, rank:]
        inner = np.linalg.eigvalsh(Z.T @ P @ Z)
        found, want = int(np.sum(values < -1e-9)), rank + int(np.sum(inner < 0))
        if found != want:
            raise CheckFailed(f"inertia, case {case}, seed {seed}: expected {want} negative, found {found}")
    return (Evidence("numeric", f"negative eigenvalues counted, {CASES} random matrices", 0.0, seed=seed),)


@cache
def prove() -> Proved:
    """All sizes, by one linear change of coordinates."""
    chain = normal_form()
    return Proved(
        KEY,
        NAME,
        "The inertia of a tied point",
        "The columns of Z are a basis of the kernel of the transposed Q, those of Y complete it, those "
        "of X are dual to Y "
        "through Q, and those of W are a basis of the kernel of Q; R is the rank of Q. Any u and h have such "
        "coordinates y, z, x, w, and the coordinates determine u and h.",
        mlp(),
        (
            Proposition(
                "squares",
                "In these coordinates the form of B is that of P on the kernel, and R squares of each "
                "sign: so B has as many "
                "negative squares as P has on the kernel, and R more. That the number does not depend on the "
                "coordinates is Sylvester's law of inertia.",
                chain.theorem, (Argument.of("Completing the square", chain),),
            ),
        ),
        remarks=(
            "Sylvester's law, and that such bases exist, are cited; the change of coordinates is proved.",
        ),
        sources=("Horn, Johnson 2013, theorem 4.5.8",),
    )  # fmt: skip
