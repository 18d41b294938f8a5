r"""Small edits of a formula: the faults that people make, undone one at a time. Each has a name, and the
new tree.

The edits know what names stand for, but not which formula is right: that is tried (see `repair`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product

from symderive.dialect.syntax import (
    BigOperator,
    Call,
    Derivative,
    Differential,
    Fraction,
    Group,
    Name,
    Node,
    Number,
    Product,
    Sum,
    Transposed,
)
from symderive.formulas.interpreter import Interpreter
from symderive.formulas.lookalikes import (
    as_declared,
    component_letters,
    is_array,
    like,
    shifted,
    slopes,
    written_like,
)
from symderive.formulas.quantities import plain_name
from symderive.formulas.readings import HADAMARD
from symderive.formulas.setting import Setting
from symderive.formulas.spots import (
    Edit,
    everywhere,
    exchanged,
    factors_inside,
    factors_of,
    negated,
    parenthesised,
    places,
    transposed,
    wholes,
)


def edits(e: Node, left: Node, reader: Interpreter) -> Iterator[Edit]:
    """Edits of a right side, the likely ones first. `left` is the other side: its indices are at hand."""
    setting = reader.setting
    yield from _signs(e)
    yield from _transposes(e, reader)
    yield from _arguments(e, setting, reader)
    yield from _derivatives(e, left, setting, reader)
    yield from _layers(e, setting, reader)
    yield from _indices(e, left, setting, reader)
    yield from factors(e, setting)
    yield from _operators(e)
    yield from _orders(e)
    yield from _arrangements(e)
    yield from _sums(e, left, setting, reader)
    yield from _weighted(e, setting, reader)
    yield from _summed_layer(e, setting, reader)
    yield from _names(e, setting, reader)
    yield from _missing(e, left, setting, reader)
    yield from _dropped(e)


def _signs(e: Node) -> Iterator[Edit]:
    yield Edit("wrong sign", negated(e))
    for node, rebuild in places(e):
        if isinstance(node, Sum):
            for n, s in enumerate(node.signs):
                signs = (*node.signs[:n], "-" if s == "+" else "+", *node.signs[n + 1 :])
                yield Edit("wrong sign", rebuild(replace(node, signs=signs)))


def _transposes(e: Node, reader: Interpreter) -> Iterator[Edit]:
    for node, rebuild in places(e):
        if isinstance(node, Transposed):
            yield Edit("one transpose too many", rebuild(node.base))
        elif (isinstance(node, Name) and is_array(node, reader)) or isinstance(
            node, Derivative | Differential | Group
        ):
            yield Edit("missing transpose", rebuild(transposed(node)))


def _arguments(e: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    """sigma'(a) for sigma'(z): another name with the same scripts as the argument; or another layer of it."""
    for node, rebuild in places(e):
        if not isinstance(node, Call) or not isinstance(node.function, Name) or len(node.arguments) != 1:
            continue
        if reader.function(node.function) is None:
            continue
        argument = node.arguments[0]
        shown = f"{node.function}({argument})"
        for inner, back in places(argument):
            if not isinstance(inner, Name) or reader.find(inner) is None:
                continue
            for other in like(inner, setting, reader):
                new = replace(node, arguments=(back(other),))
                yield Edit(f"{shown} for {node.function}({back(other)})", rebuild(new))
            for other in shifted(inner, setting, reader):
                new = replace(node, arguments=(back(other),))
                yield Edit(f"wrong layer in the argument of {node.function}", rebuild(new))


def _layers(e: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    for node, rebuild in places(e):
        if isinstance(node, Name) and reader.find(node) is not None:
            for other in shifted(node, setting, reader):
                yield Edit(f"wrong layer: {node} for {other}", rebuild(other))
        if isinstance(node, Differential | Derivative):
            inner = node.of if isinstance(node, Differential) else node.by[0]
            name = plain_name(inner)
            if isinstance(inner, Name) and name is not None and reader.find(name) is not None:
                for other in shifted(inner, setting, reader):
                    new = (
                        replace(node, of=other)
                        if isinstance(node, Differential)
                        else replace(node, by=(other,))
                    )
                    yield Edit(f"wrong layer: {node} for {new}", rebuild(new))


def _indices(e: Node, left: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    letters = component_letters(left, e, setting)
    for n, one in enumerate(letters):
        for other in letters[n + 1 :]:
            turned = exchanged(e, one.base, other.base)
            yield Edit(f"index order: {one} and {other} exchanged", turned)
    for node, rebuild in places(e):
        if not isinstance(node, Name):
            continue
        found = reader.find(node)
        if found is None or not found.components:
            continue
        count = len(found.components)
        before = node.sub[: len(node.sub) - count]
        if count == 2:
            turned = replace(node, sub=(*before, *reversed(found.components)))
            yield Edit(f"index order: {node} for {turned}", rebuild(turned))
        for n in range(count):
            for letter in letters:
                if str(letter) == str(found.components[n]):
                    continue
                components = list(found.components)
                components[n] = letter
                other = replace(node, sub=(*before, *components))
                yield Edit(f"wrong index: {node} for {other}", rebuild(other))


def _derivatives(e: Node, left: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    """A prime lost, a prime too many, a factor sigma'(z) lost."""
    for node, rebuild in places(e):
        if isinstance(node, Call) and isinstance(node.function, Name):
            f = reader.function(node.function)
            if f is not None and f.kind not in ("cost", "softmax"):
                primed = replace(node.function, primes=node.function.primes + 1)
                yield Edit(f"missing prime at {node.function}", rebuild(replace(node, function=primed)))
                if node.function.primes:
                    bare = replace(node.function, primes=node.function.primes - 1)
                    yield Edit(
                        f"one prime too many at {node.function}", rebuild(replace(node, function=bare))
                    )
    for slope in slopes(left, e, setting, reader):
        for operator in (r"\odot", ""):
            for node, rebuild in wholes(e):
                factors, operators = factors_of(node)
                new = Product((*factors, slope), (*operators, operator))
                yield Edit("missing activation derivative", rebuild(new))
        for node, rebuild in factors_inside(e):
            yield Edit("missing activation derivative", rebuild(Group(Product((node, slope), (r"\odot",)))))


def factors(e: Node, setting: Setting) -> Iterator[Edit]:
    """A number or a scalar of the setting that is missing in front, or is too many."""
    own, operators = factors_of(e)
    half = Fraction(Number("1"), Number("2"))
    wanted: list[tuple[str, Node]] = [("2", Number("2")), ("1/2", half)]
    for q in setting.quantities:
        if q.shape is not None and q.given and not q.letters and all(str(x) == "1" for x in q.shape):
            wanted.append((str(q), as_declared(q, Name(q.base))))
    for name in sorted({n for pair in (q.shape or () for q in setting.quantities) for n in map(str, pair)}):
        if len(name) == 1 and name.isalpha():
            wanted.append((f"1/{name}", Fraction(Number("1"), Name(name, shown=name))))
            wanted.append((name, Name(name, shown=name)))
    for node, rebuild in places(e):
        if isinstance(node, Fraction) and str(node.above) == "1":
            yield Edit(f"factor {node} too many", rebuild(Number("1")))
        if isinstance(node, Number) and node.text not in ("0", "1"):
            yield Edit(f"factor {node} too many", rebuild(Number("1")))
    for text, number in wanted:
        yield Edit(f"missing factor {text}", Product((number, *own), ("", *operators)))


def _operators(e: Node) -> Iterator[Edit]:
    for node, rebuild in places(e):
        if isinstance(node, Product):
            for n, o in enumerate(node.operators):
                new = "" if o in HADAMARD else r"\odot"
                fault = (
                    "elementwise product for a matrix product"
                    if o in HADAMARD
                    else "matrix product for an elementwise one"
                )
                yield Edit(
                    fault,
                    rebuild(replace(node, operators=(*node.operators[:n], new, *node.operators[n + 1 :]))),
                )
            if len(node.factors) > 2:
                for n in range(len(node.factors) - 1):
                    pair = Group(Product(node.factors[n : n + 2], node.operators[n : n + 1]))
                    new_factors = (*node.factors[:n], pair, *node.factors[n + 2 :])
                    operators = (*node.operators[:n], *node.operators[n + 1 :])
                    yield Edit("missing parentheses", rebuild(Product(new_factors, operators)))


def _orders(e: Node) -> Iterator[Edit]:
    for node, rebuild in places(e):
        if not isinstance(node, Product):
            continue
        k = len(node.factors)
        for n in range(k - 1):
            f = node.factors
            swapped = (*f[:n], f[n + 1], f[n], *f[n + 2 :])
            yield Edit("order of the factors", rebuild(replace(node, factors=swapped)))
            if k > 2:
                moved = (*f[:n], *f[n + 1 :], f[n])
                yield Edit("order of the factors", rebuild(replace(node, factors=moved)))
        if k > 2:
            f = node.factors
            yield Edit("order of the factors", rebuild(replace(node, factors=(f[-1], *f[:-1]))))


def _arrangements(e: Node) -> Iterator[Edit]:
    """Two or three factors in every order, each as it is or transposed."""
    for node, rebuild in places(e):
        if not isinstance(node, Product) or not 2 <= len(node.factors) <= 3:
            continue
        plain = [f.base if isinstance(f, Transposed) else f for f in node.factors]
        for order in permutations(range(len(plain))):
            for flips in product((False, True), repeat=len(plain)):
                factors = tuple(transposed(plain[n]) if flips[n] else plain[n] for n in order)
                moved = order != tuple(range(len(plain)))
                turned = any(flips[n] != isinstance(node.factors[n], Transposed) for n in range(len(plain)))
                if turned:
                    fault = "missing transpose and order of the factors" if moved else "missing transpose"
                    yield Edit(fault, rebuild(replace(node, factors=factors)))


def _sums(e: Node, left: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    inside = {s.base for s in component_letters(e, e, setting)}
    outside = {s.base for s in component_letters(left, left, setting)}
    for letter in sorted(inside - outside):
        yield Edit(
            f"missing sum over {letter}", BigOperator("sum", Name(letter, shown=letter), None, None, _body(e))
        )
    for node, rebuild in places(e):
        if isinstance(node, BigOperator) and node.operator == "sum" and node.index is not None:
            yield Edit(f"sum over {node.index} too many", rebuild(_body(node.body)))
        if isinstance(node, BigOperator) and isinstance(node.body, Product) and len(node.body.factors) > 1:
            *front, last = node.body.factors
            first = replace(
                node, body=Product(tuple(front), node.body.operators[:-1]) if len(front) > 1 else front[0]
            )
            yield Edit("a factor belongs outside of the sum", rebuild(Product((Group(first), last), ("",))))


def _weighted(e: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    r"""\delta^{l+1}_j for \sum_k w^{l+1}_{kj} \delta^{l+1}_k, and \delta^{l+1} for (W^{l+1})^T
    \delta^{l+1}.
    """
    matrices = [
        q for q in setting.quantities if q.given and q.shape is not None and "1" not in map(str, q.shape)
    ]
    letters = {s.base for s in component_letters(e, e, setting)}
    for node, rebuild in places(e):
        if not isinstance(node, Name) or (found := reader.find(node)) is None or found.quantity.given:
            continue
        for q in matrices:
            if len(q.letters) != len(found.quantity.letters) or len(found.components) > 1:
                continue
            if found.components:
                k = next(x for x in "kijmnpq" if x not in letters and x not in setting.indices)
                new, own = Name(k, shown=k), found.components[0]
                before = node.sub[: len(node.sub) - 1]
                inner = replace(node, sub=(*before, new))
                for pair in ((new, own), (own, new)):
                    w = Name(q.base, node.sup, (*before, *pair), node.around, shown=q.shown or q.base)
                    total = BigOperator("sum", new, None, None, Product((w, inner), ("",)))
                    yield Edit("missing sum over the weights", rebuild(Group(total)))
            else:
                w = replace(node, base=q.base, shown=q.shown or q.base)
                for factor in (w, transposed(w)):
                    yield Edit(f"missing factor {factor}", rebuild(Group(Product((factor, node), ("",)))))


def _summed_layer(e: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    """All factors of one layer and index, summed over the units of that layer with the weights to them."""
    matrices = [
        q for q in setting.quantities if q.given and q.shape is not None and "1" not in map(str, q.shape)
    ]
    letters = {s.base for s in component_letters(e, e, setting)}
    for node, rebuild in places(e):
        if not isinstance(node, Product):
            continue
        own = [_layer_of(f, reader) for f in node.factors]
        for layer in dict.fromkeys(x for x in own if x is not None):
            inside = [f for f, x in zip(node.factors, own, strict=True) if x == layer]
            outside = [f for f, x in zip(node.factors, own, strict=True) if x != layer]
            like_name, letter = layer
            k = next(x for x in "kijmnpq" if x not in letters and x not in setting.indices)
            moved = [exchanged(f, letter, k) for f in inside]
            for q in matrices:
                for pair in ((k, letter), (letter, k)):
                    before = like_name.sub[: len(like_name.sub) - 1]
                    sub = (*before, *(Name(x, shown=x) for x in pair))
                    w = Name(q.base, like_name.sup, sub, like_name.around, shown=q.shown or q.base)
                    body = Product((w, *moved), ("",) * len(moved))
                    total = BigOperator("sum", Name(k, shown=k), None, None, body)
                    new: Node = Product((*outside, total), ("",) * len(outside)) if outside else total
                    yield Edit("missing sum over the weights", rebuild(new))


def _layer_of(f: Node, reader: Interpreter) -> tuple[Name, str] | None:
    """A name of the layer and the letter that all computed quantities of a factor share."""
    found: dict[str, tuple[Name, str]] = {}
    for n in f.walk():
        q = reader.find(n) if isinstance(n, Name) else None
        if not isinstance(n, Name) or q is None or q.quantity.given or len(q.components) != 1 or not q.at:
            continue
        letter = q.components[0]
        if isinstance(letter, Name):
            place = f"{', '.join(map(str, q.at))}; {letter}"
            found[place] = (replace(n, base="", shown="", primes=0), letter.base)
    return next(iter(found.values())) if len(found) == 1 else None


def _body(e: Node) -> Node:
    return Group(e) if isinstance(e, Sum) and len(e.terms) > 1 else e


def _names(e: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    """One name for another; a value for the gradient by it; an argument of half or double size."""
    for node, rebuild in places(e):
        if isinstance(node, Name) and reader.find(node) is not None and setting.cost is not None:
            cost = Name(setting.cost.base, shown=setting.cost.shown or setting.cost.base)
            yield Edit(f"the value {node} for the gradient by it", rebuild(Derivative(cost, (node,))))
        if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1:
            for shown, factor in (("2", Number("2")), ("1/2", Fraction(Number("1"), Number("2")))):
                inner = Product((factor, parenthesised(node.arguments[0])), ("",))
                yield Edit(f"missing factor {shown} in an argument", everywhere(e, node.arguments[0], inner))
    for node, rebuild in places(e):
        if isinstance(node, Name) and reader.find(node) is not None:
            for other in like(node, setting, reader):
                yield Edit(f"wrong variable: {node} for {other}", rebuild(other))
        if isinstance(node, Derivative) and len(node.by) == 1:
            for at, one in (("of", node.of), ("by", node.by[0])):
                if isinstance(one, Name) and reader.find(one) is not None:
                    for other in like(one, setting, reader):
                        new = replace(node, of=other) if at == "of" else replace(node, by=(other,))
                        yield Edit(f"wrong variable: {node} for {new}", rebuild(new))


def _missing(e: Node, left: Node, setting: Setting, reader: Interpreter) -> Iterator[Edit]:
    """A factor that was lost, in front or behind, as it is or transposed."""
    factors, operators = factors_of(e)
    candidates: dict[str, Node] = {}
    for q in setting.quantities:
        for one in written_like(as_declared(q, Name(q.base)), left, e, setting, reader):
            candidates.setdefault(str(one), one)
    cost = setting.cost
    if cost is not None:
        for q in setting.quantities:
            if not q.given and not q.gradient and q.key != cost.key:
                for one in written_like(as_declared(q, Name(q.base)), left, e, setting, reader):
                    d = Derivative(Name(cost.base, shown=cost.base), (one,))
                    candidates.setdefault(str(d), d)
    for shown, candidate in candidates.items():
        for factor in (candidate, transposed(candidate)):
            for operator in ("", r"\odot"):
                fault = f"missing factor {shown}"
                yield Edit(fault, Product((*factors, factor), (*operators, operator)))
                yield Edit(fault, Product((factor, *factors), (operator, *operators)))


def _dropped(e: Node) -> Iterator[Edit]:
    for node, rebuild in places(e):
        if isinstance(node, Product):
            for n, f in enumerate(node.factors):
                rest = (*node.factors[:n], *node.factors[n + 1 :])
                operators = node.operators[1:] if n == 0 else (*node.operators[: n - 1], *node.operators[n:])
                new = Product(rest, operators) if len(rest) > 1 else rest[0]
                yield Edit(f"factor {f} too many", rebuild(new))
        if isinstance(node, Sum) and len(node.terms) > 1:
            for n, t in enumerate(node.terms):
                terms = (*node.terms[:n], *node.terms[n + 1 :])
                signs = (*node.signs[:n], *node.signs[n + 1 :])
                yield Edit(f"term {t} too many", rebuild(Sum(terms, signs)))
