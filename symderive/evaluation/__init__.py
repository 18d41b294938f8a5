"""Values of terms and systems: NumPy arrays, and exact fractions as an oracle."""

from symderive.evaluation.exact import Assignment, ExactError, ZeroDenominator, evaluate_exact
from symderive.evaluation.functions import NumericFunctional, from_activation, from_formula
from symderive.evaluation.labelled import EvaluationError
from symderive.evaluation.numeric import Evaluation, evaluate, evaluate_expr

__all__ = [
    "Assignment", "Evaluation", "EvaluationError", "ExactError", "NumericFunctional", "ZeroDenominator",
    "evaluate", "evaluate_exact", "evaluate_expr", "from_activation", "from_formula",
]  # fmt: skip
