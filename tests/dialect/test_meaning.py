r"""Readings where a tree could lose something: all that was written stands in it, as it belongs together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from symderive.dialect import read
from symderive.dialect import syntax as s


def brief(e: s.Node | None) -> str:
    """A tree in a line: (f a b) for what belongs together."""
    if e is None:
        return "-"
    return SHOWN[type(e)](e)


def _name(e: s.Name) -> str:
    scripts = "".join(f"^{brief(x)}" for x in e.sup) + "".join(f"_{brief(x)}" for x in e.sub)
    return e.base + "'" * e.primes + scripts


def _all(head: str, *parts: s.Node | None) -> str:
    return f"({head} {' '.join(map(brief, parts))})"


SHOWN: dict[type, Callable[..., str]] = {
    s.Number: lambda e: e.text,
    s.Name: _name,
    s.Call: lambda e: _all("at", e.function, *e.arguments),
    s.Product: lambda e: _all("*" + "".join(o or "." for o in e.operators), *e.factors),
    s.Sum: lambda e: _all("".join(e.signs), *e.terms),
    s.Fraction: lambda e: _all("over", e.above, e.below),
    s.Derivative: lambda e: _all("D", e.of, *e.by),
    s.Nabla: lambda e: _all("nabla", e.by, e.of),
    s.Differential: lambda e: _all("d", e.of),
    s.Change: lambda e: _all("delta", e.of),
    s.BigOperator: lambda e: _all(e.operator, e.index, e.low, e.high, e.unequal, e.body),
    s.Power: lambda e: _all("power", e.base, e.exponent),
    s.Transposed: lambda e: _all("T", e.base),
    s.Group: lambda e: f"[{brief(e.body)}]" + "".join(f"_{brief(x)}" for x in e.sub),
    s.Tuple: lambda e: _all("tuple", *e.entries),
    s.Norm: lambda e: _all("norm" if e.double else "abs", e.body, e.power),
    s.Matrix: lambda e: "(rows " + " / ".join(" ".join(map(brief, r)) for r in e.rows) + ")",
    s.Cases: lambda e: "(cases " + " / ".join(f"{brief(v)} {brief(c)}" for v, c in e.rows) + ")",
    s.Comparison: lambda e: _all(e.relation, e.left, e.right),
    s.Dots: lambda e: "..",
    s.Text: lambda e: repr(e.text),
}

READ = (
    # indices and limits of sums
    (r"\prod_{j=i+1}^{t} a_j", "(prod j (++ i 1) t - a_j)"),
    (r"\sum_{i,j} a_{ij}", "(sum i - - - (sum j - - - a_i_j))"),
    (r"\sum_{abc} x", "(sum a - - - (sum b - - - (sum c - - - x)))"),
    (r"\sum_{i,j=1}^n x", "(sum i 1 n - (sum j 1 n - x))"),
    (r"\sum_{k=1, k \neq i}^n x_k", "(sum k 1 n i x_k)"),
    (r"\sum_{k\ne i}-p_k y_k + 1", "(++ (sum k - - i (- (*. p_k y_k))) 1)"),
    (r"\sum\limits_{j'} A_{ij'}", "(sum j' - - - A_i_j')"),
    (r"\sum_{t=1}^{T} x_t", "(sum t 1 T - x_t)"),
    (r"\sum^N_{k=1} x", "(sum k 1 N - x)"),
    (r"a \sum_j b_j c + d", "(++ (*. a (sum j - - - (*. b_j c))) d)"),
    # derivatives
    (r"\frac{\partial^2 C}{\partial w \partial v}", "(D C w v)"),
    (r"\frac{\partial^2 C}{\partial w_j^2}", "(D C w_j w_j)"),
    (r"\frac{d^2 y}{dx^2}", "(D y x x)"),
    (r"\frac{\partial C}{\partial \sigma^2_j}", r"(D C \sigma^2_j)"),
    (
        r"\frac{\partial}{\partial w} \frac{1}{2} (y-a)^2 + 1",
        "(++ (D (*. (over 1 2) (power [(+- y a)] 2)) w) 1)",
    ),
    (r"\frac{\partial}{\partial w} (w x) y", "(*. (D [(*. w x)] w) y)"),
    (r"\frac{\partial}{\partial z} L \odot y", r"(*\odot (D L z) y)"),
    (r"\frac{\partial W x}{\partial x}", "(D (*. W x) x)"),
    (r"\frac{\partial \log p}{\partial z}", r"(D (at \log p) z)"),
    (r"\frac{df(x)}{dx}", "(D (at f x) x)"),
    (r"\frac{d}{dx} f(x)", "(D (at f x) x)"),
    (r"d/dx f(x)", "(D (at f x) x)"),
    (r"\partial_w f(x, w) \partial_h g", "(*. (D (at f x w) w) (D g h))"),
    (r"\partial C / \partial w x", "(*. (D C w) x)"),
    (r"\nabla_W \frac{1}{2} \|y - a\|^2", "(nabla W (*. (over 1 2) (norm (+- y a) 2)))"),
    (r"\nabla_\theta \log p(x)", r"(nabla \theta (at \log (at p x)))"),
    (r"\nabla_{W, b} J", "(nabla (tuple W b) J)"),
    (r"d \Gamma_o x", r"(*. (d \Gamma_o) x)"),
    (r"\frac{1}{d} x_d", "(*. (over 1 d) x_d)"),
    # powers, primes, transposes
    (r"a^{(l)}^2", "(power a^l 2)"),
    (r"{a^{(l)}}^2", "(power a^l 2)"),
    (r"\sigma^{l'}", r"\sigma^l'"),
    (r"\sigma'^{l}", r"\sigma'^l"),
    (r"(x - \mu)'", r"(power [(+- x \mu)] \prime)"),
    (r"W^{-T}", "W^(- T)"),
    (r"W^{x, T}", "W^x^T"),
    (r"W^{(l)}{}^T", "(T W^l)"),
    (r"W^{{\rm T}}", "W^T"),
    (r"W^{\rm T}", "(T W)"),
    (r"e^{-\frac{x^2}{2}}", "(power e (- (over x^2 2)))"),
    (r"e^{(l)}", "e^l"),
    (r"w^*", "w^*"),
    (r"[x]_+", "[x]_+"),
    (r"x^{\langle t \rangle}", "x^t"),
    (r"x_{[1:]}", "x_[(*. 1 :)]"),
    (r"W_{:,j}", "W_:_j"),
    (r"w_{jk+1}", "w_j_(++ k 1)"),
    (r"w_12", "(*. w_1 2)"),
    # functions
    (r"\tanh 2x", r"(at \tanh (*. 2 x))"),
    (r"\tanh^2 z_2 y", r"(*. (at \tanh^2 z_2) y)"),
    (r"\log \sum_j e^{z_j}", r"(at \log (sum j - - - (power e z_j)))"),
    (r"\log\tanh z", r"(at \log (at \tanh z))"),
    (r"f(z)^2", "(power (at f z) 2)"),
    (r"a(1-a)^T", "(T (at a (+- 1 a)))"),
    (r"p(y | x)", "(at p y x)"),
    (r"\max", r"\max"),
    (r"x_{\max}", r"x_\max"),
    (r"net_j w_{net}", "(*. net_j w_net)"),
    (r"inx", "(*.. i n x)"),
    (r"\mathrm{net}_j + {\rm out} + \text{hidden}", "(+++ net_j out hidden)"),
    # products
    (r"a . b", r"(*\cdot a b)"),
    (r"a \cdot -b", r"(*\cdot a [(- b)])"),
    (r"a + -b", "(++ a [(- b)])"),
    (r"a / b c", "(*. (over a b) c)"),
    (r"2 a / b", "(*. 2 (over a b))"),
    (r"{a b} c", "(*. [(*. a b)] c)"),
    # fonts and accents
    (r"\hat{y_4} + \hat y_4", r"(++ \hat y_4 \hat y_4)"),
    (r"\mathbf{w_4} \vec{x}", "(*. w_4 x)"),
    (r"\mathcal L + \mathcal{L} + L", r"(+++ \mathcal L \mathcal L L)"),
    (r"\hat{\mathbf{y}}", r"\hat y"),
    (r"\mathbf{1} + 1 + \mathbb{1}", r"(+++ \mathbf 1 1 \mathbb 1)"),
    (r"\delta*\sigma", r"(** \delta \sigma)"),
    (r"\operatorname*{argmin}_w L", "(at argmin_w L)"),
    ("σ(δ)", r"(at \sigma \delta)"),
    # brackets
    (r"1[y = k]", "(at 1 (= y k))"),
    (r"\mathbb{1}\{y = k\}", r"(at \mathbb 1 (= y k))"),
    (r"\mathbb{1}_{y = k}", r"\mathbb 1_(= y k)"),
    (r"(0 < x \le 1)", r"[(\leq (< 0 x) 1)]"),
    (r"|a||b|", "(*. (abs a -) (abs b -))"),
    (r"||a||^2", "(norm a 2)"),
    (r"\begin{cases} z, & \text{if } z > 0 \\ 0, & \text{otherwise.} \end{cases}", "(cases z (> z 0) / 0 -)"),
    (r"\begin{cases} z \text{ if } z > 0 \\ 0 \end{cases}", "(cases z (> z 0) / 0 -)"),
    (r"\begin{pmatrix} a & \\ & \ddots \\ \end{pmatrix}", "(rows a - / - ..)"),
    # what is only there for the eye
    (r"\underbrace{a b}_{\text{error}} c", "(*. [(*. a b)] c)"),
    (r"\underbrace{a + b}_{x} c", "(*. [(++ a b)] c)"),
    (r"\boxed{a + b} c", "(*. [(++ a b)] c)"),
    (r"\color{red} a \textcolor{blue}{b} % c", "(*. a b)"),
    (r"\displaystyle \left( a \right) \Bigl[ b \Bigr]", "(*. [a] [b])"),
)


@pytest.mark.parametrize(("text", "tree"), READ)
def test_what_is_written_is_in_the_tree(text: str, tree: str) -> None:
    (found,) = read(text)
    (side,) = found.sides
    assert brief(side) == tree


STATEMENTS = (
    (r"a = b, \quad c = d", [("a = b", ()), ("c = d", ())]),
    (r"a = b \text{ and } c = d", [("a = b", ()), ("c = d", ())]),
    (r"a &= b & c &= d", [("a = b", ()), ("c = d", ())]),
    (r"a &=& b \\ &=& c", [("a = b = c", ())]),
    (r"a = b \\ + c", [("a = b + c", ())]),
    (r"a &= b \\ &- c = d", [("a = b - c = d", ())]),
    (r"a = b \\ -c = d", [("a = b", ()), ("-c = d", ())]),
    (r"a = \\ b", [("a = b", ())]),
    (r"a = \\ = b", [("a = b", ())]),
    (r"a \quad = b", [("a = b", ())]),
    (r"a \\ = b", [("a = b", ())]),
    (r"= b", [("b", ())]),
    (r"a = b. \quad c = d.", [("a = b", ()), ("c = d", ())]),
    (r"a = b \Rightarrow c = d", [("a = b", ()), ("c = d", ())]),
    (r"a = b \quad l = L-1, \ldots, 1", [("a = b", (r"l = L-1, \ldots, 1",))]),
    (r"a = b \text{ where } c = d, e = f", [("a = b", (r"\text{ where } c = d, e = f",))]),
    (
        r"a = b \quad \text{(hidden layers)}, \quad c = d",
        [("a = b", (r"\text{(hidden layers)}",)), ("c = d", ())],
    ),
    (r"a = b, \text{for } j=1..n", [("a = b", (r"\text{for } j=1..n",))]),
    (r"\text{for } j = 1, \ldots, n: a = b", [("a = b", (r"\text{for } j = 1, \ldots, n",))]),
    (r"\forall k \in [1..K]: \ a = b", [("a = b", (r"k \in [1..K]",))]),
    (
        r"a = b \quad \text{shape: } (N, H) = (N, H) \checkmark",
        [("a = b", (r"\text{shape: } (N, H) = (N, H)",))],
    ),
    (r"a = b, j \neq k", [("a = b", (r"j \neq k",))]),
    (r"\boxed{a = b + c}", [("a = b + c", ())]),
    (r"a \stackrel{def}{=} b", [("a = b", ())]),
    (r"\sigma'(z). \tag{BP1}", [(r"\sigma'(z)", ())]),
    (r"a = b. \label{x}", [("a = b", ())]),
    (r"w \rightarrow w - \eta g", [(r"w \rightarrow w - \eta g", ())]),
    (r"w \rightarrow w' = w - \eta g", [(r"w' = w - \eta g", ("w",))]),
    (r"a = X^T b \in \mathbb{R}^{n \times m}", [("a = X^T b", (r"\in \mathbb{R}^{n \times m}",))]),
    (r"x \in S", [(r"x \in S", ())]),
    (r"d = W d .* z", [(r"d = W d \odot z", ())]),
    (r"$$ a = b. $$", [("a = b", ())]),
    (r"\begin{align*} a &amp;= b \\[2pt] c &amp;= d \end{align*}", [("a = b", ()), ("c = d", ())]),
    (r"\text{learning rate} = \eta", [(r"\text{learning rate} = \eta", ())]),
    (r"L(W, b; x) = p(y \mid x)", [(r"L(W, b; x) = p(y\mid x)", ())]),
)


@pytest.mark.parametrize(("text", "claims"), STATEMENTS)
def test_statements_and_remarks(text: str, claims: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(str(x), x.remarks) for x in read(text)] == claims


def test_lines_and_columns_are_those_of_the_text() -> None:
    first, second = read("a &= b \\\\\n c &= \\delta_j x")
    assert (first.line, second.line) == (1, 2)
    (product,) = second.sides[1:]
    assert isinstance(product, s.Product)
    text = "a &= b \\\\\n c &= \\delta_j x"
    assert [text[f.column - 1] for f in product.factors] == ["\\", "x"]


def test_known_words_are_one_name() -> None:
    assert brief(read("foo_j")[0].sides[0]) == "(*.. f o o_j)"
    assert brief(read("foo_j", known=frozenset({"foo"}))[0].sides[0]) == "foo_j"
