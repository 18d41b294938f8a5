"""Adjoints of a system by the chain rule, with the steps that led to each."""

from symderive.derivation.composed import composed
from symderive.derivation.derive import Derivation, derive
from symderive.derivation.explicit import explicit
from symderive.derivation.hessian import hessian_vector
from symderive.derivation.steps import Step
from symderive.derivation.training import training

__all__ = ["Derivation", "Step", "composed", "derive", "explicit", "hessian_vector", "training"]
