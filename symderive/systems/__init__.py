"""Systems of definitions: layers, activations and costs as input, typed by their ranges."""

from symderive.systems.mlp import mlp
from symderive.systems.system import Definition, System, SystemTypeError

__all__ = ["Definition", "System", "SystemTypeError", "mlp"]
