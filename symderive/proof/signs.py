r"""signs: what turns its sign when weights do, where functions are odd, phi(-u) = -phi(u).

If w_p = -w_q and v_p = -v_q, then z_p = -z_q and a_p = phi(z_p) = -a_q, but phi'(z_p) = phi'(z_q) and
g_p^2 = g_q^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from symderive.calculus.atoms import Functional, ScalarFunction, tensor
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Entry, Family, FunctionalValue, IndexSum
from symderive.proof import kernel
from symderive.proof.kernel import Theorem, hypothesis_of

Sign = int | None
Odd = ScalarFunction | Functional


@dataclass(frozen=True)
class Signs:
    """What is known of signs: `of_entry` says 1, -1, or None for an entry, `odd` lists the odd functions.

    >>> from symderive.calculus import tensor
    >>> phi, z = ScalarFunction("phi"), tensor("z")
    >>> signs = Signs(lambda e: -1, frozenset({phi}))
    >>> signs.of(phi(z())), signs.of(phi(z(), order=1)), signs.of(z() * z()), signs.of(1 + z())
    (-1, 1, 1, None)
    """

    of_entry: Callable[[Entry], Sign]
    odd: frozenset[Odd]

    def of(self, e: Expr) -> Sign:
        """1 if the term stays as it is, -1 if it turns its sign, None if neither can be said.

        A sum has the sign of those of its parts whose sign is known: definitions need each other in a circle,
        w_{t+1} = w_t - eta g_t, and some sign has to come first. The proof then confirms it, or fails.
        """
        if isinstance(e, Entry):
            return self.of_entry(e)
        if isinstance(e, IndexSum):
            return self.of(e.unbind()[1])
        if isinstance(e, Applied):
            return self._through(e.function, e.order, self.of(e.argument))
        if isinstance(e, FunctionalValue) and not any(isinstance(f, Family) for f in e.families):
            first, *others = map(self.of, e.families)
            return self._through(e.functional, 0, first) if all(s == 1 for s in others) else None
        if e.is_Add:
            found = {self.of(a) for a in e.args} - {None}
            return found.pop() if len(found) == 1 else None
        if e.is_Mul:
            total = 1
            for a in e.args:
                sign = self.of(a)
                if sign is None:
                    return None
                total *= sign
            return total
        if e.is_Pow and e.exp.is_Integer:
            base = self.of(e.base)
            return None if base is None else int(base ** (int(e.exp) % 2))
        return 1 if all(self.of_entry(x) == 1 for x in e.atoms(Entry)) else None

    def _through(self, f: Odd, order: int, inner: Sign) -> Sign:
        if inner != -1:
            return inner
        return (1 if order % 2 else -1) if f in self.odd else None


def odd_laws(terms: Iterable[Expr], odd: Mapping[Odd, str], ctx: Context) -> list[Theorem]:
    """phi(-u) = -phi(u) for all real u, as a named hypothesis, and phi'(-u) = phi'(u), derived from it.

    A function with superscripts is taken at those at which it stands in the terms, if the context knows them;
    of a functional of scalars the first argument turns.

    >>> from symderive.calculus import tensor
    >>> from symderive.calculus.ranges import EMPTY
    >>> phi, z = ScalarFunction("phi"), tensor("z")
    >>> for t in odd_laws([phi(z())], {phi: "phi is odd"}, EMPTY): print(t.lhs, "=", t.rhs)
    phi(-u[]) = -phi(u[])
    phi'(-u[]) = phi'(u[])
    """
    found: dict[tuple[Odd, tuple[Expr, ...]], None] = {}
    for e in terms:
        for a in sorted(e.atoms(Applied, FunctionalValue), key=str):
            f = a.function if isinstance(a, Applied) else a.functional
            sup = a.sup if isinstance(a, Applied) else ()
            free = {s for i in sup for s in i.free_symbols if isinstance(s, Symbol) and not s.is_positive}
            if f in odd and free <= ctx.symbols:
                found[f, sup] = None
    laws = []
    for f, sup in found:
        at = f", {', '.join(map(str, sup))}" if len([g for g, _ in found if g == f]) > 1 else ""
        laws += _law(f, sup, odd[f] + at, ctx)
    return laws


def _law(f: Odd, sup: tuple[Expr, ...], name: str, ctx: Context) -> list[Theorem]:
    u = tensor("u")
    if isinstance(f, Functional):
        others = tuple(tensor(f"u_{n}", latex=f"u_{{{n}}}") for n in range(1, f.arity))
        rest = [t[()] for t in others]
        law = hypothesis_of(name, f(-u[()], *rest), -f(u[()], *rest), reals=(u, *others))
        return [kernel.assume(law, ctx)]
    law = hypothesis_of(name, f(-u[()], *sup), -f(u[()], *sup), reals=(u,))
    turned = kernel.assume(law, ctx)
    # at -u the law says phi(u) = -phi(-u); differentiated: phi'(u) = phi'(-u)
    even = kernel.symmetry(kernel.derivative(kernel.specialise(turned, u, -u[()]), u))
    return [turned, even]


__all__ = ["Odd", "Sign", "Signs", "odd_laws"]
