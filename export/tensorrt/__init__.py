"""TensorRT engines built from ONNX files, and the cache of them."""
