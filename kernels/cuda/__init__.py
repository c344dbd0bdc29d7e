"""The CUDA kernels: what `kernels.reference.recolor` defines, in float32 on an NVIDIA GPU.

Written once in Python for Numba-CUDA and compiled ahead of time into one file that every driver of
CUDA 13 loads (`fatbin`); `module` hands it out, or compiles in its stead. A kernel has a C
signature, pointers and 32-bit sizes, so that any layer that owns device memory can start it:
`launches` says with which grid and arguments, `layout` how pictures lie in memory.

`pixel_math`, `luma_exact`, `resampling` and `enlarging` hold the scalar functions; `reduce`,
`field`, `merge` and `chroma` the kernels made of them, listed in `kernels`. Nothing here needs
Numba, or a GPU, to be imported.
"""
