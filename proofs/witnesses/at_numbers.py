r"""Formulas of the network at numbers: z^l_j, a^l_j, delta^l_j are what their definitions say there."""

from symderive.evaluation.at_numbers import AtNumbers, squared_error

__all__ = ["AtNumbers", "squared_error"]
