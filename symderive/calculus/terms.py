"""Terms: entries T_{jk}, sums over an index, brackets [P], sigma(z), families (a_j)_j and C(a).

All are SymPy expressions, so that +, *, **, exp, log, diff, subs and xreplace are SymPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Symbol, Tuple
from sympy.core.basic import Basic
from sympy.core.symbol import Str

from symderive.calculus.atoms import (
    BoundIndex,
    CalculusError,
    Functional,
    ScalarFunction,
    TensorSymbol,
    fresh,
    integer,
    scalar,
)
from symderive.calculus.binding import abstract, loose, loose_levels, replace_level, require_closed

ZERO, ONE = Integer(0), Integer(1)


def _no_code(language: str) -> Callable[[Any, Any], str]:
    def refuse(self: Any, printer: Any, *args: Any, **kwargs: Any) -> str:
        raise CalculusError(
            f"{type(self).__name__} {self}: SymPy's {language} printer does not know index terms; "
            "use symderive.evaluation instead of lambdify"
        )

    return refuse


@lru_cache(maxsize=10_000)
def _keeps_bound(old: object, new: object) -> bool:
    """Whether no bound index is lost or gained where SymPy puts one part of a body in for another.

    It is asked at each term, of all that is to be replaced: a deep network has hundreds of sizes.
    """
    if not (isinstance(old, Basic) and isinstance(new, Basic)):
        return False
    if old.args and new.args:
        return loose_levels(old) == loose_levels(new)
    return not (loose(old) or loose(new))


class Term(Expr):
    """Common ground of the index terms: real scalars that SymPy's code printers must not touch."""

    is_commutative = True
    is_scalar = True
    _op_priority = 10.5

    # lambdify would print T[j, k] and index arrays from 0, silently off by one
    _pythoncode = _no_code("Python")
    _numpycode = _no_code("NumPy")
    _scipycode = _no_code("SciPy")
    _mpmathcode = _no_code("mpmath")
    _lambdacode = _no_code("lambda")
    _ccode = _no_code("C")

    def _known_real(self) -> bool | None:
        return True

    def _eval_is_real(self) -> bool | None:
        return self._known_real()

    def _eval_is_extended_real(self) -> bool | None:
        return self._known_real()

    def _eval_is_finite(self) -> bool | None:
        return self._known_real()

    def _eval_conjugate(self) -> Expr | None:
        return self if self._known_real() else None

    def _eval_subs(self, old: Basic, new: Basic) -> Expr | None:
        require_closed(old, new)
        return None

    def replace(self, query: Any, value: Any, **options: Any) -> Any:
        """SymPy's replace, which may not touch bound indices."""
        if query is BoundIndex or isinstance(query, BoundIndex):
            raise CalculusError(f"{self}: a bound index cannot be replaced: open the sum")
        return super().replace(query, value, **options)

    def _xreplace(self, rule: Any) -> tuple[Any, bool]:
        for old, new in rule.items() if hasattr(rule, "items") else ():
            if not _keeps_bound(old, new):
                require_closed(old, new)
        return super()._xreplace(rule)  # type: ignore[no-any-return]


def _power(base: str, exp: str | None) -> str:
    return base if exp is None else rf"\left({base}\right)^{{{exp}}}"


def _subscript(shown: Sequence[str]) -> str:
    """jk where every index is one character, else l,j+1 with commas."""
    plain = all(len(s) == 1 for s in shown)
    return ("" if plain else ",").join(shown)


class Entry(Term):
    """T^{(sup)}_{sub}: one scalar of a tensor; for differentiation, an independent variable.

    d T_{ij} / d T_{pq} = [i = p][j = q].

    >>> from symderive.calculus.atoms import indices, tensor
    >>> j, k, p = indices("j k p")
    >>> x = tensor("x", (j, 1, 3))
    >>> x[j].diff(x[p])
    [j = p]
    """

    _diff_wrt = True
    is_symbol = True  # else SymPy's diff replaces it by a dummy, and misses the entries with other indices
    is_number = False

    def __new__(cls, symbol: TensorSymbol, *index: Any) -> Entry:
        if not isinstance(symbol, TensorSymbol):
            raise CalculusError(f"expected a tensor symbol, found {symbol!r}")
        if len(index) != symbol.rank:
            raise CalculusError(f"{symbol.name}: expected {symbol.rank} indices, found {len(index)}")
        made: Entry = Expr.__new__(cls, symbol, *(integer(i, f"index of {symbol.name}") for i in index))
        return made

    @property
    def symbol(self) -> TensorSymbol:
        return self.args[0]  # type: ignore[no-any-return]

    @property
    def index(self) -> tuple[Expr, ...]:
        return self.args[1:]  # type: ignore[no-any-return]

    def ranges(self) -> tuple[tuple[Expr, Expr], ...]:
        """The declared (lo, hi) of each index."""
        return self.symbol.ranges(*self.index)

    @property
    def free_symbols(self) -> set[Basic]:
        # the tensor itself counts: SymPy's diff returns 0 when the variable shares no free symbol
        return {self.symbol}.union(*(i.free_symbols for i in self.index))

    def _eval_is_integer(self) -> bool | None:
        return True if self.symbol.kind != "real" else None

    def _eval_is_positive(self) -> bool | None:
        return True if self.symbol.kind == "dimension" else None

    def _eval_derivative(self, v: Expr) -> Expr:
        if isinstance(v, Entry) and v.symbol == self.symbol:
            return Mul(*(Bracket.equal(a, b) for a, b in zip(self.index, v.index, strict=True)))
        if {v, getattr(v, "symbol", v)} & set().union(*(i.free_symbols for i in self.index)):
            raise CalculusError(f"cannot differentiate {self} by its index {v}")
        return ZERO

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        t = self.symbol
        shown = [printer._print(i) for i in self.index]
        body = t.latex_name
        if t.sup:
            body += "^{(%s)}" % ",".join(shown[: t.sup])
        if shown[t.sup :]:
            body += "_{%s}" % _subscript(shown[t.sup :])
        marks = iter(t.mark.split())
        for word in t.style.split():
            if word == "tangent":
                body = rf"\mathrm{{d}} {body}"
            if word == "partial":
                body = rf"\frac{{\partial {next(marks, '')}}}{{\partial {body}}}"
        return _power(body, exp)

    def _sympystr(self, printer: Any) -> str:
        return f"{self.symbol.name}[{', '.join(map(printer._print, self.index))}]"


class Binder(Term):
    """A term with one bound index that runs from lo to hi: Binder(body, (k, lo, hi)).

    The arguments are the body, with `BoundIndex(0)` for k, and lo and hi. `open` gives the body back.
    """

    is_binder = True

    def __new__(cls, body: Any, *limits: Any) -> Expr:
        if len(limits) == 1 and isinstance(limits[0], tuple | Tuple) and len(limits[0]) == 3:
            k, lo, hi = limits[0]
            if not isinstance(k, Symbol) or k.is_integer is not True:
                raise CalculusError(f"{cls.__name__}: expected an integer symbol as index, found {k!r}")
            body = abstract(cls._admitted(body), k)
        elif len(limits) == 2 and not isinstance(limits[0], tuple | Tuple):
            lo, hi = limits  # rebuilt from its own arguments
            body = Integer(body) if isinstance(body, int) else body
        else:
            raise CalculusError(f"{cls.__name__}: expected limits (index, low, high), found {limits!r}")
        lo, hi = integer(lo, "lower limit"), integer(hi, "upper limit")
        return cls._make(body, lo, hi)

    @classmethod
    def _admitted(cls, body: Any) -> Expr:
        return scalar(body, cls.__name__)

    @classmethod
    def _make(cls, body: Expr, lo: Expr, hi: Expr) -> Expr:
        return Expr.__new__(cls, body, lo, hi)

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def lo(self) -> Expr:
        return self.args[1]

    @property
    def hi(self) -> Expr:
        return self.args[2]

    def open(self, index: Any) -> Expr:
        """The body at this value of the bound index."""
        value = integer(index, "index")
        require_closed(value)
        return replace_level(self.body, value)

    def fresh(self, avoid: set[Any] | None = None, prefer: Sequence[str] = ()) -> Symbol:
        """A letter for the bound index that is free nowhere in the term."""
        return fresh(self.free_symbols | (avoid or set()), tuple(prefer) + self.letters())

    def letters(self) -> tuple[str, ...]:
        """The letters that the tensors indexed by the bound index prefer."""
        found: list[str] = []

        def visit(e: Basic, level: int) -> None:
            if isinstance(e, Entry):
                for letter, i in zip(e.symbol.letters, e.index, strict=False):
                    if i == BoundIndex(level) and letter not in found:
                        found.append(letter)
            for n, a in enumerate(e.args):
                visit(a, level + 1 if getattr(e, "is_binder", False) and n == 0 else level)

        visit(self.body, 0)
        return tuple(found)

    def unbind(self, avoid: set[Any] | None = None) -> tuple[Symbol, Expr]:
        """A fresh letter and the body at it."""
        k = self.fresh(avoid)
        return k, self.open(k)


class IndexSum(Binder):
    r"""sum_{k=lo}^{hi} body. An empty range gives 0.

    Sums that differ by the name of the index are equal; substitution cannot capture it.

    >>> from symderive.calculus.atoms import indices, size, tensor
    >>> j, k = indices("j k"); n = size("n")
    >>> w, x = tensor("w", (j, 1, n), (k, 1, n)), tensor("x", (k, 1, n))
    >>> s = IndexSum(w[j, k] * x[k], (k, 1, n))
    >>> s.subs(j, k)
    sum(x[i]*w[k, i], i=1..n)
    >>> s.diff(w[j, k])
    sum([i = k]*x[i], i=1..n)
    """

    @classmethod
    def _make(cls, body: Expr, lo: Expr, hi: Expr) -> Expr:
        length = hi - lo
        if body == 0 or (length.is_Number and length < 0):
            return ZERO
        return Expr.__new__(cls, body, lo, hi)

    def _eval_is_integer(self) -> bool | None:
        return None

    def _known_real(self) -> bool | None:
        return self.body.is_real or None

    def _eval_derivative(self, v: Expr) -> Expr:
        if {v, getattr(v, "symbol", v)} & (self.lo.free_symbols | self.hi.free_symbols):
            raise CalculusError(f"cannot differentiate {self} by {v}: it is in the limits of the sum")
        return IndexSum(self.body.diff(v), self.lo, self.hi)

    def doit(self, **hints: Any) -> Expr:
        """Write out a sum with numeric limits; others stay."""
        if not (self.lo.is_Integer and self.hi.is_Integer):
            return self
        return Add(*(self.open(v).doit(**hints) for v in range(int(self.lo), int(self.hi) + 1)))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        k, body = self.unbind()
        shown = printer._print(body)
        if body.is_Add:
            shown = rf"\left({shown}\right)"
        limits = (printer._print(k), printer._print(self.lo), printer._print(self.hi))
        return _power(r"\sum_{%s=%s}^{%s} " % limits + shown, exp)

    def _sympystr(self, printer: Any) -> str:
        k, body = self.unbind()
        return "sum(%s, %s=%s..%s)" % tuple(map(printer._print, (body, k, self.lo, self.hi)))

    @property
    def precedence(self) -> int:
        return 45  # below Mul: LaTeX needs parentheses around a sum that is a factor


def index_sum(body: Any, *limits: tuple[Symbol, Any, Any]) -> Expr:
    """sum over several indices, the last one innermost: index_sum(f, (j, 1, m), (k, 1, n))."""
    for limit in reversed(limits):
        body = IndexSum(body, limit)
    return body


class Family(Binder):
    """(body)_{j=lo..hi}: the family of scalars that a functional takes; not a scalar itself."""

    is_scalar = False

    @classmethod
    def _admitted(cls, body: Any) -> Expr:
        return body if isinstance(body, Family) else scalar(body, cls.__name__)

    def _eval_derivative(self, v: Expr) -> Expr:
        raise CalculusError(f"the family {self} is no scalar: differentiate the functional that takes it")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        k, body = self.unbind()
        return r"\left(%s\right)_{%s}" % (printer._print(body), printer._print(k))

    def _sympystr(self, printer: Any) -> str:
        k, body = self.unbind()
        return "family(%s, %s=%s..%s)" % tuple(map(printer._print, (body, k, self.lo, self.hi)))


def family(body: Any, *limits: tuple[Symbol, Any, Any]) -> Expr:
    """A family over several indices: family(a[j], (j, 1, n))."""
    for limit in reversed(limits):
        body = Family(body, limit)
    return body


class Bracket(Term):
    """Iverson's bracket: [a = b], [a <= b] or [a < b] is 1 where the relation holds, else 0.

    >>> from symderive.calculus.atoms import indices
    >>> j, k = indices("j k")
    >>> Bracket.equal(j, k), Bracket.equal(j, j), Bracket.at_most(j, k)
    ([j = k], 1, [j <= k])
    """

    RELATIONS = ("=", "<=", "<")

    def __new__(cls, relation: Any, a: Any, b: Any) -> Expr:
        name = relation.name if isinstance(relation, Str) else str(relation)
        if name not in cls.RELATIONS:
            raise CalculusError(f"bracket: expected one of {cls.RELATIONS}, found {name!r}")
        a, b = (scalar(x, "bracket") for x in (a, b))
        d = b - a
        if d.is_Number:
            holds = {"=": d == 0, "<=": d >= 0, "<": d > 0}[name]
            return ONE if holds else ZERO
        if name == "=" and Basic.compare(a, b) > 0:
            a, b = b, a
        return Expr.__new__(cls, Str(name), a, b)

    @classmethod
    def equal(cls, a: Any, b: Any) -> Expr:
        """[a = b]"""
        return cls("=", a, b)

    @classmethod
    def at_most(cls, a: Any, b: Any) -> Expr:
        """[a <= b]"""
        return cls("<=", a, b)

    @classmethod
    def less(cls, a: Any, b: Any) -> Expr:
        """[a < b]"""
        return cls("<", a, b)

    @property
    def relation(self) -> str:
        return self.args[0].name  # type: ignore[no-any-return]

    @property
    def a(self) -> Expr:
        return self.args[1]

    @property
    def b(self) -> Expr:
        return self.args[2]

    def _eval_is_integer(self) -> bool:
        return True

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_power(self, exponent: Expr) -> Expr | None:
        return self if exponent.is_positive else None

    def _eval_derivative(self, v: Expr) -> Expr:
        if isinstance(v, Entry) and v.symbol not in self.free_symbols:
            return ZERO
        raise CalculusError(f"{self} has no derivative by {v} everywhere: state a convention for its jump")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        sign = {"=": "=", "<=": r"\leq", "<": "<"}[self.relation]
        return _power(rf"\left[{printer._print(self.a)} {sign} {printer._print(self.b)}\right]", exp)

    def _sympystr(self, printer: Any) -> str:
        return f"[{printer._print(self.a)} {self.relation} {printer._print(self.b)}]"


class Applied(Term):
    """f^{(order)}(argument): a scalar function or its derivative, applied; its derivative has order + 1.

    >>> from sympy import Symbol
    >>> sigma, z = ScalarFunction("sigma"), Symbol("z")
    >>> (sigma(z) ** 2).diff(z)
    2*sigma(z)*sigma'(z)
    """

    def __new__(cls, function: ScalarFunction, order: Any, *args: Any) -> Applied:
        if not isinstance(function, ScalarFunction):
            raise CalculusError(f"expected a scalar function, found {function!r}")
        if len(args) != function.sup + 1:
            raise CalculusError(
                f"{function.name}: expected {function.sup} superscripts and an argument, found {len(args)}"
            )
        order = integer(order, f"order of {function.name}")
        if not (order.is_Integer and order >= 0):
            raise CalculusError(f"{function.name}: expected a natural number as order, found {order}")
        sup = [integer(i, f"superscript of {function.name}") for i in args[:-1]]
        argument = scalar(args[-1], f"argument of {function.name}")
        made: Applied = Expr.__new__(cls, function, order, *sup, argument)
        return made

    @property
    def function(self) -> ScalarFunction:
        return self.args[0]  # type: ignore[no-any-return]

    @property
    def order(self) -> int:
        return int(self.args[1])

    @property
    def sup(self) -> tuple[Expr, ...]:
        return self.args[2:-1]  # type: ignore[no-any-return]

    @property
    def argument(self) -> Expr:
        return self.args[-1]

    def _known_real(self) -> bool | None:
        return self.argument.is_real or None

    def _eval_derivative(self, v: Expr) -> Expr:
        inner = self.argument.diff(v)
        return inner * Applied(self.function, self.order + 1, *self.args[2:]) if inner != 0 else ZERO

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        head = self.function.latex_name + "'" * self.order
        if self.sup:
            head += "^{(%s)}" % ",".join(map(printer._print, self.sup))
        return _power(rf"{head}\left({printer._print(self.argument)}\right)", exp)

    def _sympystr(self, printer: Any) -> str:
        args = ", ".join(map(printer._print, (*self.sup, self.argument)))
        return f"{self.function.name}{chr(39) * self.order}({args})"


class FunctionalValue(Term):
    """C(a; y), or a partial derivative: partials = ((m, j), ..) differentiates by the entry j of family m.

    Partials commute (the functional is twice continuously differentiable), so they are kept sorted.

    >>> from symderive.calculus.atoms import Functional, indices, tensor
    >>> j, k = indices("j k")
    >>> a, C = tensor("a", (j, 1, 3)), Functional("C")
    >>> C(family(a[j], (j, 1, 3))).diff(a[k])
    sum([i = k]*C_1[i](family(a[j], j=1..3)), i=1..3)
    """

    def __new__(cls, functional: Functional, partials: Any, *families: Any) -> FunctionalValue:
        if not isinstance(functional, Functional):
            raise CalculusError(f"expected a functional, found {functional!r}")
        if len(families) != functional.arity:
            raise CalculusError(
                f"{functional.name}: expected {functional.arity} families, found {len(families)}"
            )
        entries = []
        for p in partials:
            which, *index = p
            which = int(which) if isinstance(which, int | Integer) else -1
            if not 0 <= which < functional.arity or len(index) != _depth(families[which]):
                raise CalculusError(f"{functional.name}: no partial {tuple(p)}")
            entries.append(Tuple(Integer(which), *(integer(i, functional.name) for i in index)))
        entries.sort(key=lambda t: t.sort_key())
        made: FunctionalValue = Expr.__new__(cls, functional, Tuple(*entries), *families)
        return made

    @property
    def functional(self) -> Functional:
        return self.args[0]  # type: ignore[no-any-return]

    @property
    def partials(self) -> tuple[tuple[Expr, ...], ...]:
        return tuple(tuple(p) for p in self.args[1])

    @property
    def families(self) -> tuple[Expr, ...]:
        return self.args[2:]  # type: ignore[no-any-return]

    def _eval_derivative(self, v: Expr) -> Expr:
        if not isinstance(v, Entry):
            if v in self.free_symbols:
                raise CalculusError(f"{self}: expected a tensor entry to differentiate by, found {v}")
            return ZERO
        total: Expr = ZERO
        for m, fam in enumerate(self.families):
            total += self._chain(m, fam, v, [])
        return total

    def _chain(self, m: int, fam: Expr, v: Expr, index: list[Symbol]) -> Expr:
        """sum over the entries of family m of (partial by the entry) * (derivative of the entry)."""
        if isinstance(fam, Family):
            # the letter must be free in the whole value, as the partial stands under the new sum too
            k = fam.fresh(self.free_symbols | v.free_symbols | set(index))
            return IndexSum(self._chain(m, fam.open(k), v, [*index, k]), (k, fam.lo, fam.hi))
        inner = fam.diff(v)
        if inner == 0:
            return ZERO
        return FunctionalValue(self.functional, (*self.partials, (m, *index)), *self.families) * inner

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        name = self.functional.latex_name
        args = ", ".join(map(printer._print, self.families))
        if not self.partials:
            return _power(rf"{name}\left({args}\right)", exp)
        below = []
        for m, *index in self.partials:
            e = self.families[int(m)]
            for i in index:
                e = e.open(i)
            below.append(r"\partial " + printer._print(e))
        top = rf"\partial^{{{len(below)}}} {name}" if len(below) > 1 else rf"\partial {name}"
        return _power(rf"\frac{{{top}}}{{{' '.join(below)}}}", exp)

    def _sympystr(self, printer: Any) -> str:
        name = self.functional.name
        for m, *index in self.partials:
            name += f"_{int(m) + 1}[{', '.join(map(printer._print, index))}]"
        return f"{name}({', '.join(map(printer._print, self.families))})"


class PartialDerivative(Term):
    """d u / d v: the definition of the entry u, differentiated by the entry v alone; a chain rule's factor.

    >>> from symderive.calculus.atoms import indices, tensor
    >>> j, k = indices("j k")
    >>> z, a = tensor("z", (j, 1, 3)), tensor("a", (j, 1, 3))
    >>> PartialDerivative(a[j], z[k])
    d(a[j])/d(z[k])
    """

    def __new__(cls, u: Entry, v: Entry) -> PartialDerivative:
        for e in (u, v):
            if not isinstance(e, Entry):
                raise CalculusError(f"partial derivative: expected a tensor entry, found {e!r}")
        made: PartialDerivative = Expr.__new__(cls, u, v)
        return made

    def _eval_derivative(self, v: Expr) -> Expr:
        raise CalculusError(f"{self} is a place holder: put the definition in before differentiating it")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        u, v = map(printer._print, self.args)
        return _power(rf"\frac{{\partial {u}}}{{\partial {v}}}", exp)

    def _sympystr(self, printer: Any) -> str:
        u, v = map(printer._print, self.args)
        return f"d({u})/d({v})"


def _depth(fam: Expr) -> int:
    """Over how many indices a family runs."""
    return 1 + _depth(fam.body) if isinstance(fam, Family) else 0


__all__ = [
    "Add", "Applied", "Binder", "Bracket", "Entry", "Family", "FunctionalValue", "IndexSum", "Mul",
    "PartialDerivative", "Pow", "Term", "family", "index_sum",
]  # fmt: skip
