"""What torch calls the operators of operators.txt: one expression for each, written once.

``a``, ``b``, ... are the inputs in order, attributes have their names; inputs of whole numbers are
given as torch wants them (indices int64, conditions bool). Where MXNet's operator returns a copy
(facts: all of these but slices of leading axes), torch is asked for one too, by its ``_copy``
functions: a view would be compared with work that it does not do. Where torch's result is of
another dtype (argmax, one_hot, topk's places) no cast is added.
"""

from __future__ import annotations

__all__ = ["FORWARD", "LOSS", "NO_GRADIENT", "RANDOM"]

FORWARD = {
    "Concat": "torch.cat((a, b), dim)",
    "expand_dims": "torch.unsqueeze_copy(a, axis)",
    "Reshape": "torch.reshape(a, shape).clone()",
    "sum": "torch.sum(a, axis)",
    "Activation": "torch.relu(a)",
    "_random_normal": "torch.randn(shape)",
    "_random_uniform": "torch.rand(shape)",
    "dot": "torch.mm(a, b)",
    "FullyConnected": "F.linear(a, b, c)",
    "transpose": "torch.t_copy(a)",
    "slice_axis": "torch.slice_copy(a, axis, begin, end)",
    "Convolution": "F.conv2d(a, b, c, padding=pad)",
    "mean": "torch.mean(a, axis)",
    "broadcast_mul": "torch.mul(a, b)",
    "SoftmaxOutput": "torch.softmax(a, 1)",
    "softmax": "torch.softmax(a, -1)",
    "Pooling": "F.max_pool2d(a, kernel, stride)",
    "exp": "torch.exp(a)",
    "log": "torch.log(a)",
    "sqrt": "torch.sqrt(a)",
    "stack": "torch.stack((a, b), axis)",
    "relu": "torch.relu(a)",
    "SliceChannel": "torch.split_copy(a, a.shape[axis] // num_outputs, axis)",
    "argmax": "torch.argmax(a, axis)",
    "Flatten": "torch.flatten(a, 1).clone()",
    "BatchNorm": "F.batch_norm(a, d, e, b, c, True, 0.1, 0.001)",
    "squeeze": "torch.squeeze_copy(a, axis)",
    "broadcast_add": "torch.add(a, b)",
    "one_hot": "F.one_hot(a, depth)",
    "max": "torch.amax(a, axis)",
    "broadcast_div": "torch.div(a, b)",
    "square": "torch.square(a)",
    "where": "torch.where(a, b, c)",
    "tile": "a.repeat(reps)",
    "BlockGrad": "a.clone()",
    "clip": "torch.clamp(a, a_min, a_max)",
    "norm": "torch.linalg.vector_norm(a, 2, axis)",
    "MakeLoss": "a.clone()",
    "Cast": "a.double()",
    "Dropout": "F.dropout(a, p, True)",
    "broadcast_maximum": "torch.maximum(a, b)",
    "smooth_l1": "F.smooth_l1_loss(a, zeros, reduction='none', beta=scalar)",
    "sigmoid": "torch.sigmoid(a)",
    "SoftmaxActivation": "torch.softmax(a, 1)",
    "add_n": "torch.add(torch.add(a, b), c)",
    "broadcast_sub": "torch.sub(a, b)",
    "reverse": "torch.flip(a, (axis,))",
    "topk": "torch.topk(a, k, axis)",
    "broadcast_like": "torch.expand_copy(a, b.shape)",
    "abs": "torch.abs(a)",
    "batch_dot": "torch.bmm(a, b)",
    "SwapAxis": "torch.transpose_copy(a, dim1, dim2)",
    "Embedding": "F.embedding(a, b)",
    "UpSampling": "F.interpolate(a, scale_factor=scale, mode='nearest')",
    "log_softmax": "torch.log_softmax(a, -1)",
    "repeat": "torch.repeat_interleave(a, repeats, axis)",
    "pick": "torch.gather(a, axis, b.unsqueeze(axis)).squeeze(axis)",
    "tanh": "torch.tanh(a)",
    "broadcast_minimum": "torch.minimum(a, b)",
    "broadcast_axis": "torch.expand_copy(a, (size, a.shape[1]))",
}

#: an operator whose gradient is that of a loss: what torch differentiates
LOSS = {"SoftmaxOutput": "F.cross_entropy(a, b, reduction='sum')"}
#: operators without a gradient: only the forward is measured
NO_GRADIENT = frozenset({"argmax", "one_hot", "BlockGrad", "_random_normal", "_random_uniform"})
#: operators that draw: outputs are compared by mean and spread
RANDOM = frozenset({"Dropout", "_random_normal", "_random_uniform"})
