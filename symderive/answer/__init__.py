"""The answer to the founding question as one document, assembled from what the library proved.

Nothing here proves or types an equation: sections choose statements, definitions, proofs and counterexamples
out of the documents of the theorems, and say in words what they mean for the question.
"""

from symderive.answer.document import NEEDED, TITLE, answer_document

__all__ = ["NEEDED", "TITLE", "answer_document"]
