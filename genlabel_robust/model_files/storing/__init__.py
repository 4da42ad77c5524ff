"""Fitted models of other libraries, written as files that hold no code."""
