"""Makes the table of shades: how bright each depth is drawn at each level of the tide. python3 shades.py FILE"""

import sys

LEVELS = 24_000
DEPTHS = bytes(range(256)) * 2


def at(level):
    """The shade of each depth, 256 bytes."""
    shift = level % 256
    return DEPTHS[shift : shift + 256]


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        for level in range(LEVELS):
            file.write(at(level))
    print(f"shades: {LEVELS} levels of the tide")
