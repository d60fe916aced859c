"""What is run beside the product: pages of the documentation that are made from the code."""
