"""A hypothesis of a sequent: for all own indices in their ranges, and all own real numbers, lhs = rhs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from sympy import Expr, Integer, Symbol
from sympy.core.basic import Basic

from symderive.calculus.atoms import CalculusError, TensorSymbol, integer
from symderive.calculus.ranges import Context
from symderive.displayed import show
from symderive.errors import SymderiveError
from symderive.proof.language import free_indices, jets, require_term, tangents

Limits = tuple[Symbol, Expr, Expr]
KINDS = ("definition", "assumption", "citation", "induction")


class KernelError(SymderiveError):
    """A step that no rule allows: the rule, the side condition that failed, and both sides.

    >>> refuse("ring", "x is not y")
    Traceback (most recent call last):
    symderive.proof.sequent.KernelError: ring: x is not y
    """


def refuse(rule: str, condition: str) -> NoReturn:
    """KernelError: this rule does not apply, because of this condition."""
    raise KernelError(f"{rule}: {condition}")


def check(rule: str, require: Callable[..., None], value: Any, *known: set[Symbol]) -> Any:
    """The value, if it belongs to the language of theorems, and has no other than the known indices."""
    value = Integer(value) if type(value) is int else value
    try:
        require(value, *known)
    except CalculusError as error:
        refuse(rule, str(error))
    return value


def require_real(rule: str, u: Any) -> None:
    """Refuse what cannot stand for an arbitrary real number."""
    if type(u) is not TensorSymbol or (u.kind, u.rank, u.style) != ("real", 0, "plain"):
        refuse(rule, f"expected a real tensor without index, found {u!r}")


class Hypothesis(NamedTuple):
    r"""A named assumption: for all own indices in their ranges, and all own real numbers, lhs = rhs.

    `reals` are tensors without an index that the hypothesis binds, as in: for all real u, phi(-u) = -phi(u).

    >>> from symderive.calculus import ScalarFunction, tensor
    >>> phi, u = ScalarFunction("phi"), tensor("u")
    >>> print(Hypothesis("odd", phi(-u[()]), -phi(u[()]), (), "assumption", (u,)))
    odd: phi(-u[]) = -phi(u[]) for all real u
    """

    name: str
    lhs: Expr
    rhs: Expr
    indices: tuple[Limits, ...] = ()
    kind: str = "assumption"
    reals: tuple[TensorSymbol, ...] = ()

    def terms(self) -> tuple[Expr, ...]:
        """Both sides, and the ends of the ranges."""
        return (self.lhs, self.rhs, *(e for _, lo, hi in self.indices for e in (lo, hi)))

    def free(self) -> set[Symbol]:
        """The indices that the hypothesis shares with the theorem."""
        return {s for e in self.terms() for s in free_indices(e)} - {k for k, _, _ in self.indices}

    def speaks_of(self, u: TensorSymbol) -> bool:
        """Whether u, du, ddu, .. stands in the hypothesis, other than as one of its own real numbers."""
        return u not in self.reals and bool(jets(u, *self.terms()))

    def bind(self, rule: str, ctx: Context) -> Context:
        """The context with the own indices."""
        for k, lo, hi in self.indices:
            if k in ctx:
                refuse(rule, f"index {k} of hypothesis {self.name} is in the context already")
            ctx = Context((*ctx.limits, (k, lo, hi)))
        return ctx

    def shift(self, rule: Mapping[Basic, Basic]) -> Hypothesis:
        """The hypothesis at other values of its free indices; no own index may be captured."""
        own = {k for k, _, _ in self.indices}
        caught = own & (set(rule) | {s for v in rule.values() for s in free_indices(v)})
        if caught:
            refuse("shift", f"capture of {', '.join(sorted(map(str, caught)))} in hypothesis {self.name}")
        limits = tuple((k, lo.xreplace(rule), hi.xreplace(rule)) for k, lo, hi in self.indices)
        return self._replace(lhs=self.lhs.xreplace(rule), rhs=self.rhs.xreplace(rule), indices=limits)

    def __str__(self) -> str:
        ranges = "".join(f" for {k} in {lo}..{hi}" for k, lo, hi in self.indices)
        reals = "".join(f" for all real {u.name}" for u in self.reals)
        return f"{self.name}: {self.lhs} = {self.rhs}{ranges}{reals}"

    def __repr__(self) -> str:
        return show(self, "text") or str(self)

    def _repr_html_(self) -> str | None:
        return show(self, "html")

    def _repr_latex_(self) -> str | None:
        return show(self, "latex")


def well_formed(rule: str, h: Any) -> Hypothesis:
    """The hypothesis, in tuples; refused where it is none, or where its own real numbers may not be any."""
    if type(h) is not Hypothesis or {type(h.name), type(h.kind)} != {str} or h.kind not in KINDS:
        refuse(rule, f"expected a hypothesis of a kind of {', '.join(KINDS)}, found {h!r}")
    lhs, rhs = (check(rule, require_term, e) for e in (h.lhs, h.rhs))
    indices, reals = tuple((k, lo, hi) for k, lo, hi in h.indices), tuple(h.reals)
    for u in reals:
        require_real(rule, u)
        if tangents(lhs, rhs):
            refuse(rule, f"expected no differentials in the law {h.name} for all real {u}")
    return Hypothesis(h.name, lhs, rhs, indices, h.kind, reals)


def hypothesis_of(name: str, lhs: Expr, rhs: Expr, indices: Sequence[tuple[Symbol, Any, Any]] = (),
                  kind: str = "assumption", reals: Sequence[TensorSymbol] = ()) -> Hypothesis:  # fmt: skip
    """A hypothesis from plain numbers and terms."""
    limits = tuple((k, integer(lo, f"range of {k}"), integer(hi, f"range of {k}")) for k, lo, hi in indices)
    return Hypothesis(name, lhs, rhs, limits, kind, tuple(reals))
