"""Groups of test rows in a row of the results: their accuracies and differences."""
