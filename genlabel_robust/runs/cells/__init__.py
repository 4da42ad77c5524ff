"""What one result is: a cell, and cells stacked over their seeds."""
