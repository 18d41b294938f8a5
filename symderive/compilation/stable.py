r"""Terms that do not overflow: e^{a_j} / sum_k e^{a_k} and log sum_k e^{a_k} by a maximum, sigmoid by itself.

| term | becomes |
|---|---|
| sum_k e^{v_k} | e^Lambda, where Lambda = log sum_k e^{v_k} |
| e^{v_j} beside it | p_j e^Lambda, where p_j = dLambda/dv_j is the softmax |
| 1 + e^u, 1 + e^{-u}, e^u in a product | 1/(1-s), 1/s, s/(1-s), s = sigmoid(u), if none is left below |
| log(1 + e^u), log sigmoid(u) | softplus(u), -softplus(-u) |
| log p_j | v_j - Lambda, which is finite where p_j is too small for a float |
| p_j (u + v/p_j), also of s, 1-s and e^Lambda | p_j u + v |

Powers of e^Lambda, s and 1-s are collected by the product. All of these are identities of real numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Dummy, Expr, Integer, Mul, exp, log

from symderive.calculus.atoms import Functional, ScalarFunction
from symderive.calculus.binding import loose
from symderive.calculus.terms import Applied, Binder, Entry, Family, FunctionalValue, IndexSum

LOGISTIC = ScalarFunction("sigmoid of the compiler", r"\operatorname{sigmoid}")
SOFTPLUS = ScalarFunction("softplus of the compiler", r"\operatorname{softplus}")
LOGSUMEXP = Functional("logsumexp of the compiler", r"\Lambda")

ONE = Integer(1)


def stable(e: Expr) -> Expr:
    """The term with exponentials put in such a form, where the table above finds them.

    >>> from symderive.calculus import indices, tensor
    >>> j, k = indices("j k"); a, y = tensor("a", (j, 1, 3)), tensor("y", (j, 1, 3))
    >>> e = stable(exp(a[j]) / IndexSum(exp(a[k]), (k, 1, 3)) - y[j])
    >>> str(e).replace(" of the compiler", "")
    '-y[j] + logsumexp_1[j](family(a[j], j=1..3))'
    >>> str(stable(exp(-a[j]) / (1 + exp(-a[j])) ** 2)).replace(" of the compiler", "")
    '(1 - sigmoid(a[j]))*sigmoid(a[j])'
    >>> str(stable(log(exp(a[j]) / IndexSum(exp(a[k]), (k, 1, 3))))).replace(" of the compiler", "")
    'a[j] - logsumexp(family(a[j], j=1..3))'
    """
    return _cancelled(_logistic(_softmax(e, ())))


# --------------------------------------------------------------------------------- softmax


def _sums(e: Expr) -> set[IndexSum]:
    """The sums of exponentials in a term that stand under no other binder."""
    if isinstance(e, IndexSum) and isinstance(e.body, exp):
        return {e}
    if isinstance(e, Binder):
        return set()
    found: set[IndexSum] = set()
    for a in e.args:
        if isinstance(a, Expr):
            found |= _sums(a)
    return found


def _family(total: IndexSum) -> Expr:
    """(v_k)_k of sum_k e^{v_k}."""
    return Family(total.body.args[0], total.lo, total.hi)


def _value(total: IndexSum) -> Expr:
    """Lambda"""
    return FunctionalValue(LOGSUMEXP, (), _family(total))


def _softmax(e: Expr, known: Sequence[IndexSum]) -> Expr:
    known = tuple(dict.fromkeys((*known, *sorted(_sums(e), key=str))))
    if not known and not e.has(exp, log):
        return e
    if isinstance(e, IndexSum) and e in known:
        return exp(_value(e))
    if isinstance(e, exp):
        return _exponential(e, known)
    if isinstance(e, Binder):
        k = Dummy("k", integer=True)
        body = _softmax(e.open(k), known)
        if isinstance(e, IndexSum):
            factors = Mul.make_args(body)
            out = [f for f in factors if k not in f.free_symbols]
            return Mul(*out, IndexSum(Mul(*(f for f in factors if f not in out)), (k, e.lo, e.hi)))
        return e.func(body, (k, e.lo, e.hi))
    if not e.args:
        return e
    found = e.func(*(_softmax(a, known) if isinstance(a, Expr) and a.args else a for a in e.args))
    return _logarithm_of_softmax(found) if isinstance(found, log) else found


def _logarithm_of_softmax(e: Expr) -> Expr:
    """log(p_j u) as v_j - Lambda + log u."""
    terms, left = [], []
    for f in Mul.make_args(e.args[0]):
        base, n = f.as_base_exp()
        if isinstance(base, FunctionalValue) and base.functional == LOGSUMEXP and len(base.partials) == 1:
            inside: Expr = base.families[0]
            for i in base.partials[0][1:]:
                assert isinstance(inside, Family)
                inside = inside.open(i)
            terms.append(n * (inside - FunctionalValue(LOGSUMEXP, (), *base.families)))
        else:
            left.append(f)
    return Add(*terms, log(Mul(*left))) if terms else e


def _exponential(e: Expr, known: Sequence[IndexSum]) -> Expr:
    """e^{v_j} as p_j e^Lambda, if a sum of the same exponentials is known; products of such ones too."""
    argument = e.args[0]
    whole = _matched(argument, known)
    if whole is not None:
        return whole
    left, out = [], []
    for term in Add.make_args(argument):
        n, inner = term.as_coeff_Mul()
        found = _matched(inner, known) if n.is_Integer and n > 0 else None
        if found is None:
            left.append(term)
        else:
            out.append(found**n)
    return Mul(*out, exp(Add(*left))) if out else e


def _matched(argument: Expr, known: Sequence[IndexSum]) -> Expr | None:
    symbols = [i for i in sorted(argument.free_symbols, key=str) if i.is_integer and i.is_Symbol]
    terms = {i for e in argument.atoms(Entry) for i in e.index if not loose(i)} - set(symbols)
    for total in known:
        v = _family(total)
        for i in (*symbols, *sorted(terms, key=str)):
            if v.open(i) == argument:
                return FunctionalValue(LOGSUMEXP, ((0, i),), v) * exp(_value(total))
    return None


# --------------------------------------------------------------------------------- sigmoid


def _logistic(e: Expr) -> Expr:
    if not e.has(exp, Applied):
        return e
    if isinstance(e, Binder):
        k = Dummy("k", integer=True)
        return e.func(_logistic(e.open(k)), (k, e.lo, e.hi))
    if e.is_Mul or e.is_Pow:
        e = _product(e)  # before its factors, each of which alone would leave 1/(1-s)
    if not e.args:
        return e
    found = e.func(*(_logistic(a) if isinstance(a, Expr) and a.args else a for a in e.args))
    return _logarithm(found) if isinstance(found, log) else found


def _argument(e: Expr) -> Expr | None:
    """u of 1 + e^u."""
    if e.is_Add and len(e.args) == 2 and ONE in e.args:
        other = e - 1
        return other.args[0] if isinstance(other, exp) else None
    return None


def _logarithm(e: Expr) -> Expr:
    inside = e.args[0]
    u = _argument(inside)
    if u is not None:
        return SOFTPLUS(u)
    if isinstance(inside, Applied) and inside.function == LOGISTIC:
        return -SOFTPLUS(-inside.argument)
    rest = 1 - inside
    if isinstance(rest, Applied) and rest.function == LOGISTIC:
        return -SOFTPLUS(rest.argument)
    return e


def _product(e: Expr) -> Expr:
    """The product with s and 1 - s for 1 + e^u and e^u, where no power of them is left below."""
    powers = [f.as_base_exp() for f in Mul.make_args(e)]
    arguments = [u for base, _ in powers if (u := _argument(base)) is not None]
    for v in arguments:
        u = -v if v.could_extract_minus_sign() else v
        s = LOGISTIC(u)
        of_s = of_rest = Integer(0)
        left = []
        for base, n in [f.as_base_exp() for f in Mul.make_args(e)]:
            # as_base_exp makes exp(u) the base E
            whole = exp(n) if base is exp(1) else base**n
            if _argument(base) == u:
                of_rest -= n
            elif _argument(base) == -u:
                of_s -= n
            elif isinstance(whole, exp) and (whole.args[0] / u).is_Integer:
                m = whole.args[0] / u
                of_s, of_rest = of_s + m, of_rest - m
            else:
                left.append(whole)
        if of_s.is_nonnegative and of_rest.is_nonnegative:
            e = Mul(*left, s**of_s, (1 - s) ** of_rest)
    return e


# --------------------------------------------------------------------------------- quotients


def _cancelled(e: Expr) -> Expr:
    """The term with p multiplied into a sum that divides by it, as p may be 0 to a float."""
    if not e.has(FunctionalValue, Applied):
        return e
    if isinstance(e, Binder):
        k = Dummy("k", integer=True)
        return e.func(_cancelled(e.open(k)), (k, e.lo, e.hi))
    if not e.args:
        return e
    return _multiplied(e.func(*(_cancelled(a) if isinstance(a, Expr) and a.args else a for a in e.args)))


def _multiplied(e: Expr) -> Expr:
    factors = Mul.make_args(e)
    outside = dict(p for f in factors for p in _powers(f) if _may_vanish(p[0]))
    for f in factors:
        if f.is_Add and any(
            (n * outside[base]).is_negative for t in f.args for base, n in _powers(t) if base in outside
        ):
            rest = [g for g in factors if g is not f]
            return Add(*(_multiplied(Mul(*rest, t)) for t in f.args))
    return e


def _powers(e: Expr) -> list[tuple[Expr, Expr]]:
    """The factors of a product as powers; e^{2 Lambda + u} is one of e^Lambda."""
    found = []
    for base, n in (f.as_base_exp() for f in Mul.make_args(e)):
        if base == exp(1):
            terms = (t.as_coeff_Mul() for t in Add.make_args(n))
            found += [(exp(v), c) for c, v in terms if isinstance(v, FunctionalValue)]
        else:
            found.append((base, n))
    return found


def _may_vanish(e: Expr) -> bool:
    """Whether it is a softmax p, a sigmoid s, 1 - s, or e^Lambda: 0 or infinite where it is no float."""
    if isinstance(e, exp):
        e = e.args[0]
    if isinstance(e, FunctionalValue):
        return bool(e.functional == LOGSUMEXP)
    if e.is_Add:
        e = 1 - e
    return isinstance(e, Applied) and e.function == LOGISTIC
