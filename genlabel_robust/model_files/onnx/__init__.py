"""Models in ONNX: read, checked, and asked through onnxruntime."""
