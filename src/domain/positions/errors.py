from domain.shared.errors import Conflict


class Tampered(Conflict):
    """Stored positions are not what the fact that covers them says."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: the stored positions are not those that the log covers.")
