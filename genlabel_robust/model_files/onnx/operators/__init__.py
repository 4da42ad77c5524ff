"""Operators of ONNX as differentiable functions of torch."""
