r"""Formulas as people write them: LaTeX to a tree that keeps the writer's own spelling, and back.

| written | read as |
|---|---|
| `W^l`, `W^{(l)}`, `W^{[l]}`, `W^{\langle t \rangle}`, `W_l`, `W_1` | a name with scripts |
| `w_{jk}`, `w_{j,k}` | two subscripts; `l+1` is one |
| `A^T`, `A^\top`, `A^\intercal`, `A^{\mathsf T}`, `A^{(l)T}` | a transpose; a limit above a sum |
| `\sigma'`, `\sigma^\prime`, `g^{[l]'}`, `\sigma'^{(l)}` | a prime |
| `w^*`, `[x]_+`, `X_{:,j}`, `x_{[1:]}` | a sign that is an entry of its own |
| `{a^{(l)}}^2`, `(1 - a)^2`, `e^{-x}` | a power; `x^2` is a name with a superscript |
| `A B`, `A \cdot B`, `A \odot B`, `A \circ B`, `A * B`, `A . B` | products: which, is settled by the shapes |
| `a / b c` | a fraction times c |
| `\frac{\partial C}{\partial w}`, `\frac{dC}{dw}`, `\partial C / \partial w` | a derivative |
| `\frac{\partial^2 C}{\partial v \partial w}`, `\frac{d^2 y}{dx^2}` | a second derivative |
| `\frac{\partial}{\partial w} \frac12 (y - a)^2` | a derivative of all that stands behind it side by side |
| `\partial_w f(w) g`, `\nabla_W C`, `dW` | derivatives of the next factor; that by W |
| `\Delta w` | a change of w; `\Delta^{(l)}` is a name |
| `\sum_j`, `\sum_{j=1}^n`, `\sum_{k \neq i}`, `\sum_{i,j}` | a sum to the end of the product, with its sign |
| `\prod_{l=1}^L` | a product, from left to right |
| `f(z)`, `a(1-a)`, `f(z)^2`, `p(y | x)` | a value, or a product if f is no function |
| `\tanh^2 z`, `\log y`, `\tanh 2x`, `softmax(z)` | a function of the next factor and its number |
| `\mathbf{W}`, `\vec x`, `\mathrm{d}`, `{\rm W}` | fonts do not matter; `\hat y`, `\mathcal L` do |
| `\text{net}`, `\mathrm{loss}`, `diff\_actFun`, `net`, `loss` | one name (bare words: those of words.WORDS) |
| `(z > 0)`, `[j = k]`, `1[y = k]`, `\mathbb{1}\{y = k\}` | comparisons, and indicators at them |
| `|x|`, `\|x\|^2`, `\begin{bmatrix}`, `\begin{cases}` | norms, matrices by their entries, cases |
| `a = b = c`, `&= ..` in the next line | a chain; each equality is a claim |
| `, \quad`, `\\`, `\Rightarrow`, `\text{and}`, `a &= b & c &= d` | the next statement |
| `\quad l = L-1, \ldots, 1`, `\text{for ..}`, `\forall k`, `, j \neq k` | a remark |
| `\tag{1}`, `\quad`, `\left`, `\,`, `\displaystyle`, `$`, `% ..` | nothing |

Refused, with the column: brackets that do not match, `n!`, `f|_{x=0}`, `\sqrt[3]{x}`, `\sum_{i \in S}` and
`\sum_{i < j}`, a `\partial` without its partner below, commands that lost their backslash, and more than
20,000 characters, 5,000 signs or 60 levels of brackets.
"""

from symderive.dialect.errors import DialectError
from symderive.dialect.reader import read
from symderive.dialect.writer import write

__all__ = ["DialectError", "read", "write"]
