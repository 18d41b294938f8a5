"""Documents: blocks, their numbers, and the writers LaTeX, HTML and PDF."""
