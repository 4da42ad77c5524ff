"""Which examples fall by a change of one column of the table alone, and by how much."""
