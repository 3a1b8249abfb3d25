"""CPU kernels that beat the plain bodies of operators; generated, and optional.

Start with :mod:`.registry` (which kernel serves which operator, and when), then :mod:`.trace`
(a body becomes an expression) and :mod:`.elemwise` (an expression becomes one pass over memory).
The code generator itself is :mod:`.llvm`; without llvmlite everything runs on NumPy.
"""
