"""Files: opening, parsing and unpacking within limits, and atomic writes."""
