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
    tanh_slope,
)
from .cross_entropies import (
    EPSILON,
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    binary_cross_entropy_from_logits_gradient,
    cross_entropy,
    softmax_cross_entropy_gradient,
)
from .gradient_check import numeric_gradient, relative_error
from .layers import (
    conv_layer,
    conv_layer_gradients,
    convolve2d,
    convolve2d_gradients,
    dense,
    dense_gradients,
    pool2d,
    pool2d_gradient,
)
from .optimizers import adam, sgd
from .sizes import Padding, output_size, pad2d, same_padding
