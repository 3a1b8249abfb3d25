"""What a type checker knows of functions that are made from records."""

import re

PROGRAM = """
import workbench as mx

x = mx.nd.ones((2, 3))
reveal_type(mx.nd.FullyConnected(x, x, num_hidden=2, no_bias=True))
reveal_type(mx.sym.Activation(mx.sym.var("data"), act_type="relu"))
reveal_type(mx.nd.linalg.gemm2(x, x, transpose_b=True))
reveal_type(x.softmax(axis=1))
mx.nd.Activation(x, act_type="rleu")
"""


def test_types_of_operators(command, tmp_path):
    source = tmp_path / "program.py"
    source.write_text(PROGRAM)
    done = command("mypy", "--config-file", "pyproject.toml", str(source))
    revealed = re.findall(r'Revealed type is "workbench\.([\w.]+)"', done.stdout)
    array, symbol = "ndarray.core.NDArray", "symbol.symbol.Symbol"
    assert revealed == [array, symbol, array, array]
    assert done.stdout.count("error:") == 1
    assert "'rleu'" in done.stdout
