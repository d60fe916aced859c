"""The format: what a scenario may say, and how a mistake is told."""

import pytest

from tests.control.tester import InWorld, Tester


def mistakes(tester: Tester, text: str) -> str:
    refusal = tester.ask("POST", "/worlds", {"scenario": text})
    assert refusal.code == "validation_error", refusal.body
    return refusal.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titel: x\nwhy: y\n", "scenario:1: titel"),
        (
            "title: x\ngiven:\n  client:\n    - id: a\n",
            "scenario:3: given.client: is no collection. Did you mean 'clients'?",
        ),
        (
            "title: x\ngiven:\n  clients:\n    - id: a\n      first_nam: Bo\n",
            "scenario:5: clients[a].first_nam",
        ),
        (
            "title: x\ngiven:\n  credits:\n    - { id: l, client_id: client_adda, credits: 2 }\n",
            "scenario:4: credits[l].client_id: No client has the id 'client_adda'",
        ),
        (
            "title: x\nsteps:\n  - call: book_clas\n",
            "scenario:3: steps[0].call: 'book_clas' is no operation. Did you mean 'book_class'?",
        ),
        (
            "title: x\ngiven:\n  credits:\n    - { id: l, client_id: client_ada, credits: -5 }\n",
            "credits: is -5. Write how many credits the lot was given, 0 or more.",
        ),
        ("title: x\nsteps:\n  - control: list_mesages\n", "Did you mean 'list_messages'?"),
        ("title: x\nsteps:\n  - call: get_class\n", "scenario:3: steps[0]: `path` lacks 'id'"),
        (
            "title: x\nsteps:\n  - call: list_passes\n    path: { id: x }\n",
            "scenario:4: steps[0].path.id: is no part of",
        ),
        (
            "title: x\nsteps:\n  - call: get_class\n    path: { id: '${clas}' }\n",
            "scenario:4: steps[0].path.id: ${clas} was not saved by a step before.",
        ),
        ("title: x\nsteps:\n  - call: list_passes\n    advance: P1D\n", "steps[0]"),
        (
            "title: x\nsteps:\n  - advance: P1D\n    body: {}\n",
            "scenario:4: steps[0].body: means nothing beside `advance`",
        ),
        ("title: x\nsteps:\n  - call: list_passes\n    expect: { stauts: 200 }\n", "did you mean `status`?"),
        ("title: x\nsteps:\n  - call: list_passes\n    save: { x: id }\n", "steps[0].save.x"),
        (
            "title: x\nfaults:\n  - { operation: book_clas, when: before, status: 503 }\n",
            "faults[0].operation",
        ),
        ("title: x\nfaults:\n  - { operation: book_class, when: before }\n", "faults[0]: does nothing"),
        ("title: x\nnow: half past nine\n", "half past nine"),
        ("title: x\nnow: 9001-01-01T00:00:00Z\n", "year 9000"),
        ("title: x\nsteps:\n  - set: whenever\n", "scenario:3: steps[0].set: 'whenever' is no moment"),
        ("title: x\nsteps:\n  - advance: P1Q\n", "scenario:3: steps[0].advance: advance: 'P1Q' is no span"),
        (
            "title: x\nsteps:\n  - call: list_passes\n    query: { limit: '${ms soon}' }\n",
            "'soon' is no moment",
        ),
        ("title: x\nsteps:\n  - call: list_passes\n    save: { x: '$.a[' }\n", "'$.a[' cannot be read"),
        (
            "title: x\nsteps:\n  - call: list_passes\n    expect: { body: { $.url: { matches: '(' } } }\n",
            "unterminated subpattern",
        ),
        ("title: x\nsteps:\n  - control: reset_world\n", "reset_world is not for a step"),
        ("title: x\nsteps:\n  - control: create_world\n", "create_world is not for a step"),
        ("title: x\nsteps:\n  - control: run_scenario\n", "run_scenario is not for a step"),
        (
            "title: x\nsteps:\n  - control: get_clock\n    path: { world: default }\n",
            "path.world: is no part of",
        ),
        (
            'title: x\nsteps:\n  - call: list_passes\n    headers: { A: "b\\r\\nC: d" }\n',
            "steps[0].headers.A",
        ),
        ("title: x\ngiven:\n  clients:\n    - { id: 99999999999999999999 }\n", "further than numbers go"),
        ("- title: x\n- title: y\n", "A scenario is a record"),
        ("title: [\n", "is not YAML"),
        ("title: x\ntitle: y\n", "'title' stands twice"),
        ("title: x\nwhy: &a y\ngiven: {clients: [*a]}\n", "aliases are not taken"),
        ("title: !!python/object/apply:os.system [ls]\n", "tag"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n", "aliases are not taken"),
        ("title: x\n" + "given: " + "{a: " * 40 + "x" + "}" * 40 + "\n", "deep"),
        ("title: x\nexported: {seed: 1}\n", "exported"),
    ],
)
def test_a_mistake_is_told_with_line_and_field(tester: Tester, text: str, told: str) -> None:
    assert told in mistakes(tester, text)


def test_all_mistakes_are_told_at_once(tester: Tester) -> None:
    steps = ["call: get_class", "call: nonsense", "{ call: list_passes, query: { limit: '${n}' } }"]
    text = "title: x\nsteps:\n" + "".join(f"  - {step}\n" for step in steps)
    told = mistakes(tester, text).splitlines()
    assert [line.partition(" ")[0] for line in told] == ["scenario:3:", "scenario:4:", "scenario:5:"]


@pytest.mark.parametrize(
    "name",
    [
        "../fixtures/clients",
        "..",
        "/etc/passwd",
        "a/b",
        "low_credits.yaml",
        ".hidden",
        "",
        "LOW_CREDITS",
        "x" * 100,
    ],
)
def test_a_name_cannot_leave_its_folder(tester: Tester, name: str) -> None:
    assert tester.ask("POST", "/worlds", {"scenario": name}).status in (400, 404)
    assert tester.ask("GET", f"/scenarios/{name.replace('/', '%2F')}").status in (200, 404)
    assert "root:" not in str(tester.ask("GET", f"/scenarios/{name.replace('/', '%2F')}").body)


def test_a_scenario_of_millions_of_characters_is_refused_quickly(tester: Tester) -> None:
    assert "larger than" in mistakes(tester, "title: x\nwhy: " + "y" * (5 * 2**20) + "\n")


def run(world: InWorld, *steps: dict[str, object], **rest: object) -> dict[str, object]:
    told = world.ask("POST", "/scenarios/run", {"scenario": {"title": "t", "steps": list(steps), **rest}})
    assert told.status == 200, told.body
    body: dict[str, object] = told.body
    return body


@pytest.mark.parametrize(
    ("expect", "passes"),
    [
        ({"status": 200}, True),
        ({"status": 201}, False),
        ({"code": "x"}, False),
        ({"body": {"$.object": "list"}}, True),
        ({"body": {"$.object": "lists"}}, False),
        ({"body": {"$.has_more": True}}, True),
        ({"body": {"$.has_more": 1}}, False),
        ({"body": {"$.data[0].id": "pass_premium"}}, True),
        ({"body": {"$.data[-1].id": {"exists": True}}}, True),
        ({"body": {"$.data[9].id": {"exists": True}}}, False),
        ({"body": {"$.data[id=pass_spa].duration": "monthly"}}, True),
        ({"body": {"$.data[id=nothing]": {"exists": False}}}, True),
        ({"body": {"$.data": {"count": 3}}}, True),
        ({"body": {"$.data": {"count": 2}}}, False),
        ({"body": {"$.url": {"matches": "passes$"}}}, True),
        ({"body": {"$.url": {"contains": "/v3/"}}}, True),
        ({"body": {"$.url": {"not": "x"}}}, True),
        ({"body": {"$.data[0].price": {"at_least": 1, "at_most": 10**9}}}, True),
        ({"body": {"$.data[0].price": {"at_least": 10**9}}}, False),
        ({"body": {"$.url": {"at_least": 1}}}, False),
        ({"headers": {"Content-Type": "application/json"}}, True),
        ({"headers": {"Content-Type": "text/plain"}}, False),
        ({"lost": True}, False),
        ({"body": {"$.url": {"contains": 3}}}, True),
        ({"body": {"$.data[0].price": {"contains": 3}}}, False),
        ({"body": {"$.data[0].price": {"at_least": "x"}}}, False),
        ({"body": {"$.data[0].categories[0].tiers": {"contains": "PREMIUM"}}}, True),
        ({"body": {"$.data[0].categories[0].tiers": {"contains": "GOLD"}}}, False),
        ({"body": {"$.data[0]": {"count": "two"}}}, False),
    ],
)
def test_what_is_expected_is_held_against_what_came(
    world: InWorld, expect: dict[str, object], passes: bool
) -> None:
    told = run(world, {"call": "list_passes", "query": {"limit": 3}, "expect": expect})
    assert told["passed"] is passes
    assert bool(told["steps"][0]["problems"]) is not passes  # type: ignore[index]


def test_it_stops_at_the_first_step_that_fails(world: InWorld) -> None:
    told = run(
        world,
        {"call": "list_passes"},
        {"call": "list_passes", "expect": {"status": 404}},
        {"call": "list_classes"},
    )
    assert [one["passed"] for one in told["steps"]] == [True, False]  # type: ignore[attr-defined]
    assert told["total"] == 3


def test_without_an_expectation_a_refusal_fails(world: InWorld) -> None:
    told = run(world, {"call": "get_class", "path": {"id": "nope"}})
    assert told["passed"] is False
    assert "404 resource_not_found" in told["steps"][0]["problems"][0]  # type: ignore[index]


def test_values_flow_with_their_type_or_as_text(world: InWorld) -> None:
    told = run(
        world,
        {
            "call": "list_passes",
            "query": {"limit": 1},
            "save": {"price": "$.data[0].price", "first": "$.data[0].id"},
        },
        {
            "call": "issue_pass",
            "body": {
                "pass_id": "${first}",
                "client_id": "c_${run}",
                "first_name": "${price} kobo",
                "last_name": "B",
                "start_date": "${ms now+1d}",
            },
            "expect": {"status": 201, "body": {"$.client_id": "c_${run}", "$.start_date": "${ms now+1d}"}},
            "save": {"pass": "$.id"},
        },
        {"call": "GET /issued_passes/${pass}", "expect": {"status": 200}},
        frozen=True,
    )
    assert told["passed"] is False  # a free call's path takes no values: they belong under `path`
    told = run(
        world,
        {"call": "list_passes", "query": {"limit": 1}, "save": {"first": "$.data[0].id"}},
        {"call": "GET /passes/{which}/providers", "path": {"which": "${first}"}, "expect": {"status": 200}},
        {"call": "GET /no/such/path", "expect": {"status": 404, "code": "resource_not_found"}},
        {"call": "PUT /passes", "expect": {"status": 405, "headers": {"Allow": "GET"}}},
    )
    assert told["passed"] is True, told


def test_moments_are_written_as_each_part_of_the_api_takes_them(world: InWorld) -> None:
    spa = {
        "provider_id": "prov_zen",
        "service_ids": ["svc_massage"],
        "date": "${date +2d}",
        "time": "${time +2d 14:00}",
    }
    who = {"client_id": "client_ada", "first_name": "A", "last_name": "O", "user_pass_id": "brgpass_ada"}
    told = run(
        world,
        {
            "call": "book_spa",
            "body": {**spa, **who},
            "expect": {"status": 200, "body": {"$.scheduled_for": "${seconds +2d 14:00}"}},
        },
        {"set": "+1d 09:00"},
        {"control": "get_clock", "expect": {"body": {"$.now": "${rfc3339 +1d 09:00}"}}},
        {"advance": "-PT1H"},
        {"control": "get_clock", "expect": {"body": {"$.now": "${rfc3339 +1d 08:00}"}}},
        now="+0d 10:00",
        frozen=True,
    )
    assert told["passed"] is True, told


def test_another_account_and_another_key_can_call(world: InWorld) -> None:
    told = run(
        world,
        {"call": "get_client", "as": "partner", "path": {"clientId": "client_partner"}},
        {"call": "get_client", "key": "${key.partner}", "path": {"clientId": "client_partner"}},
        {
            "call": "get_client",
            "key": "sk_of_nobody",
            "path": {"clientId": "client_partner"},
            "expect": {"status": 401},
        },
        {"call": "list_passes", "as": "disabled", "expect": {"status": 403, "code": "account_disabled"}},
        {"call": "list_passes", "as": "nobody"},
    )
    assert [one["passed"] for one in told["steps"]] == [True, True, True, True, False]  # type: ignore[attr-defined]
    assert "No key of the account 'nobody'" in told["steps"][4]["problems"][0]  # type: ignore[index]


def test_an_account_that_a_scenario_brings_has_a_key_of_the_worlds_making(world: InWorld) -> None:
    third = {"id": "acct_third", "name": "third", "balance": 0}
    told = run(
        world,
        {"call": "list_passes", "as": "third"},
        {"call": "list_passes", "key": "${key.third}"},
        given={"accounts": [third]},
    )
    assert told["passed"]
    key = world.ask("GET", "/accounts/third").body["api_key"]
    assert key.startswith("sk_sandbox_")


def test_a_run_on_top_keeps_what_happened(world: InWorld) -> None:
    world.book()
    story = {
        "title": "t",
        "steps": [
            {
                "call": "list_client_bookings",
                "path": {"clientId": "client_ada"},
                "expect": {"body": {"$.data": {"count": 1}}},
            }
        ],
    }
    assert world.ask("POST", "/scenarios/run", {"scenario": story, "fresh": False}).body["passed"] is True
    assert world.ask("POST", "/scenarios/run", {"scenario": story}).body["passed"] is False


def test_a_load_that_is_wrong_changes_nothing(world: InWorld) -> None:
    wrong = {
        "title": "t",
        "now": "2027-01-01T00:00:00Z",
        "given": {"accounts": [{"id": "acct_demo", "enabled": False}], "clients": [{"id": 5}]},
    }
    world.book()
    assert world.ask("POST", "/scenarios/load", {"scenario": wrong}).status == 400
    assert world.ask("GET", "/accounts/demo").body["enabled"] is True
    assert len(world.call("GET", "/clients/client_ada/bookings").data) == 1


def test_given_records_take_the_last_place_of_their_moment(world: InWorld) -> None:
    clients = [
        {"id": f"c{n}", "first_name": "A", "last_name": "B", "created": "now", "sandbox": {"account": "demo"}}
        for n in range(3)
    ]
    packages = [
        {"id": f"cpkg_{n}", "name": "x", "credits": 1, "amount": 1, "created": "now"} for n in range(3)
    ]
    world.ask(
        "POST",
        "/scenarios/load",
        {"scenario": {"title": "t", "given": {"clients": clients, "credit_packages": packages}}},
    )
    listed = [one["id"] for one in world.call("GET", "/credit_packages?limit=3").data]
    assert listed == ["cpkg_2", "cpkg_1", "cpkg_0"]
