"""Outdoor scenes, each before and after."""

from project.demo.sketch import HEIGHT, WIDTH, Sketch, shade

SOIL = (134, 106, 80)
WATER = (120, 172, 200)


def pipe(s: Sketch, after: bool) -> None:
    """A water main in its trench: leaking, then renewed."""
    s.country()
    s.polygon([(0, 500), (WIDTH, 450), (WIDTH, 640), (0, 720)], SOIL)
    s.polygon([(0, 560), (WIDTH, 505), (WIDTH, 585), (0, 655)], shade(SOIL, 0.78))
    colour = (64, 128, 186) if after else (138, 140, 138)
    s.polygon([(0, 580), (WIDTH, 522), (WIDTH, 562), (0, 632)], colour)
    s.polygon([(0, 586), (WIDTH, 526), (WIDTH, 534), (0, 596)], shade(colour, 1.25))
    for x in (240, 760):
        y = 602 - x * 0.06
        s.polygon([(x, y - 34), (x + 46, y - 37), (x + 46, y + 36), (x, y + 40)], shade(colour, 0.72))
    if after:
        s.oval(512, 505, 46, 12, (192, 60, 52))
        s.box(506, 505, 518, 560, (150, 150, 150))
        s.tufts(30, (0, 690, WIDTH, 760), (96, 142, 84))
        return
    s.crack(506, 540, 5, (40, 40, 40))
    for spread in range(-7, 8):
        tip = (512 + spread * 30, 380 + abs(spread) * 18)
        s.line([(512, 560), (512 + spread * 15, 430 + abs(spread) * 8), tip], (190, 222, 238, 190), 5)
    s.oval(520, 668, 300, 44, (*WATER, 215))
    s.oval(470, 664, 130, 14, (206, 230, 240, 200))


def rubbish(s: Sketch, after: bool) -> None:
    """A river bank: heaped with bags, then clean."""
    meadow = s.country()
    s.polygon([(0, 640), (WIDTH, 560), (WIDTH, HEIGHT), (0, HEIGHT)], WATER if after else (138, 152, 132))
    s.polygon([(0, 650), (WIDTH, 570), (WIDTH, 580), (0, 664)], (214, 228, 230, 160))
    if after:
        s.tufts(46, (20, 560, 620, 630), (100, 148, 86))
        for x, colour in ((650, (68, 132, 92)), (770, (70, 116, 170))):
            s.soft_box(x, 410, x + 92, 540, colour)
            s.soft_box(x - 6, 396, x + 98, 424, shade(colour, 0.8))
            s.oval(x + 46, 480, 20, 20, (240, 240, 236))
        s.box(160, 420, 168, 560, (120, 100, 80))
        s.soft_box(90, 372, 240, 440, (244, 242, 232))
        s.line([(110, 398), (220, 398)], (72, 132, 92), 7)
        s.line([(110, 418), (190, 418)], (150, 150, 144), 5)
        return
    bags = ((226, 224, 216), (62, 66, 70), (196, 90, 76), (92, 128, 172), (214, 180, 92), (150, 154, 150))
    for row in range(6):
        for _number in range(15 - row * 2):
            middle = s.rng.gauss(500, 200 - row * 28)
            size = s.rng.randint(22, 44)
            s.oval(middle, 606 - row * 34, size, size * 0.72, s.rng.choice(bags))
    for _number in range(26):
        s.oval(s.rng.randint(60, 960), s.rng.randint(590, 740), 9, 5, (232, 232, 226))
    s.tufts(20, (0, 500, WIDTH, 620), shade(meadow, 0.7))


def road(s: Sketch, after: bool) -> None:
    """A village road: full of holes, then even and with a guard rail."""
    s.country(360)
    s.polygon([(470, 360), (560, 360), (980, HEIGHT), (60, HEIGHT)], (110, 112, 114) if after else (140, 134, 126))
    s.polygon([(560, 360), (WIDTH, 480), (WIDTH, HEIGHT), (980, HEIGHT)], WATER)
    if after:
        for number in range(6):
            top, foot = 380 + number * number * 14, 394 + number * number * 14 + number * 6
            s.polygon([(511, top), (519, top), (522, foot), (508, foot)], (240, 236, 220))
        s.line([(576, 366), (1010, 700)], (226, 228, 228), 12)
        for number in range(8):
            x, y = 584 + number * number * 8.4, 360 + number * number * 6.6
            s.box(x, y, x + 6 + number, y + 34 + number * 9, (186, 190, 190))
            s.box(x, y + 4, x + 6 + number, y + 12 + number, (204, 64, 52))
        return
    for _number in range(11):
        depth = s.rng.random()
        y = 410 + depth * 320
        x = s.rng.gauss(515, 60 + depth * 130)
        s.oval(x, y, 16 + depth * 56, 6 + depth * 18, (92, 84, 76))
        s.oval(x + 4, y + 3, 11 + depth * 40, 4 + depth * 11, (122, 128, 128))
    for _number in range(9):
        s.crack(s.rng.randint(330, 700), s.rng.randint(420, 600), 6)
    s.tufts(24, (560, 470, 900, 620))


def roof(s: Sketch, after: bool) -> None:
    """A farm house: with a leaking roof, then mended."""
    s.country()
    wall = (236, 230, 214) if after else (206, 196, 178)
    tile = (106, 108, 116) if after else (122, 104, 96)
    s.box(230, 380, 800, 640, wall)
    s.polygon([(180, 390), (300, 230), (730, 230), (850, 390)], tile)
    for row in range(8):
        y = 250 + row * 18
        s.line([(300 - row * 14, y), (730 + row * 14, y)], shade(tile, 0.82), 3)
    for left in (290, 640):
        s.box(left, 440, left + 110, 540, (120, 148, 166))
        s.box(left + 52, 440, left + 58, 540, wall)
    s.box(462, 440, 570, 640, (126, 84, 60))
    if after:
        for x in (448, 574):
            s.box(x, 444, x + 12, 630, (198, 48, 44))
        s.box(458, 420, 574, 436, (198, 48, 44))
        s.line([(180, 392), (850, 392)], (86, 88, 92), 10)
        s.tufts(20, (200, 690, 860, 750), (96, 142, 84))
        return
    s.polygon([(560, 268), (640, 262), (664, 322), (600, 344), (548, 316)], (58, 52, 50))
    s.line([(552, 300), (660, 292)], (142, 108, 80), 7)
    for x in range(590, 760, 24):
        s.polygon([(x, 392), (x + 15, 392), (x + 8, 470 + s.rng.randint(0, 110))], (150, 142, 118, 190))
    s.crack(420, 396, 9)
    s.crack(610, 430, 8)
    s.oval(700, 665, 110, 16, (*WATER, 190))


def lamp(s: Sketch, after: bool) -> None:
    """A street lamp at night: dark, then lit."""
    s.sky((22, 32, 58), (58, 74, 104), 470)
    for _number in range(60):
        s.oval(s.rng.randint(0, WIDTH), s.rng.randint(0, 330), 1.6, 1.6, (226, 230, 240))
    s.hills(470, 150, (34, 46, 62))
    s.box(0, 470, WIDTH, HEIGHT, (40, 52, 48))
    s.polygon([(430, 470), (560, 470), (900, HEIGHT), (140, HEIGHT)], (62, 66, 72))
    for place, (x, top, size) in enumerate(((700, 180, 1.0), (610, 330, 0.5), (400, 350, 0.45), (270, 240, 0.8))):
        foot = top + 400 * size
        lean = -1 if x > 500 else 1
        if after:
            for step in range(5):
                wide = (60 + step * 26) * size
                tip = (x + lean * 56 * size, top + 10 * size)
                s.polygon([tip, (tip[0] - wide, foot), (tip[0] + wide, foot)], (255, 226, 150, 26))
        s.box(x - 5 * size, top, x + 5 * size, foot, (132, 138, 144))
        s.line([(x, top + 6), (x + lean * 60 * size, top)], (132, 138, 144), 7 * size)
        s.polygon(
            [(x - 34 * size, top - 10 * size), (x + 34 * size, top - 34 * size), (x + 34 * size, top - 24 * size)],
            (62, 92, 138),
        )
        dark = (84, 88, 90) if place else (70, 74, 76)
        s.oval(x + lean * 58 * size, top + 4, 20 * size, 9 * size, (255, 240, 190) if after else dark)
    s.box(80, 400, 230, 520, (52, 56, 64))
    s.box(120, 430, 156, 470, (250, 214, 130) if after else (66, 72, 82))


def ditch(s: Sketch, after: bool) -> None:
    """A ditch: choked, then lined and clear."""
    meadow = s.country(350)
    bank = (196, 194, 188) if after else (126, 108, 82)
    s.polygon([(470, 350), (570, 350), (900, HEIGHT), (120, HEIGHT)], bank)
    s.polygon([(500, 350), (542, 350), (740, HEIGHT), (290, HEIGHT)], WATER if after else (96, 98, 74))
    if after:
        for number in range(7):
            y = 360.0 + number * number * 10
            s.line([(498 - number * number * 5, y), (466 - number * number * 9, y)], (170, 168, 162), 3)
            s.line([(544 + number * number * 5, y), (574 + number * number * 8, y)], (170, 168, 162), 3)
            s.line([(505 - number * 18, y + 12), (540 + number * 14, y + 8)], (198, 224, 236, 170), 3)
        s.tufts(18, (0, 640, 140, 750), (98, 146, 86))
        return
    for _number in range(34):
        depth = s.rng.random()
        x, y = s.rng.gauss(515, 16 + depth * 90), 380 + depth * 360
        s.oval(x, y, 8 + depth * 30, 3 + depth * 9, s.rng.choice(((122, 128, 84), (76, 88, 58), (150, 146, 112))))
    for _number in range(7):
        s.oval(s.rng.gauss(515, 80), s.rng.randint(520, 740), 12, 6, (228, 228, 220))
    s.tufts(60, (180, 430, 860, 750), shade(meadow, 0.72))


def greenhouse(s: Sketch, after: bool) -> None:
    """Greenhouses: torn and overgrown, then planted."""
    meadow = s.country(360)
    film = (232, 240, 242, 235) if after else (206, 208, 200, 190)
    for place, (x, y, size) in enumerate(((760, 420, 0.55), (500, 440, 0.72), (180, 470, 1.0))):
        wide, high = 230 * size, 170 * size
        top = y - high * 0.5
        s.draw.pieslice(
            [(x - wide) * 2, top * 2, (x + wide) * 2, (top + 2 * high) * 2],
            180,
            360,
            fill=film,
            outline=(150, 156, 158),
        )
        for rib in range(-3, 4):
            s.line([(x + rib * wide / 4, top + 12), (x + rib * wide / 3.4, top + high)], (168, 174, 174), 3)
        s.box(x - 30 * size, top + high * 0.5, x + 30 * size, top + high, (150, 170, 176))
        if not after and place:
            s.polygon(
                [(x + 40, top + 18), (x + 120, top + 40), (x + 96, top + high), (x + 56, top + 80)], (92, 104, 84)
            )
            s.polygon([(x + 120, top + 40), (x + 176, top + 90), (x + 132, top + 96)], (226, 228, 222))
    if not after:
        s.tufts(90, (0, 540, WIDTH, 750), shade(meadow, 0.7))
        return
    for row in range(6):
        y = 600 + row * 30
        s.line([(0, y), (WIDTH, y + 8)], SOIL, 12)
        for x in range(20, WIDTH, 44):
            s.oval(x + row * 7, y, 11 + row, 8 + row, (92, 150, 76))


def site(s: Sketch, after: bool) -> None:
    """A building: an idle frame, then in use."""
    s.country()
    if not after:
        for floor in range(4):
            s.box(280, 560 - floor * 96, 760, 574 - floor * 96, (150, 148, 142))
            for column in range(6):
                x = 286 + column * 93
                s.box(x, 470 - floor * 96 + 14, x + 14, 656 - floor * 96, (164, 160, 152))
        for x in range(250, 800, 60):
            s.line([(x, 180), (x, 660)], (196, 158, 84), 4)
        for y in (240, 340, 440, 540):
            s.line([(250, y), (790, y)], (196, 158, 84), 4)
        s.polygon([(60, 680), (180, 600), (300, 680)], (188, 168, 132))
        s.tufts(40, (40, 660, 980, 750))
        return
    s.box(250, 250, 780, 660, (240, 236, 226))
    s.box(240, 234, 790, 256, (176, 86, 66))
    for floor in range(3):
        for column in range(6):
            x, y = 284 + column * 82, 290 + floor * 110
            s.box(x, y, x + 54, y + 66, (128, 172, 196))
            s.box(x + 25, y, x + 29, y + 66, (240, 236, 226))
    s.box(456, 560, 574, 660, (150, 176, 190))
    s.box(430, 536, 600, 556, (196, 60, 52))
    s.box(150, 190, 157, 670, (170, 172, 172))
    s.polygon([(157, 196), (236, 204), (236, 250), (157, 244)], (206, 44, 40))
    s.box(0, 660, WIDTH, HEIGHT, (196, 194, 186))
