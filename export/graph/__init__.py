"""Rewriting of ONNX graphs: precision, folding, ensembles, curves of chroma."""
