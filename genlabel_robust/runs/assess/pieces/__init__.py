"""An assessment divided into pieces of work, which can be done anywhere and recombined."""
