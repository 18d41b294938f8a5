"""symderive: derive, prove and cross-check what happens in a neural network, symbolically."""

from __future__ import annotations

__version__ = "0.1.0"
