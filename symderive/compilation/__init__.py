"""Systems and their derivatives as NumPy: array operations, buffers, and source that a user can own."""

from symderive.compilation.compiled import Compiled, compile_derivation, python_source
from symderive.compilation.unrolled import Unrolled, unroll

__all__ = ["Compiled", "Unrolled", "compile_derivation", "python_source", "unroll"]
