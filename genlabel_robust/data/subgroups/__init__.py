"""Groups of test rows by the values of a column, which the model may see or not."""
