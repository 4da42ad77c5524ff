"""From a configuration to the list of cells."""
