"""Reader of skops files, with the checks before and after loading."""
