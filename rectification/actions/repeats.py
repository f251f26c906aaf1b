"""The same form sent twice: told apart from every other refusal, because nothing is left to correct."""

from workflows.steps import ActionRefused


class SentTwice(ActionRefused):
    """What was sent is in the ledger already; `number` names the problem where it stands."""

    def __init__(self, sentence: str, number: str) -> None:
        super().__init__(sentence)
        self.number = number
