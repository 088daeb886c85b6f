//! Plays: mails in, tickets and mails out, as text that a support lead can read. The scripts are the `.txt` files beside
//! this one, what came of them stands in the `.snap` files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of `View` is not general enough in its lifetime"
)]

mod agent_threads;
mod below;
mod bounces;
mod clients;
mod collisions;
mod correspondents;
mod desk;
mod devices;
mod domains;
mod files;
mod floods;
mod for_whom;
mod forged;
mod history;
mod hold;
mod html_answers;
mod imitations;
mod injections;
mod joining;
mod keys;
mod pace;
mod past_the_desk;
mod proposed;
mod random;
mod readers;
mod reflector;
mod relays;
mod restored;
mod rights;
mod robots;
mod script;
mod senders;
mod siblings;
mod signatures;
mod staffing;
mod threads;
mod verbs;

/// Plays a script and compares its transcript.
async fn check(name: &str, script: &str) {
    check_with(name, script, desk::CONFIG).await;
}

/// The same at a desk with another config.
async fn check_with(name: &str, script: &str, config: &str) {
    let transcript = script::play(script, config).await;
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(".");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, transcript));
}

#[tokio::test(start_paused = true)]
async fn a_polish_return_from_the_first_mail_to_the_last() {
    check("polish_return", include_str!("polish_return.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_stolen_tag_and_a_spoofed_agent_get_nowhere() {
    check("strangers", include_str!("strangers.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn commands_do_what_they_say_or_nothing() {
    check("commands", include_str!("commands.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_ticket_is_opened_again_or_followed_as_its_department_wants() {
    check("closed", include_str!("closed.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn an_agents_forward_is_the_customers_mail_and_a_customers_is_his_own() {
    check("forwards", include_str!("forwards.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_to_two_departments_is_a_ticket_in_each() {
    check("two_departments", include_str!("two_departments.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn colleagues_and_copies_join_when_somebody_vouches_for_them() {
    check("people", include_str!("people.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_goes_to_all_on_the_ticket_or_to_those_whom_its_agent_names() {
    check("recipients", include_str!("recipients.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn two_robots_come_to_rest() {
    check("two_robots", include_str!("two_robots.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_an_older_state_waits_for_its_agents_word() {
    check("collision", include_str!("collision.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_note_never_leaves_in_an_answer() {
    check("notes", include_str!("notes.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn merged_tickets_go_on_as_one_and_strangers_stay_strangers() {
    check("merge", include_str!("merge.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn what_colleagues_write_past_the_desk_is_an_answer_when_it_is_proved() {
    check("sent", include_str!("sent.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_of_an_agents_is_not_sent_to_a_customer_who_does_not_know_it() {
    check("private", include_str!("private.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_mail_split_off_goes_its_own_way_and_comes_back() {
    check("split", include_str!("split.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn who_splits_a_ticket_of_a_department_that_is_not_his_is_not_told() {
    check("outsider", include_str!("outsider.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn spam_is_closed_without_a_word_and_muted_on_request() {
    check("spam", include_str!("spam.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_handed_over_with_a_brief_accepted_or_returned() {
    check("hand_over", include_str!("hand_over.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn what_happens_within_two_minutes_is_told_in_one_mail() {
    check("coalescing", include_str!("coalescing.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn each_agent_is_told_what_he_wants_when_he_wants_it() {
    check("habits", include_str!("habits.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn a_command_counts_under_bold_print_and_a_note_never_leaves_below_words() {
    check("marks", include_str!("marks.txt")).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_a_program_sends_twice_reaches_the_customer_once() {
    check("twice", include_str!("twice.txt")).await;
}
