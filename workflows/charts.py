"""Drawing the flow (being written)."""


def flow_drawing() -> dict:
    """Nothing yet."""
    return {}
