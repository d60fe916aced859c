"""Sins against the fine print: which of several is meant, what comes along, what has happened meanwhile."""

from __future__ import annotations

from sandbox.wire import Response
from tests.miniatures.craft import Visit, drop, edit, layer, put, refusal, refuses, says

# --- sessions and their places --------------------------------------------------------------

edit(
    "what_was_due_at_first_is_sold",
    "BOOK-17.6",
    (
        "domain.class_bookings.confirm",
        "sales.require_complete(stays.means(books, attendance.stay), order)",
        "sales.require_complete('BUY_VISITS' if session.due == 'VISITS' else stays.means(books, attendance.stay), order)",
    ),
)
edit(
    "treatments_are_confirmed_after_their_time",
    "BOOK-17.7",
    ("domain.spa_bookings.confirm", "    spa.require_ahead(treatment.slot, books.now)\n", ""),
)
edit(
    "sessions_outlive_what_overtook_them",
    "BOOK-18.1 BOOK-18.3 BOOK-18.4",
    ("domain.holds.take_over", "if session is not None and session.used is None:", "if False:"),
    ("domain.sessions.require_open", " or not _holds_place(books, session)", ""),
)
edit(
    "sessions_hold_no_rooms",
    "BOOK-18.5",
    ("domain.spa._living", "if one.hold.alive(books.now)", "if one.hold.until is None"),
    ("domain.sessions.require_open", " or not _holds_place(books, session)", ""),
)
edit(
    "rooms_are_held_for_good",
    "BOOK-4.6",
    ("domain.spa._living", " if one.hold.alive(books.now)", ""),
)
edit(
    "a_room_taken_later_is_taken_now",
    "BOOK-15.3",
    ("domain.spa._has_room", "if one.starts < slot.ends and slot.starts < one.ends", ""),
)
refuses(
    "credits_gone_since_end_the_session",
    "BOOK-21.6",
    "confirm_spa_booking:validation_error",
    put(code="session_expired"),
    status=409,
)
edit(
    "a_cancelled_instance_is_confirmed",
    "BOOK-26.5",
    ("domain.class_bookings.confirm", "    classes.require_running(instance, books.now)\n", ""),
)
edit(
    "cancelled_instances_look_scheduled",
    "BOOK-25.9",
    ("domain.classes.status", "if instance.cancelled is not None:", "if False:"),
)
edit(
    "instances_are_completed_at_their_start",
    "BOOK-25.10",
    ("domain.classes.status", "now >= instance.ends", "now >= instance.starts"),
)

# --- what moves along -----------------------------------------------------------------------

refuses(
    "a_move_that_needs_a_purchase_is_not_covered",
    "BOOK-24.9",
    "reschedule_booking:copay_required",
    put(code="provider_not_covered"),
)
edit(
    "the_old_visit_returns_too_late",
    "BOOK-24.10",
    ("domain.stays.moving", "pass_=visits.give_back(stay.pass_, paid), returning=paid", "returning=paid"),
)
edit(
    "a_copays_old_visit_returns_too_late",
    "BOOK-24.10",
    ("domain.copay.runs", "purchase.used - returning <", "purchase.used <"),
)
edit(
    "the_old_credits_return_too_late",
    "BOOK-24.11",
    ("domain.stays.require_credits", "stay.returning.credits", "()"),
)
edit(
    "a_moved_treatment_is_paid_again",
    "BOOK-24.12",
    ("domain.rescheduling._move_spa", "if booking.payment.copay_kobo:", "if False:"),
)
edit(
    "ones_own_room_is_in_the_way",
    "BOOK-24.13",
    ("domain.rescheduling._move_spa", ", leaving=booking.id", ""),
)
edit(
    "treatments_move_into_full_rooms",
    "BOOK-24.14",
    (
        "domain.rescheduling._move_spa",
        "spa.require_slot(books, slot, booking.client_id, leaving=booking.id)",
        "spa.require_ahead(slot, books.now)",
    ),
)

# --- which of several -----------------------------------------------------------------------

edit(
    "a_year_of_visits_is_a_month",
    "BOOK-20.4",
    ("domain.visits.buy", "plus_months(now, months_in(duration))", "plus_months(now, 1)"),
)
edit(
    "visits_that_last_are_used_first",
    "BOOK-20.5",
    ("domain.visits.take", "lot = min(open_", "lot = max(open_"),
)
edit(
    "the_pass_that_lasts_longer_is_meant",
    "PASS-16.4",
    ("domain.passes.choose", "== 0, pass_.expires", "== 0, -pass_.expires"),
)
edit(
    "the_oldest_pass_is_meant",
    "PASS-16.5",
    ("domain.passes.choose", "else active[0]", "else active[-1]"),
)
edit(
    "bought_visits_revive_no_pass",
    "PASS-11.4",
    ("domain.visits.all_used", " and not _bought_left(pass_, rule.type, now)", ""),
)
edit(
    "clients_keep_their_first_names",
    "PASS-13.6",
    ("domain.clients.welcome", "\n    remember(books", "\n        remember(books"),
)
edit(
    "newer_lots_are_spent_first",
    "CRED-6.2",
    (
        "domain.credits.spend",
        "for lot in _live_lots(books, client.id):",
        "for lot in sorted(_live_lots(books, client.id), key=lambda lot: (lot.place, -lot.created)):",
    ),
)
edit(
    "one_lot_is_all_that_is_taken",
    "CRED-6.3",
    ("domain.credits.spend", "        if not due:\n            break\n", "        break\n"),
)
edit(
    "ledgers_are_a_second_late",
    "CRED-10.4",
    ("domain.credits.ledger", "line.description, line.created)", "line.description, line.created + 1000)"),
)

# --- at the door ----------------------------------------------------------------------------

edit(
    "used_codes_never_expire",
    "CODE-6.3",
    (
        "domain.check_ins._require_good",
        "if now >= code.expires:",
        "if now >= code.expires and code.used is None:",
    ),
)
says("a_copay_opens_no_door", "CODE-6.4", "confirm_access_code", drop("access_code"))
edit(
    "check_ins_leave_the_copay_alone",
    "COPAY-4.7",
    ("domain.stays._use_copay", "used=purchase.used + 1", "used=purchase.used"),
)
edit(
    "a_copay_pays_before_credits",
    "CODE-8.4",
    (
        "domain.stays.means",
        'return "CREDITS" if stay.credit_cost is not None and stay.provider.category == "GYM" else "COPAY"',
        'return "COPAY"',
    ),
)
edit(
    "a_spa_copay_is_anybodys",
    "COPAY-6.5",
    ("domain.spa_bookings.require_cover", "if stays.means(books, stay) in TO_BUY:", "if False:"),
)


@layer("LOOK-5.3")
def tokens_open_no_quotes(visit: Visit) -> Response:
    if visit.operation == "quote_spa_copay" and visit.request.headers.get("bardge-lookup-token"):
        return refusal(visit, 403, "permission_error", "permission_denied")
    return visit.go()


edit(
    "a_lookup_is_verified_again_and_again",
    "LOOK-8.4 LOOK-1.3",
    ("domain.lookup._require_pending", "if lookup.verified is not None:", "if False:"),
)

# --- to the moment --------------------------------------------------------------------------

edit(
    "credits_are_spent_in_their_last_moment",
    "CRED-2.3",
    ("domain.credits._live_lots", "books.now + 1", "books.now"),
)
edit(
    "a_spa_session_confirmed_is_never_used",
    "BOOK-4.7",
    ("domain.spa_bookings.confirm", "    sessions.use_up(books, session)\n", ""),
)
edit(
    "a_quote_of_nothing_is_sold_once_the_visit_is_gone",
    "COPAY-7.5",
    ("domain.copay_purchases.buy_for_spa", "quote.amount_kobo == 0 or ", ""),
)
edit(
    "a_quote_is_sold_whatever_the_pass_pays_by_now",
    "COPAY-7.6",
    (
        "domain.copay_purchases.buy_for_spa",
        "if quote.amount_kobo == 0 or stays.pass_pays(stay, books.now):",
        "if quote.amount_kobo == 0:",
    ),
)
edit(
    "a_sessions_copay_is_sold_without_its_token",
    "LOOK-5.4",
    ("domain.copay_purchases.buy_for_session", "    require_reach(books, caller, client)\n", ""),
)
edit(
    "what_is_marked_by_hand_was_over_at_its_end",
    "BOOK-25.11",
    ("domain.studio._complete", ", closed_at=moment", ""),
)
edit(
    "old_visits_return_to_this_period",
    "PASS-10.4",
    (
        "domain.visits.give_back",
        "payment.category, payment.period, -1)",
        "payment.category, max(int(key.partition(':')[2]) for key in pass_.used), -1)",
    ),
)
edit(
    "a_pass_may_end_where_it_starts",
    "PASS-4.6",
    ("domain.passes.move_expiry", "if expires <= earliest:", "if expires < earliest:"),
)
edit(
    "a_pass_that_ends_now_is_sold",
    "PASS-9.4",
    ("domain.passes.issue", "if expires <= books.now:", "if expires < books.now:"),
)
edit(
    "a_session_at_the_door_is_never_used",
    "BOOK-4.8",
    ("domain.access_codes.confirm", "    sessions.use_up(books, session)\n", ""),
)
edit(
    "tokens_are_anybodys",
    "LOOK-2.5",
    ("domain.clients._opens", "        and found.owner == caller.account_id\n", ""),
)
edit(
    "one_copay_for_life",
    "COPAY-4.8",
    (
        "domain.copay_purchases._require_uncovered",
        "if copay.in_hand(books, stay.client.id, stay.provider) is not None:",
        "if list(books.between(CopayPurchase, f'{stay.client.id}:{stay.provider.id}', 0, books.now + 1)):",
    ),
)
edit(
    "refunds_leave_no_line",
    "CRED-9.2",
    ("domain.credits.refund_purchase", "        _write_line(books, lot.client_id, line, lot.id)\n", ""),
)
edit(
    "lapses_stand_where_somebody_looked",
    "CRED-2.4",
    ("domain.credits.ledger", "Millis(lot.place)", "books.now"),
)
edit(
    "a_treatment_moves_with_an_instance_named",
    "BOOK-24.15",
    ("domain.rescheduling._fitting_slot", " or move.class_instance_id is not None", ""),
)
edit(
    "credits_need_a_visit_too",
    "BOOK-21.7 COPAY-2.8",
    ("domain.stays.pass_pays", "return stay.credit_cost is not None or ", "return "),
)
edit(
    "a_covered_spa_takes_no_copay",
    "BOOK-21.8",
    ("domain.stays.means", 'if covered and stay.provider.category == "GYM":', "if covered:"),
)

# --- at the door, once more -----------------------------------------------------------------

edit(
    "the_pass_named_is_not_the_one",
    "PASS-16.6",
    (
        "domain.access_codes.create",
        "stays.on_pass(books, client, provider, pass_)",
        "stays.on_pass(books, client, provider, None)",
    ),
)
edit(
    "spas_have_no_door",
    "CODE-7.6",
    (
        "domain.access_codes.create",
        'if how in TO_BUY and provider.category == "SPA":',
        'if provider.category == "SPA":',
    ),
)
edit(
    "any_order_opens_a_door",
    "CODE-7.7",
    (
        "domain.access_codes.confirm",
        "    sales.require_fitting(books, caller, session, stay, order)\n",
        "",
    ),
)
edit(
    "cover_lost_is_visits_used_up",
    "CODE-6.5",
    ("domain.check_ins._require_means", 'if how == "BUY_COPAY":', "if False:"),
    ("domain.check_ins._require_means", 'if how == "BUY_VISITS":', "if how in stays.TO_BUY:"),
)
edit(
    "the_last_credit_opens_no_door",
    "CODE-4.3",
    ("domain.check_ins._require_means", "held < stay.credit_cost:", "held <= stay.credit_cost:"),
)
edit(
    "bookings_move_on_any_pass",
    "BOOK-24.16",
    ("domain.rescheduling._move_class", "    passes.require_active(guest.pass_, books.now)\n", ""),
)
edit(
    "old_visits_pay_for_moves",
    "BOOK-24.17",
    (
        "domain.rescheduling._move_spa",
        "    _require_paid(books, stays.moving(spa_bookings.treat(books, guest, slot).stay, booking.payment))\n",
        "",
    ),
)

# --- whose it is, and when it is over -------------------------------------------------------

edit(
    "anybodys_pass_books",
    "AUTH-4.6",
    (
        "domain.passes.require_held_by",
        "        raise of_another_reseller(pass_.noun, pass_.id)\n",
        "        raise does_not_fit('not hers')\n",
    ),
)
edit(
    "one_session_a_day",
    "BOOK-18.6",
    ("domain.spa._own_session", " and one.starts == starts", ""),
)
edit(
    "rooms_of_sessions_stay_taken",
    "BOOK-9.3",
    ("domain.spa.take_room", "tuple(one for one in living if one not in earlier)", "tuple(living)"),
)
edit(
    "who_leaves_is_still_there",
    "BOOK-15.4",
    ("domain.spa._has_room", "one.starts <= moment < one.ends", "one.starts <= moment <= one.ends"),
)
edit(
    "a_copay_does_not_pay_alone",
    "BOOK-21.9",
    (
        "domain.stays.means",
        'return "CREDITS" if stay.credit_cost is not None and stay.provider.category == "GYM" else "COPAY"',
        'return "CREDITS" if stay.credit_cost is not None else "COPAY"',
    ),
)
edit(
    "spa_sessions_are_confirmed_by_anybody",
    "BOOK-17.8",
    ("domain.spa_bookings.confirm", "    require_own(caller, session)\n", ""),
)
edit(
    "classes_are_confirmed_after_they_begin",
    "BOOK-14.2",
    (
        "domain.class_bookings.confirm",
        "classes.require_running(instance, books.now)",
        "classes.require_running(instance, instance.starts - 1)",
    ),
)
edit(
    "a_clock_turned_back_sells_a_seat_twice",
    "BOOK-5.5",
    ("domain.sessions.require_open", " or not _holds_place(books, session)", ""),
)
edit(
    "sessions_sell_for_ever",
    "COPAY-7.7",
    ("domain.copay_purchases.buy_for_session", "    sessions.require_open(books, session)\n", ""),
)
edit(
    "anybodys_session_sells",
    "COPAY-7.8",
    ("domain.copay_purchases.buy_for_session", "if session.client_id != client.id:", "if False:"),
)
edit(
    "a_session_sells_twice",
    "COPAY-7.9",
    ("domain.copay_purchases.buy_for_session", "    _require_uncovered(books, stay)\n", ""),
)
edit(
    "the_last_period_is_the_next",
    "PASS-11.5",
    ("domain.visits.all_used", "last_moment = pass_.expires - 1", "last_moment = pass_.expires - 2"),
)
edit(
    "any_pass_is_meant",
    "PASS-16.7",
    ("domain.passes.choose", " if usable(held[0], books.now)", ""),
)
edit(
    "quotes_choose_the_pass_themselves",
    "PASS-16.8",
    (
        "domain.quotes.quote",
        "stays.on_pass(books, client, provider, pass_)",
        "stays.on_pass(books, client, provider, None)",
    ),
)
edit(
    "a_cancellation_changes_no_names",
    "PASS-13.7",
    ("domain.passes.cancel", "    clients.remember(books, pass_.client_id, details)\n", ""),
)
edit(
    "cities_are_all_the_same",
    "CONV-15.7",
    ("domain.providers.Wanted.fits", "self.city in (None, provider.city)", "True"),
)
edit(
    "a_clock_turned_back_sells_a_room_twice",
    "BOOK-5.6",
    (
        "domain.sessions._holds_place",
        'return session.opens == "access_code" or spa.holds_room(books, session)',
        "return True",
    ),
)
edit(
    "periods_begin_a_moment_late",
    "PASS-6.4",
    (
        "domain.moments.period_of",
        "while plus_months(start, guess * step) > moment:",
        "while plus_months(start, guess * step) >= moment:",
    ),
    (
        "domain.moments.period_of",
        "while plus_months(start, (guess + 1) * step) <= moment:",
        "while plus_months(start, (guess + 1) * step) < moment:",
    ),
)
edit(
    "a_refund_of_nothing_is_a_line",
    "CRED-7.2",
    ("domain.credits.refund_purchase", "if lot.remaining:", "if True:"),
)
edit(
    "drafts_are_cursors",
    "PAGE-10.3",
    ("domain.records.CreditPackage.shelf", '"drafts" if self.state == "DRAFT" else ""', '""'),
)
edit(
    "a_moved_treatment_takes_another_visit",
    "BOOK-24.18",
    (
        "domain.rescheduling._move_spa",
        '    stays.give_back(books, booking.client_id, booking.payment, f"Rescheduled: {booking.title}")\n',
        "",
    ),
)
