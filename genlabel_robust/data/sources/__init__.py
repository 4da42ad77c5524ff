"""Where tables come from: files, OpenML, sets that are shipped or drawn from a seed."""
