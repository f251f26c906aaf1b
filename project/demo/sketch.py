"""A flat drawing: shapes in picture coordinates, drawn twice as large and shrunk, so that edges are smooth."""

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw, ImageOps

WIDTH, HEIGHT = 1024, 768
SCALE = 2

Point = tuple[float, float]
Colour = tuple[int, int, int]

SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((132, 186, 224), (228, 240, 246)),
    ((150, 196, 214), (244, 238, 220)),
    ((166, 184, 204), (230, 232, 232)),
)
GREENS: tuple[Colour, ...] = ((126, 160, 104), (112, 150, 112), (142, 162, 96))


def shade(colour: Colour, by: float) -> Colour:
    """A lighter (above 1) or darker (below 1) colour."""
    red, green, blue = (max(0, min(255, round(part * by))) for part in colour)
    return red, green, blue


class Sketch:
    """One picture being drawn. Everything is in units of the final picture."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), (236, 236, 230))
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self.image.reduce(SCALE)

    def polygon(self, points: Sequence[Point], colour: tuple[int, ...]) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        """A filled rectangle."""
        self.draw.rectangle([left * SCALE, top * SCALE, right * SCALE, bottom * SCALE], fill=colour)

    def soft_box(self, left: float, top: float, right: float, bottom: float, colour: tuple[int, ...]) -> None:
        """A filled rectangle with round corners."""
        corners = [left * SCALE, top * SCALE, right * SCALE, bottom * SCALE]
        self.draw.rounded_rectangle(corners, radius=10 * SCALE, fill=colour)

    def oval(self, x: float, y: float, wide: float, high: float, colour: tuple[int, ...]) -> None:
        """A filled ellipse around a centre."""
        corners = [(x - wide) * SCALE, (y - high) * SCALE, (x + wide) * SCALE, (y + high) * SCALE]
        self.draw.ellipse(corners, fill=colour)

    def line(self, points: Sequence[Point], colour: tuple[int, ...], width: float = 3) -> None:
        """A line through points."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self.draw.line(scaled, fill=colour, width=round(width * SCALE), joint="curve")

    def sky(self, top: Colour, bottom: Colour, horizon: float) -> None:
        """A gradient down to the horizon."""
        ramp = ImageOps.colorize(Image.linear_gradient("L").crop((0, 0, 1, 256)), top, bottom)
        self.image.paste(ramp.resize((WIDTH * SCALE, round(horizon * SCALE)), Image.Resampling.NEAREST), (0, 0))

    def hills(self, horizon: float, high: float, colour: Colour) -> None:
        """A rolling outline above the horizon."""
        shift, wave = self.rng.random() * 6, self.rng.uniform(0.006, 0.011)
        outline = [
            (x, horizon - high * (0.55 + 0.3 * math.sin(x * wave + shift) + 0.15 * math.sin(x * wave * 2.7)))
            for x in range(0, WIDTH + 17, 16)
        ]
        self.polygon([(0, horizon), *outline, (WIDTH, horizon)], colour)

    def country(self, horizon: float = 380) -> Colour:
        """Sky, two ranges of hills and a meadow; returns the meadow's colour."""
        top, bottom = self.rng.choice(SKIES)
        meadow = self.rng.choice(GREENS)
        self.sky(top, bottom, horizon)
        self.oval(self.rng.randint(140, 880), 110, 44, 44, (255, 250, 226, 210))
        self.hills(horizon, 190, (150, 178, 178))
        self.hills(horizon, 110, (122, 158, 136))
        self.box(0, horizon, WIDTH, HEIGHT, meadow)
        for number in range(5):
            y = horizon + 14 + number * number * 13
            self.line([(0, y), (WIDTH, y + 10)], shade(meadow, 0.95), 5 + number)
        for _number in range(5):
            self.tree(self.rng.randint(20, 1000), horizon + self.rng.randint(-6, 12), self.rng.uniform(0.5, 1))
        return meadow

    def tree(self, x: float, y: float, size: float) -> None:
        """A round tree."""
        self.box(x - 4 * size, y - 34 * size, x + 4 * size, y, (112, 88, 64))
        green = self.rng.choice(((88, 128, 84), (98, 138, 90), (78, 118, 88)))
        for dx, dy, radius in ((-18, -52, 24), (16, -50, 26), (0, -74, 26)):
            self.oval(x + dx * size, y + dy * size, radius * size, radius * size, green)

    def tufts(self, count: int, box: tuple[int, int, int, int], colour: Colour = (88, 128, 66)) -> None:
        """Grass that nobody has cut."""
        left, top, right, bottom = box
        for _number in range(count):
            x, y = self.rng.randint(left, right), self.rng.randint(top, bottom)
            for lean in (-9, -3, 4, 10):
                self.line([(x, y), (x + lean, y - self.rng.randint(14, 30))], colour, 2.5)

    def crack(self, x: float, y: float, steps: int, colour: Colour = (70, 66, 62)) -> None:
        """A jagged line downwards."""
        points = [(x, y)]
        for _number in range(steps):
            last_x, last_y = points[-1]
            points.append((last_x + self.rng.randint(-20, 20), last_y + self.rng.randint(10, 24)))
        self.line(points, colour, 3)

    def room(self, wall: Colour, floor: Colour, corner: float = 560) -> None:
        """A wall and a floor."""
        self.box(0, 0, WIDTH, corner, wall)
        self.box(0, corner, WIDTH, HEIGHT, floor)
        self.box(0, corner - 12, WIDTH, corner, shade(wall, 0.82))

    def window(self, left: float, top: float, sky: Colour = (176, 212, 230)) -> None:
        """A window with a cross bar."""
        self.box(left - 10, top - 10, left + 210, top + 190, (238, 236, 228))
        self.box(left, top, left + 200, top + 180, sky)
        self.box(left + 96, top, left + 104, top + 180, (238, 236, 228))
        self.box(left, top + 86, left + 200, top + 94, (238, 236, 228))
