"""Every claim of a finished run, computed again from its models, its data and its examples."""
