"""Graphs: pure data between a program and what runs.

======================  =====================================================================
:mod:`.ir`              nodes, entries, graphs
:mod:`.text`            a graph as a program to read, and back
:mod:`.verify`          is it well formed
:mod:`.infer`           shapes and dtypes, in both directions
:mod:`.control`         loops and branches, whose nodes own graphs; :mod:`.loops` runs them
:mod:`.kept`            the backward of nodes that keep something of their forward
:mod:`.unknown`         nodes whose operator does not exist here
:mod:`.gradient`        the backward graph, by the operators' own rules
:mod:`.passes`          graph to graph: what can be left out, merged, fused
:mod:`.place`           parts for several devices
:mod:`.memory`          which buffers can be used again
:mod:`.plan`            what runs: a list of bound kernels, forward and backward
======================  =====================================================================

Nothing here knows an NDArray: a plan takes and gives a backend's raw arrays.
"""

from .gradient import Gradient, append_gradient
from .infer import infer
from .ir import Entry, Graph, Node, Type, Types, block_scope, variable
from .text import parse_graph, print_graph
from .verify import verify

__all__ = [
    "Entry",
    "Gradient",
    "Graph",
    "Node",
    "Type",
    "Types",
    "append_gradient",
    "block_scope",
    "infer",
    "parse_graph",
    "print_graph",
    "variable",
    "verify",
]
