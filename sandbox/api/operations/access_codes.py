"""Access codes: made for a client at a provider, at once or after something was bought."""

from sandbox.api.answers import access_codes as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import access_codes
from sandbox.domain.books import Books, Caller
from sandbox.domain.records import AccessCode
from sandbox.domain.sales import Order


def create_access_code(call: Call, caller: Caller, books: Books) -> Reply:
    made = access_codes.create(books, caller, access_codes.CodeWish(**call.body))
    if isinstance(made, AccessCode):
        return Reply(201, answers.access_code(made, "Show this code at the door before midnight."), "CODE-7")
    return Reply(200, answers.session(books, made), "CODE-7")


def confirm_access_code(call: Call, caller: Caller, books: Books) -> Reply:
    made = access_codes.confirm(books, caller, call.path["sessionId"], Order(**call.body))
    message = "What was due is bought. Show this code at the door before midnight."
    return Reply(201, answers.access_code(made, message), "BOOK-17")
