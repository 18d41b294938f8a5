"""The tree as LaTeX again, in the writer's own spelling, with the parentheses that it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symderive.dialect import syntax as s
from symderive.dialect.bars import outer_bars
from symderive.dialect.pieces import pieces
from symderive.dialect.product import BY, is_open, root
from symderive.dialect.scripts import above, enclosed, entries, guarded, is_sign, limit, script
from symderive.dialect.words import FUNCTION_WORDS, FUNCTIONS, WORDS


def write(e: Any) -> str:
    r"""LaTeX of a node or of a statement. What was read reads the same again.

    >>> from symderive.dialect import read
    >>> write(read(r"\frac{\partial C}{\partial w_{jk}} = a_k\delta_j")[0])
    '\\frac{\\partial C}{\\partial w_{jk}} = a_k \\delta_j'
    """
    if isinstance(e, s.Statement):
        text = _side(e.sides[0])
        for side, relation in zip(e.sides[1:], e.relations, strict=True):
            text += f" {relation} {_side(side)}"
        return text
    return WRITERS[type(e)](e)


def _side(e: s.Node) -> str:
    """Words would end a statement, but for the braces."""
    return f"{{{write(e)}}}" if isinstance(e, s.Text) else write(e)


def _term(e: s.Node) -> str:
    """A term of a sum, or a factor: sums in parentheses."""
    return f"({write(e)})" if isinstance(e, s.Sum | s.Comparison) else _side(e)


def _base(e: s.Node) -> str:
    """What a script can stand on."""
    text = write(e)
    if isinstance(e, s.Sum | s.Comparison) or is_open(e):
        return f"({text})"
    plain = isinstance(e, s.Number | s.Tuple | s.Matrix) or (isinstance(e, s.Group) and bool(e.shown))
    plain = plain or (
        isinstance(e, s.Call) and e.brackets != "{" and not isinstance(e.function, s.Derivative)
    )
    plain = plain or (isinstance(e, s.Norm) and e.power is None)
    plain = plain or isinstance(e, s.Nabla) or (isinstance(e, s.Derivative) and e.command == BY)
    return text if plain else f"{{{text}}}"


# ------------------------------------------------------------------------------------------- scripts


def _name(e: s.Name) -> str:
    text = (e.shown or e.base) + "'" * e.primes
    if _waits(e) and text.isalpha():
        text = rf"\mathrm{{{text}}}" if e.base not in FUNCTION_WORDS | WORDS else text
    sub = script("_", entries(e.sub)) if e.sub else ""
    sup = script("^", above(e.sup, e.around)) if e.sup else ""
    return f"{text}{sub}{sup}" if e.sub_first else f"{text}{sup}{sub}"


def _waits(e: s.Node) -> bool:
    """A function word, which would take what follows as its argument."""
    return isinstance(e, s.Name) and (e.base in FUNCTIONS or e.base in FUNCTION_WORDS)


def _prefix(e: s.Node) -> bool:
    r"""A name that would be read as a sign before the next: d, d^2, \Delta, \max."""
    if _waits(e):
        return True
    if not isinstance(e, s.Name) or e.sub or e.primes:
        return False
    return (e.base == "d" and not e.around) or (e.base == r"\Delta" and not e.sup)


def _transposed(e: s.Transposed) -> str:
    base = e.base
    mark = script("^", e.mark)
    if isinstance(base, s.Name) and not base.primes:
        text = base.shown or base.base
        sub = script("_", entries(base.sub)) if base.sub else ""
        if base.sup and base.around:
            space = " " if e.mark.startswith("\\") else ""
            sup = f"^{{{above(base.sup, base.around)}{space}{e.mark}}}"
            return f"{text}{sub}{sup}" if base.sub_first else f"{text}{sup}{sub}"
        if not base.sup:
            return f"{text}{sub}{mark}" if base.sub_first else f"{text}{mark}{sub}"
    return f"{_base(base)}{mark}"


def _power(e: s.Power) -> str:
    if isinstance(e.exponent, s.Name) and e.exponent.base == r"\prime":
        return f"{_base(e.base)}'"
    base = e.base
    bare = isinstance(base, s.Name) and base.base == "e" and not (base.sup or base.sub or base.primes)
    last = e.exponent
    exponent = guarded(limit(last), last)
    if bare and isinstance(last, s.Group | s.Tuple) and last.shown in ("(", "[", r"\langle"):
        exponent = f"{{{exponent}}}"
    return f"{write(base) if bare else _base(base)}{script('^', exponent)}"


# ------------------------------------------------------------------------------------------- sums, products


def _sum(e: s.Sum) -> str:
    text = ""
    for n, (t, sign) in enumerate(zip(e.terms, e.signs, strict=True)):
        inner = _term(t)
        text += f" {sign} {inner}" if n else ("" if sign == "+" else "-") + inner
    return text


def _product(e: s.Product) -> str:
    text = ""
    for n in reversed(range(len(e.factors))):
        follows = e.factors[n + 1] if n + 1 < len(e.factors) and not e.operators[n] else None
        inner = _factor(e.factors[n], follows, text, not text)
        sign = e.operators[n] if text else ""
        text = f"{inner} {sign} {text}" if sign else f"{inner} {text}" if text else inner
    return text


def _factor(f: s.Node, beside: s.Node | None, behind: str, last: bool) -> str:
    """A factor so that what stands behind it, as it is written there, is no part of it."""
    if isinstance(f, s.Derivative) and f.before and not last:
        return _fraction_of(f)
    text = _term(f)
    if isinstance(f, s.Product) or (_reaches_on(f) and not last):
        return f"({text})"
    if beside is None:
        return f"{{{text}}}" if is_sign(f) else text
    if _prefix(f) or is_sign(f):
        return f"{{{text}}}"
    if (
        behind.startswith(("(", "[", r"\{", r"\langle"))
        and not _scripted(beside)
        and is_open(f)
        and _ends_in_name(f)
    ):  # \nabla C (x) is the gradient of C(x)
        return f"({text})"
    if isinstance(f, s.Differential) and isinstance(beside, s.Tuple):
        return f"{{{text}}}"
    return text


def _ends_in_name(e: s.Node | None) -> bool:
    """Whether parentheses behind it would be the argument of a name."""
    if isinstance(e, s.Product):
        return _ends_in_name(e.factors[-1])
    if isinstance(e, s.Fraction) and e.inline:
        return _ends_in_name(e.below)
    if isinstance(e, s.Derivative) and e.inline and not e.before:
        return _ends_in_name(e.by[-1])
    if isinstance(e, s.Nabla) or (isinstance(e, s.Derivative) and (e.before or e.command == BY)):
        return _ends_in_name(e.of)
    if isinstance(e, s.Call) and e.bare:
        return _ends_in_name(e.arguments[0])
    return isinstance(e, s.Name)


def _fraction_of(e: s.Derivative) -> str:
    command = e.command if e.command in (r"\frac", r"\dfrac", r"\tfrac", r"\cfrac") else r"\frac"
    above, below = _differentials(e, e.of)
    return f"{command}{{{above}}}{{{below}}}"


def _differentials(e: s.Derivative, of: s.Node | None) -> tuple[str, str]:
    """What stands above and below the line."""
    space = " " if e.d.startswith("\\") and e.d[1:].isalpha() else ""
    same = len(e.by) > 1 and all(b == e.by[0] for b in e.by) and _squarable(e.by[0])
    order = f"^{len(e.by)}" if len(e.by) > 1 else ""
    behind = "" if of is None else (" " if order else space) + _above(e, of)
    by = e.by[:1] if same else e.by
    below = [e.d + space + (_below(b, n == len(by) - 1) if space else _small(b)) for n, b in enumerate(by)]
    return f"{e.d}{order}{behind}", " ".join(below) + (order if same else "")


def _below(e: s.Node, last: bool) -> str:
    """One of those by which is differentiated."""
    return f"({write(e)})" if isinstance(e, s.Product) else _operand(e, last)


def _above(e: s.Derivative, of: s.Node) -> str:
    """What is differentiated, behind the d or \\partial."""
    if e.d == r"\partial" or isinstance(of, s.Call):
        return _operand(of, e.d == r"\partial")
    return write(of) if isinstance(of, s.Product) and len(e.by) > 1 else _small(of)


def _squarable(e: s.Node) -> bool:
    return isinstance(e, s.Name) and not e.sup and not (e.around or e.primes)


def _derivative(e: s.Derivative) -> str:
    if e.command == BY:
        of = "" if e.of is None else f" {_reached(e.of)}"
        return rf"{e.d}{script('_', entries(e.by))}{of}"
    closed = isinstance(e.of, s.Product) and any(e.of.operators)
    if e.before and e.of is not None and not isinstance(e.of, s.Sum | s.Comparison) and not closed:
        above, below = _differentials(e, None)
        head = f"{above} / {below}" if e.inline else f"{e.command}{{{above}}}{{{below}}}"
        return f"{head} {write(e.of)}"
    if e.inline and not isinstance(e.of, s.Product):
        above, below = _differentials(e, e.of)
        return f"{above} / {below}"
    if e.command == r"\over":
        above, below = _differentials(e, e.of)
        return f"{{{above} \\over {below}}}"
    return _fraction_of(e)


def _operand(e: s.Node, long: bool) -> str:
    r"""What a d or \partial stands before; `long` where it reaches to the end of a product."""
    text = write(e)
    inline = isinstance(e, s.Fraction | s.Derivative) and e.inline
    if isinstance(e, s.Sum | s.Comparison) or inline or (is_open(e) and not long):
        return f"({text})"
    return text


def _small(e: s.Node) -> str:
    r"""What a d or a \Delta stands before: a name as it is, anything else in braces."""
    text = write(e)
    name = e.base if isinstance(e, s.Transposed) else e
    several = isinstance(e, s.Call) and len(e.arguments) > 1 and isinstance(e.function, s.Name)
    plain = (isinstance(name, s.Name) and not _prefix(name)) or several or isinstance(e, s.Differential)
    return text if plain else f"{{{text}}}"


def _reached(e: s.Node) -> str:
    """What an operator before it takes: one factor."""
    text = write(e)
    numbers = isinstance(e, s.Product) and not any(e.operators)
    return (
        f"({text})"
        if isinstance(e, s.Sum | s.Comparison) or (isinstance(e, s.Product) and not numbers)
        else _sealed(e)
    )


def _sealed(e: s.Node) -> str:
    """A term whose last name takes nothing of what follows."""
    text = _term(e)
    last = e.factors[-1] if isinstance(e, s.Product) else e
    if not _prefix(last):
        return text
    own = write(last)
    return f"{text[: -len(own)]}{{{own}}}"


def _nabla(e: s.Nabla) -> str:
    by = "" if e.by is None else script("_", write(e.by))
    return rf"\nabla{by}" + ("" if e.of is None else f" {_reached(e.of)}")


def _scripted(e: s.Node) -> bool:
    """Whether it begins with parentheses that have a script, and so are no arguments."""
    e = root(e)
    return isinstance(e, s.Group) and bool(e.sub)


def _reaches_on(e: s.Node) -> bool:
    """Whether it goes on to the end of the product."""
    return isinstance(e, s.BigOperator) or (isinstance(e, s.Fraction) and e.inline and _reaches_on(e.below))


def _over(e: s.Node, below: bool) -> str:
    """What stands before or behind a slash: products in parentheses."""
    inline = isinstance(e, s.Fraction | s.Derivative) and e.inline
    open_ = isinstance(e, s.Derivative) and e.before
    closed = _reaches_on(e) and not (below and isinstance(e, s.BigOperator))
    if isinstance(e, s.Sum | s.Product | s.Comparison) or closed or (below and (inline or open_)):
        return f"({write(e)})"
    return f"{{{write(e)}}}" if _prefix(e) else write(e)


def _fraction(e: s.Fraction) -> str:
    if e.inline:
        return f"{_over(e.above, False)} / {_over(e.below, True)}"
    if e.command == r"\over":
        return f"{{{write(e.above)} \\over {write(e.below)}}}"
    return f"{e.command}{{{write(e.above)}}}{{{write(e.below)}}}"


def _call(e: s.Call) -> str:
    head = write(e.function)
    if e.brackets == "{":
        return rf"{head}{{{write(e.arguments[0])}}}"
    if e.bare:
        return f"{head} {_sealed(e.arguments[0])}"
    text = write(e.arguments[0])
    for a, sign in zip(e.arguments[1:], _separators(e), strict=True):
        text += f"{sign} {write(a)}"
    return f"{head}{enclosed(e.brackets, text)}"


def _separators(e: s.Call | s.Tuple) -> Sequence[str]:
    count = (len(e.arguments) if isinstance(e, s.Call) else len(e.entries)) - 1
    return [" |" if x == "|" else x for x in e.separators] if len(e.separators) == count else [","] * count


def _tuple(e: s.Tuple) -> str:
    text = write(e.entries[0])
    for a, sign in zip(e.entries[1:], _separators(e), strict=True):
        text += f"{sign} {write(a)}"
    return enclosed(e.shown, text)


def _big(e: s.BigOperator) -> str:
    together = [e]
    while together[-1].joint and isinstance(inner := together[-1].body, s.BigOperator):
        if (inner.high, inner.low) != (e.high, e.low) or inner.operator != e.operator:
            break
        together.append(inner)
    last = together[-1]
    low = ""
    if e.index is not None:
        if len(together) == 1:
            inner_text = _index(e)
        elif e.low is not None and all(i.unequal is None for i in together):
            inner_text = ", ".join(write(i.index) for i in together) + f"={limit(e.low)}"
        else:
            inner_text = ", ".join(_index(i) for i in together)
        low = script("_", inner_text)
    high = ""
    if e.high is not None:
        high = script("^", limit(e.high))
    body = write(last.body)
    negative = isinstance(last.body, s.Sum) and len(last.body.terms) == 1 and last.body.signs == ("-",)
    if isinstance(last.body, s.Sum | s.Comparison) and not negative:
        body = f"({body})"
    return f"{e.shown}{low}{high} {body}"


def _index(e: s.BigOperator) -> str:
    name = write(e.index)
    if e.low is not None and e.unequal is not None:
        return rf"{name}={limit(e.low)}, {name} \neq {write(e.unequal)}"
    if e.unequal is not None:
        return rf"{name} \neq {write(e.unequal)}"
    return f"{name}={limit(e.low)}" if e.low is not None else name


# ------------------------------------------------------------------------------------------- brackets


def _group(e: s.Group) -> str:
    sub = script("_", entries(e.sub)) if e.sub else ""
    if not e.shown:
        text = f"{{{write(e.body)}}}" if isinstance(e.body, s.Call) else _base(e.body)
        return f"({write(e.body)}){sub}" if isinstance(e.body, s.Name) else f"{text}{sub}"
    return f"{enclosed(e.shown, write(e.body))}{sub}"


def _norm(e: s.Norm) -> str:
    bar = r"\|" if e.double else "|"
    sub = script("_", entries(e.sub)) if e.sub else ""
    power = script("^", write(e.power)) if e.power is not None else ""
    body = write(e.body)
    if bar in outer_bars(pieces(body, {})):
        body = f"{{{body}}}"
    return f"{bar}{body}{bar}{sub}{power}"


def _matrix(e: s.Matrix) -> str:
    rows = r" \\ ".join(" & ".join(write(c) if c is not None else "" for c in row) for row in e.rows)
    columns = ""
    if e.environment == "array":
        columns = "{" + "c" * max((len(r) for r in e.rows), default=1) + "}"
    return rf"\begin{{{e.environment}}}{columns} {rows} \end{{{e.environment}}}"


def _cases(e: s.Cases) -> str:
    rows = (write(v) + (f" & {write(c)}" if c is not None else "") for v, c in e.rows)
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def _comparison(e: s.Comparison) -> str:
    right = f"({write(e.right)})" if isinstance(e.right, s.Comparison) else write(e.right)
    return f"{write(e.left)} {e.relation} {right}"


WRITERS: dict[type, Callable[[Any], str]] = {
    s.Number: lambda e: e.text,
    s.Name: _name,
    s.Call: _call,
    s.Product: _product,
    s.Sum: _sum,
    s.Fraction: _fraction,
    s.Derivative: _derivative,
    s.Nabla: _nabla,
    s.Differential: lambda e: f"{e.d}{_small(e.of)}",
    s.Change: lambda e: f"{e.symbol} {_small(e.of)}",
    s.BigOperator: _big,
    s.Power: _power,
    s.Transposed: _transposed,
    s.Group: _group,
    s.Tuple: _tuple,
    s.Norm: _norm,
    s.Matrix: _matrix,
    s.Cases: _cases,
    s.Comparison: _comparison,
    s.Dots: lambda e: e.shown,
    s.Text: lambda e: rf"\text{{{e.text}}}",
}

s.written_by(write)
