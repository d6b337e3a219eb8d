"""The signs of legends: the same shapes that `drawing/map.js` draws on a map. Shapes differ as well as colours."""

from typing import Final

from markupsafe import Markup, escape

from maps.drawn import Shape

_SHAPES: Final[dict[Shape, str]] = {
    "circle": '<circle cx="14" cy="14" r="12"{}/>',
    "square": '<rect x="3" y="3" width="22" height="22"{}/>',
    "hexagon": '<polygon points="14,1 26,7.5 26,20.5 14,27 2,20.5 2,7.5"{}/>',
    "diamond": '<polygon points="14,0 28,14 14,28 0,14"{}/>',
    "bar": '<rect x="0" y="5" width="28" height="18" rx="6"{}/>',
    "triangle": '<polygon points="14,1 28,26 0,26"{}/>',
    "shield": '<path d="M14 0 L26 4 V14 C26 21 20 25 14 28 C8 25 2 21 2 14 V4 Z"{}/>',
}


def sign(shape: Shape, colour: str, text: str = "", *, dashed: bool = False, hollow: bool = False) -> Markup:
    """Draw a sign 28 pixels wide."""
    fill, edge, width = ("#ffffff", escape(colour), 3) if hollow else (escape(colour), "#ffffff", 2)
    paint = f' fill="{fill}" stroke="{edge}" stroke-width="{width}"' + (' stroke-dasharray="4 3"' if dashed else "")
    letters = ""
    if text:
        letters = Markup(
            '<text x="14" y="18.5" text-anchor="middle" font-size="13" font-weight="700" fill="{}">{}</text>'
        ).format("#0b0c0c" if hollow else "#ffffff", text)
    drawn = _SHAPES[shape].format(paint)
    frame = '<svg width="28" height="28" viewBox="0 0 28 28" aria-hidden="true" focusable="false">'
    return Markup(f"{frame}{drawn}{letters}</svg>")  # noqa: S704  our own shapes; colour and text are escaped


def line_sign(colour: str, dash: str, width: float) -> Markup:
    """Draw a piece of line 44 pixels wide."""
    return Markup(
        '<svg width="44" height="16" viewBox="0 0 44 16" aria-hidden="true" focusable="false">'
        '<line x1="1" y1="8" x2="43" y2="8" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/></svg>'
    ).format(colour, width, dash or "none")
