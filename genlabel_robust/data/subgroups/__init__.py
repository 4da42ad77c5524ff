"""Groups of test rows by the values of a column, which need not be a feature."""
