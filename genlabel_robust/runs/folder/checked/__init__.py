"""What the files of a run must fit before anybody reads them."""
