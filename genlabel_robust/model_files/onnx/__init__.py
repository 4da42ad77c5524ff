"""Reader of ONNX models, which predict with onnxruntime."""
