//! Rules between tables: duplicates, loops, what looks forgotten.

use super::*;

#[test]
fn agents_addresses_are_nobody_elses() {
    let agent = |address: &str| small().replace("anna@home.example", address);
    let end = ": mail would go round in circles";
    for (address, owner) in [
        ("INFO@shop.example", "the address of the mailbox `info`"),
        ("info+anna@shop.example", "the address of the mailbox `info`"),
        ("support@shop.example", "an address of the department `support`"),
    ] {
        check_messages(&agent(address), &[&format!("the agent's address `{address}` is also {owner}{end}")]);
    }
    let wild =
        agent("anna@shop.example").replace("\"support@shop.example\"", "\"support@shop.example\", \"a*@shop.example\"");
    let owner = "matched by `a*@shop.example` of the department `support`";
    check_messages(&wild, &[&format!("the agent's address `anna@shop.example` is also {owner}{end}")]);
    let two = small().replace("[[department]]", &format!("{}[[department]]", AGENT.replace("\"anna\"", "\"jan\"")));
    check_messages(&two, &["agent `jan` works in no department", "two agents have the address `anna@home.example`"]);
}

#[test]
fn duplicates_and_overlaps_are_named() {
    check_messages(
        &(small() + MAILBOX),
        &["two mailboxes have the id `info`", "two mailboxes have the address `info@shop.example`"],
    );
    let second = DEPARTMENT.replace("\"support\"", "\"sales\"");
    check_messages(&(small() + &second), &["two departments have the address `support@shop.example`"]);
    let keywords = with("[[department]]", "keywords = [\"Wysyłka\", \"wysylka\"]")
        + &second.replace("support@", "sales@")
        + "keywords = [\"wysyłka\", \"wysyłka*\"]\n";
    check_messages(&keywords, &["the keyword `wysylka` counts twice", "two departments have the keyword `wysyłka`"]);
}

#[test]
fn what_looks_forgotten_is_a_warning() {
    let idle = small() + "[[department]]\nid = \"sales\"\nname = \"Sales\"\nfrom = \"sales@shop.example\"\n";
    check_messages(
        &idle,
        &[
            "department `sales` has no agents: nobody is told of its mail",
            "nothing routes mail to the department `sales`",
            "`sales@shop.example` is watched by nothing: what customers answer to this `from` is lost",
        ],
    );
    check_messages(
        &small().replace("[\"support@shop.example\"]", "[\"support@shop.example\", \"info+s@shop.example\"]"),
        &["`info+s@shop.example` never matches: plus parts are ignored, so it is read as `info@shop.example`"],
    );
    check_messages(
        &small().replace("address = \"info@", "address = \"info+x@"),
        &["the address `info+x@shop.example` itself holds the `subaddress` `+`"],
    );
}

#[test]
fn a_threshold_that_no_mail_reaches_is_a_warning() {
    let keywords = "keywords = [\"a\", { match = \"b\", weight = 3, in = \"text\" }]\nkeyword_threshold = ";
    check_messages(&with("[[department]]", &format!("{keywords}5")), &[]);
    check_messages(
        &with("[[department]]", &format!("{keywords}6")),
        &["the keywords of `support` score 5 at most, below its `keyword_threshold`"],
    );
}

#[test]
fn texts_replace_built_in_ones_in_languages_that_we_have() {
    let loaded = policy(&(small() + "[texts.pl]\nhello = \"Dzień dobry\\r\\n\"\n"));
    assert_eq!(loaded.texts, [(crate::model::testing::language("pl"), "hello".to_owned(), "Dzień dobry\n".to_owned())]);
    check_messages(&(small() + "[texts.xx]\nhello = \"Hallo\"\n"), &["unknown language `xx` in `[texts]`"]);
}

#[test]
fn a_text_with_a_number_is_replaced_as_a_whole_or_by_its_forms() {
    let words = |lines: &str| -> Vec<String> {
        policy(&(small() + "[texts.pl]\n" + lines)).texts.into_iter().map(|(_, word, _)| word).collect()
    };
    assert_eq!(words("older_news = \"{count}\"\n"), ["older_news"]);
    assert_eq!(words("older_news.few = \"{count}\"\n"), ["older_news.few"]);
    assert_eq!(words("older_news = { one = \"{count}\", few = \"{count}\" }\n"), ["older_news.few", "older_news.one"]);
}

#[test]
fn a_department_has_one_name_or_one_a_language() {
    let named = |name: &str| small().replace("name = \"Support\"", name);
    let department = |name: &str| policy(&named(name)).departments.remove(0);
    assert_eq!(department("name = \"Support\"").names, []);
    let pl = crate::model::testing::language("pl");
    let both = department("name = { pl = \"Zwroty\", en = \"Returns\" }");
    assert_eq!(
        (both.label(pl), both.label(crate::model::testing::language("ru"))),
        ("Zwroty".to_owned(), "Returns".to_owned())
    );
    assert_eq!(department("name = { pl = \"Zwroty\" }").name, "Zwroty");
    check_messages(&named("name = { xx = \"Returns\" }"), &["unknown language `xx`"]);
    check_messages(&named("name = {}"), &["`name` is empty"]);
    check_messages(&named("name = { en = \"\" }"), &["this name is empty"]);
}

#[test]
fn what_becomes_of_a_mail_on_a_closed_ticket_is_a_word_or_a_time() {
    let closed = |line: &str| policy(&with("[[department]]", line)).departments[0].closed;
    assert_eq!(closed(""), crate::model::policy::ClosedPolicy::Reopen);
    assert_eq!(closed("closed = \"reopen\""), crate::model::policy::ClosedPolicy::Reopen);
    assert_eq!(closed("closed = \"new\""), crate::model::policy::ClosedPolicy::New);
    let fortnight = jiff::SignedDuration::from_hours(14 * 24);
    assert_eq!(closed("closed = \"reopen  within 14d\""), crate::model::policy::ClosedPolicy::ReopenWithin(fortnight));
    for (bad, message) in [
        ("reject", "unknown `closed` `reject`"),
        ("reopen within", "unknown `closed` `reopen within`"),
        ("reopen within 0d", "`0d` is out of range"),
        ("reopen within soon", "`soon` is no duration"),
    ] {
        check_messages(&with("[[department]]", &format!("closed = \"{bad}\"")), &[message]);
    }
}

#[test]
fn the_name_of_our_mail_server_is_a_host_in_any_case() {
    assert_eq!(policy(&small()).desk.authserv_id, None);
    let named = policy(&with("[desk]", "authserv_id = \"MX.shop.example\""));
    assert_eq!(named.desk.authserv_id.as_deref(), Some("mx.shop.example"));
}

#[test]
fn a_lead_is_one_of_the_departments_agents() {
    assert_eq!(policy(&small()).departments[0].leads, []);
    assert_eq!(policy(&with("[[department]]", "leads = [\"anna\"]")).departments[0].leads, [AgentId::new("anna")]);
    check_messages(
        &with("[[department]]", "leads = [\"jan\"]"),
        &["the lead `jan` is not among the `agents` of the department"],
    );
}

#[test]
fn a_role_is_an_agents_or_a_managers() {
    use crate::model::staff::AgentRole;
    assert_eq!(policy(&small()).agents[0].role, AgentRole::Agent);
    assert_eq!(policy(&with("[[agent]]", "role = \"manager\"")).agents[0].role, AgentRole::Manager);
    check_messages(&with("[[agent]]", "role = \"lead\""), &["a lead leads a department, not the desk"]);
    check_messages(&with("[[agent]]", "role = \"boss\""), &["unknown `role` `boss`"]);
}

#[test]
fn dmarc_is_required_only_where_somebody_can_vouch_for_it() {
    assert!(!policy(&small()).desk.require_dmarc);
    let vouched = with("[desk]", "require_dmarc = true\nauthserv_id = \"mx.shop.example\"");
    assert!(policy(&vouched).desk.require_dmarc);
    check_messages(
        &with("[desk]", "require_dmarc = true"),
        &["`require_dmarc` without `authserv_id`: no agent's mail would count"],
    );
}

#[test]
fn how_a_department_gives_out_its_tickets_is_one_of_four_words() {
    use crate::model::staff::{Assignment, GivingOut};
    assert_eq!(policy(&small()).departments[0].giving_out, GivingOut::default());
    let lines = "assignment = \"least-open\"\nmax_open = 7\ntake_on_reply = false";
    let giving_out = policy(&with("[[department]]", lines)).departments[0].giving_out;
    assert_eq!(giving_out, GivingOut { how: Assignment::LeastOpen, max_open: Some(7), take_on_reply: false });
    assert_eq!(policy(&with("[[agent]]", "max_open = 3")).agents[0].max_open, Some(3));
    check_messages(&with("[[department]]", "assignment = \"roundrobin\""), &["unknown `assignment` `roundrobin`"]);
    check_messages(&with("[[department]]", "max_open = 0"), &["`max_open` is out of range"]);
}
