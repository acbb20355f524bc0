"""The handout's CNN: build it, train it, ask it, save it and load it again. Keras 3, any backend.

Photographs are uint8 arrays ``(N, size, size, 3)`` with values 0..255 everywhere in this module:
the division by 255 happens once, in the model's own ``rescale`` layer. GO is 1, NG is 0, the answer is P(GO).

In a notebook import this module before ``keras``: it keeps TensorFlow's greetings out of the lesson.
"""

from .batches import Batches
from .borrowing import Neuron, borrowed, borrowed_cnn, fine_tune, quick_neuron, train_neuron
from .callbacks import tensorboard_is_there
from .efficientnet import USUAL_SIZE, backbone
from .feature_files import Features, features
from .fitting import train
from .good_places import PaDiM, PatchCore, Scale, foreign, go_only, go_only_cnn, held_out
from .hardware import device, devices, on_all_gpus, ready_gpu, versions
from .models import LARGEST_IMAGE, MOST_WEIGHTS, SMALLEST_IMAGE, count_weights, handout_cnn, map_sizes
from .one_door import WITHOUT_STEPS, size_for, train_without_steps
from .precision import chosen_precision
from .predicting import check_pixels, predict
from .quiet import LEFT_ASIDE, keras
from .recipe import four_looks, repaired_cnn, repaired_optimizer, shipped_model
from .run_limits import check_run
from .saving import load, metrics, save, save_run
from .timing import compiling_seconds, steps_per_second
