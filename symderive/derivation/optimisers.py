r"""Optimisers as a table, one row each: the rule of one entry w of a parameter, with its gradient g.

A prime marks what holds after the step. Numbers (eta, mu, ..) are sequences over the steps, given from
outside: every schedule is allowed. States (v, s, ..) have the shape of the parameter, and start anywhere.

| optimiser | rule |
|---|---|
| gd, sgd | w' = w - eta g |
| heavy_ball | v' = mu v + g,  w' = w - eta v' |
| nesterov | v' = mu v - eta g,  w' = w + v',  with g taken at w + mu v |
| adagrad | s' = s + g^2,  w' = w - eta psi(g, s') |
| rmsprop | s' = gamma s + (1 - gamma) g^2,  w' = w - eta psi(g, s') |
| adam | m' = beta m + (1 - beta) g,  s' = gamma s + (1 - gamma) g^2,  w' = w - eta psi(c m', d s') |
| adamw | adam, and - eta lambda w |
| sign_descent | w' = w - eta sgn(g) |
| elementwise | w' = F(w, s_1..s_R, g, xi_1..xi_K),  s'_r = G(r, w, s_1..s_R, g, xi_1..xi_K) |

| before another, as in "clip + l2 + adam" | changes |
|---|---|
| l2 | g to g + alpha w |
| clip | g to kappa(rho nu - 1) g, with nu the sum of g^2 over all entries of all parameters |
| decay | adds - eta lambda w to w', apart from the gradient |

psi(x, y) = x / (sqrt y + eps); kappa(x) = 1 / sqrt(1 + x) for x > 0, else 1: with rho = 1 / r^2, that is
clipping to norm r. Adam's c = 1 / (1 - beta^t) and d = 1 / (1 - gamma^t) are sequences like the others, so
that a theorem about adam holds with and without bias correction. F and G are arbitrary.

A proof takes psi, kappa and sgn as any functions; their formulas, which have no value or no
derivative in places (sqrt y for y < 0, sgn at 0), serve evaluation and documents alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, Rational, Symbol, sqrt

from symderive.calculus.atoms import Functional, ScalarFunction
from symderive.errors import SymderiveError
from symderive.systems.activations import Activation, X
from symderive.systems.formulas import Formula
from symderive.systems.numbers import shown


@dataclass(frozen=True)
class Seen:
    """What the rule of one entry sees: w and g before the step, each state before it and after it, numbers.

    `at` is the point at which the gradient is taken: w, but for an optimiser that looks ahead. `squares`
    gives nu, the sum of all squared gradients. Where there are arbitrarily many states or numbers these are
    families, and `place` is the number r of the state that a rule gives.
    """

    w: Expr
    at: Expr
    g: Expr
    old: Mapping[str, Expr]
    new: Mapping[str, Expr]
    number: Mapping[str, Expr]
    squares: Callable[[], Expr]
    place: Expr


Rule = Callable[[Seen], Expr]


@dataclass(frozen=True)
class Optimiser:
    """One update rule, to be applied to every entry of every parameter; a new one is a new value of this.

    - `weight`: w'; None for a part that stands before another. `states`: each state's value after the step.
    - `ahead`: the point at which the gradient is taken, if that is not w; it sees w, the states and numbers.
    - `gradient`: what g is changed to, in turn; `added`: what is added to w'.
    - `numbers`: the sequences over the steps.
    - `many`: states and numbers of which there are arbitrarily many, with the letter for how many.
    - `activations`, `formulas`: what its functions stand for, where they are not arbitrary.

    >>> momentum = Optimiser(
    ...     "momentum", weight=lambda e: e.w - e.number["eta"] * e.new["v"],
    ...     states={"v": lambda e: e.number["mu"] * e.old["v"] + e.g}, numbers=("eta", "mu"))
    >>> optimiser("clip + heavy_ball").numbers
    ('rho', 'eta', 'mu')
    """

    name: str
    weight: Rule | None = None
    states: Mapping[str, Rule] = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    gradient: tuple[Rule, ...] = ()
    added: tuple[Rule, ...] = ()
    ahead: Rule | None = None
    activations: tuple[Activation, ...] = ()
    formulas: tuple[Formula, ...] = ()
    many: Mapping[str, str] = field(default_factory=dict)


def psi(eps: Expr) -> Formula:
    """x / (sqrt y + eps), the normalised gradient of AdaGrad, RMSProp and Adam.

    >>> psi(Rational(0)).formula
    x/sqrt(y)
    """
    x, y = Symbol("x", real=True), Symbol("y", real=True)
    return Formula(Functional("psi", r"\psi", 2), (x, y), x / (sqrt(y) + eps))


PSI = psi(Rational(1, 10**8))
SGN = Activation("sgn", ScalarFunction("sgn", r"\operatorname{sgn}"), Integer(1), Integer(-1), Integer(0))
KAPPA = Activation("kappa", ScalarFunction("kappa", r"\kappa"), 1 / sqrt(1 + X), Integer(1), Integer(0))
F, G = Functional("F", arity=4), Functional("G", arity=5)

# How states and numbers are printed: a state by an accent on its parameter, a number by a letter.
STATES = {"v": "dot", "m": "check", "s": "ddot", "states": "vec"}
NUMBERS = {
    "eta": r"\eta", "mu": r"\mu", "lambda": r"\lambda", "alpha": r"\alpha", "beta": r"\beta",
    "gamma": r"\gamma", "beta_correction": r"\hat{\beta}", "gamma_correction": r"\hat{\gamma}",
    "rho": r"\rho", "xi": r"\xi",
}  # fmt: skip


def _squares(e: Seen) -> Expr:
    """gamma s + (1 - gamma) g^2"""
    gamma = e.number["gamma"]
    return gamma * e.old["s"] + (1 - gamma) * e.g**2


def _normalised(x: Rule, y: Rule) -> Rule:
    """w - eta psi(x, y)"""
    return lambda e: e.w - e.number["eta"] * PSI.functional(x(e), y(e))


ADAM = Optimiser(
    "adam",
    _normalised(
        lambda e: e.number["beta_correction"] * e.new["m"],
        lambda e: e.number["gamma_correction"] * e.new["s"],
    ),
    {"m": lambda e: e.number["beta"] * e.old["m"] + (1 - e.number["beta"]) * e.g, "s": _squares},
    ("eta", "beta", "gamma", "beta_correction", "gamma_correction"),
    formulas=(PSI,),
)
DECAY = Optimiser(
    "decay", added=(lambda e: -e.number["eta"] * e.number["lambda"] * e.w,), numbers=("eta", "lambda")
)

_ROWS = (
    Optimiser("gd", lambda e: e.w - e.number["eta"] * e.g, numbers=("eta",)),
    Optimiser("sgd", lambda e: e.w - e.number["eta"] * e.g, numbers=("eta",)),
    Optimiser(
        "heavy_ball",
        lambda e: e.w - e.number["eta"] * e.new["v"],
        {"v": lambda e: e.number["mu"] * e.old["v"] + e.g},
        ("eta", "mu"),
    ),
    Optimiser(
        "nesterov",
        lambda e: e.w + e.new["v"],
        {"v": lambda e: e.number["mu"] * e.old["v"] - e.number["eta"] * e.g},
        ("eta", "mu"),
        ahead=lambda e: e.w + e.number["mu"] * e.old["v"],
    ),
    Optimiser(
        "adagrad",
        _normalised(lambda e: e.g, lambda e: e.new["s"]),
        {"s": lambda e: e.old["s"] + e.g**2},
        ("eta",),
        formulas=(PSI,),
    ),
    Optimiser(
        "rmsprop",
        _normalised(lambda e: e.g, lambda e: e.new["s"]),
        {"s": _squares},
        ("eta", "gamma"),
        formulas=(PSI,),
    ),
    ADAM,
    replace(ADAM, name="adamw", added=DECAY.added, numbers=(*ADAM.numbers, "lambda")),
    Optimiser(
        "sign_descent",
        lambda e: e.w - e.number["eta"] * SGN.function(e.g),
        numbers=("eta",),
        activations=(SGN,),
    ),
    Optimiser(
        "elementwise",
        lambda e: F(e.w, e.old["states"], e.g, e.number["xi"]),
        {"states": lambda e: G(e.place, e.w, e.old["states"], e.g, e.number["xi"])},
        ("xi",),
        many={"states": "R", "xi": "K"},
    ),
    Optimiser("l2", gradient=(lambda e: e.g + e.number["alpha"] * e.at,), numbers=("alpha",)),
    Optimiser(
        "clip",
        gradient=(lambda e: e.g * KAPPA.function(e.number["rho"] * e.squares() - 1),),
        numbers=("rho",),
        activations=(KAPPA,),
    ),
    DECAY,
)  # fmt: skip
TABLE: Mapping[str, Optimiser] = {row.name: row for row in _ROWS}
NAMES = tuple(row.name for row in _ROWS if row.weight)
PARTS = tuple(row.name for row in _ROWS if not row.weight)


def optimiser(name: str) -> Optimiser:
    """The optimiser of this name, or of names joined by +, the last one of which gives the update.

    Raises SymderiveError for an unknown name, a part that is missing, out of place or named twice.

    >>> optimiser("clip + l2 + adam").name
    'clip + l2 + adam'
    """
    names = [part.strip() for part in name.split("+")] if isinstance(name, str) else []
    unknown = [n for n in names if n not in TABLE]
    if unknown or not names:
        expected = f"{', '.join(NAMES)}, with {', '.join(PARTS)} and + before it"
        raise SymderiveError(f"optimiser: expected one of {expected}, found {shown((unknown or [name])[0])}")
    return composed(TABLE[n] for n in names)


def composed(parts: Iterable[Optimiser]) -> Optimiser:
    """Parts before an optimiser as one: gradients are changed in their order.

    >>> composed([TABLE["decay"], TABLE["gd"]]).numbers
    ('eta', 'lambda')
    """
    *before, last = parts
    names = [p.name for p in (*before, last)]
    wrong = [p.name for p in before if p.weight] + ([] if last.weight else [last.name])
    if wrong:
        raise SymderiveError(
            f"optimiser: expected parts of {', '.join(PARTS)}, and an update after them, found {wrong[0]} "
            f"{'in front' if wrong[0] != last.name else 'last'} in {' + '.join(names)}"
        )
    used = [n for p in (*before, last) for n in dict.fromkeys((*p.numbers, p.name))]
    twice = [n for n in used if used.count(n) > 1 and n != "eta"]
    if twice:
        raise SymderiveError(f"optimiser: expected {twice[0]} once in {' + '.join(names)}, found it twice")
    if not before:
        return last
    return replace(
        last,
        name=" + ".join(names),
        numbers=tuple(dict.fromkeys(n for p in (*before, last) for n in p.numbers)),
        gradient=tuple(g for p in (*before, last) for g in p.gradient),
        added=tuple(a for p in (*before, last) for a in p.added),
        activations=tuple(dict.fromkeys(a for p in (*before, last) for a in p.activations)),
    )
