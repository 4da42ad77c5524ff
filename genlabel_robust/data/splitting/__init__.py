"""The split into training and test rows, and samples of them."""
