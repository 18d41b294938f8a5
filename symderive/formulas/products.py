"""Sums and products of values, where people differ in what goes together first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from symderive.dialect.syntax import Fraction as Quotient
from symderive.dialect.syntax import Node, Product, Sum
from symderive.formulas.arrays import ShapeError
from symderive.formulas.quantities import Quantity
from symderive.formulas.readings import HADAMARD, USUAL, FormulaError, Reading
from symderive.formulas.setting import Setting

Env = Mapping[str, Any]


Value = Any


class Reader:
    """Values of trees by the methods that are called as their nodes are."""

    def __init__(self, setting: Setting, world: Any, reading: Reading = USUAL) -> None:
        self.setting, self.world, self.reading = setting, world, reading
        self.k = world.algebra
        self.remarks: dict[str, None] = {}
        self.moving: tuple[Quantity, tuple[Any, ...]] | None = None

    def remark(self, text: str) -> None:
        self.remarks.setdefault(text)

    def fail(self, e: Node, text: str, kind: str = "types") -> FormulaError:
        return FormulaError(text, e.column, kind)

    def value(self, e: Node, env: Env) -> Value:
        """The value of a node, with letters as env says."""
        method = getattr(self, f"_{type(e).__name__.lower()}", None)
        if method is None:
            what = type(e).__name__.lower()  # dots, cases, matrices and vectors by their entries, words
            raise self.fail(e, f"expected an expression without {what}, found {str(e)[:40]}", "unknown")
        try:
            return method(e, env)
        except ShapeError as error:
            raise self.fail(e, str(error)) from None

    def array(self, e: Node, env: Env) -> Value:
        """A value that is an array or a number."""
        found = self.value(e, env)
        return self.plain(found, e)

    def plain(self, found: Value, e: Node) -> Value:
        """A derivative of a vector by a vector as a matrix."""
        if isinstance(found, self.k.Jacobian):
            try:
                return self.k.as_matrix(found)
            except ShapeError as error:
                raise self.fail(e, str(error)) from None
        return found


class Products(Reader):
    """Sums, products and quotients."""

    def _sum(self, e: Sum, env: Env) -> Value:
        values = [self.value(t, env) for t in e.terms]
        if all(isinstance(v, self.k.Jacobian) for v in values) and len(values) > 1:
            values = [self.plain(v, t) for v, t in zip(values, e.terms, strict=True)]
        total: Value = None
        for v, sign, t in zip(values, e.signs, e.terms, strict=True):
            if len(values) > 1:
                v = self.plain(v, t)
            one = self._negative(v) if sign == "-" else v
            if total is None:
                total = one
                continue
            try:
                total = self.k.add(total, one)
            except ShapeError:
                raise self.fail(t, f"cannot add a {one} to a {total}") from None
        return total

    def _negative(self, v: Value) -> Value:
        if isinstance(v, self.k.Jacobian):
            return self.k.Jacobian(v.of, v.by, -v.d)
        return self.k.negative(v)

    def _product(self, e: Product, env: Env) -> Value:
        values = [self.value(f, env) for f in e.factors]
        operators = e.operators
        if self.reading.order == "usual":
            tight = [o not in HADAMARD for o in operators]
        elif self.reading.order == "entrywise first":
            tight = [o in HADAMARD for o in operators]
        else:
            tight = [True] * len(operators)
        nodes = e.factors
        groups: list[tuple[Value, Node]] = [(values[0], nodes[0])]
        loose: list[tuple[str, Node]] = []
        for v, o, is_tight, f in zip(values[1:], operators, tight, nodes[1:], strict=True):
            if is_tight:
                left, first = groups[-1]
                groups[-1] = (self.multiply(left, o, v, f), first)
            else:
                groups.append((v, f))
                loose.append((o, f))
        result = groups[0][0]
        for (v, _), (o, f) in zip(groups[1:], loose, strict=True):
            result = self.multiply(result, o, v, f)
        if loose and self.reading.order == "entrywise first":
            self.remark("elementwise products are taken before matrix products")
        return result

    def multiply(self, a: Value, operator: str, b: Value, e: Node) -> Value:
        """One product, by the reading that fits."""
        if isinstance(a, self.k.Jacobian) or isinstance(b, self.k.Jacobian):
            return self._chained(a, operator, b, e)
        if a.scalar or b.scalar:
            return self.k.times(a, b)
        if operator in HADAMARD:
            return self._entrywise(a, operator, b, e)
        same = a.dims == b.dims
        if a.dims[1] == b.dims[0]:
            found = self.k.matmul(a, b)
            return found
        if same and self.reading.inner and operator in (r"\cdot", "⋅", "·") and "1" in a.dims:
            self.remark(r"\cdot is the inner product")
            return self.k.total(self.k.times(a, b))
        if same:
            shown = operator if operator else "juxtaposition"
            self.remark(f"{shown} is elementwise")
            return self.k.times(a, b)
        raise self.fail(e, f"cannot multiply a {a} by a {b}: expected as many columns as rows")

    def _entrywise(self, a: Value, operator: str, b: Value, e: Node) -> Value:
        if a.dims == b.dims:
            return self.k.times(a, b)
        if operator == "*" and a.dims[1] == b.dims[0]:
            self.remark("* is the matrix product")
            return self.k.matmul(a, b)
        if self.reading.gradients == "transposed" and a.dims == b.dims[::-1] and "1" in a.dims:
            self.remark("a column is read as a row in an elementwise product")
            return self.k.times(a, self.k.transpose(b))
        try:
            if self.reading.rows:
                raise ShapeError("no spreading where everything is transposed")
            found = self.k.times(a, b)
        except ShapeError:
            raise self.fail(e, f"cannot take the elementwise product of a {a} and a {b}") from None
        if found.dims not in (a.dims, b.dims):
            raise self.fail(e, f"cannot take the elementwise product of a {a} and a {b}")
        self.remark("a vector is spread over the matrix in an elementwise product")
        return found

    def _chained(self, a: Value, operator: str, b: Value, e: Node) -> Value:
        if not isinstance(a, self.k.Jacobian) and a.scalar:
            return self.k.Jacobian(b.of, b.by, a.number * b.d)
        if not isinstance(b, self.k.Jacobian) and b.scalar:
            return self.k.Jacobian(a.of, a.by, b.number * a.d)
        found = self.k.chain(a, b)
        if found is not None:
            self.remark("products of derivatives are read as the chain rule")
            return found
        return self.multiply(self.plain(a, e), operator, self.plain(b, e), e)

    def _fraction(self, e: Quotient, env: Env) -> Value:
        above, below = self.value(e.above, env), self.array(e.below, env)
        if isinstance(above, self.k.Jacobian):
            above = self.plain(above, e.above)
        if not below.scalar and not above.scalar and above.dims != below.dims:
            raise self.fail(e, f"cannot divide a {above} by a {below}")
        return self.k.times(above, self.k.reciprocal(below))
