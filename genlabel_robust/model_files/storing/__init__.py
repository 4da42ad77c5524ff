"""Writers of other libraries' fitted models, as files without code."""
