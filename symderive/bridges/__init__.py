"""Networks of other libraries as systems with their parameters, and their own gradients put to the test."""

from symderive.bridges.arrays import from_arrays
from symderive.bridges.bridged import Bridged
from symderive.bridges.scikit_learn import from_sklearn
from symderive.bridges.torch_modules import from_torch
from symderive.bridges.verification import Verified

__all__ = ["Bridged", "Verified", "from_arrays", "from_sklearn", "from_torch"]
