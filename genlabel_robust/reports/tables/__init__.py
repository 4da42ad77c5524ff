"""Tables as every report shows them: which columns there are, and what a cell says."""
