"""How near each example is to being mislabelled if only one column of the table changes."""
