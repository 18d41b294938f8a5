r"""Formulas as people write them: LaTeX to a tree that keeps the writer's own spelling, and back.

| written | read as |
|---|---|
| `W^l`, `W^{(l)}`, `W^{[l]}`, `W_l`, `W_1` | a name with scripts; brackets around a script do not matter |
| `w_{jk}`, `w_{j,k}` | two subscripts; `l+1` is one |
| `A^T`, `A^\top`, `A^\intercal`, `A^{\mathsf T}`, `A^{(l)T}` | a transpose |
| `\sigma'`, `\sigma^\prime`, `g^{[l]'}` | a prime |
| `A B`, `A \cdot B`, `A \odot B`, `A \circ B`, `A * B` | products: which one, is settled by the shapes |
| `\frac{\partial C}{\partial w}`, `\frac{dC}{dw}`, `\partial C / \partial w` | a derivative |
| `\nabla_W C`, `dW` | the gradient by W |
| `\Delta w` | a change of w |
| `\sum_j`, `\sum_{j=1}^n`, `\sum_{k \neq i}` | a sum, over all places of j or between limits |
| `\prod_{l=1}^L` | a product, from left to right |
| `f(z)`, `a(1-a)` | a value or a product, as the name is that of a function or not |
| `\mathbf{W}`, `\vec x`, `\mathrm{d}` | fonts do not matter; `\hat y`, `\mathcal L` are names of their own |
| `a = b = c`, `&= ..` in the next line | a chain; each equality is a claim |
| `, \quad`, `\\`, `\Rightarrow` | the next statement |
| `\quad l = L-1, \ldots, 1`, `\text{..}`, `\forall k` | a remark |
"""

from symderive.dialect.errors import DialectError
from symderive.dialect.reader import read
from symderive.dialect.writer import write

__all__ = ["DialectError", "read", "write"]
