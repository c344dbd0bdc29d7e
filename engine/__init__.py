"""The engine: pictures in and out, back ends, batching and the streaming runner.

The way of one picture: `source` makes a `Job`, `reader` a `Picture`, `batch_assembler` a batch, a
back end its colour, the picture itself the merge, `atomic_write` a file; `streaming_runner` drives.
"""
