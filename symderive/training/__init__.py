"""What the theorems about training say of one network: its numbers, and the pictures of them."""
