"""Looking inside a trained CNN: its filters and maps, what its verdict rests on, and if that is the defect.

The models are those of :mod:`fanaoi_helpers.cnn`, fresh or loaded; other Keras models will do as well.
Verdicts are explained by the **logit**, the score before the sigmoid: above 0 it speaks for GO. Explaining GO
means the logit, explaining NG means minus the logit; with one sigmoid there is no argmax to take.

>>> from fanaoi_helpers import cnn, explain
>>> model = cnn.handout_cnn(24, seed=0)
>>> import numpy as np
>>> photo = np.zeros((1, 24, 24, 3), "uint8")
>>> explain.logit(model, photo).shape, explain.grad_cam(model, photo, "NG").shape
((1,), (1, 24, 24))
"""

from .attribution import grad_cam, heat_map, integrated_gradients
from .fields import centers, patch_of
from .localization import center_blob, mass_inside, pointing_game, random_weights
from .maps import biases, feature_maps, filters, last_maps
from .occluding import occlusion
from .scores import logit
from .tracing import Trace, trace
