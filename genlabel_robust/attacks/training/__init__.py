"""The attack step of adversarial training: on the rows of a batch, under the same threat model."""
