"""Formulas of documents with their places: what LaTeX, Markdown and notebooks hide, and what they show."""
