"""The computation of cells, in parallel and resumable."""
