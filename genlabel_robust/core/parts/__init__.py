"""Parts from outside the package: naming, look-up, import and identification."""
