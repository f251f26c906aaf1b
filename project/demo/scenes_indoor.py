"""Indoor scenes and papers, each before and after."""

from project.demo.sketch import HEIGHT, WIDTH, Colour, Sketch, shade

INK = (92, 96, 104)
RED = (198, 48, 44)


def ledger(s: Sketch, after: bool) -> None:
    """A ledger on a desk: mostly blank, then filled in and stamped."""
    wood = (176, 138, 100)
    s.box(0, 0, WIDTH, HEIGHT, wood)
    for number in range(12):
        s.line([(0, number * 66), (WIDTH, number * 66 + 12)], shade(wood, 0.94), 4)
    s.polygon([(150, 170), (512, 150), (512, 650), (130, 670)], (250, 248, 240))
    s.polygon([(512, 150), (874, 170), (894, 670), (512, 650)], (246, 244, 234))
    s.line([(512, 150), (512, 650)], (200, 196, 186), 6)
    for page, left in enumerate((170, 536)):
        for row in range(12):
            y = 210 + row * 36
            s.line([(left, y), (left + 320, y)], (176, 186, 190), 2)
            if after or (row < 3 and not page):
                _writing(s, left, y)
        for column in (0, 60, 200, 320):
            s.line([(left + column, 200), (left + column, 610)], (176, 186, 190), 2)
    if after:
        _stamp(s, 760, 560)
        s.line([(930, 240), (960, 640)], (60, 92, 150), 14)
        return
    for x, y in ((820, 640), (60, 560), (880, 90)):
        s.polygon([(x, y), (x + 150, y - 30), (x + 170, y + 70), (x + 16, y + 100)], (238, 234, 222))
    s.oval(350, 470, 60, 56, (190, 160, 112, 70))
    s.oval(350, 470, 50, 46, (250, 248, 240, 255))
    s.oval(900, 330, 40, 40, (226, 222, 212))


def _writing(s: Sketch, left: float, y: float) -> None:
    for start, longest in ((8, 40), (70, 110), (212, 90)):
        end = start + s.rng.randint(longest // 2, longest)
        x = start
        while x < end:
            s.line([(left + x, y - 14), (left + x + 9, y - 12), (left + x + 5, y - 4)], INK, 2.5)
            x += 16


def _stamp(s: Sketch, x: float, y: float) -> None:
    s.draw.ellipse([(x - 62) * 2, (y - 62) * 2, (x + 62) * 2, (y + 62) * 2], outline=(*RED, 210), width=9)
    points = [(x, y - 26), (x + 8, y - 8), (x + 26, y - 8), (x + 12, y + 4), (x + 17, y + 22)]
    mirrored = [(2 * x - px, py) for px, py in reversed(points[1:])]
    s.polygon([*points, (x, y + 11), *mirrored], (*RED, 210))


def board(s: Sketch, after: bool) -> None:
    """A notice board: torn and old, then up to date."""
    s.country(470)
    s.box(130, 120, 894, 580, (92, 112, 132))
    s.box(156, 196, 868, 556, (232, 236, 234))
    s.box(156, 134, 868, 186, RED if after else (150, 92, 84))
    for x in range(300, 740, 62):
        s.box(x, 148, x + 34, 174, (250, 232, 190) if after else (192, 168, 150))
    for x in (190, 812):
        s.box(x, 580, x + 24, 740, (112, 116, 120))
    if after:
        for number in range(6):
            left, top = 186 + number % 3 * 228, 214 + number // 3 * 172
            _notice(s, left, top, 196, 152)
        return
    _notice(s, 220, 240, 180, 190)
    s.polygon([(520, 230), (640, 250), (600, 300), (646, 350), (540, 420), (508, 330)], (226, 216, 190))
    s.polygon([(700, 380), (800, 360), (826, 470), (720, 500)], (222, 212, 188))
    for x, y in ((480, 490), (660, 520), (300, 500)):
        s.oval(x, y, 12, 5, (196, 196, 186))
    s.tufts(30, (100, 690, 920, 760))


def _notice(s: Sketch, left: float, top: float, wide: float, high: float) -> None:
    s.box(left, top, left + wide, top + high, (254, 253, 248))
    s.box(left + wide * 0.25, top + 12, left + wide * 0.75, top + 22, RED)
    y = top + 38
    while y < top + high - 12:
        s.line([(left + 16, y), (left + wide - s.rng.randint(16, 60), y)], (150, 156, 160), 3)
        y += 17


def clinic(s: Sketch, after: bool) -> None:
    """A village clinic: half empty, then in order."""
    wall: Colour = (226, 236, 234) if after else (204, 208, 200)
    s.room(wall, (178, 176, 166))
    s.box(120, 130, 620, 610, (214, 196, 168))
    packs = ((88, 150, 176), (230, 230, 224), (206, 110, 92), (120, 164, 112), (226, 190, 98))
    for shelf in range(4):
        bottom = 240 + shelf * 116
        s.box(136, bottom - 96, 604, bottom, shade((214, 196, 168), 0.86))
        s.box(120, bottom, 620, bottom + 14, (190, 168, 136))
        for number in range(10):
            x = 146 + number * 45
            if after:
                high = 50 + number % 3 * 12
                s.box(x, bottom - high, x + 36, bottom, packs[(shelf + number // 2) % 5])
                s.box(x + 6, bottom - high + 14, x + 30, bottom - high + 22, (250, 250, 248))
            elif s.rng.random() < 0.4:
                lean = s.rng.randint(-16, 16)
                s.polygon(
                    [(x, bottom), (x + 36, bottom), (x + 36 + lean, bottom - 50), (x + lean, bottom - 54)],
                    shade(s.rng.choice(packs), 0.86),
                )
    s.soft_box(690, 130, 910, 300, (250, 250, 248) if after else (222, 220, 210))
    colour = RED if after else (168, 128, 120)
    s.box(780, 160, 820, 270, colour)
    s.box(745, 195, 855, 235, colour)
    s.box(680, 470, 960, 500, (196, 176, 146))
    s.box(700, 500, 720, 700, (170, 150, 122))
    s.box(920, 500, 940, 700, (170, 150, 122))
    if after:
        s.soft_box(720, 420, 800, 470, (90, 140, 170))
        s.box(840, 440, 930, 470, (252, 252, 248))
    else:
        s.crack(650, 20, 9, (150, 150, 142))
        s.polygon([(730, 456), (820, 450), (834, 470), (740, 474)], (236, 232, 220))


def classroom(s: Sketch, after: bool) -> None:
    """A room of a boarding school: dim and worn, then bright."""
    wall: Colour = (244, 240, 224) if after else (168, 164, 152)
    s.room(wall, (188, 168, 136) if after else (138, 124, 104))
    s.window(400, 150, (176, 216, 236) if after else (136, 156, 170))
    for x in (220, 800):
        s.line([(x, 0), (x, 60)], (120, 120, 116), 4)
        s.box(x - 80, 60, x + 80, 78, (255, 250, 220) if after else (122, 122, 116))
        if after:
            s.polygon([(x - 80, 78), (x + 80, 78), (x + 230, 560), (x - 230, 560)], (255, 250, 210, 60))
    for left in (70, 660):
        frame = (88, 128, 158) if after else (104, 112, 112)
        for post in (left, left + 280):
            s.box(post, 250, post + 14, 690, frame)
        for level in (360, 560):
            s.box(left, level, left + 294, level + 16, frame)
            quilt = (118, 162, 196) if after else (146, 142, 134)
            s.soft_box(left + 14, level - 40, left + 280, level, quilt)
            s.soft_box(left + 20, level - 56, left + 84, level - 20, (250, 248, 242) if after else (190, 186, 174))
    if after:
        s.soft_box(500, 420, 540, 470, (250, 250, 246))
        return
    s.crack(330, 20, 11, (120, 116, 106))
    s.crack(700, 40, 8, (120, 116, 106))
    s.line([(880, 60), (890, 190), (870, 230)], (70, 70, 68), 3)
    s.soft_box(500, 420, 540, 470, (176, 172, 160))
    s.line([(520, 470), (548, 520)], (60, 60, 58), 3)
