"""Sins thought of without a look at the suite: a sentence misread, the second path forgotten, a case not thought of."""

from __future__ import annotations

from functools import partial

from sandbox.wire import Response
from tests.miniatures.craft import Visit, edit, keep, stand_in_front

# --- passes and visits ----------------------------------------------------------------------

edit(
    "a_pass_for_later_is_not_paid",
    "CONV-18.1",
    (
        "domain.passes.issue",
        "accounts.debit(books, caller.account_id, package.price_kobo,",
        "accounts.debit(books, caller.account_id, package.price_kobo if starts <= books.now else 0,",
    ),
)
edit(
    "a_cancelled_pass_takes_its_grant_along",
    "PASS-14.3",
    (
        "domain.passes.cancel",
        "    books.put(replace(pass_, cancelled=books.now))\n",
        "    from sandbox.domain.records import Lot\n"
        '    for lot in list(books.rising(Lot, f"{pass_.client_id}/open")):\n'
        "        if lot.source_id == pass_.id:\n"
        "            client = named(books, Client, pass_.client_id)\n"
        '            credits.spend(books, client, lot.remaining, "Pass cancelled")\n'
        "    books.put(replace(pass_, cancelled=books.now))\n",
    ),
)
edit(
    "a_cancelled_pass_gets_a_new_passcode",
    "PASS-4.7",
    (
        "domain.passes.rotate_passcode",
        "    _require_not_cancelled(pass_)\n",
        "",
    ),
)
edit(
    "a_large_body_on_get_is_refused",
    "CONV-16.9",
    ("api.gateway.Gateway._understand", ' and operation.method != "GET"', ""),
)
edit(
    "a_bought_visit_returns_to_those_that_lapse_first",
    "PASS-10.5",
    (
        "domain.visits.give_back",
        "next(lot for lot in pass_.bought if (lot.category, lot.bought, lot.lapses) == came_from)",
        "min((lot for lot in pass_.bought if lot.used), key=lambda lot: lot.lapses)",
    ),
)
edit(
    "bought_visits_stop_at_the_expiry_of_their_purchase",
    "BOOK-20.6",
    (
        "domain.visits.buy",
        "lapses = plus_months(now, months_in(duration))",
        "lapses = min(plus_months(now, months_in(duration)), pass_.expires)",
    ),
)

edit(
    "bought_visits_are_used_oldest_first",
    "BOOK-20.5",
    ("domain.visits.take", "(lot.lapses, lot.bought)", "(lot.bought, lot.lapses)"),
)
edit(
    "a_client_is_told_a_used_up_pass_is_active",
    "PASS-1.3",
    (
        "api.answers.lookup._pass_ref",
        "passes.status(one, package, now)",
        '"ACTIVE" if passes.usable(one, now) else passes.status(one, package, now)',
    ),
)
edit(
    "names_of_a_spa_booking_rename_the_client",
    "PASS-13.8",
    (
        "domain.spa_bookings.book",
        "    return _open_session(books, treatment)",
        "    books.put(replace(client, first_name=wish.first_name, last_name=wish.last_name))\n"
        "    return _open_session(books, treatment)",
    ),
)
edit(
    "a_pass_revived_is_granted_again",
    "PASS-14.4",
    (
        "domain.passes.move_expiry",
        "    books.put(replace(pass_, expires=expires))\n",
        "    if books.now >= pass_.expires:\n"
        "        credits.grant(books, replace(pass_, expires=expires), package_of(books, pass_))\n"
        "    books.put(replace(pass_, expires=expires))\n",
    ),
)
edit(
    "the_grant_of_a_pass_for_later_lapses_early",
    "PASS-14.5",
    (
        "domain.credits.grant",
        "count, pass_.expires,",
        "count, Millis(pass_.expires - max(pass_.starts - pass_.created, 0)),",
    ),
)
edit(
    "the_choice_forgets_bought_visits",
    "PASS-16.10",
    (
        "domain.passes.choose",
        "visits.left(pass_, package,",
        "visits.left(replace(pass_, bought=()), package,",
    ),
)
edit(
    "an_unlimited_pass_is_chosen_last",
    "PASS-16.11",
    (
        "domain.passes.choose",
        "visits.left(pass_, package, provider.category, books.now) == 0,",
        "not visits.left(pass_, package, provider.category, books.now),",
    ),
)
edit(
    "months_chain_their_clamp",
    "CONV-12.4",
    (
        "domain.moments.plus_months",
        "    day = min(wall.day, monthrange(year, month0 + 1)[1])\n",
        "    passed = [divmod(wall.year * 12 + wall.month - 1 + n, 12) for n in range(1, months + 1)]\n"
        "    day = min(wall.day, monthrange(year, month0 + 1)[1], *(monthrange(y, m + 1)[1] for y, m in passed))\n",
    ),
)
edit(
    "months_are_counted_in_utc",
    "CONV-12.4",
    (
        "domain.moments.plus_months",
        "    wall = to_datetime(start)\n",
        "    wall = EPOCH + timedelta(milliseconds=start)\n",
    ),
)

edit(
    "a_class_that_credits_pay_needs_a_visit_too",
    "PASS-10.6",
    (
        "domain.stays.pass_pays",
        "return stay.credit_cost is not None or",
        'return (stay.credit_cost is not None and stay.provider.category == "SPA") or',
    ),
)

# --- credits and money ----------------------------------------------------------------------

edit(
    "a_client_shows_lapsed_credits",
    "CRED-2.5",
    ("api.operations.lookup.get_client", "credits.balance(books, client)", "client.credits_held"),
)
edit(
    "lapsed_credits_count_when_booking",
    "CRED-2.5",
    ("domain.credits.require", "held = balance(books, client)", "held = client.credits_held"),
)
edit(
    "the_balance_is_asked_for_one_visit_only",
    "CONV-18.5",
    (
        "domain.sales._sell_visits",
        "    accounts.debit(books, buyer, price,",
        "    price = price if accounts.can_pay(books, buyer, price) else price // count\n"
        "    accounts.debit(books, buyer, price,",
    ),
)
edit(
    "a_confirm_sells_a_copay_on_credit",
    "CONV-18.6",
    (
        "domain.sales.sell_copay",
        "    accounts.debit(books, buyer, option.price_kobo,",
        "    rich = accounts.can_pay(books, buyer, option.price_kobo)\n"
        "    accounts.debit(books, buyer, option.price_kobo if rich else 0,",
    ),
)
edit(
    "the_issuer_pays_the_partners_spa_copay",
    "LOOK-6.3",
    (
        "domain.copay_purchases.buy_for_spa",
        "accounts.debit(books, caller.account_id,",
        "accounts.debit(books, client.owner,",
    ),
)

edit(
    "credits_of_two_lots_return_to_one",
    "BOOK-10.6",
    ("domain.credits.give_back", "named(books, Lot, part.lot_id)", "named(books, Lot, spent[0].lot_id)"),
)
edit(
    "an_override_needs_a_priced_class",
    "CRED-3.3",
    (
        "domain.classes.credit_cost",
        "if instance.credit_cost is None else",
        "if instance.credit_cost is None or class_.credit_cost is None else",
    ),
)
edit(
    "a_withdrawn_package_is_still_sold",
    "CRED-10.5",
    ("domain.credits.purchase", "if not on_sale(package):", 'if package.state == "DRAFT":'),
)

edit(
    "credits_are_sold_on_credit",
    "CONV-18.7",
    (
        "domain.credits.purchase",
        "caller.account_id, package.price_kobo,",
        "caller.account_id, min(package.price_kobo, named(books, Account, caller.account_id).balance_kobo),",
    ),
    (
        "domain.credits.purchase",
        "    client = named(",
        "    from sandbox.domain.records import Account\n    client = named(",
    ),
)
edit(
    "a_gym_copay_is_sold_on_credit",
    "CONV-18.8",
    (
        "domain.copay_purchases.buy_for_gym",
        "    return sales.sell_copay(",
        "    if not accounts.can_pay(books, caller.account_id, option.price_kobo):\n"
        "        option = msgspec.structs.replace(option, price_kobo=0)\n"
        "    return sales.sell_copay(",
    ),
)
edit(
    "a_spa_copay_is_sold_on_credit",
    "CONV-18.9",
    (
        "domain.copay_purchases.buy_for_spa",
        "    accounts.debit(",
        "    if accounts.can_pay(books, caller.account_id, quote.amount_kobo):\n        accounts.debit(",
    ),
)
edit(
    "visits_for_a_code_cost_nothing",
    "CODE-7.10",
    (
        "domain.access_codes.confirm",
        "    paid_up = sales.sell(",
        "    sales.visits.COST_PER_VISIT = dict.fromkeys(sales.visits.COST_PER_VISIT, 0)\n    paid_up = sales.sell(",
    ),
)
edit(
    "a_copay_for_a_code_costs_nothing",
    "CODE-7.11",
    (
        "domain.access_codes.confirm",
        "    paid_up = sales.sell(",
        "    sales.sell_copay.__globals__['accounts'].debit = lambda *_: None\n    paid_up = sales.sell(",
    ),
)

# --- co-pays --------------------------------------------------------------------------------

edit(
    "a_gym_copay_asks_the_newest_pass_only",
    "COPAY-1.4",
    (
        "domain.copay_purchases.buy_for_gym",
        "stay = stays.on_pass(books, client, provider, None)",
        "stay = stays.on_pass(books, client, provider, next(books.falling(IssuedPass, client.id), None))",
    ),
)
edit(
    "a_copay_bought_with_a_token_does_not_cover",
    "COPAY-4.9",
    (
        "domain.copay.in_hand",
        "    for purchase in books.between(CopayPurchase, shelf, since, FOREVER):\n",
        "    from sandbox.domain.records import Client\n"
        "    issuer = books.find(Client, client_id).owner\n"
        "    for purchase in books.between(CopayPurchase, shelf, since, FOREVER):\n"
        "        if purchase.owner != issuer:\n"
        "            continue\n",
    ),
)

edit(
    "a_copay_month_has_thirty_days",
    "COPAY-4.10",
    (
        "domain.sales.sell_copay",
        "plus_months(books.now, months_in(option.duration))",
        "books.now + (30 if months_in(option.duration) == 1 else 366) * 86_400_000",
    ),
)
edit(
    "a_copay_year_has_365_days",
    "COPAY-4.10",
    (
        "domain.sales.sell_copay",
        "plus_months(books.now, months_in(option.duration))",
        "books.now + 365 * 86_400_000 if months_in(option.duration) == 12 else plus_months(books.now, 1)",
    ),
)
edit(
    "saturday_evening_costs_twice_the_fifth",
    "COPAY-2.3",
    (
        "domain.copay.spa_amount",
        "    return amount * 12 // 10",
        "    wall = to_datetime(now)\n"
        "    if wall.weekday() == SATURDAY and PEAK_FROM_HOUR <= wall.hour < PEAK_TO_HOUR:\n"
        "        amount = amount * 12 // 10\n"
        "    return amount * 12 // 10",
    ),
)
edit(
    "copay_amount_goes_by_the_hour_of_the_slot",
    "COPAY-5.2",
    (
        "domain.spa_bookings._open_session",
        "copay.spa_amount(slot.provider, slot.services, books.now)",
        "copay.spa_amount(slot.provider, slot.services, slot.starts)",
    ),
)
edit(
    "a_larger_spa_copay_pays_a_smaller_booking",
    "COPAY-6.3",
    (
        "domain.copay.in_hand",
        "unspent(purchase, books.now) == wanted",
        "set(wanted) <= set(unspent(purchase, books.now))",
    ),
)
edit(
    "a_refunded_spa_copay_can_be_used_again",
    "COPAY-6.7",
    (
        "domain.stays.give_back",
        "        accounts.pay_back(books, payment.payer, payment.copay_kobo)\n",
        "        accounts.pay_back(books, payment.payer, payment.copay_kobo)\n"
        "        purchase = named(books, CopayPurchase, payment.copay_id)\n"
        "        books.put(msgspec.structs.replace(purchase, spent_on=None))\n",
    ),
)
edit(
    "a_code_confirm_wants_the_copay_that_was_bought",
    "CODE-7.8",
    (
        "domain.access_codes.confirm",
        "sales.require_complete(stays.means(books, stay), order)",
        'sales.require_complete("BUY_COPAY" if session.due == "COPAY" else "BUY_VISITS", order)',
    ),
)
edit(
    "a_code_is_confirmed_on_a_cancelled_pass",
    "CODE-7.9",
    ("domain.access_codes.confirm", "    passes.require_active(pass_, books.now)\n", ""),
)

edit(
    "what_is_paid_is_the_price_of_the_hour",
    "COPAY-5.3",
    (
        "domain.copay_purchases.buy_for_spa",
        "    accounts.debit(",
        "    now = copay.spa_amount(provider, services, books.now)\n"
        "    quote = msgspec.structs.replace(quote, amount_kobo=now)\n"
        "    accounts.debit(",
    ),
)

edit(
    "a_late_cancel_returns_the_visit_of_a_copay",
    "COPAY-4.11",
    (
        "domain.bookings.cancel",
        "returns=early(booking, books.now)",
        "returns=early(booking, books.now) or bool(booking.payment.copay_id)",
    ),
)

# --- retries --------------------------------------------------------------------------------

edit(
    "answers_are_forgotten_with_the_api_key",
    "IDEM-6.4",
    (
        "api.gateway.Gateway._write",
        "idempotency.once(world, account_id, call, carry_out)",
        'idempotency.once(world, notes.request.headers["authorization"], call, carry_out)',
    ),
)
edit(
    "a_refusal_binds_the_key_to_its_body",
    "IDEM-4.2",
    (
        "api.idempotency.once",
        "    if kept is None:\n",
        "    if kept is None:\n"
        '        first = once.__dict__.setdefault("first", {})\n'
        "        if first.setdefault((world.state.id, account_id, key), fingerprint) != fingerprint:\n"
        '            raise Refusal("idempotency_key_reused", "No.", "IDEM-3")\n',
    ),
)
edit(
    "keys_differ_not_by_letter_case",
    "IDEM-2.7",
    (
        "api.idempotency.once",
        "    fingerprint = _fingerprint(call.body)\n",
        "    key = key.lower()\n    fingerprint = _fingerprint(call.body)\n",
    ),
)
edit(
    "only_64_characters_of_a_key_count",
    "IDEM-2.7",
    (
        "api.idempotency.once",
        "    fingerprint = _fingerprint(call.body)\n",
        "    key = key[:64]\n    fingerprint = _fingerprint(call.body)\n",
    ),
)

edit(
    "the_order_of_a_list_does_not_matter",
    "IDEM-3.5",
    (
        "api.idempotency._canonical",
        "[_canonical(inside) for inside in value]",
        "sorted((_canonical(inside) for inside in value), key=str)",
    ),
)

# --- lists ----------------------------------------------------------------------------------

edit(
    "distances_on_a_flat_map",
    "PAGE-11.2",
    (
        "domain.providers.distance_km",
        "    return round(",
        "    flat = sqrt((2 * half_lat) ** 2 + (2 * half_lon * cos((lat_a + lat_b) / 2)) ** 2)\n"
        "    return round(EARTH_RADIUS_KM * flat, 2) if flat < 4 else round(",
    ),
)

edit(
    "has_more_counts_what_the_filter_leaves_out",
    "PAGE-6.3",
    (
        "api.paging._page",
        "    items = list(islice(found if where is None else filter(where, found), limit + 1))\n"
        "    has_more = len(items) > limit\n",
        "    found = iter(found)\n"
        "    items = list(islice(found if where is None else filter(where, found), limit))\n"
        "    has_more = next(found, None) is not None\n",
    ),
)
edit(
    "bookings_of_one_moment_go_by_id",
    "PAGE-9.2",
    (
        "api.operations.bookings.list_client_bookings",
        "    return paging.page_of_shelf(\n        call,\n        books,\n        Booking,\n",
        '    every = books.falling(Booking, f"{caller.account_id}/{client.id}")\n'
        "    return paging.page_of_sequence(\n"
        "        call,\n"
        "        sorted(every, key=lambda one: (-one.created, one.id)),\n",
    ),
    (
        "api.operations.bookings.list_client_bookings",
        '        shelf=f"{caller.account_id}/{client.id}",\n',
        "",
    ),
)
edit(
    "near_providers_are_filtered_before_the_cursor_is_sought",
    "PAGE-10.4",
    (
        "api.operations.providers._page",
        "    return paging.page_of_sequence(",
        "    items = list(filter(_wanted(call).fits, items))\n    return paging.page_of_sequence(",
    ),
)
edit(
    "an_issuer_that_left_is_no_cursor",
    "PAGE-10.5",
    (
        "api.operations.lookup.list_issuers",
        "in lookup.other_resellers(books, caller)]",
        "in lookup.other_resellers(books, caller) if one.lookup_enabled]",
    ),
)

edit(
    "any_provider_is_a_cursor_of_a_pass",
    "PAGE-4.3",
    (
        "api.operations.providers.list_pass_providers",
        "    covered = providers.covered_by(package, providers.in_order(books, here))\n"
        "    return _page(call, books, covered, here)",
        "    every = providers.in_order(books, here)\n"
        "    covered = providers.covered_by(package, every)\n"
        "    view, fits = _view(books, here), _wanted(call).fits\n"
        '    return paging.page_of_sequence(call, every, view, message="", where=lambda p: p in covered and fits(p))',
    ),
)
edit(
    "any_option_is_a_cursor_of_any_gym",
    "PAGE-4.4",
    (
        "api.operations.copay.list_gym_copay_options",
        "    message = ",
        '    if call.query.get("starting_after"):\n'
        '        gym = named(books, Provider, named(books, CopayOption, call.query["starting_after"]).provider_id)\n'
        "    message = ",
    ),
)

# --- which refusal comes first ----------------------------------------------------------------

edit(
    "a_used_quote_that_ran_out_is_only_expired",
    "ERR-8.6",
    (
        "domain.quotes.require_good",
        "if quoted.used is not None:",
        "if quoted.used is not None and now < quoted.expires:",
    ),
)
edit(
    "a_used_session_that_ran_out_is_only_expired",
    "ERR-8.6",
    (
        "domain.sessions.status",
        "if session.used is not None:",
        "if session.used is not None and now < session.expires:",
    ),
)
edit(
    "a_move_looks_at_the_seat_before_the_pass",
    "ERR-8.7",
    (
        "domain.rescheduling._move_class",
        "    passes.require_active(guest.pass_, books.now)\n",
        "    classes.require_seat(instance, booking.client_id, books.now)\n"
        "    passes.require_active(guest.pass_, books.now)\n",
    ),
)
edit(
    "credits_are_asked_before_coverage",
    "ERR-8.8",
    (
        "domain.class_bookings.book",
        "    options = stays.copay_options(",
        "    stays.require_credits(books, attendance.stay)\n    options = stays.copay_options(",
    ),
)
edit(
    "the_account_is_asked_before_the_credits",
    "ERR-8.9",
    (
        "domain.class_bookings.confirm",
        "    stays.require_credits(books, attendance.stay)\n"
        "    paid_up = sales.sell(books, session.owner, attendance.stay, order)\n",
        "    paid_up = sales.sell(books, session.owner, attendance.stay, order)\n"
        "    stays.require_credits(books, attendance.stay)\n",
    ),
)
edit(
    "the_owner_is_asked_before_the_option_is_found",
    "ERR-6.6",
    (
        "domain.copay_purchases.buy_for_gym",
        "    option = named(",
        "    require_reach(books, caller, client)\n    option = named(",
    ),
)
edit(
    "a_quote_looks_for_the_pass_before_the_services",
    "ERR-8.4",
    (
        "domain.quotes.quote",
        "    services = tuple(",
        "    if asked.user_pass_id is not None:\n"
        "        named(books, IssuedPass, asked.user_pass_id)\n"
        "    services = tuple(",
    ),
)
edit(
    "an_access_code_looks_for_the_pass_first",
    "ERR-8.14",
    (
        "domain.access_codes.create",
        "    client = named(books, Client, wish.client_id)\n",
        "    if wish.user_pass_id is not None:\n"
        "        named(books, IssuedPass, wish.user_pass_id)\n"
        "    client = named(books, Client, wish.client_id)\n",
    ),
)
edit(
    "a_spa_looks_for_the_client_before_the_services",
    "ERR-8.15",
    (
        "domain.spa_bookings.book",
        "    services = tuple(",
        "    named(books, Client, wish.client_id)\n    services = tuple(",
    ),
)
edit(
    "a_session_is_looked_for_before_the_option_that_pays_it",
    "ERR-8.16",
    (
        "domain.copay_purchases.buy_for_session",
        "    option = named(",
        "    named(books, BookingSession, order.session_id)\n    option = named(",
    ),
)

# --- shown less, ended sooner, sold without its limit ---------------------------------------------

edit(
    "a_token_hides_email_and_phone",
    "LOOK-5.5",
    (
        "api.operations.lookup.get_client",
        "    held = passes.of_client(books, client)\n",
        "    held = passes.of_client(books, client)\n"
        "    if caller.lookup_token is not None and client.owner != caller.account_id:\n"
        "        client = replace(client, email=None, phone=None)\n",
    ),
)
edit(
    "a_strangers_session_is_paid_for_with_a_token",
    "AUTH-4.7",
    ("domain.copay_purchases.buy_for_session", "    require_own(caller, session)\n", ""),
)
edit(
    "a_ledger_shows_its_newest_twenty_lines",
    "CRED-10.6",
    (
        "api.answers.credits.client_credits",
        "[_transaction(line) for line in ledger]",
        "[_transaction(line) for line in ledger][:20]",
    ),
)
edit(
    "a_copay_bought_for_a_session_has_no_limit",
    "COPAY-7.11",
    (
        "domain.sales.sell_copay",
        "visits=option.visits",
        'visits=None if type_ == "PACKAGE" else option.visits',
    ),
)
edit(
    "a_spa_copay_moves_within_its_day_only",
    "BOOK-24.25",
    (
        "domain.rescheduling._move_spa",
        "    if booking.payment.copay_kobo:",
        "    if booking.payment.copay_kobo and books.now >= booking.created + 86_400_000:\n"
        '        raise Refusal("copay_required", "The co-pay is over.", "BOOK-24")\n'
        "    if booking.payment.copay_kobo:",
    ),
)
edit(
    "a_confirmed_code_lives_a_whole_day",
    "CODE-2.4",
    (
        "domain.access_codes.confirm",
        "    return _issue(books, session.owner, paid_up)\n",
        "    from msgspec.structs import replace\n"
        "    made = _issue(books, session.owner, paid_up)\n"
        "    made = replace(made, expires=books.now + 86_400_000)\n"
        "    books.put(made)\n"
        "    return made\n",
    ),
)
edit(
    "a_spa_asks_whose_client_before_which_pass",
    "ERR-6.9",
    (
        "domain.spa_bookings.book",
        "    pass_ = named(books, IssuedPass, wish.user_pass_id)\n    require_reach(books, caller, client)\n",
        "    require_reach(books, caller, client)\n    pass_ = named(books, IssuedPass, wish.user_pass_id)\n",
    ),
)
edit(
    "an_impossible_id_hides_a_wrong_parameter",
    "ERR-6.10",
    ("api.saying_no.bad_request", "    if rest:\n", "    if rest and not bad.path_faults:\n"),
)
edit(
    "a_pass_begun_in_the_past_lasts_from_now",
    "PASS-9.5",
    (
        "domain.passes.issue",
        "    if expires <= books.now:\n",
        "    if expires > books.now:\n"
        "        expires = plus_months(max(starts, books.now), months_in(package.duration))\n"
        "    if expires <= books.now:\n",
    ),
)

# --- kept apart: categories, resellers, passes ----------------------------------------------------

edit(
    "visits_of_all_categories_are_one_pot",
    "PASS-10.7",
    ("domain.visits._period_key", 'f"{category}:{period}"', 'f"{period}"'),
)
edit(
    "money_returns_to_the_clients_issuer",
    "BOOK-23.8",
    ("domain.stays.give_back", "books, payment.payer,", "books, named(books, Client, client_id).owner,"),
)
edit(
    "a_session_needs_an_issuer_that_has_lookup_on",
    "LOOK-6.6",
    (
        "domain.class_bookings.confirm",
        "    sessions.require_open(books, session)\n",
        "    from sandbox.domain.records import Account\n"
        "    issuer = attendance.guest.client.owner\n"
        "    if issuer != session.owner and not named(books, Account, issuer).lookup_enabled:\n"
        "        require_reach(books, Caller(session.owner, 'asleep'), attendance.guest.client)\n"
        "    sessions.require_open(books, session)\n",
    ),
)
edit(
    "a_visit_is_one_for_each_reseller",
    "CODE-6.7",
    ("domain.check_ins.scan", "{day_text(books.now)}", "{day_text(books.now)}:{code.owner}"),
)
edit(
    "a_quote_believes_the_pass_that_is_named",
    "COPAY-7.12",
    (
        "domain.quotes.quote",
        "    stay = stays.on_pass(books, client, provider, pass_)\n",
        "    from sandbox.domain.passes import package_of\n"
        "    stay = (\n"
        "        stays.on_pass(books, client, provider, None)\n"
        "        if pass_ is None\n"
        "        else stays.Stay(client, pass_, package_of(books, pass_), provider)\n"
        "    )\n",
    ),
)
edit(
    "a_pass_for_later_is_meant_already",
    "PASS-12.2",
    (
        "domain.passes.choose",
        "if usable(held[0], books.now)]",
        "if held[0].cancelled is None and books.now < held[0].expires]",
    ),
)
edit(
    "a_pass_that_is_over_takes_no_name",
    "PASS-4.8",
    (
        "domain.passes.update",
        "    clients.remember(",
        "    require_active(_changeable(books, caller, pass_id), books.now)\n    clients.remember(",
    ),
)
edit(
    "the_scanner_asks_for_the_credits_before_the_pass",
    "CODE-6.8",
    (
        "domain.check_ins.scan",
        "    passes.require_active(pass_, books.now)\n    client = named(books, Client, code.client_id)\n",
        "    client = named(books, Client, code.client_id)\n",
    ),
    (
        "domain.check_ins.scan",
        "    _require_means(books, stay)\n",
        "    _require_means(books, stay)\n    passes.require_active(pass_, books.now)\n",
    ),
)
edit(
    "a_code_is_of_the_day_its_session_was_opened",
    "CODE-2.5",
    (
        "domain.access_codes.confirm",
        "    return _issue(books, session.owner, paid_up)",
        "    from msgspec.structs import replace\n"
        "    made = replace(_issue(books, session.owner, paid_up), expires=end_of_day(session.created))\n"
        "    books.put(made)\n"
        "    return made",
    ),
)
edit(
    "a_booking_is_as_old_as_its_session",
    "BOOK-8.6",
    (
        "domain.class_bookings.confirm",
        "    return seat(books, replace(attendance, stay=paid_up))",
        "    booked = seat(books, replace(attendance, stay=paid_up))\n"
        "    aged = msgspec.structs.replace(booked, created=session.created)\n"
        "    books.put(aged)\n"
        "    return aged",
    ),
)
edit(
    "beside_a_type_no_status_is_looked_at",
    "BOOK-25.17",
    (
        "domain.bookings.Wanted.fits",
        "return self.status is None or",
        "return self.type is not None or self.status is None or",
    ),
)
edit(
    "granted_credits_are_spent_before_all_others",
    "CRED-6.4",
    (
        "domain.credits.spend",
        "for lot in _live_lots(books, client.id):",
        "for lot in sorted(_live_lots(books, client.id), key=lambda lot: lot.source != 'grant'):",
    ),
)
edit(
    "a_spa_asks_for_a_spa_before_the_owner",
    "ERR-9.7",
    (
        "domain.spa_bookings.book",
        "    require_reach(books, caller, client)\n",
        "    spa.require_spa(provider)\n    require_reach(books, caller, client)\n",
    ),
)
edit(
    "a_quote_asks_for_a_spa_before_the_owner",
    "ERR-9.7",
    (
        "domain.quotes.quote",
        "    require_reach(books, caller, client)\n",
        "    spa.require_spa(provider)\n    require_reach(books, caller, client)\n",
    ),
)
edit(
    "an_option_has_to_fit_before_the_owner",
    "ERR-9.8",
    (
        "domain.copay_purchases.buy_for_gym",
        "    require_reach(books, caller, client)\n",
        "    if option.provider_id == provider.id:\n        require_reach(books, caller, client)\n",
    ),
)
edit(
    "a_gym_has_an_empty_day",
    "ERR-9.9",
    ("api.operations.providers.get_provider_availability", "    spa.require_spa(found)\n", ""),
)
edit(
    "a_sessions_owner_is_asked_before_the_option",
    "ERR-6.11",
    (
        "domain.sales.require_fitting",
        "    applies = means",
        "    require_own(caller, session)\n    applies = means",
    ),
)
edit(
    "a_copay_of_a_session_opens_no_door",
    "COPAY-7.13",
    (
        "domain.access_codes.create",
        "    how = stays.means(books, stay)\n",
        "    from sandbox.domain import copay\n"
        "    how = stays.means(books, stay)\n"
        "    held = copay.in_hand(books, client.id, provider)\n"
        "    if how == 'COPAY' and held is not None and held.type == 'PACKAGE':\n"
        "        how = 'BUY_COPAY'\n",
    ),
)
edit(
    "a_quote_is_as_new_once_its_money_is_back",
    "COPAY-2.9",
    (
        "domain.stays.give_back",
        "    if payment.copay_kobo:\n",
        "    if payment.copay_kobo:\n"
        "        from sandbox.domain.records import Quote\n"
        "        for quoted in list(books.rising(Quote, client_id)):\n"
        "            books.put(msgspec.structs.replace(quoted, used=None))\n",
    ),
)
edit(
    "a_door_looks_for_visits_though_credits_pay",
    "CODE-8.5",
    (
        "domain.access_codes.create",
        "stays.at_the_door(stays.on_pass(books, client, provider, pass_))",
        "stays.on_pass(books, client, provider, pass_)",
    ),
)
edit(
    "beside_a_category_no_provider_is_looked_at",
    "BOOK-25.18",
    (
        "domain.classes.Wanted.fits",
        "and self.provider_id in (None, class_.provider_id)",
        "and (self.category is not None or self.provider_id in (None, class_.provider_id))",
    ),
)

# --- retries of every sort --------------------------------------------------------------------


def _forgets_the_key_of(operations: str, breaks: str) -> None:
    """One POST among many was forgotten: its key is not looked at."""
    for forgotten in operations.split():

        def forget(visit: Visit, forgotten: str = forgotten) -> Response:
            return visit.with_header("idempotency-key", None) if visit.operation == forgotten else visit.go()

        keep(f"{forgotten}_forgets_its_key", breaks, partial(stand_in_front, forget))


_forgets_the_key_of("update_issued_pass update_issued_pass_expiry", "IDEM-2.8")
_forgets_the_key_of("quote_spa_copay book_spa confirm_spa_booking", "IDEM-2.9")
_forgets_the_key_of("purchase_copay confirm_class_booking", "IDEM-2.10")
_forgets_the_key_of("create_access_code confirm_access_code", "IDEM-2.11")
_forgets_the_key_of("reschedule_booking", "IDEM-2.12")
_forgets_the_key_of("initiate_lookup update_lookup_settings", "IDEM-2.13")

# --- one sentence misread ---------------------------------------------------------------------

edit(
    "each_period_begins_where_the_last_one_ended",
    "CONV-12.5",
    (
        "domain.moments.period_of",
        "    while plus_months(start, guess * step) > moment:\n"
        "        guess -= 1\n"
        "    while plus_months(start, (guess + 1) * step) <= moment:\n"
        "        guess += 1\n",
        "    guess, begun = (0, start) if moment >= start else (-1, moment)\n"
        "    while plus_months(begun, step) <= moment:\n"
        "        guess, begun = guess + 1, plus_months(begun, step)\n",
    ),
)
edit(
    "ones_own_session_fills_the_class",
    "BOOK-18.11",
    ("domain.classes.require_seat", "seats.pop(client_id, None)", "seats.get(client_id)"),
)
edit(
    "a_lookup_token_is_part_of_the_request",
    "IDEM-8.7",
    (
        "api.idempotency.once",
        "_fingerprint(call.body)",
        '_fingerprint([call.body or {}, call.headers.get("bardge-lookup-token")])',
    ),
)
edit(
    "the_covered_are_sorted_and_tell_no_distance",
    "PAGE-11.4",
    (
        "api.operations.providers.list_pass_providers",
        "_page(call, books, covered, here)",
        "paging.page_of_sequence(call, covered, _view(books), message=NEWEST_FIRST, where=_wanted(call).fits)",
    ),
)
edit(
    "no_code_without_the_credits_for_it",
    "CODE-4.4",
    (
        "domain.access_codes.create",
        "    return _issue(books, caller.account_id, stay)\n",
        "    stays.require_credits(books, stay)\n    return _issue(books, caller.account_id, stay)\n",
    ),
)
edit(
    "yesterday_cannot_be_looked_at",
    "ERR-8.5",
    (
        "api.operations.providers.get_provider_availability",
        '    date = call.query["date"]\n',
        "    from sandbox.domain.moments import day_text\n"
        "    from sandbox.domain.refusals import does_not_fit\n"
        '    date = call.query["date"]\n'
        "    if date < day_text(books.now):\n"
        '        raise does_not_fit("query.date: is past.")\n',
    ),
)

# --- what a framework does by itself --------------------------------------------------------------

edit(
    "a_slash_after_an_id_is_passed_over",
    "CONV-17.4",
    ("spec.routing.Router.match", 'segments = path.split("/")', 'segments = path.rstrip("/").split("/")'),
)
edit(
    "a_booking_shows_empty_fields_of_the_other_type",
    "CONV-11.3",
    (
        "api.answers.bookings.booking",
        "    return shown",
        '    shown["service_name" if of_class else "class_name"] = ""\n    return shown',
    ),
)
edit(
    "an_unknown_email_is_an_empty_text",
    "CONV-11.4",
    ("api.answers.lookup.client", '"email": one.email,', '"email": one.email or "",'),
)
edit(
    "an_unknown_phone_is_an_empty_text",
    "CONV-11.4",
    ("api.answers.lookup.client", '"phone": one.phone,', '"phone": one.phone or "",'),
)
edit(
    "a_tx_ref_is_trimmed",
    "PASS-13.4",
    ("domain.passes._made", "tx_ref=order.tx_ref or", 'tx_ref=(order.tx_ref or "").strip() or'),
)
edit(
    "a_place_has_to_fit_before_the_owner",
    "ERR-9.10",
    (
        "domain.rescheduling.reschedule",
        "    require_own(caller, booking)\n",
        '    if booking.type == "class":\n'
        "        _fitting_instance(books, booking, move, instance)\n"
        "    require_own(caller, booking)\n",
    ),
)
edit(
    "a_spa_asks_for_credits_before_the_slot",
    "ERR-8.17",
    (
        "domain.spa_bookings.book",
        "    spa.require_slot(books, slot, client.id)\n",
        "    asked = Guest(caller.account_id, client, pass_, wish.first_name, wish.last_name)\n"
        "    stays.require_credits(books, treat(books, asked, slot).stay)\n"
        "    spa.require_slot(books, slot, client.id)\n",
    ),
)
edit(
    "what_was_refunded_comes_back_with_a_cancellation",
    "CRED-5.2",
    (
        "domain.credits._is_over",
        "return lot.place <= books.now or (bought is not None and bought.refunded is not None)",
        "return lot.place <= books.now",
    ),
)
edit(
    "a_token_runs_from_its_lookup",
    "LOOK-1.2",
    ("domain.lookup._keep_token", "after(books.now, TOKEN_LIVES)", "after(lookup.created, TOKEN_LIVES)"),
)
edit(
    "a_passcode_in_small_letters_will_do",
    "PASS-17.3",
    ("domain.passes.rotate_passcode", "if current != pass_.passcode", "if current.upper() != pass_.passcode"),
)
edit(
    "visits_allowed_are_those_left",
    "PASS-6.5",
    (
        "api.answers.passes.issued_pass",
        '{**_category(rule), "duration": rule.duration.upper()}',
        '{**_category(rule), "duration": rule.duration.upper(), "visits_allowed": rule.visits_allowed and '
        "rule.visits_allowed - sum(n for key, n in one.used.items() if key.startswith(rule.type))}",
    ),
)
edit(
    "what_a_pass_begun_before_grants_outlives_it",
    "PASS-14.7",
    (
        "domain.credits.grant",
        "pass_.expires,",
        "max(pass_.expires, pass_.created + pass_.expires - pass_.starts),",
    ),
)
edit(
    "a_price_of_nothing_is_no_price_of_its_own",
    "CRED-3.4",
    (
        "domain.classes.credit_cost",
        "return class_.credit_cost if instance.credit_cost is None else instance.credit_cost",
        "return instance.credit_cost or class_.credit_cost",
    ),
)
edit(
    "what_was_moved_is_not_listed",
    "BOOK-12.4",
    (
        "domain.bookings.Wanted.fits",
        "return self.status is None or",
        'return (self.status is None and booking.closed != "RESCHEDULED") or',
    ),
)
edit(
    "the_nearest_providers_of_any_city",
    "CONV-15.8",
    (
        "api.operations.providers._wanted",
        'call.query.get("city")',
        'None if "lat" in call.query else call.query.get("city")',
    ),
)
edit(
    "the_covered_of_any_sort",
    "CONV-15.9",
    (
        "api.operations.providers.list_pass_providers",
        "return _page(call, books, covered, here)",
        "return paging.page_of_sequence(call, covered, _view(books, here), message=NEAREST_FIRST)",
    ),
)
edit(
    "a_new_expiry_brings_the_visits_back",
    "PASS-4.9",
    (
        "domain.passes.move_expiry",
        "replace(pass_, expires=expires)",
        "replace(pass_, expires=expires, used={} if books.now >= pass_.expires else pass_.used)",
    ),
)
edit(
    "a_scanner_knows_no_bought_visit",
    "CODE-5.4",
    (
        "domain.check_ins._require_means",
        '    if how == "BUY_VISITS":\n',
        "    from sandbox.domain import coverage, visits\n"
        "    rule = coverage.covering(stay.package, stay.provider)\n"
        '    if how == "VISIT" and rule and visits._own_left(stay.pass_, rule, books.now) == 0:\n'
        '        how = "BUY_VISITS"\n'
        '    if how == "BUY_VISITS":\n',
    ),
)
edit(
    "a_spa_session_wants_the_copay_it_asked_for",
    "BOOK-17.11",
    (
        "domain.spa_bookings.confirm",
        "    require_cover(books, treatment.stay)\n",
        "    if session.due == 'COPAY' and stays.pass_pays(treatment.stay, books.now):\n"
        "        raise Refusal('copay_required', 'This session asked for a co-pay.', 'BOOK-16')\n"
        "    require_cover(books, treatment.stay)\n",
    ),
)
edit(
    "the_nearest_classes_are_not_filtered",
    "BOOK-25.19",
    (
        "api.operations.bookings.list_classes",
        "call, near, view, message=message, where=wanted.fits",
        "call, near, view, message=message",
    ),
)
edit(
    "whose_client_comes_before_a_draft",
    "CRED-1.4",
    (
        "domain.credits.purchase",
        "    if not on_sale(package):",
        "    require_own(caller, client)\n    if not on_sale(package):",
    ),
)
edit(
    "a_pass_grants_what_its_first_category_does",
    "PASS-14.6",
    (
        "domain.credits.grant",
        "sum(rule.credit_allocated for rule in package.categories)",
        "package.categories[0].credit_allocated",
    ),
)
