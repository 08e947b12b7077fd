"""All demo worlds, and the ids their campaigns, ad groups and keywords get."""

from __future__ import annotations

from tools.emulator.worlds.gazeta import GAZETA
from tools.emulator.worlds.lampadar import LAMPADAR
from tools.emulator.worlds.northpeak import NORTHPEAK
from tools.emulator.worlds.plutaru import PLUTARU
from tools.emulator.worlds.shape import Shape
from tools.emulator.worlds.zambet import ZAMBET

SEED = "camarad-1"
WORLDS: tuple[Shape, ...] = (LAMPADAR, ZAMBET, GAZETA, NORTHPEAK, PLUTARU)
