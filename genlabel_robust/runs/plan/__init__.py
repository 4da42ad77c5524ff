"""Plans: from a configuration to the list of cells."""
