r"""Terms in textbook style: z^{(l)}_{j} = \sum_{k=1}^{n_{l-1}} w^{(l)}_{jk} a^{(l-1)}_{k} + b^{(l)}_{j}.

Products: number, brackets, scalars, partial derivatives, differences, sigma', entries, functions, sums. Sums:
first what is positive, sums before single entries. Parentheses only where the grammar needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Abs, Add, Expr, Integer, Max, Min, Mul, Pow, Rational, Symbol, exp, log
from sympy.core.basic import Basic
from sympy.core.function import Function
from sympy.core.numbers import Exp1, Pi

from symderive.calculus.atoms import TensorSymbol, fresh
from symderive.calculus.binding import require_closed
from symderive.calculus.terms import (
    Applied,
    Binder,
    Bracket,
    Entry,
    Family,
    FunctionalValue,
    IndexSum,
    PartialDerivative,
)
from symderive.latex.indices import IndexPrinter
from symderive.latex.lexicon import EXTREMA, MOST_PRIMES, PLAIN_FUNCTIONS, Lexicon, juxtaposed, lexicon
from symderive.latex.notation import LatexError, Notation
from symderive.latex.partials import readings
from symderive.latex.table import SymbolTable

# How tightly a print holds together: a sum, a product that ends in a big sum, a factor, the base of a power.
SUM, OPEN, FACTOR, BASE = range(4)
EXPONENT_LENGTH = 40


@dataclass(frozen=True)
class Shown:
    """LaTeX, how tightly it holds together, and where it stands among factors."""

    text: str
    level: int
    rank: tuple[Any, ...] = ()

    def within(self, level: int) -> str:
        """The text, in parentheses where it holds together less than that."""
        return self.text if self.level >= level else rf"\left({self.text}\right)"


# places among the factors of a product: [l = L] eta dC/da (a - y) sigma'(z) w a delta sigma(z) dw sum
BRACKET, SCALAR, PARTIAL, DIFFERENCE, SLOPE, ENTRY, VALUE, TANGENT, LAST = range(9)
# a tensor of this name and of one index is a coefficient, such as the step size eta_t
COEFFICIENTS = frozenset((r"\alpha", r"\beta", r"\gamma", r"\epsilon", r"\eta", r"\lambda", r"\mu", r"\rho"))


def to_latex(
    term: Expr,
    notation: Notation | None = None,
    *,
    table: SymbolTable | None = None,
    avoid: Iterable[Any] = (),
) -> str:
    r"""The term in LaTeX.

    `table`: the names that the formula stands among; it decides whether dC/da^{(L)}_j says enough.
    `avoid`: symbols whose letters no bound index may have. LatexError for a term that has no print.

    >>> from symderive.calculus import IndexSum, indices, size, tensor
    >>> j, k = indices("j k"); n = size("n")
    >>> w, x = tensor("w", (j, 1, 3), (k, 1, n)), tensor("x", (k, 1, n))
    >>> to_latex(IndexSum(w[j, k] * x[k], (k, 1, n)))
    '\\sum_{k=1}^{n} w_{jk} x_{k}'
    """
    return _printer((term,), notation, table, avoid).show(term).text


def equation_to_latex(
    lhs: Expr,
    rhs: Expr,
    notation: Notation | None = None,
    *,
    table: SymbolTable | None = None,
    avoid: Iterable[Any] = (),
) -> tuple[str, str]:
    r"""Both sides in LaTeX: no bound index has a letter that is free on either side.

    >>> from symderive.calculus import IndexSum, indices, tensor
    >>> j, k = indices("j k")
    >>> w, x, z = tensor("w", (j, 1, 3), (k, 1, 2)), tensor("x", (k, 1, 2)), tensor("z", (j, 1, 3))
    >>> equation_to_latex(z[k], IndexSum(w[k, j] * x[j], (j, 1, 2)))
    ('z_{k}', '\\sum_{i=1}^{2} w_{ki} x_{i}')
    """
    printer = _printer((lhs, rhs), notation, table, avoid)
    return printer.show(lhs).text, printer.show(rhs).text


def ranges_to_latex(
    limits: Iterable[tuple[Symbol, Expr, Expr]],
    notation: Notation | None = None,
    *,
    table: SymbolTable | None = None,
) -> tuple[str, ...]:
    r"""The ranges of indices, 1 \leq l \leq L, one for each index; l = 2 where a range is one value."""
    found = []
    for k, lo, hi in limits:
        printer = _printer((k, lo, hi), notation, table, ())
        low, index, high = (printer.show(e).text for e in (lo, k, hi))
        found.append(rf"{index} = {low}" if lo == hi else rf"{low} \leq {index} \leq {high}")
    return tuple(found)


def _printer(
    terms: Sequence[Expr], notation: Notation | None, table: SymbolTable | None, avoid: Iterable[Any]
) -> TextbookPrinter:
    for e in terms:
        if not isinstance(e, Basic):
            raise LatexError(f"expected a term to print, found {e!r}")
    require_closed(*terms)
    names = SymbolTable.of(terms) if table is None else table
    free = {s for e in terms for s in e.free_symbols} | set(avoid)
    return TextbookPrinter(lexicon(names, notation or Notation()), free)


class TextbookPrinter:
    """Prints terms whose names are in a lexicon; `reserved` are symbols that no bound index may be called."""

    def __init__(self, names: Lexicon, reserved: Iterable[Any] = ()) -> None:
        self.names = names
        self.indices = IndexPrinter(names)
        self.taken = {getattr(s, "name", "") for s in reserved} | names.unusable()
        self.scope: list[str] = []

    def show(self, e: Basic) -> Shown:
        """The print of a term: the rule of its class, or of the nearest class that it is derived from."""
        for kind in type(e).__mro__:
            rule = RULES.get(kind)
            if rule is not None:
                return rule(self, e)
        raise LatexError(f"expected a term that formulas can hold, found {type(e).__name__} {e}")

    # ---- numbers, sums, products

    def number(self, e: Any) -> Shown:
        if e.q != 1:
            text = rf"\frac{{{abs(e.p)}}}{{{e.q}}}"
            return Shown("-" + text, SUM) if e < 0 else Shown(text, FACTOR, (-1,))
        return Shown(str(e), BASE if e >= 0 else SUM, (-1,))

    def symbol(self, e: Symbol) -> Shown:
        return Shown(self.names.symbol(e), BASE, (SCALAR, self.names.symbol(e)))

    def constant(self, e: Any) -> Shown:
        if isinstance(e, Exp1):
            return self.exponential(e, Integer(1))
        if self.names.symbols.get(r"\pi") != e:
            raise LatexError(r"the number \pi and something else of this name stand in one formula")
        return Shown(r"\pi", BASE, (SCALAR, ""))

    def add(self, e: Add) -> Shown:
        parts = []
        whole = e.args[0].is_Number and all(t.is_integer for t in e.args)
        for place, term in enumerate(e.args):
            shown = self.show(term)
            negative = shown.text.startswith("-")
            kind = (
                0 if term.has(IndexSum) else 1 if term.is_Number and not whole else 3 if term.is_Number else 2
            )
            parts.append(((negative, kind, place), shown))
        parts.sort(key=lambda p: p[0])
        text = parts[0][1].text
        for (negative, *_), shown in parts[1:]:
            text += f" - {shown.text[1:]}" if negative else f" + {shown.text}"
        return Shown(text, SUM, (DIFFERENCE, text))

    def mul(self, e: Expr) -> Shown:
        coefficient, rest = e.as_coeff_Mul()
        if not coefficient.is_Rational:
            coefficient, rest = Integer(1), e
        over: list[Shown] = []
        under: list[Expr] = []
        for f in self.chained(Mul.make_args(rest)):
            if isinstance(f, Shown):
                over.append(f)
                continue
            if f.is_Pow and f.exp.is_Rational and f.exp < 0:
                under.append(Pow(f.base, -f.exp))
            elif f != 1:
                over.append(self.show(f))
        over.sort(key=lambda s: s.rank)
        up, down = abs(coefficient.p), coefficient.q
        if under or down != 1:
            simple = all(f.as_base_exp()[0].is_Symbol or _is_width(f.as_base_exp()[0]) for f in under)
            first = [s for s in over if s.rank[0] == BRACKET]
            outside = [
                s for s in over if s.rank[0] == LAST or (simple and s.rank[0] not in (SCALAR, BRACKET))
            ]
            inside = [s for s in over if s not in outside and s not in first]
            if not inside and not simple and len(outside) == 1 and up == 1:
                inside, outside = outside, []
            below = sorted((self.show(f) for f in under), key=lambda s: s.rank)
            top = self.product(up, inside, alone=True)
            front = rf"\frac{{{top}}}{{{self.product(down, below, alone=True)}}}"
            number = Shown(front, FACTOR)
            text = self.product(1, [number, *first, *outside] if simple else [*first, number, *outside])
            level = OPEN if any(s.level == OPEN for s in outside) else FACTOR
        else:
            text = self.product(up, over)
            level = OPEN if over and over[-1].level == OPEN else FACTOR
        if coefficient < 0:
            return Shown("-" + text, SUM, (LAST if level == OPEN else VALUE, text))
        return Shown(text, level, (LAST if level == OPEN else VALUE, text))

    def product(self, number: int, factors: Sequence[Shown], alone: bool = False) -> str:
        """Factors side by side; a dot where two numbers would meet, or a name and parentheses."""
        if alone and number == 1 and len(factors) == 1:
            return factors[0].text
        parts = [] if number == 1 and factors else [str(number)]
        for place, f in enumerate(factors):
            text = f.within(OPEN if place == len(factors) - 1 else FACTOR)
            called = parts and text.startswith(r"\left(") and self.callable(parts[-1])
            if parts and (text[0].isdigit() or called):
                parts.append(r"\cdot")
            parts.append(text)
        return " ".join(parts)

    def callable(self, text: str) -> bool:
        """Whether parentheses after this print would be an argument: it ends in the name of a function."""
        last = text.rsplit(" ", 1)[-1]
        return last in self.names.functionals or last in self.names.functions

    def power(self, e: Pow) -> Shown:
        if e.exp.is_Rational and e.exp < 0:
            return self.mul(e)
        if e.exp == Rational(1, 2):
            place = SCALAR if e.base.is_number else VALUE
            return Shown(rf"\sqrt{{{self.show(e.base).text}}}", FACTOR, (place, ""))
        base = self.show(e.base)
        text = f"{base.within(BASE)}^{{{self.show(e.exp).text}}}"
        return Shown(text, FACTOR, base.rank or (SCALAR, text))

    # ---- functions

    def called(self, head: str, *arguments: Expr, separator: str = ", ") -> Shown:
        inside = separator.join(self.show(a).text for a in arguments)
        text = rf"{head}\left({inside}\right)"
        return Shown(text, BASE, (VALUE, text))

    def function(self, e: Any) -> Shown:
        for table in (PLAIN_FUNCTIONS, EXTREMA):
            for name, known in table.items():
                if isinstance(e, known):  # type: ignore[arg-type]
                    if self.names.functions.get(name) is not known:
                        raise LatexError(f"{name} is both a function of SymPy and a declared one in {e}")
                    return self.called(name, *sorted(e.args, key=lambda a: (not a.is_number, str(a))))
        raise LatexError(f"expected a function that formulas can hold, found {type(e).__name__} in {e}")

    def exponential(self, e: Any, argument: Expr | None = None) -> Shown:
        inside = self.show(e.args[0] if argument is None else argument).text
        if (
            self.names.euler
            and len(inside) <= EXPONENT_LENGTH
            and r"\frac" not in inside
            and r"\sum" not in inside
        ):
            return Shown(f"e^{{{inside}}}", FACTOR, (VALUE, inside))
        return Shown(rf"\exp\left({inside}\right)", BASE, (VALUE, inside))

    def absolute(self, e: Any) -> Shown:
        return Shown(rf"\left|{self.show(e.args[0]).text}\right|", BASE, (VALUE, ""))

    def applied(self, e: Applied) -> Shown:
        if e.order > MOST_PRIMES:
            raise LatexError(f"expected a derivative of order {MOST_PRIMES} at most, found {e}")
        head = self.names.function(e.function) + "'" * e.order
        if e.sup:
            head += f"_{{{juxtaposed([self.indices.show(i) for i in e.sup])}}}"
        shown = self.called(head, e.argument)
        return Shown(shown.text, BASE, (SLOPE if e.order else VALUE, shown.text))

    def bracket(self, e: Bracket) -> Shown:
        a, b = e.a, e.b
        if e.relation == "=" and (a.is_number, _is_size(a)) > (b.is_number, _is_size(b)):
            a, b = b, a
        text = rf"\left[ {self.show(a).text} {SIGNS[e.relation]} {self.show(b).text} \right]"
        return Shown(text, BASE, (BRACKET, text))

    def chained(self, factors: Sequence[Expr]) -> list[Any]:
        r"""The factors, with [1 \leq j] [j \leq n] shown as [1 \leq j \leq n]."""
        brackets = [f for f in factors if isinstance(f, Bracket) and f.relation == "<="]
        found: list[Any] = [f for f in factors if f not in brackets]
        while brackets:
            first = brackets.pop(0)
            other = next((b for b in brackets if first.b == b.a or b.b == first.a), None)
            if other is None:
                found.append(first)
                continue
            brackets.remove(other)
            low, high = (first, other) if first.b == other.a else (other, first)
            parts = [self.show(e).text for e in (low.a, low.b, high.b)]
            text = r"\left[ %s \leq %s \leq %s \right]" % tuple(parts)
            found.append(Shown(text, BASE, (BRACKET, text)))
        return found

    # ---- entries, sums

    def entry(self, e: Entry) -> Shown:
        t = e.symbol
        sup, sub = self.indices.of_entry(e)
        text, powered = self.tensor(t, sup, sub)
        late = t.name.startswith(("delta", "bar_"))
        order: tuple[Any, ...] = (
            ENTRY,
            late,
            t.sup - t.rank,
            not t.name.lower().startswith("w"),
            t.name,
            text,
        )
        if "partial" in t.style.split():
            order = (PARTIAL, text)
        elif t.style != "plain":
            order = (TANGENT, text)
        elif t.kind != "real" or t.rank == 0 or (t.rank == 1 and self.names.head(t) in COEFFICIENTS):
            order = (SCALAR, text)
        return Shown(text, BASE if powered else FACTOR, order)

    def tensor(self, t: TensorSymbol, sup: str, sub: str, head: str = "") -> tuple[str, bool]:
        """The name with its scripts, under its differentials; and whether a power may follow."""
        opening, closing = self.names.notation.layer_marks
        body = head or self.names.head(t)
        if sup:
            body += opening + sup + closing
        body += sub
        marks = iter(self.names.marks(t))
        for word in t.style.split():
            if word == "tangent":
                body = rf"\mathrm{{d}} {body}"
            elif word == "partial":
                body = rf"\frac{{\partial {next(marks)}}}{{\partial {body}}}"
        return body, t.style == "plain" and not sup

    def letter_for(self, e: Binder) -> Symbol:
        """A letter that its tensors prefer, which is free nowhere in the formula and bound nowhere around."""
        avoid = {Symbol(c) for c in (*self.taken, *self.scope)}
        return fresh(avoid, e.letters())

    def opened(self, e: Binder) -> tuple[str, str, str, Shown]:
        """The letter, both limits, and the body with the letter in it."""
        lo, hi = self.indices.show(e.lo), self.indices.show(e.hi)
        k = self.letter_for(e)
        self.scope.append(k.name)
        body = self.show(e.open(k))
        self.scope.pop()
        return self.names.symbol(k), lo, hi, body

    def sum(self, e: IndexSum) -> Shown:
        k, lo, hi, body = self.opened(e)
        text = rf"\sum_{{{k}={lo}}}^{{{hi}}} {body.within(OPEN)}"
        return Shown(text, OPEN, (LAST, text))

    # ---- functionals

    def family(self, e: Family) -> Shown:
        r"""a^{(L)} for all entries in their declared ranges, else \left(a_{j}\right)_{j=1}^{n}."""
        whole = self.whole(e)
        if whole:
            return Shown(whole, FACTOR)
        k, lo, hi, body = self.opened(e)
        return Shown(rf"\left({body.text}\right)_{{{k}={lo}}}^{{{hi}}}", FACTOR)

    def whole(self, e: Expr) -> str:
        """The tensor that the family consists of, without the indices that run; empty where there is none."""
        bound: list[Symbol] = []
        limits = []
        while isinstance(e, Family):
            k = fresh({*e.free_symbols, *bound}, ("u",))
            bound.append(k)
            limits.append((e.lo, e.hi))
            e = e.open(k)
        if not isinstance(e, Entry) or e.symbol.style != "plain" or e.symbol.kind != "real":
            return ""
        start = len(e.index) - len(bound)
        fixed, run = e.index[:start], e.index[start:]
        if (
            start < e.symbol.sup
            or list(run) != bound
            or any(k in i.free_symbols for k in bound for i in fixed)
        ):
            return ""
        declared = [self.sized(lo, hi) for lo, hi in e.ranges()[start:]]
        if declared != [self.sized(lo, hi) for lo, hi in limits]:
            return ""
        t = e.symbol
        same = self.names.candidates(*self.names.key(t), t.sup)
        if len(same) > 1:
            return ""  # with fewer indices it could be another tensor
        shown = [self.indices.show(i) for i in fixed]
        sup, sub = juxtaposed_sup(shown[: t.sup]), shown[t.sup :]
        head = self.names.bare(t, len(bound)) if not sub else ""
        return self.tensor(t, sup, f"_{{{juxtaposed(sub)}}}" if sub else "", head)[0]

    def sized(self, *limits: Expr) -> tuple[Expr, ...]:
        """Limits with the values of the widths put in."""
        rule = dict(self.names.table.sizes)
        return tuple(e.xreplace(rule) for e in limits)

    def functional(self, e: FunctionalValue) -> Shown:
        name = self.names.functional(e.functional)
        short = self.short_partial(e, name) if e.partials else ""
        if short:
            return Shown(short, FACTOR, (PARTIAL, short))
        value = self.called(name, *e.families, separator="; ")
        if not e.partials:
            return value
        front = " ".join(
            rf"\partial_{{{int(m) + 1};{','.join(self.indices.show(i) for i in index)}}}"
            for m, *index in e.partials
        )
        return Shown(f"{front} {value.text}", FACTOR, (PARTIAL, value.text))

    def short_partial(self, e: FunctionalValue, name: str) -> str:
        """The quotient of differentials, where it says at which arguments the derivative is taken."""
        entries = []
        for m, *index in e.partials:
            f = e.families[int(m)]
            for i in index:
                f = f.open(i)
            if not isinstance(f, Entry) or f.symbol.style != "plain":
                return ""
            entries.append(f)
        gradients = self.names.tensors.get((self.names.head(entries[0].symbol), "partial", name))
        if (len(entries) == 1 and gradients) or readings(self.names.table, e.functional, entries) != [e]:
            return ""
        below = " ".join(rf"\partial {self.show(a).text}" for a in entries)
        top = r"\partial" if len(entries) == 1 else rf"\partial^{{{len(entries)}}}"
        return rf"\frac{{{top} {name}}}{{{below}}}"

    def partial(self, e: PartialDerivative) -> Shown:
        r"""The quotient, or \partial_{w} C where the quotient is a derivative with a name of its own."""
        u, v = e.args
        top, below = self.show(u).text, self.show(v).text
        text = rf"\frac{{\partial {top}}}{{\partial {below}}}"
        if u.symbol.rank == 0:
            head, style, marks = self.names.key(v.symbol)
            style = "partial" if style == "plain" else f"{style} partial"
            known = self.names.functionals.get(top)
            if (head, style, f"{marks} {top}".strip()) in self.names.tensors or (
                known is not None and readings(self.names.table, known, [v])
            ):
                text = rf"\partial_{{{below}}} {top}"
        return Shown(text, FACTOR, (TANGENT, text))


SIGNS = {"=": "=", "<=": r"\leq", "<": "<"}


def juxtaposed_sup(shown: Sequence[str]) -> str:
    """Superscripts with commas between them: t,l."""
    return ",".join(shown)


def _is_size(e: Expr) -> bool:
    return bool(e.is_Symbol and e.is_positive)


def _is_width(e: Expr) -> bool:
    return isinstance(e, Entry) and (e.symbol.kind != "real" or e.symbol.rank == 0)


RULES: dict[type, Callable[[TextbookPrinter, Any], Shown]] = {
    Rational: TextbookPrinter.number,
    Symbol: TextbookPrinter.symbol,
    Pi: TextbookPrinter.constant,
    Exp1: TextbookPrinter.constant,
    Add: TextbookPrinter.add,
    Mul: TextbookPrinter.mul,
    Pow: TextbookPrinter.power,
    exp: TextbookPrinter.exponential,
    log: TextbookPrinter.function,
    Abs: TextbookPrinter.absolute,
    Max: TextbookPrinter.function,
    Min: TextbookPrinter.function,
    Function: TextbookPrinter.function,
    Applied: TextbookPrinter.applied,
    Bracket: TextbookPrinter.bracket,
    Entry: TextbookPrinter.entry,
    IndexSum: TextbookPrinter.sum,
    Family: TextbookPrinter.family,
    FunctionalValue: TextbookPrinter.functional,
    PartialDerivative: TextbookPrinter.partial,
}
