"""All kinds of defects and blemishes. A class in a module here is found by itself; nothing lists it."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from ...errors import WorkbookError
from ..defects import Blemish, Damage, Defect

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def _below(base: type[Damage]) -> Iterator[type[Damage]]:
    """Yield the kinds among the classes below ``base``."""
    for cls in base.__subclasses__():
        yield from _below(cls)
        if cls.kind:
            yield cls


def _named(base: type[Damage]) -> Mapping[str, type[Damage]]:
    """Return the kinds below ``base`` by name, in their order."""
    classes = sorted(_below(base), key=lambda cls: (cls.order, cls.kind))
    kinds = {cls.kind: cls for cls in classes}
    if len(kinds) < len(classes):
        names = ", ".join(f"{cls.__name__} ({cls.kind})" for cls in classes)
        raise WorkbookError(f"Two of these have the same kind, so rename one: {names}.")
    return MappingProxyType(kinds)


DEFECT_KINDS, BLEMISH_KINDS = _named(Defect), _named(Blemish)
DEFECTS = tuple(DEFECT_KINDS)
SIZES = MappingProxyType({kind: cls.sizes for kind, cls in DEFECT_KINDS.items()})
BLEMISHES = MappingProxyType({kind: cls.sizes.means for kind, cls in BLEMISH_KINDS.items()})
