r"""From the tree of a formula to its value in a world: a number, an array, or a derivative of arrays.

The interpreter says how formulas are read; what numbers are is the world's affair (see `worlds`). Where a
product has a second reading, it takes the one that fits, and remarks on it: "\cdot is elementwise".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symderive.dialect.syntax import (
    BigOperator,
    Call,
    Change,
    Comparison,
    Derivative,
    Differential,
    Group,
    Nabla,
    Name,
    Node,
    Norm,
    Number,
    Power,
    Transposed,
)
from symderive.formulas.arrays import ShapeError
from symderive.formulas.naming import meant, output_of, the_cost
from symderive.formulas.products import Env, Products, Value
from symderive.formulas.quantities import Found, FunctionOf, alias_key, plain_name
from symderive.formulas.readings import (
    INDICATORS,
    KNOWN,
    OutOfRange,
    exact,
)
from symderive.formulas.tuples import FamilyOf, family_of


class Interpreter(Products):
    """Values of trees in a world; `remarks` collects the readings that were needed."""

    def _number(self, e: Number, env: Env) -> Value:
        return self.k.number(exact(e.text))

    def _name(self, e: Name, env: Env) -> Value:
        if not e.sup and not e.sub and not e.primes and e.base in env:
            return self.k.number(env[e.base])
        found = self.find(e)
        if found is not None:
            return self.quantity(found, e, env)
        size = self.world.size(e, env)
        if size is not None:
            return self.k.number(size)
        other = self.setting.aliases.get(alias_key(e))
        if other is not None and other != e:
            return self.value(other, env)
        special = self._special(e, env)
        if special is not None:
            return special
        if e.base in self.setting.functions or e.base in KNOWN:
            raise self.fail(e, f"expected an argument of the function {e.base}, found none", "name")
        raise self.fail(e, f"expected a name of the network, found {e}", "name")

    def _special(self, e: Name, env: Env) -> Value | None:
        if (
            e.base in ("1", r"\mathbf 1", r"\mathbb 1", r"\mathbb1", r"\mathbf1", r"\bm 1")
            and len(e.sub) == 1
        ):
            return self.k.ones(self.world.dim(e.sub[0], env))
        return None

    def find(self, e: Name) -> Found | None:
        """What a name stands for, aliases followed."""
        found = self.setting.find(e)
        if found is None and self.setting.aliases:
            other = self.setting.aliases.get(alias_key(e))
            same = plain_name(other) if isinstance(other, Name | Change) else None
            if same is not None:
                return self.setting.find(same)
            base = self.setting.aliases.get(e.base) if e.base not in self.setting.functions else None
            if isinstance(base, Name) and not e.primes:
                return self.setting.find(
                    Name(
                        base.base,
                        (*base.sup, *e.sup),
                        (*base.sub, *e.sub),
                        e.around or base.around,
                        column=e.column,
                    )
                )
        return found

    def quantity(self, found: Found, e: Node, env: Env) -> Value:
        """A quantity at its indices, or one of its components."""
        q = found.quantity
        at = tuple(self.world.index(i, env, self) for i in found.at)
        a = self.world.value(q, at, self.moving, e.column)
        components = found.components
        if q.gradient or q.base.startswith("d "):
            a = self._laid(a)
        if found.example is not None:
            a = self.one_example(a, found.example, e, env)
        if self.reading.rows and not a.scalar:
            a = self.k.transpose(a)
            components = tuple(reversed(components)) if len(components) == 2 else components
        a = self.component(a, components, e, env)
        if found.power is not None:
            return self.raised(a, found.power, e, env)
        return a

    def one_example(self, a: Value, which: Node, e: Node, env: Env) -> Value:
        """The column or the row of a batch that is one example."""
        n, of = self.world.index(which, env, self), self.setting.examples
        try:
            if a.cols.name == of:
                return self.k.transpose(self.k.line(self.k.transpose(a), n))
            if a.rows.name == of:
                return self.k.line(a, n)
        except ShapeError as error:
            raise OutOfRange(str(error), e.column, "range") from None
        raise self.fail(e, f"expected {e} without an example, as it is the same for all", "index")

    def _laid(self, a: Value) -> Value:
        """A vector of derivatives, as the reading lays it."""
        if self.reading.gradients == "transposed" and not a.scalar and "1" in a.dims:
            return self.k.transpose(a)
        return a

    def component(self, a: Value, components: Sequence[Node], e: Node, env: Env) -> Value:
        """One entry: of a vector by one index, of a matrix by two; by one index a row of it."""
        if not components:
            return a
        a = self.plain(a, e)
        if a.scalar:
            raise self.fail(e, f"expected {e} without an index, as it is a number", "index")
        vector = "1" in a.dims
        places = [self.world.index(i, env, self) for i in components]
        if len(places) == 1 and vector:
            r, c = (places[0], 1) if a.dims[1] == "1" else (1, places[0])
            return self._entry(a, r, c, e)
        if len(places) == 2 and not vector:
            return self._entry(a, places[0], places[1], e)
        if len(places) == 1:
            return self.k.line(a, places[0])
        raise self.fail(e, f"expected {1 if vector else 2} component indices, found {len(places)}", "index")

    def _entry(self, a: Value, r: Any, c: Any, e: Node) -> Value:
        try:
            return self.k.entry(a, r, c)
        except ShapeError as error:
            raise OutOfRange(str(error), e.column, "range") from None

    def _group(self, e: Group, env: Env) -> Value:
        inner = self.value(e.body, env)
        return self.component(inner, e.sub, e, env) if e.sub else inner

    def _power(self, e: Power, env: Env) -> Value:
        family = family_of(e)
        if family is not None:
            return self._whole(family, e, env)
        if isinstance(e.base, Name) and e.base.base in ("e", r"\mathrm e") and self.find(e.base) is None:
            return self.apply(FunctionOf("exp", "exp"), 0, self.array(e.exponent, env), e, ())
        return self.raised(self.array(e.base, env), e.exponent, e, env)

    def _whole(self, family: FamilyOf, e: Node, env: Env) -> Value:
        """The array of which all entries are listed."""
        a = self.array(family.name, env)
        dims = [d for d in (a.rows, a.cols) if d.name != "1"]
        if len(dims) != len(family.ranges):
            found = len(family.ranges)
            raise self.fail(e, f"expected {len(dims)} indices of {family.name}, found {found}", "index")
        for d, (k, low, high) in zip(dims, family.ranges, strict=True):
            if (self.world.index(low, env), self.world.index(high, env)) != (1, d.size):
                raise self.fail(e, f"expected all entries of {family.name}, 1..{d}, by {k}", "range")
        return a

    def raised(self, a: Value, exponent: Node, e: Node, env: Env) -> Value:
        """A whole power, entry by entry."""
        text = str(exponent).strip("{} ")
        try:
            n = int(text)
        except ValueError:
            raise self.fail(e, f"expected a whole number as exponent, found {exponent}", "unknown") from None
        if abs(n) > 16:
            raise self.fail(e, f"expected an exponent of at most 16, found {n}", "unknown")
        return self.k.power(self.plain(a, e), n)

    def _transposed(self, e: Transposed, env: Env) -> Value:
        found = self.array(e.base, env)
        return found if found.scalar else self.k.transpose(found)

    def _bigoperator(self, e: BigOperator, env: Env) -> Value:
        return self.world.big(e, env, self)

    def _call(self, e: Call, env: Env) -> Value:
        head = e.function
        if isinstance(head, Name):
            special = self._named_call(head, e, env)
            if special is not None:
                return special
            f = self.function(head)
            if f is not None:
                return self._applied(f, head, e, env)
            found = self.find(head)
            if found is not None and self.is_value_of(found, e):
                return self.quantity(found, head, env)
        if isinstance(head, Derivative) and isinstance(e.arguments[0], Comparison):
            return self._derivative_at(head, e.arguments[0], e, env)
        left = self.value(head, env)
        if len(e.arguments) != 1:
            raise self.fail(e, f"expected a function before several arguments, found {head}")
        return self.multiply(left, "", self.value(e.arguments[0], env), e)

    def _derivative_at(self, d: Derivative, at: Comparison, e: Call, env: Env) -> Value:
        """df(x)/dx (x = z): the derivative of a function at z."""
        inner = d.of
        f = (
            self.function(inner.function)
            if isinstance(inner, Call) and isinstance(inner.function, Name)
            else None
        )
        if f is None or f.kind in ("cost", "softmax") or at.relation != "=" or d.by != (at.left,):
            raise self.fail(e, "expected the derivative of a function at a value", "unknown")
        return self.apply(f, f.order + 1, self.array(at.right, env), e, ())

    def is_value_of(self, found: Found, e: Call) -> bool:
        """J(W, b; x, y): a defined number written with the names that it depends on."""
        q = found.quantity
        cost = self.setting.cost
        if q.given or not all(isinstance(a, Name) for a in e.arguments):
            return False
        if cost is not None and q.key == cost.key:
            return True
        return self.world.is_number(q) and all(self._is_known(a) for a in e.arguments)

    def _is_known(self, a: Node) -> bool:
        name = plain_name(a)
        return name is not None and self.find(name) is not None

    def function(self, head: Name) -> FunctionOf | None:
        """The function of this name, declared or known."""
        f = self.setting.functions.get(head.base)
        if f is None and self.setting.find(head) is None and head.base in KNOWN:
            f = FunctionOf(KNOWN[head.base], KNOWN[head.base])
        return f

    def _applied(self, f: FunctionOf, head: Name, e: Call, env: Env) -> Value:
        order = f.order + head.primes
        layer: tuple[Any, ...] = ()
        power: Node | None = None
        for s in (*head.sup, *head.sub):
            digits = isinstance(s, Number)
            if digits and s in head.sup and head.around == "(":
                order += int(s.text) if int(s.text) < 3 else 0  # type: ignore[attr-defined]
                self.remark(f"{head} is a derivative")
            elif digits and s in head.sup and not head.around:
                power = s
            else:
                at = self.world.index(s, env, self)
                layer += (at,) if self.setting.layered(f) else ()
        if f.kind == "cost":
            return self.world.functional(f, [self.array(a, env) for a in e.arguments], e)
        if len(e.arguments) != 1:
            raise self.fail(e, f"expected one argument of {head}, found {len(e.arguments)}")
        found = self.apply(f, order, self.array(e.arguments[0], env), e, layer)
        return self.raised(found, power, e, env) if power is not None else found

    def apply(self, f: FunctionOf, order: int, a: Value, e: Node, layer: tuple[Any, ...]) -> Value:
        """A function of an array, entry by entry; softmax of a vector."""
        if f.kind == "softmax":
            if order:
                raise self.fail(e, "expected softmax without a prime", "unknown")
            return self._softmax(f, a, e)
        return self.k.apply(self.world.scalar_function(f, layer), order, a)

    def _softmax(self, f: FunctionOf, a: Value, e: Node) -> Value:
        grown = self.k.apply(self.world.scalar_function(FunctionOf("exp", "exp"), ()), 0, a)
        if "1" in a.dims and not f.along:
            whole = self.k.total(grown)
        else:
            whole = self.k.total(grown, 0 if f.along == "columns" else 1)
        return self.k.times(grown, self.k.reciprocal(whole))

    def _named_call(self, head: Name, e: Call, env: Env) -> Value | None:
        base = head.base
        if base in (r"\operatorname diag", "diag", r"\diag") and len(e.arguments) == 1:
            return self.k.diagonal(self.array(e.arguments[0], env))
        if base in (r"\max", r"\min", "max", "min") and len(e.arguments) == 2:
            a, b = (self.array(x, env) for x in e.arguments)
            return self.k.extremum(a, b, 1 if "max" in base else -1)
        if base == "prod" and len(e.arguments) == 2:
            a, b = (self.value(x, env) for x in e.arguments)
            found = self.k.chain(a, b)
            return found if found is not None else self.multiply(a, "", b, e)
        if base == r"\Sigma" and self.find(head) is None and base not in self.setting.functions:
            f = self.setting.functions.get(r"\sigma")
            if f is not None:
                return self.k.diagonal(self._applied(f, head, e, env))
        if base in INDICATORS and len(e.arguments) == 1 and isinstance(e.arguments[0], Comparison):
            return self.value(e.arguments[0], env)
        return None

    def _comparison(self, e: Comparison, env: Env) -> Value:
        return self.world.compared(self.array(e.left, env), e.relation, self.array(e.right, env), e)

    def _norm(self, e: Norm, env: Env) -> Value:
        a = self.array(e.body, env)
        if e.double and str(e.power).strip("{} ") == "2":
            return self.k.total(self.k.times(a, a))
        raise self.fail(e, "expected the square of a norm", "unknown")

    def _derivative(self, e: Derivative, env: Env) -> Value:
        if e.of is None:
            raise self.fail(e, "expected what is differentiated, found none", "unknown")
        if len(e.by) != 1:
            raise self.fail(e, "expected a first derivative", "unknown")
        return self.differentiated(e.of, e.by[0], e, env)

    def differentiated(self, of: Node, by: Node, e: Node, env: Env) -> Value:
        """du/dv: by a quantity, with the shape of it where u is a number; or by one component."""
        name = plain_name(by)
        found = None if name is None else self.find(name) or output_of(self, name)
        if found is None or name is None:
            raise self.fail(by, f"expected a name of the network below the derivative, found {by}", "name")
        if found.power is not None:
            raise self.fail(by, f"expected a name below the derivative, found {by}")
        if self.moving is not None:
            raise self.fail(e, "expected a first derivative", "unknown")
        q = found.quantity
        at = tuple(self.world.index(i, env, self) for i in found.at)
        here = self.world.value(q, at, None, by.column)
        of = meant(self, of)
        self.moving = (q, at)
        try:
            u = self.value(of, env)
        finally:
            self.moving = None
        if isinstance(u, self.k.Jacobian):
            raise self.fail(e, "expected a first derivative", "unknown")
        d = self.k.derivative(u, (here.rows, here.cols))
        if found.example is not None:
            d = self.one_example(self.plain(d, e), found.example, e, env)
        if found.components:
            if isinstance(d, self.k.Jacobian):
                return self._by_component(d, found.components, by, env)
            return self.component(d, found.components, by, env)
        if self.reading.rows and not isinstance(d, self.k.Jacobian) and u.scalar and not d.scalar:
            return self.k.transpose(d)
        return self._laid(d) if not isinstance(d, self.k.Jacobian) and u.scalar else d

    def _by_component(self, d: Value, components: Sequence[Node], by: Node, env: Env) -> Value:
        """The derivative of an array by one entry."""
        places = [self.world.index(i, env, self) for i in components]
        vector = [x.name for x in d.by].count("1") == 1
        if len(places) == 1 and vector:
            return self.k.at_component(d, *((places[0], 1) if d.by[1].name == "1" else (1, places[0])))
        if len(places) == 2 and not vector:
            return self.k.at_component(d, *places)
        raise self.fail(
            by, f"expected {1 if vector else 2} component indices below, found {len(places)}", "index"
        )

    def _nabla(self, e: Nabla, env: Env) -> Value:
        if e.by is None:
            raise self.fail(e, r"expected what \nabla differentiates by, found none", "unknown")
        if e.of is None:
            return self.differentiated(the_cost(self, e), e.by, e, env)
        return self.differentiated(e.of, e.by, e, env)

    def _differential(self, e: Differential, env: Env) -> Value:
        name = plain_name(e)
        found = None if name is None else self.find(name)
        if found is not None and name is not None:
            return self.quantity(found, e, env)
        if "d" in self.setting.functions or self.setting.find(Name("d")) is not None:
            return self.multiply(self.value(Name("d", column=e.column), env), "", self.value(e.of, env), e)
        return self.differentiated(the_cost(self, e), e.of, e, env)

    def _change(self, e: Change, env: Env) -> Value:
        name = plain_name(e)
        found = None if name is None else self.find(name)
        if found is not None:
            return self.quantity(found, e, env)
        raise self.fail(e, f"expected a meaning of {e}, found none", "name")
