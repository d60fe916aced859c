"""Sins of whoever thought of the first path and not of the second: the moved booking, the token's bearer, the spa."""

from __future__ import annotations

from tests.miniatures.craft import edit

# --- moves ----------------------------------------------------------------------------------

edit(
    "six_hours_before_its_start_nothing_moves",
    "BOOK-24.19",
    (
        "domain.rescheduling._require_movable",
        "if not bookings.early(booking, now):",
        "if now >= booking.starts - bookings.FREE_TO_CHANGE:",
    ),
)
edit(
    "what_was_moved_away_bars_its_old_seat",
    "BOOK-13.3",
    (
        "domain.class_bookings.book",
        "    classes.require_seat(instance, client.id, books.now)\n",
        "    classes.require_seat(instance, client.id, books.now)\n"
        "    from sandbox.domain.refusals import Refusal\n"
        "    for old in books.rising(Booking, f'{caller.account_id}/{client.id}'):\n"
        "        if old.instance_id == instance.id and old.closed == 'RESCHEDULED':\n"
        "            raise Refusal('slot_unavailable', 'No.', '')\n",
    ),
)
edit(
    "ones_own_session_bars_a_move",
    "BOOK-18.7",
    (
        "domain.rescheduling._move_class",
        "    classes.require_seat(instance, booking.client_id, books.now)",
        "    classes.require_seat(instance, booking.client_id, books.now)\n"
        "    held = instance.seats.get(booking.client_id)\n"
        "    if held is not None and held.alive(books.now):\n"
        "        raise Refusal('slot_unavailable', 'No.', '')",
    ),
)
edit(
    "a_moved_booking_is_as_confirmed_as_it_was",
    "BOOK-8.4",
    (
        "domain.rescheduling.reschedule",
        "        return _move_class(books, booking, _fitting_instance(books, booking, move, instance))\n",
        "        confirmed = bookings.status(booking, books.now) == 'CONFIRMED'\n"
        "        moved = _move_class(books, booking, _fitting_instance(books, booking, move, instance))\n"
        "        moved = replace(moved, confirmed_at=books.now if confirmed else None)\n"
        "        books.put(moved)\n"
        "        return moved\n",
    ),
)
edit(
    "classes_move_within_their_class_only",
    "BOOK-24.20",
    (
        "domain.rescheduling._fitting_instance",
        "if provider_id != booking.provider_id:",
        "if instance.class_id != booking.class_id:",
    ),
)
edit(
    "a_room_paid_by_a_copay_is_kept",
    "BOOK-24.21",
    (
        "domain.rescheduling._move_spa",
        "        _leave(books, booking)\n        return",
        "        books.put(replace(booking, closed='RESCHEDULED', closed_at=books.now))\n        return",
    ),
)

# --- with another reseller's client ---------------------------------------------------------

edit(
    "visits_are_paid_by_the_issuer",
    "LOOK-6.4",
    ("domain.sales._sell_visits", "accounts.debit(books, buyer,", "accounts.debit(books, stay.pass_.owner,"),
)
edit(
    "a_gyms_copay_is_paid_by_the_issuer",
    "LOOK-6.4",
    (
        "domain.copay_purchases.buy_for_gym",
        "return sales.sell_copay(books, caller.account_id,",
        "return sales.sell_copay(books, client.owner,",
    ),
)
edit(
    "another_resellers_booking_is_a_cursor",
    "PAGE-10.6",
    (
        "api.paging.page_of_shelf",
        "record.shelf != shelf",
        "record.shelf.split('/')[-1] != shelf.split('/')[-1]",
    ),
)
edit(
    "money_returns_to_whoever_booked",
    "BOOK-23.6",
    (
        "domain.bookings.close",
        "booking.client_id, booking.payment,",
        "booking.client_id, replace(booking.payment, payer=booking.owner),",
    ),
)
edit(
    "each_reseller_has_a_seat_for_the_client",
    "BOOK-13.4",
    (
        "domain.class_bookings.book",
        "classes.require_seat(instance, client.id, books.now)",
        "classes.require_seat(instance, client.id if client.owner == caller.account_id else '', books.now)",
    ),
)
edit(
    "a_quote_for_ones_own_client_takes_any_token",
    "LOOK-7.4",
    (
        "domain.quotes.quote",
        "    require_reach(books, caller, client)\n",
        "    if client.owner != caller.account_id:\n        require_reach(books, caller, client)\n",
    ),
)
edit(
    "a_second_lookup_ends_the_first",
    "LOOK-3.4",
    (
        "domain.lookup.initiate",
        "    books.put(lookup)\n",
        "    for one in list(books.rising(Lookup, client.id)):\n"
        "        books.put(replace(one, expires=min(one.expires, books.now)))\n"
        "    books.put(lookup)\n",
    ),
)
edit(
    "wrong_codes_are_counted_by_client",
    "LOOK-3.4",
    (
        "domain.lookup._count_wrong_code",
        "    books.put(counted)\n",
        "    books.put(counted)\n"
        "    for one in list(books.rising(Lookup, lookup.client_id)):\n"
        "        books.put(replace(one, wrong_attempts=5 if counted.wrong_attempts > 3 else one.wrong_attempts))\n",
    ),
)
edit(
    "a_second_token_ends_the_first",
    "LOOK-1.4",
    (
        "domain.lookup._keep_token",
        "    books.put(token)\n",
        "    for one in list(books.rising(LookupToken, lookup.client_id)):\n"
        "        books.put(replace(one, expires=min(one.expires, books.now)))\n"
        "    books.put(token)\n",
    ),
)
edit(
    "a_wrong_code_uses_up_its_key",
    "IDEM-4.3",
    (
        "api.idempotency.once",
        "        response = carry_out()\n",
        "        try:\n"
        "            response = carry_out()\n"
        "        except Refusal as refusal:\n"
        "            if refusal.leaves_trace:\n"
        "                gone = KeptAnswer(call.operation_id, call.url, fingerprint, world.now, 0, b'')\n"
        "                world.rows.keep_answer(\n"
        "                    world.state.id, account_id, key, msgspec.msgpack.encode(gone)\n"
        "                )\n"
        "            raise\n",
    ),
    (
        "api.idempotency.once",
        "    return Response(kept.status, body=kept.body), True\n",
        "    if not kept.status:\n"
        "        return carry_out(), False\n"
        "    return Response(kept.status, body=kept.body), True\n",
    ),
)

# --- spas -----------------------------------------------------------------------------------

edit(
    "a_copays_services_have_an_order",
    "COPAY-6.6",
    ("domain.copay.in_hand", "wanted = sorted(service_ids)", "wanted = list(service_ids)"),
    ("domain.copay.unspent", "return sorted(purchase.service_ids)", "return list(purchase.service_ids)"),
)
edit(
    "a_quote_asks_about_the_newest_pass",
    "PASS-16.9",
    (
        "domain.quotes.quote",
        "    stay = stays.on_pass(books, client, provider, pass_)\n",
        "    from sandbox.domain import passes\n"
        "    held = (one for one, _ in passes.of_client(books, client) if passes.usable(one, books.now))\n"
        "    stay = stays.on_pass(books, client, provider, pass_ or next(held, None))\n",
    ),
)
edit(
    "quotes_are_sold_on_a_pass_that_is_over",
    "COPAY-7.10",
    (
        "domain.copay_purchases.buy_for_spa",
        "    stay = stays.on_pass(books, client, provider, named(books, IssuedPass, quote.pass_id))\n",
        "    from sandbox.domain import passes\n"
        "    held = named(books, IssuedPass, quote.pass_id)\n"
        "    stay = Stay(client, held, passes.package_of(books, held), provider)\n",
    ),
)
edit(
    "one_service_for_money_makes_all_of_them_so",
    "BOOK-21.10",
    (
        "domain.spa.credit_cost",
        "    return sum(costs) if costs else None\n",
        "    return sum(costs) if costs and len(costs) == len(services) else None\n",
    ),
)
edit(
    "slots_fit_the_longest_service",
    "BOOK-22.5",
    (
        "domain.spa.slots",
        "chosen = tuple(services) or _shortest(books, provider)",
        "chosen = tuple(sorted(services, key=lambda one: -one.duration_minutes)[:1])"
        " or _shortest(books, provider)",
    ),
)
edit(
    "sessions_for_other_services_live_on",
    "BOOK-18.8",
    (
        "domain.spa.take_room",
        "if _own_session(one, client_id, slot.starts)",
        "if _own_session(one, client_id, slot.starts) and one.ends == slot.ends",
    ),
)

# --- classes, codes and the clock -----------------------------------------------------------

edit(
    "visits_are_sold_because_they_were_asked_for",
    "BOOK-17.9",
    (
        "domain.class_bookings.confirm",
        "    paid_up = sales.sell(books, session.owner, attendance.stay, order)\n",
        "    paid_up = sales.sell(books, session.owner, attendance.stay, order)\n"
        "    if session.due == 'VISITS' and paid_up == attendance.stay and order.number_of_visits:\n"
        "        wanted = (order.number_of_visits, 'MONTHLY')\n"
        "        paid_up = sales._sell_visits(books, session.owner, attendance.stay, wanted)\n",
    ),
)
edit(
    "a_session_is_opened_that_credits_cannot_pay",
    "ERR-8.10",
    (
        "domain.class_bookings.book",
        "    stays.require_credits(books, attendance.stay)\n",
        "    if how not in TO_BUY:\n        stays.require_credits(books, attendance.stay)\n",
    ),
)
edit(
    "the_day_of_a_code_is_londons",
    "CODE-2.3",
    (
        "domain.moments.end_of_day",
        "day_of(moment)",
        "(EPOCH + timedelta(milliseconds=moment)).date()",
    ),
)
edit(
    "the_studios_confirmation_is_not_told",
    "BOOK-25.12",
    (
        "domain.bookings.updated",
        'confirms_at(booking) if state == "CONFIRMED"',
        'after(booking.created, VENUE_TAKES) if state == "CONFIRMED"',
    ),
)
edit(
    "the_filter_completes_a_class_at_its_start",
    "BOOK-25.13",
    (
        "domain.bookings.Wanted.fits",
        "self.status == status(booking, self.now)",
        "self.status == ('COMPLETED' if not booking.closed and self.now >= booking.starts"
        " else status(booking, self.now))",
    ),
)
edit(
    "what_has_begun_is_no_longer_shown",
    "BOOK-25.14",
    (
        "domain.classes.timetable",
        "return list(books.between(Instance, class_.id, midnight(days.first), midnight(days.last) + DAY))",
        "found = books.between(Instance, class_.id, midnight(days.first), midnight(days.last) + DAY)\n"
        "    return [one for one in found if one.starts > books.now]",
    ),
)
edit(
    "today_is_londons",
    "BOOK-25.15",
    ("domain.classes.days", "day_of(books.now) if first", "day_of(books.now - 3_600_000) if first"),
)

# --- the order of questions -----------------------------------------------------------------

edit(
    "owners_are_asked_for_before_the_last_id",
    "ERR-6.9",
    (
        "domain.access_codes.create",
        "    provider = named(books, Provider, wish.provider_id)\n",
        "    require_reach(books, caller, client)\n    provider = named(books, Provider, wish.provider_id)\n",
    ),
)
edit(
    "at_the_door_the_pass_is_told_first",
    "ERR-8.11",
    (
        "domain.access_codes.confirm",
        "    sessions.require_open(books, session)\n",
        "    passes.require_active(pass_, books.now)\n    sessions.require_open(books, session)\n",
    ),
)
edit(
    "a_session_that_ran_out_misses_a_field",
    "ERR-8.12",
    (
        "domain.class_bookings.confirm",
        "    sessions.require_open(books, session)\n",
        "    sales.require_complete(stays.means(books, attendance.stay), order)\n"
        "    sessions.require_open(books, session)\n",
    ),
)
edit(
    "a_closed_booking_fits_nowhere",
    "BOOK-24.22",
    (
        "domain.rescheduling.reschedule",
        "    require_own(caller, booking)\n",
        "    require_own(caller, booking)\n    _require_movable(booking, books.now)\n",
    ),
)

# --- later than the first look --------------------------------------------------------------

edit(
    "a_spa_booking_ends_with_its_first_service",
    "BOOK-8.5",
    (
        "domain.spa_bookings.Treatment.occasion",
        "ends=self.slot.ends",
        "ends=Slot(self.slot.provider, self.slot.services[:1], self.slot.starts).ends",
    ),
)
edit(
    "who_cancels_late_keeps_the_seat",
    "BOOK-9.4",
    (
        "domain.bookings.cancel",
        "    free(books, booking)\n",
        "    if early(booking, books.now):\n        free(books, booking)\n",
    ),
)
edit(
    "who_cancels_late_keeps_the_copay",
    "BOOK-23.7",
    (
        "domain.bookings.close",
        "    closed = replace(",
        "    from sandbox.domain.records import CopayPurchase\n"
        "    if booking.payment.copay_kobo and not returns:\n"
        "        books.put(replace(named(books, CopayPurchase, booking.payment.copay_id), spent_on=None))\n"
        "    closed = replace(",
    ),
)
edit(
    "visits_are_counted_by_the_day_of_london",
    "CODE-6.6",
    ("domain.check_ins.scan", "day_text(books.now)", "day_text(books.now - 3_600_000)"),
)

# --- done twice, and what is a booking's own ------------------------------------------------

edit(
    "a_session_that_is_over_is_opened_anew",
    "IDEM-8.6",
    (
        "api.idempotency.once",
        "    return Response(kept.status, body=kept.body), True\n",
        "    if b'session_id' in kept.body and world.now >= kept.at + 900_000:\n"
        "        return carry_out(), False\n"
        "    return Response(kept.status, body=kept.body), True\n",
    ),
)
edit(
    "a_spas_confirm_takes_what_was_due_at_first",
    "BOOK-17.10",
    (
        "domain.spa_bookings.confirm",
        "    require_cover(books, treatment.stay)\n",
        "    if session.due == 'COPAY':\n        require_cover(books, treatment.stay)\n",
    ),
)
edit(
    "credits_of_treatments_are_gone",
    "BOOK-10.7",
    (
        "domain.bookings.close",
        "booking.client_id, booking.payment,",
        "booking.client_id, replace(booking.payment, credits=()) if booking.service_ids else booking.payment,",
    ),
)
edit(
    "a_quote_is_good_at_any_spa",
    "ERR-9.6",
    (
        "domain.copay_purchases._require_made_for",
        "(quote.client_id, quote.provider_id) != (client.id, provider.id)",
        "quote.client_id != client.id",
    ),
)
edit(
    "a_booking_ends_all_sessions_of_its_client",
    "BOOK-18.9",
    (
        "domain.class_bookings.seat",
        "    booking = occasions.booking(books, guest, occasion, pay)\n",
        "    booking = occasions.booking(books, guest, occasion, pay)\n"
        "    for one in list(books.rising(BookingSession, guest.client.id)):\n"
        "        if one.used is None and one.ended is None:\n"
        "            books.put(msgspec.structs.replace(one, ended=books.now))\n",
    ),
)
edit(
    "classes_move_to_what_the_studio_cancelled",
    "BOOK-24.23",
    (
        "domain.rescheduling._move_class",
        "classes.require_seat(instance,",
        "classes.require_seat(replace(instance, cancelled=None),",
    ),
)
edit(
    "classes_move_to_what_has_begun",
    "BOOK-24.23",
    (
        "domain.rescheduling._move_class",
        "classes.require_seat(instance,",
        "classes.require_seat(replace(instance, starts=instance.starts + 10**12),",
    ),
)
edit(
    "treatments_move_to_yesterday",
    "BOOK-24.23",
    (
        "domain.spa.require_slot",
        "    require_ahead(slot, books.now)\n",
        "    if not leaving:\n        require_ahead(slot, books.now)\n",
    ),
)
edit(
    "treatments_move_to_any_minute",
    "BOOK-24.23",
    ("domain.spa.require_slot", "if slot.starts not in _grid", "if not leaving and slot.starts not in _grid"),
)
edit(
    "to_alone_is_not_heard",
    "BOOK-25.16",
    ("domain.classes.days", "if last is None else", "if last is None or first is None else"),
)
edit(
    "from_alone_ends_two_weeks_from_today",
    "BOOK-25.16",
    (
        "domain.classes.days",
        "to = min(from_, date.max - shown) + shown if",
        "to = max(from_, day_of(books.now) + shown) if",
    ),
)
edit(
    "held_is_told_before_begun",
    "ERR-8.13",
    ("domain.classes.require_seat", "    require_running(instance, now)\n    seats", "    seats"),
    (
        "domain.classes.require_seat",
        "    if instance.taken_elsewhere +",
        "    require_running(instance, now)\n    if instance.taken_elsewhere +",
    ),
)
edit(
    "full_is_told_before_held",
    "ERR-8.13",
    (
        "domain.classes.require_seat",
        "if mine is not None and mine.until is None:",
        "if mine and mine.until is None and instance.taken_elsewhere + len(seats) + 1 < instance.capacity:",
    ),
)
edit(
    "only_the_issuer_moves_a_booking",
    "LOOK-6.5",
    (
        "domain.rescheduling.reschedule",
        "    require_own(caller, booking)\n",
        "    require_own(caller, booking)\n    require_own(caller, guest_of(books, booking).client)\n",
    ),
)
edit(
    "what_a_code_needs_is_paid_by_the_issuer",
    "LOOK-6.5",
    ("domain.access_codes.confirm", "sales.sell(books, session.owner,", "sales.sell(books, client.owner,"),
)
edit(
    "any_token_opens_passes",
    "LOOK-7.5",
    (
        "api.gateway.Gateway._carry_out",
        'call.headers.get("bardge-lookup-token")',
        'notes.request.header("bardge-lookup-token")',
    ),
    (
        "domain.resources.own",
        "    require_own(caller, found)\n",
        "    if caller.lookup_token is None:\n        require_own(caller, found)\n",
    ),
)
edit(
    "ones_own_session_bars_a_treatments_move",
    "BOOK-18.10",
    (
        "domain.spa.require_slot",
        "and not _own_session(one, client_id, slot.starts)",
        "and (leaving or not _own_session(one, client_id, slot.starts))",
    ),
)
edit(
    "a_treatment_moves_and_pays_twice",
    "BOOK-24.24",
    (
        "domain.rescheduling._move_spa",
        "    stays.give_back(books",
        "    booking.payment.credits or stays.give_back(books",
    ),
)
edit(
    "visits_of_treatments_return_at_any_hour",
    "BOOK-10.8",
    (
        "domain.bookings.close",
        "    if returns:",
        "    if returns or (booking.service_ids and booking.payment.category):",
    ),
)
