"""Our terms as terms of Coq with MathComp: entries are functions of indices that count from 1, as ours do.

| ours | Coq |
|---|---|
| w[l, j, k] | w l j k |
| sum(f, k=1..n[l]) | \\sum_(1 <= k < (n l).+1) f |
| [j = k] | (j == k)%:R |
| sigma'(l, z) | dsigma l z |
| exp(z) | exp z, where exp is any function that is its own derivative, 1 at 0, and takes sums to products |
| sqrt(z) | sqrt z, where sqrt is any function with sqrt z >= 0 and (sqrt z)^2 = z for z >= 0 |
| cost(family(a[j], j=1..N)) | cost [seq a j | j <- index_iota 1 N.+1] |

Indices are natural numbers; where a difference of indices may be negative, nothing is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, exp, sqrt

from symderive.calculus.atoms import Functional, ScalarFunction, TensorSymbol
from symderive.calculus.ranges import Context
from symderive.calculus.terms import Applied, Bracket, Entry, Family, FunctionalValue, IndexSum
from symderive.coq.names import Names
from symderive.errors import SymderiveError


class OutOfReach(SymderiveError):
    """What the export to Coq does not cover: what was expected, and what was found."""


@dataclass
class Printer:
    """Prints terms, and keeps what they use: tensors, functions, functionals and sizes.

    `moving` tensors are functions of a real number more, the place on a path; `place` is its name.
    `tangents` gives for each tangent dT that was seen the tensor T.
    """

    names: Names = field(default_factory=Names)
    place: str = ""
    tensors: dict[TensorSymbol, str] = field(default_factory=dict)
    tangents: dict[TensorSymbol, TensorSymbol] = field(default_factory=dict)
    functions: dict[tuple[ScalarFunction, int], str] = field(default_factory=dict)
    functionals: dict[tuple[Functional, tuple[int, ...]], tuple[str, tuple[int, ...]]] = field(
        default_factory=dict
    )
    shapes: dict[Functional, tuple[str, ...]] = field(default_factory=dict)
    sizes: dict[Symbol, str] = field(default_factory=dict)
    exponential: str = ""  # its name, once it was seen
    root: str = ""  # that of the square root

    # ------------------------------------------------------------------ natural numbers

    def index(self, e: Expr, ctx: Context, truncated: bool = False) -> str:
        """An index or a size, as a natural number that can stand as an argument.

        `truncated`: a negative value may become 0, as at the end of a range from 1 on, which is empty then.
        """
        if isinstance(e, Integer):
            if e < 0:
                raise OutOfReach(f"Coq export: expected indices from 0 on, found {e}")
            return f"{int(e)}%N"
        if isinstance(e, Symbol):
            return self.symbol(e)
        if isinstance(e, Entry):
            return f"({self.applied(e, ctx)})"
        plus: list[str] = []
        minus: list[str] = []
        for term in Add.make_args(e):
            factor, rest = term.as_coeff_Mul()
            if not isinstance(factor, Integer):
                raise OutOfReach(f"Coq export: expected an index in whole numbers, found {e}")
            (plus if factor > 0 else minus).append(self._multiple(abs(int(factor)), rest, ctx))
        # a sum of natural numbers is one; only a difference has to be shown not to be negative
        if minus and not truncated and not ctx.nonnegative(e):
            raise OutOfReach(f"Coq export: expected an index that is not negative, found {e}")
        plus.sort(key=str.isdigit)
        return "(" + " - ".join([" + ".join(plus) or "0", *minus]) + ")%N"

    def _multiple(self, factor: int, rest: Expr, ctx: Context) -> str:
        if rest == 1:
            return str(factor)
        shown = self.index(rest, ctx) if not isinstance(rest, Mul | Pow | Integer) else ""
        if not shown:
            raise OutOfReach(f"Coq export: expected indices that are sums, found {rest}")
        return shown if factor == 1 else f"{factor} * {shown}"

    def symbol(self, s: Symbol) -> str:
        """An index or a size by its name."""
        name = self.names.of(s, s.name)
        if s.is_positive:
            self.sizes[s] = name
        return name

    def upper(self, hi: Expr, ctx: Context, lo: Expr | None = None) -> str:
        """hi + 1, where Coq's ranges end; a range from 0 on to -1 is empty too, and 0 - 1 is 0 in Coq.

        >>> from symderive.calculus import indices
        >>> (t,) = indices("t")
        >>> Printer().upper(t - 1, Context.of((t, 0, 5)), Integer(1))
        '(t - 1)%N.+1'
        >>> Printer().upper(t - 1, Context.of((t, 0, 5)), Integer(0))
        't'
        """
        if lo is not None and not (ctx.nonnegative(lo - 1) or ctx.nonnegative(hi)):
            return self.index(hi + 1, ctx)
        shown = self.index(hi, ctx, True) if not isinstance(hi, Integer) else str(int(hi))
        return f"{shown}.+1"

    def within(self, k: Symbol, lo: Expr, hi: Expr, ctx: Context) -> str:
        """lo <= k <= hi"""
        truncated = isinstance(lo, Integer) and lo >= 1
        low, high = self.index(lo, ctx), self._bare(self.index(hi, ctx, truncated))
        name = self.symbol(k)
        return f"({name} <= {high})%N" if low == "0%N" else f"({self._bare(low)} <= {name} <= {high})%N"

    @staticmethod
    def _bare(shown: str) -> str:
        if shown.endswith("%N") and not shown.startswith("("):
            return shown[:-2]
        if shown.endswith(")%N"):
            return shown[1:-3]
        return shown[1:-1] if shown.startswith("(") and _single(shown) else shown

    def equation(self, lhs: Expr, rhs: Expr, ctx: Context) -> str:
        """lhs = rhs, of natural numbers where both sides are indices: a literal keeps its %N, without which
        Coq would read a number of a ring. Where nothing in an equation of numbers is real, its type is said.

        >>> from symderive.calculus import Bracket, size
        >>> p, one, D = Printer(), Integer(1), size("D")
        >>> p.equation(D, one, Context()), p.equation(Bracket.at_most(D, size("E")), one, Context())
        ('D = 1%N', '(D <= E)%N%:R = 1 :> real')
        """
        if all(isinstance(e, Symbol | Integer | Entry) and e.is_integer for e in (lhs, rhs)):
            left, right = (
                self.index(e, ctx) if isinstance(e, Integer) else self._bare(self.index(e, ctx))
                for e in (lhs, rhs)
            )
            return f"{left} = {right}"
        typed = "" if _real(lhs) or _real(rhs) else " :> real"
        return f"{self.bare(lhs, ctx)} = {self.bare(rhs, ctx)}{typed}"

    # ------------------------------------------------------------------ real numbers

    def term(self, e: Expr, ctx: Context) -> str:
        """A real number, in parentheses where it is no single word."""
        shown = self.bare(e, ctx)
        return shown if _single(shown) else f"({shown})"

    def operand(self, e: Expr, ctx: Context) -> str:
        """A real number beside + or *: an application stands there as it is."""
        if isinstance(e, Entry | Applied | FunctionalValue) and getattr(e.args[0], "kind", "real") == "real":
            return self.bare(e, ctx)
        return self.term(e, ctx)

    def term_of(self, e: Entry) -> str:
        """An entry at numbers, as an argument."""
        return self.term(e, Context())

    def bare(self, e: Expr, ctx: Context) -> str:
        """A real number."""
        match e:
            case Integer():
                return (
                    f"{int(e)}%:R"
                    if e not in (0, 1) and e > 0
                    else str(int(e))
                    if e >= 0
                    else f"- {-int(e)}%:R"
                )
            case Rational():
                sign = "- " if e < 0 else ""
                return f"{sign}({abs(int(e.p))}%:R / {int(e.q)}%:R)"
            case Symbol():
                return f"{self.symbol(e)}%:R"
            case Entry():
                shown = self.applied(e, ctx)
                return shown if e.symbol.kind == "real" else f"({shown})%:R"
            case Add():
                return self._sum(e, ctx)
            case Mul():
                return self._product(e, ctx)
            case Pow():
                return self._power(e, ctx)
            case exp():
                return f"{self.exp()} {self.term(e.args[0], ctx)}"
            case IndexSum():
                k, body, inner = self._open(e, ctx)
                low = self._bare(self.index(e.lo, ctx))
                span = f"{low} <= {self.symbol(k)} < {self.upper(e.hi, ctx, e.lo)}"
                return f"\\sum_({span}) {self._summand(body, inner)}"
            case Bracket():
                return self._bracket(e, ctx)
            case Applied():
                return self._function(e, ctx)
            case FunctionalValue():
                return self._functional(e, ctx)
        raise OutOfReach(f"Coq export: expected sums, products, entries and functions, found {e}")

    def applied(self, e: Entry, ctx: Context) -> str:
        """w l j k; a moving tensor takes the place on the path as well."""
        name = self.tensor(e.symbol)
        parts = [name, *(self.index(i, ctx) for i in e.index)]
        if self.place and e.symbol.kind == "real" and "tangent" not in e.symbol.style:
            parts.append(self.place)
        return " ".join(parts)

    def tensor(self, t: TensorSymbol) -> str:
        """The name of a tensor."""
        if t not in self.tensors:
            self.tensors[t] = self.names.of(t, t.name)
        return self.tensors[t]

    def _open(self, e: IndexSum | Family, ctx: Context) -> tuple[Symbol, Expr, Context]:
        k = e.fresh({*e.free_symbols, *ctx.taken})
        return k, e.open(k), ctx.bind(k, e.lo, e.hi)

    def _sum(self, e: Add, ctx: Context) -> str:
        pieces: list[str] = []
        for n, term in enumerate(e.as_ordered_terms()):
            negative = term.as_coeff_Mul()[0].is_negative
            part = -term if negative else term
            # a sum binds to its end: it is kept in parentheses, and so is what is subtracted
            shown = (
                self._product(part, ctx)
                if isinstance(part, Mul) and not negative
                else self.operand(part, ctx)
            )
            pieces.append(
                ("- " if negative and n == 0 else " - " if negative else " + " if n else "") + shown
            )
        return "".join(pieces)

    def _product(self, e: Mul, ctx: Context) -> str:
        factor, rest = e.as_coeff_Mul()
        if factor.is_negative:
            return f"- {self.operand(-e, ctx)}"
        below = [p for p in rest.as_ordered_factors() if isinstance(p, Pow) and p.exp.is_negative]
        above = [p for p in rest.as_ordered_factors() if p not in below]
        shown = [self.operand(p, ctx) for p in ([factor] if factor != 1 else []) + above]
        text = " * ".join(shown) if shown else "1"
        return "".join([text, *(f" / {self.operand(p.base**-p.exp, ctx)}" for p in below)])

    def _power(self, e: Pow, ctx: Context) -> str:
        if e.exp == Rational(1, 2):
            return f"{self.sqrt()} {self.term(e.base, ctx)}"
        if not isinstance(e.exp, Integer):
            raise OutOfReach(f"Coq export: expected powers with a number as exponent, found {e}")
        n = int(e.exp)
        base = self.operand(e.base, ctx)
        return f"{base} ^+ {n}" if n > 0 else f"1 / {base}" if n == -1 else f"1 / ({base} ^+ {-n})"

    def _summand(self, e: Expr, ctx: Context) -> str:
        """What stands after a sum sign: a product binds more strongly than the sum, a sum does not."""
        return self._product(e, ctx) if isinstance(e, Mul) and not _negative(e) else self.operand(e, ctx)

    def _bracket(self, e: Bracket, ctx: Context) -> str:
        sign = {"=": "==", "<=": "<=", "<": "<"}[e.relation]
        for side in (e.a, e.b):
            if side.is_integer is not True:
                raise OutOfReach(f"Coq export: expected brackets of indices, found {e}")
        a, b = (self._bare(self.index(side, ctx)) for side in (e.a, e.b))
        return f"({a} {sign} {b})%N%:R"

    def _function(self, e: Applied, ctx: Context) -> str:
        parts = [self.function(e.function, e.order), *(self.index(i, ctx) for i in e.sup)]
        return " ".join([*parts, self.term(e.argument, ctx)])

    def exp(self) -> str:
        """The name of the exponential function."""
        self.exponential = self.exponential or self.names.of(exp, "exp")
        return self.exponential

    def sqrt(self) -> str:
        """The name of the square root."""
        self.root = self.root or self.names.of(sqrt, "sqrt")
        return self.root

    def function(self, f: ScalarFunction, order: int) -> str:
        """sigma, dsigma, d2sigma"""
        wish = f.name if not order else f"d{order if order > 1 else ''}{f.name}"
        return self.functions.setdefault((f, order), self.names.of((f, order), wish))

    def _functional(self, e: FunctionalValue, ctx: Context) -> str:
        depths = tuple(_depth(fam) for fam in e.families)
        which = tuple(int(m) for m, *_ in e.partials)
        name = self.functional(e.functional, which, depths)
        shape = tuple(self.upper(fam.hi, ctx) if isinstance(fam, Family) else "" for fam in e.families)
        self.shapes.setdefault(e.functional, shape)
        indices = [self.index(i, ctx) for _, *at in e.partials for i in at]
        return " ".join([name, *indices, *(self._family(fam, ctx) for fam in e.families)])

    def functional(self, f: Functional, which: tuple[int, ...], depths: tuple[int, ...]) -> str:
        """cost, or a partial derivative cost_1"""
        known = self.functionals.get((f, which))
        if known is not None and known[1] != depths:
            raise OutOfReach(f"Coq export: expected {f.name} of families of one kind, found two kinds")
        wish = f.name + "".join(f"_{m + 1}" for m in which)
        self.functionals[f, which] = (self.names.of((f, which), wish), depths)
        return self.functionals[f, which][0]

    def _family(self, fam: Expr, ctx: Context) -> str:
        if not isinstance(fam, Family):
            return self.term(fam, ctx)
        k, body, inner = self._open(fam, ctx)
        shown = self._family(body, inner) if isinstance(body, Family) else self.bare(body, inner)
        low = self.index(fam.lo, ctx)
        return f"[seq {shown} | {self.symbol(k)} <- index_iota {low} {self.upper(fam.hi, ctx, fam.lo)}]"


def _depth(fam: Expr) -> int:
    return 1 + _depth(fam.body) if isinstance(fam, Family) else 0


def _real(e: Expr) -> bool:
    """Whether Coq can see that a term is a real number, from an entry or a function declared as one."""
    found = e.atoms(Entry, Applied, FunctionalValue)
    return any(not isinstance(x, Entry) or x.symbol.kind == "real" for x in found)


def _negative(e: Expr) -> bool:
    return bool(e.as_coeff_Mul()[0].is_negative)


def _single(shown: str) -> bool:
    """Whether a text is one word, or one pair of parentheses around all of it."""
    if not any(c in shown for c in " -"):
        return True
    if shown[0] not in "([" or shown[-1] not in ")]":
        return False
    depth = 0
    for place, c in enumerate(shown):
        depth += (c in "([") - (c in ")]")
        if not depth and place < len(shown) - 1:
            return False
    return True


def arrow(parts: Sequence[str]) -> str:
    """nat -> nat -> real"""
    return " -> ".join(parts)


__all__ = ["OutOfReach", "Printer", "arrow"]
