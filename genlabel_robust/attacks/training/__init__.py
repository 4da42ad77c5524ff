"""What adversarial training attacks with: a step on the rows of a batch, under the same threat."""
