"""What a reader must know of a data set under a threat."""
