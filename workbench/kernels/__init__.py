"""CPU kernels that beat the plain bodies of operators; generated, and optional.

Start with :mod:`.registry` (which kernel serves which operator, and when), then :mod:`.trace`
(a body becomes an expression) and :mod:`.elemwise` (an expression becomes one pass over memory).
:mod:`.conv` and :mod:`.pool` have machine code of their own, written in :mod:`.conv_llvm` and
:mod:`.pool_llvm`, with tables by :mod:`.conv_plan`; :mod:`.threads` shares it among cores.
The code generator itself is :mod:`.llvm`; without llvmlite everything runs on NumPy.
"""
