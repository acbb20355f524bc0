"""Figures that answer the hand: drag, hover, type; the arithmetic is done in the browser, within one frame.

One module and one script per figure. Where no widget can live (a stored notebook, papermill, a printed page)
the same object shows a still picture of the same state.
"""
