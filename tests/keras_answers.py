"""Right answers by Keras, TensorFlow, scikit-learn and SciPy: tensors, and layers that do what is asked."""

import functools

import keras
import numpy as np
import scipy.signal
import scipy.special
import scipy.stats
import sklearn.metrics
import tensorflow as tf
from answer_styles import letter_of, then, truth

from fanaoi_helpers.exercises.choosing import Choice, Order
from fanaoi_helpers.exercises.function import Function


def styles(exercise):
    """Yield (name, answer, help) as ``answer_styles`` does."""
    if isinstance(exercise, (Choice, Order)):
        yield "tensor", tf.constant(letter_of(exercise)), ""
    elif not isinstance(exercise, Function):
        yield "tensor", tf.constant(truth(exercise)), ""
        yield "Variable", tf.Variable(truth(exercise)), ""
    else:
        yield "returns a tensor", then(exercise.reference, tensor), ""
        for number, answer in enumerate(LAYERS.get(exercise.name, ())):
            yield f"library function {number}", answer, ""


def tensor(result):
    return tuple(map(tf.constant, result)) if isinstance(result, tuple) else tf.constant(result)


def single(*arrays):
    return [np.asarray(array, np.float32) for array in arrays]


def convolved(x, kernel, stride=1):
    x, kernel = single(x, kernel)
    return tf.nn.conv2d(x[None, ..., None], kernel[..., None, None], stride, "VALID")[0, ..., 0]


def conv_layer(x, kernels, bias):
    layer = keras.layers.Conv2D(kernels.shape[-1], kernels.shape[:2])
    layer.build((None, *x.shape))
    layer.set_weights([kernels, bias])
    return layer(x[None])[0]


def conv2d_and_bias(x, kernels, bias):
    x, kernels, bias = single(x, kernels, bias)
    return tf.nn.conv2d(x[None], kernels, 1, "VALID")[0] + bias


def gradient(forward, variable, d_out):
    variable = tf.Variable(np.asarray(variable, np.float64))
    with tf.GradientTape() as tape:
        out = forward(variable)
    return tape.gradient(out, variable, output_gradients=tf.cast(d_out, tf.float64))


def kernel_back(x, d_out):
    shape = np.subtract(x.shape, d_out.shape) + 1
    image = np.asarray(x, np.float64)[None, ..., None]

    def forward(kernel):
        return tf.nn.conv2d(image, kernel[..., None, None], 1, "VALID")[0, ..., 0]

    return gradient(forward, np.zeros(shape), d_out)


def momentum(slope, point, rate, steps, momentum):
    weights = keras.Variable(np.asarray(point, np.float32))
    optimizer = keras.optimizers.SGD(rate, momentum=momentum)
    for _ in range(steps):
        optimizer.apply([tf.constant(slope(weights.numpy()), tf.float32)], [weights])
    return weights


def early_stop(losses, patience):
    model = keras.Sequential()
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    model.stop_training = False
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    return epoch, callback.best_epoch


def cosine(step, warm_steps, all_steps, peak):
    return keras.optimizers.schedules.CosineDecay(peak, all_steps - warm_steps)(step - warm_steps)


def cost(labels, p_go, threshold, escape_cost, overkill_cost):
    counts = sklearn.metrics.confusion_matrix(labels, p_go >= threshold, labels=[0, 1])
    return counts[0, 1] * escape_cost + counts[1, 0] * overkill_cost


def pooled(x, size):
    return keras.layers.MaxPooling2D(size)(single(x)[0][None, ..., None])[0, ..., 0]


LAYERS = {
    "to_rgb": [lambda bgr: tf.reverse(bgr, [-1])],
    "channels_last": [
        lambda picture: tf.transpose(picture, [1, 2, 0]),
        lambda picture: keras.layers.Permute((2, 3, 1))(picture[None])[0],
    ],
    "window_sum": [convolved, functools.partial(scipy.signal.correlate2d, mode="valid")],
    "convolve": [convolved],
    "window_axes": [convolved],
    "max_pool": [pooled],
    "conv_layer": [conv_layer, conv2d_and_bias],
    "leaky_relu": [lambda z: keras.layers.LeakyReLU(negative_slope=0.01)(np.asarray(z, np.float32))],
    "softmax": [
        lambda scores: keras.layers.Softmax()(scores),
        lambda scores: tf.nn.softmax(tf.cast(scores, tf.float32)),
        lambda scores: scipy.special.softmax(scores, axis=1),
    ],
    "cross_entropy": [
        lambda truth, p: keras.losses.CategoricalCrossentropy()(truth, p),
        lambda truth, p: sklearn.metrics.log_loss(truth.argmax(1), p, labels=range(truth.shape[1])),
    ],
    "binary_loss": [lambda labels, p: keras.losses.BinaryCrossentropy()(labels, p)],
    "dense_back": [
        lambda x, weights, d_out: gradient(lambda w: tf.linalg.matvec(w, x, True), weights, d_out)
    ],
    "relu_back": [lambda x, d_out: gradient(tf.nn.relu, x, d_out)],
    "kernel_back": [kernel_back],
    "momentum": [momentum],
    "early_stop": [early_stop],
    "warm_up": [cosine],
    "cost_of": [cost],
    "zero_bound": [lambda ng, confidence: scipy.stats.beta.ppf(confidence, 1, ng)],
    "kappa": [lambda truth, called: sklearn.metrics.cohen_kappa_score(truth, called)],
}
