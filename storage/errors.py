"""What an operator has to mend; the text is a whole sentence."""


class SchemaError(Exception):
    """The database has another schema than this program."""


class Unusable(Exception):
    """The database cannot be opened the way it was asked for."""


class Closed(Exception):
    """The store has been closed; nothing was done."""

    def __init__(self) -> None:
        super().__init__("the store is closed")


class GroupLost(Exception):
    """The engine gave up the whole transaction (disk full, I/O error): no work of the group has left a trace."""


class CommitUnknown(Exception):
    """The connection to the server broke during a COMMIT: the work may have been done, or not."""

    def __init__(self) -> None:
        super().__init__("the connection broke during the COMMIT")


class Fenced(Exception):
    """The lease of this program has been dropped: it must not write any more."""

    def __init__(self, epoch: int) -> None:
        super().__init__(
            f"Other programs have taken over what this one did, because it gave no sign of life (lease {epoch}); "
            "it has stopped."
        )
