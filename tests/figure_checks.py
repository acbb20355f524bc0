"""What every still picture must be: closed for pyplot, readable, and whole."""

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from fanaoi_helpers.figures import style


def assert_readable_and_whole(figure, widest=11.0, tallest=11.0):
    """Assert that nothing is drawn off the canvas and no word is smaller than 10 points; sizes in inches."""
    assert isinstance(figure, Figure) and not plt.get_fignums()
    width, height = figure.get_size_inches()
    assert width <= widest + 0.01 and height <= tallest + 0.01
    with style.look():  # as it is shown and saved
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
    for text in figure.findobj(Text):
        assert text.get_fontsize() >= 10 or not text.get_text(), text.get_text()
    assert min(box.x0, box.y0) >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01
