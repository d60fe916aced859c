"""Providers: gyms and spas, near or new, what spas do, and when they have room."""

from sandbox.api import paging
from sandbox.api.answers import providers as answers
from sandbox.api.call import Call, Reply
from sandbox.domain import classes, providers, spa
from sandbox.domain.books import Books, Caller
from sandbox.domain.providers import Point, Wanted
from sandbox.domain.records import Provider, Service
from sandbox.domain.resources import named

NEWEST_FIRST, NEAREST_FIRST = "Providers, the newest first.", "Providers, the nearest first."


def list_providers(call: Call, caller: Caller, books: Books) -> Reply:
    here = providers.point(call.query.get("lat"), call.query.get("lon"))
    if here is not None:
        return _page(call, books, providers.in_order(books, here), here)
    fits = _wanted(call).fits
    return paging.page_of_shelf(call, books, Provider, _view(books), message=NEWEST_FIRST, where=fits)


def list_pass_providers(call: Call, caller: Caller, books: Books) -> Reply:
    here = providers.point(call.query.get("lat"), call.query.get("lon"))
    package = providers.package_behind(books, caller, call.path["id"])
    covered = providers.covered_by(package, providers.in_order(books, here))
    return _page(call, books, covered, here)


def get_provider(call: Call, caller: Caller, books: Books) -> Reply:
    found = named(books, Provider, call.path["id"])
    answer = answers.provider(books, found)
    if found.category == "SPA":
        answer["services"] = [answers.service_preview(one) for one in providers.services_of(books, found)]
    return Reply(200, answer)


def list_provider_services(call: Call, caller: Caller, books: Books) -> Reply:
    found = named(books, Provider, call.path["id"])
    offered = [answers.service(one) for one in providers.services_of(books, found)]
    return paging.whole_list(call, offered, "Services of the provider, newest first.")


def get_provider_availability(call: Call, caller: Caller, books: Books) -> Reply:
    found = named(books, Provider, call.path["id"])
    wanted = [named(books, Service, id_) for id_ in call.query.get("service_ids", ())]
    spa.require_spa(found)
    spa.require_offered(found, wanted)
    date = call.query["date"]
    slots = spa.slots(books, found, wanted, classes.day(date, "query.date"))
    return Reply(200, answers.availability(found, date, slots), "BOOK-22")


def _page(call: Call, books: Books, items: list[Provider], here: Point | None) -> Reply:
    message = NEAREST_FIRST if here else NEWEST_FIRST
    return paging.page_of_sequence(call, items, _view(books, here), message=message, where=_wanted(call).fits)


def _view(books: Books, here: Point | None = None) -> paging.View[Provider]:
    return lambda one: answers.provider(books, one, here)


def _wanted(call: Call) -> Wanted:
    return Wanted(call.query.get("category"), call.query.get("tier"), call.query.get("city"))
