//! Schemas that several answers share, or that hold themselves: each a name, what it is, and its shape.

/// Every one of them.
pub(super) const NAMED: &[(&str, &str, &str)] = &[
    ("AsOf", "What an answer is as of.", "{position, instant}"),
    ("Cause", "What brought a state about: an entry, or the clock where only time passed.", "{position} / {clock}"),
    ("Actor", "Who acted.", "{kind=actor_kind, id=actor_id, name=actor_name, session?=session_or_none}"),
    ("Source", "Where a request came from.", "{ip, user_agent, erased?=source_erased, inherited?=source_inherited}"),
    (
        "Entry",
        "One commit of the journal: the outcome of one command, or of a list of them.",
        "{..entry, events: [@Event], corrections?: [@Correction]}",
    ),
    ("EntryOfEvent", "An entry with one of its events alone.", "{..entry, event: @Event}"),
    ("Correction", "That an entry is wrong, as a later one says (rule: U5).", "{position=said_at, corrected_by}"),
    ("Import", "Who imported it, under which ticket (rule: U6).", "{operator=operator_or_none, ticket=import_ticket}"),
    (
        "ImportedLine",
        "The line of which import an entry was made from (rule: U6).",
        "{ticket, operator=operator_or_none, line, source=line_source, started=import_started, chain=line_chain}",
    ),
    ("Account", "An account as lists show it.", "{..account}"),
    ("AboutAccount", "Everything about one account.", "{..about}"),
    ("WholeAccount", "Everything about one account, and what that is as of.", "{as_of, ..about}"),
    (
        "CredentialState",
        "The state of an account's credentials. No secret is in it (rule: C14).",
        "{username, user_class, email, disabled, effective_date, expiration_date, locked: {since, until}|null, failed_attempts, must_change_password, second_factor, usable, since, ..by}",
    ),
    ("Contact", "A contact as it shows itself, and nothing else of it (rule: V2).", "{..contact}"),
    ("Can", "Yes or no, and by which rule.", "{allowed, as_of, rule}"),
    (
        "Why",
        "Yes or no, with the facts that decide it.",
        "{as_of, allowed, rule, question: {who, do, words=capability_words, on=on_named}, shortest: @ShortReason|null, why: @Reason, would_do: [[{missing, rule, supply}]]}",
    ),
    (
        "Reason",
        "A node of the tree of facts: all of several, any of several, or a fact.",
        "{holds=reason_holds, all: [@Reason]} / {holds=reason_holds, any: [@Reason]} / {holds=reason_holds, fact, rule, cause=made_so_by, chain: [@Step], through?: [{words, cause?=made_so_by, chain?: [@Step]}]}",
    ),
    (
        "ShortReason",
        "Facts that together are enough, the right itself first.",
        "{facts: [{fact, rule, cause=made_so_by, through?: [{words, cause=made_so_by}]}], given: @Step|null}",
    ),
    ("Step", "What an entry did: one event of it, with who acted, by what right and why.", "{..step}"),
    ("Deed", "What brought a change of a right about.", "{..deed}"),
    (
        "WhoCan",
        "Every account that can, or could.",
        "{as_of, from?=span_from, to?=span_to, question: {do, words=capability_words, on=on_named}, guest, accounts: [{account, name, reason=short_reason: @ShortReason, intervals?: [{from=interval_from, to=interval_to, began: @Deed, ended: @Deed|null}]}], next=next_account}",
    ),
    (
        "Diff",
        "What became of rights between two points.",
        "{as_of, from=span_from, to=span_to, accounts: [{account, name, gained: [{do, on, ..deed}], lost: [{do, on, ..deed}], changed=rights_changed: [{do, on, ..deed}]}], next=next_account}",
    ),
    ("Finding", "Something that somebody should look at.", "{code, subject, opened, closed, detail}"),
    (
        "LineageNode",
        "An event of a lineage.",
        "{id=node, ..step, grant: {to=given_to, what, holds=grant_holds, ended=ended_by}|null}",
    ),
    ("LineageEdge", "From an event that gave a right to one that was done by it.", "{from=edge_from, to=edge_to}"),
    (
        "LineageUp",
        "What it rests on, back to the start.",
        "{held: [{what, node}], nodes: [@LineageNode], edges: [@LineageEdge]}",
    ),
    ("LineageDown", "What rests on it.", "{count=below_count, nodes: [@LineageNode], edges: [@LineageEdge]}"),
    (
        "Act",
        "Something that an account in those hands did, or that was done on the authority it gave.",
        "{position, at, by, event=event_type, sentence, command=command_or_none, reason, authority, through?=through_entries, holds?=grant_holds}",
    ),
    (
        "LeftOut",
        "An entry that is not there in another history; of one that is refused, by which rule, and for lack of which entries.",
        "{position, at, actor=actor_account, commands=command_names, sentences, command?, rule?, why?=refusal, because?=lacking, between?}",
    ),
    (
        "Difference",
        "A fact in which the book and the platform are not the same.",
        "{..fact, value=fact_value, words=fact_words}",
    ),
    (
        "GrantedDifference",
        "A fact that the book has, with the entry that made it so.",
        "{..fact, value=fact_value, words=fact_words, since, ..by}",
    ),
    (
        "ValueDifference",
        "A fact that both have, and not with the same value.",
        "{..fact, there, here, words=fact_words, since, ..by}",
    ),
    (
        "PlatformState",
        "Who has what on the platform at one moment (`docs/reconcile-format.md`). A section that is there is complete; of one that is left out nothing is compared.",
        "{at?=state_at, accounts?=state_accounts: {*: {full_name?=shown_name, email?: email|null, member_type?: member_type|null, status?: status|null, username?: username|null, user_class?: user_class|null, credential_email?: credential_email|null, disabled?: disabled|null, effective_date?: effective_date|null, expiration_date?: expiration_date|null}}, admins?=account_ids, app_users?: {*: account_ids}, roles?=state_roles: {*: account_ids}, levels?=state_levels: {*: {*: level}}, groups?=state_groups: {*: account_ids}, organisations?=state_organisations: {*: {kind?=organisation_kind, full_name?, members?=account_ids, administrators?=account_ids}}, objects?: {*: {set?, access?: [{principal, rights}]}}, access?=state_access: {*: [group_name / @Principal]}}",
    ),
    ("Review", "An access review as lists show it.", "{..review, items: [{..item}]}"),
    (
        "WholeReview",
        "An access review with the evidence of each item, and every decision there was.",
        "{as_of, ..review, items: [{..item, authority=chain: [@Step], decisions: [{..signed, decision, reason}]}]}",
    ),
    ("Signed", "An entry of somebody's.", "{..signed}"),
    (
        "Question",
        "A question that a case file can hold.",
        "{..of_account} / {..of_everybody} / {..of_change} / {..of_view} / {..of_first_admin}",
    ),
    (
        "FirstAdmin",
        "Who became the first Admin User by signing in, and that nobody else did so (rules: F1, F2, F4).",
        "{as_of, rule, one_and_first, made_admin_by_signing_in: [{account, position, at, with_own_sign_in, by_the_ledger}], admins_added_before}",
    ),
    (
        "CaseFile",
        "A question, its answer, its entries and their proofs (`docs/case-files.md`).",
        "{case_file, origin, question: @Question, as_of, answer: @Can / @Why / @WhoCan / @Diff / @View / @FirstAdmin, entries: {complete, list=file_entries: [{position, bytes, proof?}]}, next?=entry_after: {position, bytes, proof}, opened=opened_values: [{sealed, text}], consistency, checkpoint, keys=verifier_keys, witnesses=witness_keys}",
    ),
    ("Mirror", "How far the second copy is.", "{behind, stuck}"),
    ("CheckpointKey", "A key that signs checkpoints.", "{key=verifier_key, in_use, since=key_since, how, handover}"),
    ("Cosignature", "That a witness has seen a checkpoint.", "{witness, time}"),
    (
        "ReadinessFinding",
        "What is wrong with a site, and what would put it right.",
        "{code=readiness_code, status?=http_status, problem=readiness_problem, solution}",
    ),
];

/// Fields that stand together in several shapes, as `..name` puts them in.
pub(super) const FRAGMENTS: &[(&str, &str)] = &[
    ("by", "{by, by_support?, import?}"),
    ("given", "{since, ..by, until}"),
    ("holder", "{account, name, ..given, effective}"),
    (
        "entry",
        "{tenant, position?, at, recorded_at, actor, command, commands?=listed_commands: [{name=command_name, reason}|null], command_id, keyed?, cause=cause_position, reason, ticket, source?: @Source|null, import=imported_line: @ImportedLine|null}",
    ),
    (
        "account",
        "{account, name, exists, erased?=erased_by, legal_hold?, since, ..by, email, member_type, status, city, state, country, phone, picture, credentials: @CredentialState|null}",
    ),
    (
        "about",
        "{..account, admin: {..given, effective}|null, roles: [{role, ..given}], groups: [{group, ..given}], content_authority: [{group, rights, ..given}], levels: [{module, level, ..given}], apps: [{app, ..given}], organisations: {member_of: [{organisation, position=office, ..given}], administers: [{organisation, ..given, effective}], primary=primary_organisation, sees}, open_sessions, effective_rights: {can, apps}}",
    ),
    ("contact", "{id=contact_id, full_name=shown_name, picture, city, state, country, email, phone}"),
    (
        "step",
        "{position, at, actor, event=event_type, sentence, authority, command=command_or_none, reason, ticket, import=imported_by, corrections: [@Correction]}",
    ),
    ("deed", "{cause, at, fact=fact_changed, step=deed: @Step|null}"),
    ("fact", "{section, thing, who=fact_holder, what=fact_field}"),
    ("signed", "{position, at, ..by}"),
    (
        "review",
        "{review, state=review_state, scope: @ReviewScope, words=scope_words, reviewers: [{account, name}], due, since_review, opened=review_opened: @Signed, closed=review_closed: @Signed|null, counts: {items=items_count, kept, revoked=revoked_count, withheld, undecided}}",
    ),
    (
        "item",
        "{item, account, name, what, since, ..by, until, last_use: {at=used_at, reported}|null, last_sign_in: {at, position}|null, decision=decision_or_none, decided: @Signed|null, reason, decided_by_giver, may_decide, outcome, rule?, changed=item_changed: gone / @Cause|null}",
    ),
    ("of_account", "{question=of_account, account=asked_account, do, on?: on|null}"),
    (
        "of_everybody",
        "{question=of_everybody, do, on?: on|null, from?=span_begins: @Point|null, granted?=counts_granted: counts_granted|null}",
    ),
    ("of_change", "{question=of_change, from=span_begins: @Point, granted?=counts_granted: counts_granted|null}"),
    ("of_view", "{question=of_view, view}"),
    ("of_first_admin", "{question=of_first_admin}"),
    ("case", "{entries?=entries_wanted, as_of?=as_of_point}"),
];
