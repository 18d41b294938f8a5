r"""The tree of a formula as it was written. It knows no network: what a name means is decided later.

Every node has the column (from 1) of its first character; columns do not count when nodes are compared.
`str(node)` is LaTeX again, in the writer's own spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

_WRITERS: list[Callable[[object], str]] = [repr]


def written_by(writer: Callable[[object], str]) -> None:
    """Set what makes LaTeX of a node: the writer knows the nodes, not the other way round."""
    _WRITERS.append(writer)


@dataclass(frozen=True)
class Node:
    """Any part of a formula."""

    column: int = field(default=0, compare=False, kw_only=True)

    def __str__(self) -> str:
        return _WRITERS[-1](self)

    def children(self) -> Iterator[Node]:
        """The nodes directly below, in the order of writing."""
        for name in _below(type(self)):
            yield from _nodes(getattr(self, name))

    def walk(self) -> Iterator[Node]:
        """This node and all below."""
        yield self
        for child in self.children():
            yield from child.walk()


_FIELDS: dict[type, tuple[str, ...]] = {}


def _below(kind: type[Node]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes."""
    if kind not in _FIELDS:
        plain = {"int", "bool", "str"}
        _FIELDS[kind] = tuple(f.name for f in fields(kind) if str(f.type) not in plain)
    return _FIELDS[kind]


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for v in value:
            yield from _nodes(v)


@dataclass(frozen=True)
class Number(Node):
    """2, 0.5: the digits as written."""

    text: str


@dataclass(frozen=True)
class Name(Node):
    r"""A name with its scripts: w^{(l)}_{jk}, \sigma', \hat{y}, net_j, \mathbf{W}_1.

    - `base`: without fonts, spaces and accents' braces: "w", r"\sigma", "net", r"\hat y", r"\ell",
    "diff_actFun".
      Fonts are dropped from the base (\mathbf{W} is "W"), accents are part of it.
    - `shown`: the base as it was written, fonts included.
    - `sup`, `sub`: the entries of the scripts; `jk` are two entries, `j,k` too, `l+1` is one. A number of
      several digits is one entry.
    - `around`: how the superscript was enclosed: "", "(" or "[".
    - `primes`: how many, wherever they stood: \sigma', \sigma^\prime, g^{[l]'}, g^{(l)'}.
    - `sub_first`: whether the subscript was written before the superscript.
    """

    base: str
    sup: tuple[Node, ...] = ()
    sub: tuple[Node, ...] = ()
    around: str = ""
    primes: int = 0
    shown: str = ""
    sub_first: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Call(Node):
    r"""What may be a function at its arguments, or a factor before parentheses: f(z), a(1 - a), C(a; y).

    `function` is any name, or a Derivative in parentheses; `bare`: \tanh z, \log y, without parentheses.
    The reader does not know which names are functions: who gives meaning does.
    """

    function: Node
    arguments: tuple[Node, ...]
    bare: bool = False
    brackets: str = "("
    """The opening bracket: "(", "[", "\\{"."""
    separators: tuple[str, ...] = field(default=(), compare=False)
    """What stands between the arguments, if any is no comma: J(W, b; x, y), p(y | x)."""


@dataclass(frozen=True)
class Product(Node):
    r"""Factors from left to right, and what stands between each two: "" where they are juxtaposed, else *,
    \cdot, \times, \circ, \odot, \bullet, .. as written. Flat: who gives meaning groups it."""

    factors: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Sum(Node):
    """Terms and their signs, each "+" or "-" (a first sign that is not written is "+")."""

    terms: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Fraction(Node):
    r"""\frac{a}{b}; `inline`: a/b. `command` as written: \frac, \dfrac, \tfrac, \over."""

    above: Node
    below: Node
    inline: bool = False
    command: str = r"\frac"


@dataclass(frozen=True)
class Derivative(Node):
    r"""\frac{\partial u}{\partial v}, \frac{du}{dv}, \partial u / \partial v; `of` is None in
    \frac{\partial}{\partial v}.

    `by` has one node for each differential below. `d` is what was written: \partial, d, \mathrm{d}.
    `before`: the operand was written behind the fraction. The command of \partial_w f is \partial_.
    """

    of: Node | None
    by: tuple[Node, ...]
    d: str = r"\partial"
    command: str = r"\frac"
    inline: bool = False
    before: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Nabla(Node):
    r"""\nabla_{W^{(l)}} J(W, b; x, y), \nabla_a C, \nabla C: `by` and `of` are None where nothing is
    written.
    """

    by: Node | None
    of: Node | None


@dataclass(frozen=True)
class Differential(Node):
    r"""dW^{[l]}, dz, d{w}_{1}, \mathrm{d}z: the letter d directly before a name (in machine-learning code, a
    gradient). A factor d before a name reads the same: who gives meaning decides."""

    of: Node
    d: str = "d"


@dataclass(frozen=True)
class Change(Node):
    r"""\Delta w_{jk}: a \Delta without scripts before a name (with scripts of its own, \Delta^{(l)} is a
    Name).
    """

    of: Node
    symbol: str = r"\Delta"


@dataclass(frozen=True)
class BigOperator(Node):
    r"""\sum_{j=1}^{n} body, \sum_j body, \sum_{k \neq i} body, \prod_{l=1}^{L} body.

    `index` is None in a bare \sum. `low`, `high` are None where not written; `unequal`: the i of k \neq i.
    The body reaches to the end of the product that follows.
    """

    operator: str  # "sum" or "prod"
    index: Name | None
    low: Node | None
    high: Node | None
    body: Node
    unequal: Node | None = None
    shown: str = r"\sum"
    limits: str = ""
    joint: bool = field(default=False, compare=False)
    """The next index was written below the same sign: \\sum_{i,j}."""


@dataclass(frozen=True)
class Power(Node):
    """What is no name, raised: (1 - a)^2, e^{-x}, 10^{-3}. (x^2 is a Name with a superscript.)"""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    r"""W^T, (W^{(l+1)})^T, W^{[L]\top}, a^{(l-1)T}, h^T_{j-1}; `mark` as written: T, \top, \intercal,
    \mathsf{T}, \prime no.

    W^{(k)T}: the name with its script, transposed.
    """

    base: Node
    mark: str = "T"


@dataclass(frozen=True)
class Group(Node):
    r"""Parentheses or brackets: ( .. ), [ .. ], \left( .. \right), \bigl( .. \bigr). `shown` is the opening
    bracket as written. `scripts`: subscripts behind it, such as _{[1:]} or _{i}, as text and as entries."""

    body: Node
    shown: str = "("
    sub: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Tuple(Node):
    """(1, 1, 1): entries between commas in parentheses that follow no name."""

    entries: tuple[Node, ...]
    shown: str = "("
    separators: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Norm(Node):
    r"""|x| (`double` False) and \|x\|, with the sub- and superscript behind it, if any: \|W\|_F^2,
    \|e\|^2.
    """

    body: Node
    double: bool
    sub: tuple[Node, ...] = ()
    power: Node | None = None


@dataclass(frozen=True)
class Matrix(Node):
    r"""\begin{bmatrix} .. \end{bmatrix}: rows of cells; an empty cell is None."""

    rows: tuple[tuple[Node | None, ...], ...]
    environment: str = "bmatrix"


@dataclass(frozen=True)
class Cases(Node):
    r"""\begin{cases} value & condition \\ .. \end{cases}; the condition of "otherwise" is None."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Comparison(Node):
    r"""z > 0, i = j, j \neq k, x >= y: inside brackets or behind an indicator. `relation` is one of
    =, \neq, <, \leq, >, \geq."""

    left: Node
    relation: str
    right: Node


@dataclass(frozen=True)
class Dots(Node):
    r"""\ldots, \cdots, \vdots, \dots."""

    shown: str = r"\ldots"


@dataclass(frozen=True)
class Text(Node):
    r"""\text{..} where a term is expected."""

    text: str


@dataclass(frozen=True)
class Statement:
    r"""One claim: a chain of sides, a = b = c, or a single expression without a relation.

    - `relations`: one between each two sides: =, :=, \leftarrow, \propto, \equiv, \approx, ...
    - `remarks`: what was written behind it and is no formula of the chain: ranges (\quad l = L-1, .., 1),
      \text{..}, tags; as they stand.
    - `line`: of the text, from 1.
    """

    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    line: int = 1

    def __str__(self) -> str:
        return _WRITERS[-1](self)
