r"""Formulas judged: `check` takes a formula as people write it, and a setting that says what its names mean.

>>> from symderive.formulas import check
>>> print(check(r"\frac{\partial C}{\partial W^l} = \delta^l (a^{l-1})^T"))
proved: proved by the kernel for all sizes, and replayed by the checker
"""

from symderive.formulas.judge import check
from symderive.formulas.presets import PRESETS
from symderive.formulas.quantities import SettingError
from symderive.formulas.verdict import Verdict

__all__ = ["PRESETS", "SettingError", "Verdict", "check"]
