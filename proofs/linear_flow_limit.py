r"""Where gradient flow of the linear network ends: 2 m P y = s + sqrt(s^2 + 4 m^2 P R), y = e^(2 theta)."""

from __future__ import annotations

from sympy import sqrt

from proofs.linear_flow import AT_REST, A, D, E, H, P, i, law_of, laws, m, p0, product, q0, s, u
from proofs.vanishing_parts import equal_if_squares_are
from symderive.calculus import IndexSum
from symderive.calculus.ranges import EMPTY
from symderive.proof import kernel
from symderive.proof.tactics import Chain


def limit() -> tuple[Chain, Chain]:
    """At rest m u = s: y = e^(2 theta) is the positive root, 2 m P y = s + sqrt(s^2 + 4 m^2 P R)."""
    net = laws()
    rest = law_of(AT_REST, s[()], m[()] * u[()], "citation")
    square = net.laws["m"].rhs
    first, second = (square * IndexSum(e[i] ** 2, (i, 1, H)) / 4 for e in (p0, q0))
    both = law_of("both terms", A[()], first * E**2 + second / E**2, "definition")
    root = law_of("root", D[()], sqrt(s[()] ** 2 + 4 * first * second), "definition")
    product_at_rest = (
        Chain(s[()], EMPTY).rewrite(rest).rewrite(product().theorem, "product").rewrite(net.laws["m"])
    )
    product_at_rest.rewrite(net.laws["P"]).rewrite(net.laws["R"])
    squared = (
        Chain(D[()] ** 2, EMPTY)
        .rewrite(root)
        .rewrite(product_at_rest.theorem, "at rest $s$ is the difference of the terms")
        .fold(A[()] ** 2, [both], "$(a - b)^2 + 4 a b = (a + b)^2$")
    )
    equal = equal_if_squares_are(squared.theorem, A[()], D[()], [both, root])
    chain = Chain(2 * m[()] * P[()] * E**2, EMPTY).rewrite(net.laws["m"]).rewrite(net.laws["P"])
    back = Chain(s[()] + D[()], EMPTY).replace(kernel.symmetry(equal)).rewrite(both)
    back.replace(product_at_rest.theorem).ring(chain.now)
    return squared, chain.then(
        kernel.symmetry(back.theorem), "the terms have the difference $s$ and the sum $D$"
    )
