"""Theorems about training, seen on 500 steps of the NumPy reference by each of its optimisers."""
