r"""What is written, and how it reads: names, products, derivatives, statements."""

from __future__ import annotations

import pytest

from symderive.dialect import DialectError, read, write
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
    Product,
    Sum,
    Transposed,
)


def one(text: str) -> Node:
    """The only side of a formula without a relation."""
    (s,) = read(text)
    (side,) = s.sides
    return side


def letters(*names: str) -> tuple[Name, ...]:
    return tuple(Name(n, shown=n) for n in names)


@pytest.mark.parametrize(
    ("text", "sup", "sub", "around"),
    [
        ("w^l_{jk}", ("l",), ("j", "k"), ""),
        ("w_{jk}^l", ("l",), ("j", "k"), ""),
        ("w_{j,k}^{(l)}", ("l",), ("j", "k"), "("),
        ("w^{[l]}", ("l",), (), "["),
        ("w_l", (), ("l",), ""),
        ("w^{x, L}", ("x", "L"), (), ""),
    ],
)
def test_scripts(text: str, sup: tuple[str, ...], sub: tuple[str, ...], around: str) -> None:
    name = one(text)
    assert isinstance(name, Name)
    assert (name.base, name.sup, name.sub, name.around) == ("w", letters(*sup), letters(*sub), around)


def test_an_index_with_a_shift_is_one() -> None:
    name = one("w^{l+1}_{kj}")
    assert isinstance(name, Name)
    (shift,) = name.sup
    assert shift == Sum((*letters("l"), Number("1")), ("+", "+"))


@pytest.mark.parametrize(
    "text",
    [
        r"W^T",
        r"W^\top",
        r"W^{\top}",
        r"W^\intercal",
        r"W^{\mathsf T}",
        r"W^{\mathsf{T}}",
        r"W^{T}",
        r"W^{\mathrm T}",
    ],
)
def test_transposes(text: str) -> None:
    found = one(text)
    assert isinstance(found, Transposed)
    assert found.base == Name("W", shown="W")


def test_a_layer_and_a_transpose_in_one_script() -> None:
    for text in ("W^{(l)T}", r"W^{(l) \top}"):
        found = one(text)
        assert isinstance(found, Transposed)
        assert found.base == Name("W", letters("l"), around="(", shown="W")
    found = one("h^T_{j}")
    assert isinstance(found, Transposed)
    assert found.base == Name("h", (), letters("j"), shown="h")


def test_a_T_above_a_sum_is_a_limit() -> None:
    found = one(r"\sum_{t=1}^T x_t")
    assert isinstance(found, BigOperator)
    assert found.high == Name("T", shown="T")


@pytest.mark.parametrize(
    "text", [r"\sigma'(z)", r"\sigma^\prime(z)", r"\sigma^{'}(z)", r"\sigma^{\prime}(z)"]
)
def test_primes(text: str) -> None:
    found = one(text)
    assert isinstance(found, Call)
    assert found.function == Name(r"\sigma", primes=1, shown=r"\sigma")


def test_a_prime_behind_a_layer() -> None:
    for text in ("g^{[l]'}(z)", "g'^{[l]}(z)", "g^{[l]}'(z)"):
        found = one(text)
        assert isinstance(found, Call)
        assert found.function == Name("g", letters("l"), around="[", primes=1, shown="g")


@pytest.mark.parametrize(
    "sign", ["*", r"\cdot", r"\times", r"\circ", r"\odot", r"\bullet", r"\bigodot", "⊙", "·"]
)
def test_signs_of_multiplication_are_kept(sign: str) -> None:
    found = one(f"a {sign} b c")
    assert isinstance(found, Product)
    assert found.operators == (sign, "")


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{\partial C}{\partial w_{jk}}",
        r"\dfrac{\partial C}{\partial w_{jk}}",
        r"{\partial C \over \partial w_{jk}}",
        r"\partial C / \partial w_{jk}",
        r"\frac{dC}{dw_{jk}}",
        r"\frac{{dC}}{{dw_{jk}}}",
        r"\frac{\mathrm{d}C}{\mathrm{d}w_{jk}}",
    ],
)
def test_derivatives(text: str) -> None:
    found = one(text)
    assert isinstance(found, Derivative)
    assert found.of == Name("C", shown="C")
    assert found.by == (Name("w", (), letters("j", "k"), shown="w"),)


def test_an_operator_before_what_it_differentiates() -> None:
    found = one(r"\frac{\partial}{\partial w} (w x)")
    assert isinstance(found, Derivative)
    assert isinstance(found.of, Group)


def test_gradients_differentials_and_changes() -> None:
    assert one(r"\nabla_a C") == Nabla(Name("a", shown="a"), Name("C", shown="C"))
    found = one(r"\nabla_{W^{(l)}} J(W, b; x, y)")
    assert isinstance(found, Nabla)
    assert isinstance(found.of, Call)
    assert len(found.of.arguments) == 4
    assert one("dW^{[l]}") == Differential(Name("W", letters("l"), around="[", shown="W"))
    assert one("d{{w}_{1}}") == Differential(Name("w", (), (Number("1"),), shown="w"))
    assert one(r"\Delta w_{jk}") == Change(Name("w", (), letters("j", "k"), shown="w"))
    assert one(r"\Delta^{(l)}") == Name(r"\Delta", letters("l"), around="(", shown=r"\Delta")


def test_a_letter_d_before_parentheses_is_a_name() -> None:
    found = one("d(x)")
    assert isinstance(found, Call)
    assert found.function == Name("d", shown="d")


def test_sums_reach_to_the_end_of_the_product() -> None:
    found = one(r"\sum_k w_{kj} \delta_k f'(z_j) + 1")
    assert isinstance(found, Sum)
    total, _ = found.terms
    assert isinstance(total, BigOperator)
    assert isinstance(total.body, Product)
    assert len(total.body.factors) == 3
    nested = one(r"\sum_i \sum_{k=1}^{n} x_{ik}")
    assert isinstance(nested, BigOperator)
    assert isinstance(nested.body, BigOperator)
    others = one(r"\sum_{k \neq i} -p_k")
    assert isinstance(others, BigOperator)
    assert others.unequal == Name("i", shown="i")


def test_functions_with_and_without_parentheses() -> None:
    for text in (r"\tanh z", r"\tanh(z)", r"\mathrm{tanh}(z)", r"\operatorname{tanh}(z)", "tanh(z)"):
        found = one(text)
        assert isinstance(found, Call), text
        assert found.arguments == (Name("z", shown="z"),)
    squared = one(r"\tanh^2 z_2")
    assert isinstance(squared, Call)
    assert squared.function == Name(r"\tanh", (Number("2"),), shown=r"\tanh")
    power = one(r"\sigma(z)^2")
    assert isinstance(power, Power)
    assert isinstance(power.base, Call)


def test_fonts_do_not_matter_and_accents_do() -> None:
    for text in (r"\mathbf{W}", r"\boldsymbol W", r"\vec{W}", r"\mathrm{W}", r"\textbf{W}"):
        found = one(text)
        assert isinstance(found, Name)
        assert found.base == "W"
    hat, script = one(r"\hat{y}"), one(r"\mathcal{L}")
    assert isinstance(hat, Name) and isinstance(script, Name)
    assert (hat.base, script.base) == (r"\hat y", r"\mathcal L")
    assert one(r"\mathbf{w_4}") != one("w")


def test_words_are_one_name_where_they_are_known() -> None:
    assert one("net_j") == Name("net", (), letters("j"), shown="net")
    assert one(r"diff\_act(z)") != one("diffact(z)")
    found = read("actFun(z)", {}, frozenset({"actFun"}))[0].sides[0]
    assert isinstance(found, Call)
    assert isinstance(one("ab"), Product)


def test_norms_and_comparisons() -> None:
    norm = one(r"\|a - y\|^2")
    assert isinstance(norm, Norm) and norm.double and norm.power == Number("2")
    mask = one("(z_1 > 0)")
    assert isinstance(mask, Group) and isinstance(mask.body, Comparison)
    indicator = one(r"\mathbb{1}(y_i = k)")
    assert isinstance(indicator, Call)
    assert isinstance(indicator.arguments[0], Comparison)


def test_chains_and_statements() -> None:
    (s,) = read("a = b = c")
    assert (len(s.sides), s.relations) == (3, ("=", "="))
    (s,) = read(r"\begin{align} a &= b \\ &= c \end{align}")
    assert len(s.sides) == 3
    assert len(read(r"\begin{align} a &= b \\ c &= d \end{align}")) == 2
    assert len(read(r"a = b, \qquad c = d")) == 2
    assert len(read(r"$$a = b.$$")) == 1
    assert read(r"w \leftarrow w - 1")[0].relations == (r"\leftarrow",)
    assert read("a := b")[0].relations == (":=",)


def test_remarks_are_no_claims() -> None:
    for text in (
        r"\delta^l = \delta^{l+1}, \quad l = L-1, \ldots, 1",
        r"\forall k \in [1..K]: \ \delta^l = \delta^{l+1}",
        r"\delta^l = \delta^{l+1} \qquad \text{shape: } (N, H) = (N, H) \checkmark",
        r"\delta^l = \delta^{l+1} \text{ for all } l < L",
        r"\delta^l = \delta^{l+1}\tag{6}",
    ):
        found = read(text)
        assert len(found) == 1, text
        assert len(found[0].sides) == 2


def test_macros_are_expanded() -> None:
    macros = {r"\pd": r"\frac{\partial #1}{\partial #2}", r"\bW": r"\mathbf{W}"}
    assert one(r"\frac{\partial J}{\partial \mathbf{W}}") == read(r"\pd{J}{\bW}", macros)[0].sides[0]


@pytest.mark.parametrize(
    ("text", "expected", "column"),
    [
        ("a = ", "a term, found the end", 4),
        ("(a + b = c", "), found the end", 11),
        ("a + ) b", "no closing bracket", 5),
        (r"\frac{a}{b = c", "found the end", 15),
        ("a b ] c", "no closing bracket", 5),
        ("w_{j", "found the end", 5),
        (r"\partial w = 1", r"\partial above and below a fraction", 1),
        ("", "a formula, found none", 1),
        ("a = b #", "a sign of the dialect, found '#'", 7),
        (r"\begin{tabular} a", "an environment of formulas", 1),
        ("a\n + * b", "a term", 4),
    ],
)
def test_what_is_outside_is_refused_with_the_column(text: str, expected: str, column: int) -> None:
    with pytest.raises(DialectError) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith("formula: expected ") and "\n" not in message
    assert expected in message
    assert caught.value.column == column


def test_macros_that_do_not_end_are_refused() -> None:
    with pytest.raises(DialectError, match="macros"):
        read(r"\a", {r"\a": r"\a \a"})
    with pytest.raises(DialectError, match="macros"):
        read(r"\a", {r"\a": r"\b" * 50, r"\b": r"\c" * 50, r"\c": "x" * 100})


FORMULAS = (
    r"\delta^l = (W^{l+1})^T \delta^{l+1} \odot \sigma'(z^l)",
    r"\frac{\partial C}{\partial w_{jk}^{l}} = a^{l-1}_k \delta^l_j",
    r"\Delta^{(\ell)} = \bigl(W^{(\ell+1)}\bigr)^T \Delta^{(\ell+1)} \odot \sigma'^{(\ell)}(Z^{(\ell)})",
    r"\delta_{hij} = h_{ij}(1-h_{ij}) \sum_{k=1}^2 w_{ojk}(y_{ik}-t_{ik})",
    r"\delta_{hij} = h_{ij} [\delta_{oi} \cdot \mathbf{w}_{oj}^T]",
    r"{dz} = \frac{{dL}(a,y)}{{dz}} = ( - \frac{y}{a} + \frac{(1 - y)}{(1 - a)})\cdot a(1 - a) = a - y",
    r"\nabla_{W^{(l)}} J(W,b;x,y) = \delta^{(l+1)} (a^{(l)})^T+\lambda W^{(l)}",
    r"\delta_l = W^\intercal \delta_{l+1} \odot \sigma ' (z_l) = W^\intercal \Sigma ' (z_l) \delta_{l+1}",
    r"d{{w}_{1}}=\frac{1}{m}\sum\limits_{i}^{m}{x_{1}^{(i)}}({{a}^{(i)}}-{{y}^{(i)}})",
    r"\frac{\partial L_i }{ \partial f_k } = p_k - \mathbb{1}(y_i = k)",
    r"\left(\frac{\partial E}{\partial X}\right)_{i} = -\frac{1}{2} \|x - y\|^2 e^{-x_i}",
    r"s = \begin{bmatrix} a & b \\ c & d \end{bmatrix} \prod_{l=1}^L W_l^T",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_is_written_back_reads_the_same(text: str) -> None:
    for s in read(text):
        (again,) = read(write(s))
        assert (again.sides, again.relations) == (s.sides, s.relations)
