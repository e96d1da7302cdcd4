"""Lines to import: the history of an association of many members over eight years, as long as is wished.

    python3 tests/long/history.py ENTRIES > history.jsonl

Same number, same lines. People come and go, are given roles, groups, levels and access, and lose them again; a few
administrators do most of it.
"""

import datetime, json, random, sys

START = datetime.datetime(2018, 1, 1, tzinfo=datetime.timezone.utc)
END = datetime.datetime(2026, 10, 1, tzinfo=datetime.timezone.utc)
NEVER = datetime.datetime(9999, 1, 1, tzinfo=datetime.timezone.utc)
PASSWORD = "the-first-one-1"
MODULES = ["Customers", "System"]
FIRST = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kim", "Lea", "Max", "Noa", "Ole", "Pia"]
LAST = ["Abel", "Berg", "Cole", "Dahl", "Egan", "Ford", "Gray", "Hill", "Iyer", "Jung", "Klein", "Lund", "Marsh", "Nash"]


def instant(number, entries):
    return START + datetime.timedelta(hours=1) + (END - START) / entries * number


def written(instant):
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def groups_of(entries):
    """The names of the groups; the last are the smallest."""
    return [f"Group {number:03}" for number in range(max(5, entries // 30 // 80))]


def history(entries):
    """Commands in order, each with who gives it; about a twentieth of them add a person."""
    dice = random.Random(entries)
    people = max(20, entries // 30)
    roles = [f"Role {number:03}" for number in range(max(5, people // 250))]
    groups = groups_of(entries)
    organisations = [f"org-{number:03}" for number in range(max(5, people // 120))]
    sites = [f"/site-{number:02}" for number in range(max(2, people // 800))]
    folders = [f"{site}/folder-{number:02}" for site in sites for number in range(10)]
    documents = [f"{folder}/page-{number}" for folder in folders for number in range(8)]
    yield "manager", {"name": "add_contact", "account": "nina", "full_name": "Nina K."}
    yield "manager", {"name": "create_credentials", "account": "nina", "username": "nina", "user_class": "full", "password": PASSWORD,
                      "email": "nina@example.org"}
    yield "manager", {"name": "make_system_administrator", "account": "nina"}
    yield "manager", {"name": "assign_role", "account": "nina", "role": "RemoteService"}
    # An imported book has Admin Users already: nobody becomes one by signing in first.
    yield "manager", {"name": "add_admin", "account": "nina"}
    done = 5
    admins = ["nina"]
    for role in roles:
        yield "nina", {"name": "create_role", "role": role, "description": f"What holders of {role} do."}
    for group in groups:
        yield "nina", {"name": "create_group", "group": group}
    for organisation in organisations:
        kind = dice.choice(["company", "committee", "chapter_non_fee"])
        yield "nina", {"name": "create_organisation", "organisation": organisation, "kind": kind}
    for kind, paths in [("site", sites), ("folder", folders), ("document", documents)]:
        for path in paths:
            yield "nina", {"name": "create_object", "object": path, "kind": kind}
    done += len(roles) + len(groups) + len(organisations) + len(sites) + len(folders) + len(documents)
    held = {name: {} for name in ["assign_role", "add_group_member", "add_organisation_member"]}
    levels, disabled, staff, known, granted = {}, set(), [], [], set()
    names = {"assign_role": roles, "add_group_member": groups, "add_organisation_member": organisations}
    field = {"assign_role": "role", "add_group_member": "group", "add_organisation_member": "organisation"}
    taken = {"assign_role": "remove_role", "add_group_member": "remove_group_member",
             "add_organisation_member": "remove_organisation_member"}
    while done < entries:
        by, at = dice.choice(admins), instant(done, entries)
        throw = dice.random()
        # People come early more than late.
        if len(known) < people and (not known or throw < 0.12):
            account = f"m{len(known):06}"
            name = f"{dice.choice(FIRST)} {dice.choice(LAST)} {len(known)}"
            yield by, {"name": "add_contact", "account": account, "full_name": name, "email": f"{account}@example.org",
                       "member_type": dice.choice(["Regular", "Student", "Honorary"]), "status": "Active"}
            full = dice.random() < 0.1
            user_class = "full" if full else dice.choice(["public", "casual"])
            yield by, {"name": "create_credentials", "account": account, "username": account, "user_class": user_class,
                       "password": PASSWORD, "email": f"{account}@example.org"}
            known.append(account)
            staff.extend([account] if full else [])
            done += 2
            if full and len(admins) < 12:
                yield "nina", {"name": "make_system_administrator", "account": account}
                admins.append(account)
                done += 1
            if full and len(known) % 400 == 7:
                yield by, {"name": "add_admin", "account": account}
                done += 1
        elif throw < 0.90:
            kind = dice.choices(list(held), [45, 38, 17])[0]
            whom = dice.choice(staff if kind == "assign_role" and staff else known)
            # A few hold much: the square leans to the first.
            what = names[kind][int(len(names[kind]) * dice.random() ** 2)]
            command = {"account": whom, field[kind]: what}
            # A grant with an end is over by itself.
            if held[kind].get((whom, what), START) > at:
                del held[kind][whom, what]
                yield by, {"name": taken[kind], **command}
            else:
                end = at + datetime.timedelta(days=dice.randrange(90, 700)) if dice.random() < 0.1 else None
                held[kind][whom, what] = end or NEVER
                until = {"until": written(end)} if end else {}
                yield by, {"name": kind, **command, **until}
            done += 1
        elif throw < 0.93 and staff:
            whom, module = dice.choice(staff), dice.choice(MODULES)
            level = dice.choice([number for number in range(1, 8) if number != levels.get((whom, module))])
            levels[whom, module] = level
            yield by, {"name": "set_level", "account": whom, "module": module, "level": level}
            done += 1
        elif throw < 0.96:
            whom = dice.choice(known)
            if whom in admins:
                continue
            if whom in disabled:
                disabled.remove(whom)
                yield by, {"name": "enable_account", "account": whom}
            else:
                disabled.add(whom)
                yield by, {"name": "disable_account", "account": whom, "reason": "left the association"}
            done += 1
        elif throw < 0.98:
            path, whom = dice.choice(folders + documents), dice.choice(groups)
            grant = {"object": path, "principal": {"group": whom}, "rights": ["read"]}
            if (path, whom) in granted:
                granted.remove((path, whom))
                yield by, {"name": "revoke_access", **grant}
            else:
                granted.add((path, whom))
                yield by, {"name": "grant_access", **grant}
            done += 1
        else:
            whom = dice.choice(known)
            yield by, {"name": "update_contact", "account": whom, "city": dice.choice(["Austin", "Boston", "Reno"])}
            done += 1


def lines(entries):
    """The same as lines of an import, spread over the years."""
    for number, (by, command) in enumerate(history(entries)):
        line = {"at": written(instant(number, entries)), "by": by, "source": f"row {number + 1}", "command": command}
        yield json.dumps(line, separators=(",", ":"))


if __name__ == "__main__":
    for line in lines(int(sys.argv[1])):
        print(line)
