"""Names: tensors T^{sup}_{sub} with ranges, scalar functions sigma, functionals C, and bound indices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sympy import Expr, Float, Integer, Lambda, Subs, Symbol, nan
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.basic import Atom, Basic
from sympy.core.expr import AtomicExpr
from sympy.printing.repr import srepr

from symderive.errors import SymderiveError

if TYPE_CHECKING:
    from symderive.calculus.terms import Applied, Entry, Family, FunctionalValue

Axis = tuple[Expr, Expr]


class CalculusError(SymderiveError, TypeError):
    """A term that would mean nothing: the message says what was expected and what was found."""


def integer(value: Any, what: str) -> Expr:
    """An index expression: an int, or a SymPy expression that is not known to be something else.

    >>> integer(2, "layer")
    2
    """
    if isinstance(value, bool) or not isinstance(value, int | Expr):
        raise CalculusError(f"{what}: expected an integer expression, found {value!r}")
    expr = Integer(value) if isinstance(value, int) else value
    if isinstance(expr, Integer | Symbol | BoundIndex | Slot) and expr.is_integer:
        return expr
    # no verdict is given on SymPy's place holders during a substitution, and on N/2; but a real entry or a
    # float has no business in an index
    real = any(isinstance(a, TensorSymbol) and a.kind == "real" for a in expr.atoms(Name))
    odd = expr.is_integer is None and real
    if expr.is_integer is False or odd or expr.has(Float, nan):
        raise CalculusError(f"{what}: expected an integer expression, found {expr}")
    return expr


def scalar(value: Any, what: str) -> Expr:
    """A number as a term; no family, relation or matrix, and nothing that binds names in its own way.

    >>> scalar(2, "body")
    2
    """
    expr = Integer(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(expr, Expr) or getattr(expr, "is_scalar", None) is False:
        raise CalculusError(f"{what}: expected a scalar term, found {value!r}")
    if expr.is_commutative is False:
        raise CalculusError(f"{what}: expected factors that commute, found {expr}")
    if expr.has(ExprWithLimits, Lambda, Subs):
        raise CalculusError(f"{what}: expected sums to be IndexSum, found {expr}")
    return expr


class Fixed:
    """What an object was made with cannot be changed: terms share it, and equality has been decided by it."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__ and not name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} {self}: {name} is fixed")
        super().__setattr__(name, value)


class BoundIndex(Fixed, AtomicExpr):
    """The index of the `level`-th enclosing binder, counted from inside (de Bruijn).

    A sum does not keep the name of its index, so that sums which differ by that name alone are one and
    the same object, and a substitution has no name to capture.
    """

    is_integer = True
    is_commutative = True
    level: int

    def __new__(cls, level: int) -> BoundIndex:
        obj: BoundIndex = AtomicExpr.__new__(cls)
        obj.level = int(level)
        return obj

    def __getnewargs__(self) -> tuple[int]:
        return (self.level,)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.level,)

    @property
    def free_symbols(self) -> set[Basic]:
        return set()

    def _sympystr(self, printer: Any) -> str:
        return f"#{self.level}"

    def _sympyrepr(self, printer: Any) -> str:
        return f"BoundIndex({self.level})"

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        raise CalculusError(f"bound index {self} outside its sum: open the sum before taking it apart")

    def _eval_derivative(self, v: Expr) -> Expr:
        return Integer(0)


class Slot(Fixed, AtomicExpr):
    """The `position`-th index of a tensor, in the ranges of its later indices: w_{jk} has k in 1..n_{l-1}."""

    is_integer = True
    is_commutative = True
    position: int

    def __new__(cls, position: int) -> Slot:
        obj: Slot = AtomicExpr.__new__(cls)
        obj.position = int(position)
        return obj

    def __getnewargs__(self) -> tuple[int]:
        return (self.position,)

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.position,)

    @property
    def free_symbols(self) -> set[Basic]:
        return set()

    def _sympystr(self, printer: Any) -> str:
        return f"@{self.position}"

    def _sympyrepr(self, printer: Any) -> str:
        return f"Slot({self.position})"


class Name(Fixed, Atom):
    """A name that is no scalar: equality and hash cover all that it was declared with."""

    _iterable = False
    is_commutative = True
    _fields: ClassVar[tuple[str, ...]] = ()

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(getattr(self, f) for f in self._fields)

    def _hashable_content(self) -> tuple[Any, ...]:
        # strings only: Basic.compare orders the content with `<`
        def flat(v: Any) -> str:
            if isinstance(v, tuple):
                return "(" + ",".join(map(flat, v)) + ")"
            return srepr(v) if isinstance(v, Basic) else repr(v)

        if not hasattr(self, "_content"):
            self._content = tuple(flat(getattr(self, f)) for f in self._fields)
        return self._content

    def _sympystr(self, printer: Any) -> str:
        return str(self.name)

    def _sympyrepr(self, printer: Any) -> str:
        # strings in quotes: equality of the tensors that use this name in their ranges rests on it
        shown = ", ".join(repr(v) if isinstance(v, str) else printer._print(v) for v in self.__getnewargs__())
        return f"{type(self).__name__}({shown})"

    name: str
    latex_name: str

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        return self.latex_name


KINDS = ("real", "dimension", "permutation", "integer")
STYLES = ("plain", "tangent", "partial")


class TensorSymbol(Name):
    """A family of scalars T^{(i_1,..,i_s)}_{j_1..j_r}, each index with its range; T[i, .., j] is one of them.

    Outside its ranges an entry stands for an arbitrary number: nothing is known of it, and nothing breaks.

    - `axes`: for each index (lo, hi), in terms of `Slot(p)`, the tensor's own earlier indices.
    - `sup`: how many of the indices are superscripts (layer, time).
    - `kind`: "real"; "dimension" (a positive integer: a width n_l); "integer"; "permutation": T[.., j] is,
      as a function of its last index, a bijection of that index's range.
    - `letters`: the letters that printers prefer for the indices.
    - `style`: "plain" prints the name; "tangent" prints d T, the differential; "partial" prints
      dC/dT with `mark` for C; "partial tangent" prints the differential of dC/dT.

    >>> from sympy import Symbol
    >>> j, k = Symbol("j", integer=True), Symbol("k", integer=True)
    >>> w = tensor("w", (j, 1, 3), (k, 1, 2))
    >>> w[2, 1], w.ranges(j, k)
    (w[2, 1], ((1, 3), (1, 2)))
    """

    _fields = ("name", "axes", "sup", "latex_name", "kind", "letters", "style", "mark")

    def __new__(
        cls,
        name: str,
        axes: Sequence[tuple[Expr | int, Expr | int]] = (),
        sup: int = 0,
        latex_name: str | None = None,
        kind: str = "real",
        letters: Sequence[str] = (),
        style: str = "plain",
        mark: str = "",
    ) -> TensorSymbol:
        if kind not in KINDS:
            raise CalculusError(f"tensor {name}: expected a kind of {', '.join(KINDS)}, found {kind!r}")
        if not style or any(word not in STYLES for word in style.split()):
            raise CalculusError(f"tensor {name}: expected a style of {', '.join(STYLES)}, found {style!r}")
        if not 0 <= int(sup) <= len(axes):
            raise CalculusError(f"tensor {name}: {sup} superscripts, but only {len(axes)} indices")
        obj: TensorSymbol = Atom.__new__(cls)
        obj.name = str(name)
        obj.axes = tuple(
            (integer(lo, f"range of {name}"), integer(hi, f"range of {name}")) for lo, hi in axes
        )
        obj.sup = int(sup)
        obj.latex_name = str(latex_name) if latex_name is not None else str(name)
        obj.kind = kind
        obj.letters = tuple(map(str, letters))
        obj.style = style
        obj.mark = str(mark)
        return obj

    axes: tuple[Axis, ...]
    sup: int
    kind: str
    letters: tuple[str, ...]
    style: str
    mark: str

    __iter__ = None

    @property
    def _diff_wrt(self) -> bool:
        raise CalculusError(f"expected an entry to differentiate by, found the tensor {self.name}")

    def __getitem__(self, index: Any) -> Entry:
        from symderive.calculus.terms import Entry

        return Entry(self, *(index if isinstance(index, tuple) else (index,)))

    def __call__(self) -> Entry:
        return self[()]

    @property
    def rank(self) -> int:
        """How many indices an entry has, superscripts included."""
        return len(self.axes)

    def ranges(self, *index: Expr | int) -> tuple[Axis, ...]:
        """The (lo, hi) of each index, at these values of the indices."""
        values = [integer(i, f"index of {self.name}") for i in index]
        if len(values) != self.rank:
            raise CalculusError(f"{self.name}: expected {self.rank} indices, found {len(values)}")
        rule = {Slot(p): v for p, v in enumerate(values)}
        return tuple((lo.xreplace(rule), hi.xreplace(rule)) for lo, hi in self.axes)

    def derived(self, name: str, **changes: Any) -> TensorSymbol:
        """A tensor with the same indices and ranges under another name."""
        fields = {f: getattr(self, f) for f in self._fields} | {"name": name, "latex_name": name} | changes
        return TensorSymbol(**fields)

    def tangent(self) -> TensorSymbol:
        """dT, the differential of T: a tensor of the same shape; different tensors have different ones."""
        style = "tangent" if self.style == "plain" else f"{self.style} tangent"
        return self.derived(f"d{self.name}", latex_name=self.latex_name, kind="real", style=style)

    def gradient(self, cost: str = "C") -> TensorSymbol:
        """dC/dT: a tensor of the same shape; the derivative by a derivative keeps both marks."""
        style = "partial" if self.style == "plain" else f"{self.style} partial"
        mark = f"{self.mark} {cost}".strip()
        return self.derived(
            f"grad_{self.name}", latex_name=self.latex_name, kind="real", style=style, mark=mark
        )


def tensor(
    name: str, *axes: tuple[Symbol, Any, Any], sup: int = 0, latex: str | None = None, kind: str = "real"
) -> TensorSymbol:
    """Declare a tensor by its indices: tensor("w", (l, 1, L), (j, 1, n[l]), (k, 1, n[l-1]), sup=1).

    A range may use the indices before it. The letters become the printers' preferred ones.
    """
    names = [index for index, _, _ in axes]
    for p, index in enumerate(names):
        if not isinstance(index, Symbol) or index.is_integer is not True:
            raise CalculusError(
                f"tensor {name}: expected an integer symbol for index {p + 1}, found {index!r}"
            )
    if len(set(names)) != len(names):
        raise CalculusError(f"tensor {name}: two indices have one name: {names}")
    ranges = []
    for p, (_, lo, hi) in enumerate(axes):
        pair = (integer(lo, f"range of {name}"), integer(hi, f"range of {name}"))
        late = set(names[p:]) & (pair[0].free_symbols | pair[1].free_symbols)
        if late:
            raise CalculusError(
                f"tensor {name}: the range of {names[p]} uses {min(map(str, late))}, not declared before it"
            )
        rule = {s: Slot(q) for q, s in enumerate(names[:p])}
        ranges.append((pair[0].xreplace(rule), pair[1].xreplace(rule)))
    return TensorSymbol(name, ranges, sup, latex, kind, [s.name for s in names])


class ScalarFunction(Name):
    """A differentiable function of one real variable; f(z) applies it, f(z, order=1) is f'(z).

    With `sup` superscripts there is one function for each value of them: phi(z, l) is phi^{(l)}(z).

    >>> from sympy import Symbol
    >>> sigma = ScalarFunction("sigma", r"\\sigma")
    >>> sigma(Symbol("z")), sigma(Symbol("z"), order=2)
    (sigma(z), sigma''(z))
    """

    _fields = ("name", "latex_name", "sup")
    sup: int

    def __new__(cls, name: str, latex_name: str | None = None, sup: int = 0) -> ScalarFunction:
        obj: ScalarFunction = Atom.__new__(cls)
        obj.name = str(name)
        obj.latex_name = str(latex_name) if latex_name is not None else str(name)
        obj.sup = int(sup)
        return obj

    def __call__(self, argument: Any, *sup: Any, order: int = 0) -> Applied:
        from symderive.calculus.terms import Applied

        return Applied(self, order, *sup, argument)


class Functional(Name):
    """A twice continuously differentiable scalar function of families of scalars: C(a_1..a_n; y_1..y_n).

    `arity` is the number of families.
    """

    _fields = ("name", "latex_name", "arity")
    arity: int

    def __new__(cls, name: str, latex_name: str | None = None, arity: int = 1) -> Functional:
        obj: Functional = Atom.__new__(cls)
        obj.name = str(name)
        obj.latex_name = str(latex_name) if latex_name is not None else str(name)
        obj.arity = int(arity)
        return obj

    def __call__(self, *families: Family | Expr, partials: Sequence[Sequence[Any]] = ()) -> FunctionalValue:
        from symderive.calculus.terms import FunctionalValue

        return FunctionalValue(self, tuple(partials), *families)


def indices(names: str) -> tuple[Symbol, ...]:
    """Integer symbols: indices("j k l").

    >>> indices("j k")
    (j, k)
    """
    return tuple(Symbol(s, integer=True) for s in names.split())


def size(name: str) -> Symbol:
    """A positive integer symbol: a width N, a depth L, a number of samples B.

    >>> size("L").is_positive
    True
    """
    return Symbol(name, integer=True, positive=True)


LETTERS = tuple("ijkmpqrsuvhg")
# what to call a second index beside j, or a second layer beside l
NEIGHBOURS = {"j": "ki", "k": "i", "l": "m", "s": "r", "t": "r"}


def fresh(avoid: set[Any], prefer: Sequence[str] = ()) -> Symbol:
    """The first index letter that no symbol in `avoid` has: the preferred ones first, i1, i2, .. at last.

    >>> fresh({Symbol("i"), Symbol("j")})
    k
    """

    def pool() -> Iterator[str]:
        yield from prefer
        for letter in prefer:
            yield from NEIGHBOURS.get(letter, "")
        yield from LETTERS
        t = 1
        while True:
            yield f"i{t}"
            t += 1

    used = {getattr(s, "name", "") for s in avoid}
    return Symbol(next(c for c in pool() if c not in used), integer=True)
