"""TensorRT engines: their files, the library, batches kept in flight."""
