"""Which calls somebody looks for, by the command or on the page; pure."""

from msgspec import Struct

from console.summary import Summary, has_number


class Wanted(Struct, frozen=True):
    """Empty is any. `number` may be a pattern; `state` is live, for calls that are not over, or over."""

    number: str = ""
    rule: str = ""
    outcome: str = ""
    state: str = ""

    def takes(self, told: Summary) -> bool:
        return (
            (not self.number or has_number(told, self.number))
            and self.rule in {"", told.rule}
            and self.outcome in {"", told.outcome}
            and (not self.state or told.is_over == (self.state == "over"))
        )
