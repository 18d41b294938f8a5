"""Systems and their derivatives as NumPy: array operations, buffers, and Python source that a user can own."""

from symderive.compilation.compiled import Compiled, compile_derivation, python_source

__all__ = ["Compiled", "compile_derivation", "python_source"]
