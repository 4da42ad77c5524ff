"""Readers of ONNX graphs."""
