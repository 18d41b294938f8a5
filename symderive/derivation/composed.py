r"""The nested form: definitions put into each other, a^2_j = sigma(sum_k w^2_{jk} sigma(sum_i w^1_{ki} x_i)).

It grows with every layer as a system of definitions does not: it is for looking at, not for computing with.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr

from symderive.calculus.terms import Entry
from symderive.derivation.derive import Derivation
from symderive.derivation.substitution import put_in, rule_of
from symderive.errors import SymderiveError
from symderive.systems.coverage import conditions, holds
from symderive.systems.definition import Definition
from symderive.systems.lookup import Lookup
from symderive.systems.scope import Scope
from symderive.systems.system import System

LARGEST = 5_000
DEEPEST = 40


def composed(d: Definition, source: System | Derivation, keep: Iterable[str] = ()) -> Definition:
    r"""The definition with all others put into its right side, again and again.

    - Of a System: until inputs, parameters, and tensors named in `keep` are left.
    - Of a Derivation: derivatives alone are put in; a gradient is left in terms of forward quantities.

    Where the layer is a symbol that may be one of several cases, an entry stays as it is. Raises
    SymderiveError where there are more than 5,000 replacements, or more than 40 inside each other.

    >>> from symderive.systems import mlp
    >>> net = mlp(depth=2, activation="identity")
    >>> print(composed(net.of(net.tensor("z"))[1], net, keep=["a"]))
    z[2, j] := b[2, j] + sum(a[1, k]*w[2, j, k], k=1..n[1])  for j in 1..n[2]
    >>> print(composed(net.of(net.tensor("a"))[1], net))
    a[1, j] := b[1, j] + sum(x[k]*w[1, j, k], k=1..n[0])  for j in 1..n[1]
    """
    if isinstance(source, Derivation):
        known: Lookup[Definition] = Lookup((*source.definitions, *source.auxiliary))
    else:
        known = source.lookup
    kept = set(keep)
    missing = kept - {t.name for t in known.symbols}
    if missing:
        names = ", ".join(sorted(t.name for t in known.symbols))
        raise SymderiveError(f"keep: expected names of {names}, found {min(missing)}")
    count = 0

    def into(e: Expr, scope: Scope, depth: int) -> Expr:
        def value(entry: Entry, inner: Scope) -> Expr | None:
            nonlocal count
            if entry.symbol not in known.symbols or entry.symbol.name in kept:
                return None
            for other in known.candidates(entry):
                if holds(inner, conditions(other, entry)):
                    count += 1
                    if count > LARGEST or depth >= DEEPEST:
                        raise SymderiveError(
                            f"composed: expected at most {LARGEST} replacements, {DEEPEST} of them nested, "
                            f"found more in {d.lhs}: name what should stay in keep"
                        )
                    return into(other.rhs.xreplace(rule_of(other, entry)), inner, depth + 1)
            return None

        return put_in(e, scope, value)

    return Definition(d.lhs, into(d.rhs, Scope(d.context), 0), d.indices, d.name)
