"""The arithmetic of a convolutional neural network in plain NumPy, written to be read.

Shapes are Keras's: a photograph is (H, W, C), a layer's kernels are (kh, kw, C, F), a batch comes first.
Whole numbers stay whole (int64, so that uint8 photographs do not overflow); everything else is float64.

Sources of the formulas: Goodfellow, Bengio and Courville, Deep Learning (2016), chapters 3.10, 6, 8 and 9;
Dumoulin and Visin, A guide to convolution arithmetic for deep learning (arXiv:1603.07285);
for "same" padding and the stable cross-entropies, the documentation of ``tf.nn``.

>>> from fanaoi_helpers import byhand
>>> byhand.convolve2d([[1, 2, 3], [4, 5, 6]], [[-1, 1]])
array([[1, 1],
       [1, 1]])
"""

from .activations import (
    relu,
    relu_gradient,
    relu_slope,
    sigmoid,
    sigmoid_gradient,
    sigmoid_slope,
    softmax,
    tanh,
    tanh_gradient,
    tanh_slope,
)
from .checking import numeric_gradient, relative_error
from .gradients import (
    conv_layer_gradients,
    convolve2d_gradients,
    dense_gradients,
    global_average_pool_gradient,
    pool2d_gradient,
)
from .layers import conv_layer, convolve2d, dense, global_average_pool, pool2d
from .losses import (
    EPSILON,
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_gradient,
    cross_entropy,
    softmax_cross_entropy_gradient,
)
from .optimizers import adam, sgd
from .sizes import Padding, Sides, output_size, pad2d, same_padding

__all__ = [
    "EPSILON",
    "Padding",
    "Sides",
    "adam",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "binary_cross_entropy_from_logits_gradient",
    "conv_layer",
    "conv_layer_gradients",
    "convolve2d",
    "convolve2d_gradients",
    "cross_entropy",
    "dense",
    "dense_gradients",
    "global_average_pool",
    "global_average_pool_gradient",
    "numeric_gradient",
    "output_size",
    "pad2d",
    "pool2d",
    "pool2d_gradient",
    "relative_error",
    "relu",
    "relu_gradient",
    "relu_slope",
    "same_padding",
    "sgd",
    "sigmoid",
    "sigmoid_gradient",
    "sigmoid_slope",
    "softmax",
    "softmax_cross_entropy_gradient",
    "tanh",
    "tanh_gradient",
    "tanh_slope",
]
