"""Readers of what is inside ONNX graphs."""
