"""A refusal: the API understood, and says no.

Raise = nothing happened. The code decides type and status in the one catalogue
(`sandbox.api.errors`); the message names what came and what would be right; `rule` is the
promise that decided, for the journal. The few refusals that must leave a trace (a wrong
lookup code is counted) say so with `leaves_trace`.
"""


class Refusal(Exception):
    def __init__(self, code: str, message: str, rule: str, *, leaves_trace: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.rule = rule
        self.leaves_trace = leaves_trace


def not_found(noun: str, id_: str, hint: str = "") -> Refusal:
    return Refusal("resource_not_found", f"No {noun} has the id '{id_}'.{hint and ' ' + hint}", "ERR-6")


def of_another_reseller(noun: str, id_: str) -> Refusal:
    message = f"The {noun} '{id_}' belongs to another reseller. Use one of your own, or that reseller's key."
    return Refusal("permission_denied", message, "AUTH-4")


def does_not_fit(message: str, rule: str = "ERR-9") -> Refusal:
    return Refusal("validation_error", message, rule)
