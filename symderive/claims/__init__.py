"""Claims and what is known of them: evidence, and cross-checks of printed equations."""
