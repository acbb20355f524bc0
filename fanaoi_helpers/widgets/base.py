"""What the interactive figures share: state in traits, a script in the browser, a still picture elsewhere."""

import base64
import difflib
import inspect
import io
from pathlib import Path
from typing import ClassVar

import anywidget
import traitlets
from IPython.display import DisplayHandle
from matplotlib.figure import Figure

from .. import frontend
from ..errors import WorkbookError
from ..figures.style import styled
from ..files import headless
from .traits import State

HERE = Path(__file__).parent


class InteractiveFigure(anywidget.AnyWidget):
    """A figure that answers the hand in the browser, and is a still picture where no browser is.

    A subclass names its scripts, declares its state, and draws ``still``. Each ``traits.State`` is one of its
    arguments and a line of its documentation, too.
    """

    positional = 1  # how many states may be given without their names
    scripts: tuple[str, ...] = ()  # .js files beside this module: after common.js, the figure's own the last
    _stored: DisplayHandle | None = None  # where the picture stands, once it has been shown
    stored_as: ClassVar[dict] = {"format": "png"}  # how Matplotlib writes the picture

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_esm")
    def _whole_script(self) -> str:
        return frontend.text(frontend.COMMON_SCRIPT, *(HERE / name for name in self.scripts))

    @traitlets.default("_css")
    def _whole_style(self) -> str:
        own = (HERE / self.scripts[-1]).with_suffix(".css")
        return frontend.text(frontend.COMMON_STYLE, *filter(Path.is_file, [own]))

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Let the state be the signature, and the picture drawn in the workbook's style, whatever is set."""
        super().__init_subclass__(**kwargs)
        if "still" in vars(cls):
            cls.still = styled(cls.still)
        if "scripts" in vars(cls):  # and not what anywidget makes of it for an instance
            states = {name: trait for name, trait in vars(cls).items() if isinstance(trait, State)}
            states = {name: trait for name, trait in states.items() if not trait.read_only}
            parameters = [trait.parameter(name) for name, trait in states.items()]
            parameters[cls.positional :] = [
                parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in parameters[cls.positional :]
            ]
            cls._signature = inspect.Signature(parameters)
            cls._tell_states(states)

    @classmethod
    def _tell_states(cls, states: dict[str, State]) -> None:
        """Write the states into the signature and the documentation of a figure that takes them."""
        _, *own = inspect.signature(cls.__init__).parameters.values()
        if own[-1].kind is own[-1].VAR_KEYWORD:
            others = [parameter for parameter in own[:-2] if parameter.name not in states]
            cls.__signature__ = inspect.Signature([*others, *cls._signature.parameters.values()])
            lines = [f"    {name}: {trait.in_words()}" for name, trait in states.items()]
            cls.__doc__ = "\n".join(
                [inspect.cleandoc(cls.__doc__), "", "State, also to be set later:", *lines, ""]
            )

    def __init__(self, *values: object, **states: object) -> None:
        known = self._signature.parameters
        for name in states.keys() - set(known):
            close = difflib.get_close_matches(name, known, 1)
            advice = f"did you mean {close[0]}?" if close else f"it has {', '.join(known)}."
            raise WorkbookError(f"{type(self).__name__} has no {name}: {advice}")
        try:
            given = self._signature.bind(*values, **states).arguments
        except TypeError as error:
            raise WorkbookError(f"{type(self).__name__} takes {', '.join(known)}: {error}.") from None
        given = {
            name: value
            for name, value in given.items()
            if value is not None or known[name].default is not None
        }
        try:
            super().__init__(**given)
        except Exception as error:
            # A refusal comes after all observers were told; what they make of a wrong value is no news.
            refusal = error.__context__
            raise refusal if isinstance(refusal, WorkbookError) else error from None

    def still(self) -> Figure:
        """Return a picture of the present state, for where no widget can live."""
        raise NotImplementedError

    def words(self) -> str:
        """Return the present state in one line."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.words()})"

    def _repr_mimebundle_(self, **kwargs: object) -> dict | tuple[dict, dict]:
        """Return the still picture, and with it the living figure unless nobody is watching."""
        picture = io.BytesIO()
        self.still().savefig(picture, bbox_inches="tight", **self.stored_as)
        encoded = base64.b64encode(picture.getvalue()).decode("ascii")
        shown = {"text/plain": repr(self), f"image/{self.stored_as['format']}": encoded}
        if headless():
            return shown
        alive = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = alive if isinstance(alive, tuple) else (alive, {})
        return {**(bundle or {}), **shown}, metadata

    def _ipython_display_(self, **kwargs: object) -> None:
        """Show the living figure, and its picture, which stays where it can't live."""
        self._stored = frontend.show(*self._forms())

    def _store_again(self) -> None:
        """Let the picture that is stored be one of the present state."""
        if self._stored is not None:
            frontend.show_again(self._stored, *self._forms())

    def _forms(self) -> tuple[dict, dict]:
        bundle = self._repr_mimebundle_()
        return bundle if isinstance(bundle, tuple) else (bundle, {})
