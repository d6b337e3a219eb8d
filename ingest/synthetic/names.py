"""Plainly invented names, telephone numbers, plates and addresses: nobody could have them."""

import random
from pathlib import Path
from typing import Final

_DATA: Final = Path(__file__).with_name("data")
_ENDINGS: Final = ["by", "son", "ton", "worth", "ley", "wick", "ham", "stead", "croft", "field", "combe", "thorpe"]
_MAKES: Final = ("Example Hatch", "Sample Estate", "Fiction Van", "Placeholder Saloon", "Specimen Coupe")
_COLOURS: Final = ("white", "black", "silver", "blue", "red", "grey", "green")
_DRAMA_NUMBERS: Final = 1000  # Ofcom keeps 07700 900000 to 900999 for drama
_PLATE_LETTERS: Final = "BCDFGHJKLMNPRSTVWX"


class Names:
    """Draws invented names, each once for as long as there are enough."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._first = _words("first_names.txt")
        self._stems = _words("surname_stems.txt")
        self._used: set[str] = set()
        self._phones = 0

    def surname(self) -> str:
        """Draw a surname that nobody has."""
        return self._rng.choice(self._stems) + self._rng.choice(_ENDINGS)

    def first(self) -> str:
        """Draw a first name."""
        return self._rng.choice(self._first)

    def full(self, surname: str = "") -> str:
        """Draw a whole name, with this surname if one is given."""
        name = ""
        for _ in range(20):
            name = f"{self.first()} {surname or self.surname()}"
            if name not in self._used:
                break
        self._used.add(name)
        return name

    def phone(self) -> str:
        """Give the next number of those kept for drama; they come round again after a thousand."""
        self._phones += 1
        return f"07700 900{(self._phones * 617) % _DRAMA_NUMBERS:03d}"

    def plate(self) -> str:
        """Draw a registration that no vehicle has: no British area code begins with Q."""
        letters = "".join(self._rng.choices(_PLATE_LETTERS, k=3))
        return f"QQ{self._rng.randint(51, 76)} {letters}"

    def car(self) -> tuple[str, str]:
        """Draw a colour and an invented make."""
        return self._rng.choice(_COLOURS), self._rng.choice(_MAKES)


def _words(file: str) -> list[str]:
    return (_DATA / file).read_text(encoding="utf-8").split()


def misspelt(name: str, rng: random.Random) -> str:
    """Give a name as another agency might have written it down: one slip, and never the same name."""
    for _ in range(20):
        at = rng.randrange(1, len(name) - 1)
        slip = rng.randrange(4)
        if slip == 0:
            changed = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        elif slip == 1:
            changed = name[:at] + name[at + 1 :]
        elif slip == 2:
            changed = name[:at] + name[at] + name[at:]
        else:
            surname, _, first = name.rpartition(" ")[2], "", name.partition(" ")[0]
            changed = f"{surname}, {first[:1]}" if rng.random() < 0.3 else name.replace("e", "a", 1)
        if changed != name and "  " not in changed and changed == changed.strip():
            return changed
    return f"{name}e"
