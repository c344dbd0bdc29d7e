"""The engine: pictures in and out, back ends, batching and the streaming runner.

The way of one picture: `batch/source` makes a `Job`, `pictures/reader` a `Picture`, `batch/batch_assembler`
a batch, a back end of `inference` its colour, the picture itself the merge, `atomic_write` a file;
`batch/picture_stages` has a function for each step, `batch/picture_pipeline` the threads.
"""
