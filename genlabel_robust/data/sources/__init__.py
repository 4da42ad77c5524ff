"""Sources of tables: files, OpenML, and data sets that are shipped or drawn from a seed."""
