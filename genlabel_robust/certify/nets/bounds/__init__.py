"""Bounds on what a net computes, linear and backward, in boxes and balls."""
