"""How kinds of subject and tones of link look, on every drawing and map: shape and dash differ as well as colour."""

from dataclasses import dataclass
from typing import Final

from maps.drawn import Shape


@dataclass(frozen=True, slots=True)
class KindLook:
    """The shape and colour of a kind of subject, and its name in a legend."""

    shape: Shape
    colour: str
    tint: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ToneLook:
    """The colour and dash of a tone of link, and its name in a legend."""

    colour: str
    dash: str
    meaning: str


#: No kind is red: a child is not a warning.
KIND_LOOKS: Final[dict[str, KindLook]] = {
    "child": KindLook("circle", "#1d70b8", "#e3eef8", "Child"),
    "adult": KindLook("square", "#4c2c92", "#ece7f5", "Adult"),
    "person": KindLook("shield", "#39506b", "#e8ecf1", "Person, age not known"),
    "group": KindLook("hexagon", "#00605c", "#e0f0ef", "Group"),
    "location": KindLook("diamond", "#5b5a1c", "#f1f0dc", "Place"),
    "vehicle": KindLook("bar", "#383f43", "#e9ebec", "Vehicle"),
    "account": KindLook("triangle", "#7a4100", "#f7ecdf", "Phone or account"),
    "incident": KindLook("diamond", "#0b0c0c", "#ffffff", "Incident"),
    "context": KindLook("hexagon", "#28520b", "#e9f2e2", "Context"),
    "other": KindLook("square", "#505a5f", "#f3f2f1", "Other"),
}
TONE_LOOKS: Final[dict[str, ToneLook]] = {
    "concern": ToneLook("#b3470b", "16 7", "Concern"),
    "strength": ToneLook("#00703c", "", "Strength"),
    "neutral": ToneLook("#505a5f", "3 6", "Neutral, or not said"),
}
#: Narrowest and widest link, in units of the drawing.
THIN: Final = 2.0
WIDE: Final = 11.0


def look_of(kind: str) -> KindLook:
    """Give the look of a kind, or that of `other`."""
    return KIND_LOOKS.get(kind.lower(), KIND_LOOKS["other"])


LINK_CAVEAT: Final = "A link says that reports place two together. It does not say why, and it is not membership."
