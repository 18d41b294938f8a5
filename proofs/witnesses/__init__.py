"""Executed counterexamples: t<number>.py shows what fails without each hypothesis of that theorem."""
