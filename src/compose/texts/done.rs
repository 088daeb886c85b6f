//! What an agent's commands did, in one line, and what became of a note that a customer got as well. Read by agents alone.

use super::keys::texts;

texts! {
    /// Texts of confirmations.
    DoneText;

    Line "done" ["number" "what"] { "#{number}: {what}." "#{number}: {what}." "#{number}: {what}." "#{number}: {what}." }
    LineUndo "done_undo" ["number" "what" "undo"] {
        "#{number}: {what}. To undo: {undo}"
        "#{number}: {what}. Aby cofnąć: {undo}"
        "#{number}: {what}. Чтобы отменить: {undo}"
        "#{number}: {what}. Para bawiin: {undo}"
    }
    Until "done_until" ["status" "date"] {
        "{status} until {date}" "{status} do {date}" "{status} до {date}" "{status} hanggang {date}"
    }
    Yours "done_yours" [] { "yours now" "teraz Twoje" "теперь ваше" "sa iyo na" }
    Assigned "done_assigned" ["agent"] {
        "assigned to {agent}" "prowadzi {agent}" "ответственный — {agent}" "hawak na ni {agent}"
    }
    Nobodys "done_nobodys" [] { "nobody has it" "nikt go nie prowadzi" "без ответственного" "walang humahawak" }
    Department "done_department" ["department"] {
        "in {department} now" "teraz w dziale {department}" "теперь в отделе «{department}»" "nasa {department} na"
    }
    Priority "done_priority" ["priority"] {
        "priority {priority}" "priorytet {priority}" "приоритет {priority}" "priyoridad: {priority}"
    }
    Tags "done_tags" ["tags"] { "tags {tags}" "tagi {tags}" "метки {tags}" "mga tag {tags}" }
    People "done_people" ["people"] {
        "people on it {people}" "uczestnicy {people}" "участники {people}" "mga kasama {people}"
    }
    Sent "done_sent" [] {
        "your answer is on its way" "Twoja odpowiedź jest w drodze" "ваш ответ отправляется" "papunta na ang sagot mo"
    }
    Dropped "done_dropped" [] {
        "your words are dropped, nothing was sent"
        "Twój tekst porzucono, nic nie wysłano"
        "ваш текст отменён, ничего не отправлено"
        "hindi na itinuloy ang isinulat mo, walang ipinadala"
    }
    Noted "done_noted" [] {
        "your words are an internal note now"
        "Twój tekst jest teraz notatką wewnętrzną"
        "ваш текст теперь внутренняя заметка"
        "panloob na tala na ang isinulat mo"
    }
    Withdrawn "done_withdrawn" [] {
        "your answer is taken back, it was not sent"
        "Twoją odpowiedź cofnięto, nie została wysłana"
        "ваш ответ отозван, он не отправлен"
        "binawi ang sagot mo, hindi ito naipadala"
    }
    AsItWas "done_nothing" [] {
        "it was so already, nothing changed"
        "tak już było, nic się nie zmieniło"
        "так уже и было, ничего не изменилось"
        "ganoon na ito dati, walang nagbago"
    }
    NoteReached "note_reached" ["number" "people"] {
        "Your note on #{number} is for colleagues, but your own mail program sent it to {people} too: they can read it. Take customers out of To and Cc of a note."
        "Twoja notatka do #{number} jest dla współpracowników, ale Twój program pocztowy wysłał ją też do {people}: te osoby mogą ją przeczytać. Usuwaj klientów z pól Do i DW notatki."
        "Ваша заметка к #{number} предназначена коллегам, но ваша почтовая программа отправила её и на {people}: её смогут прочитать. Убирайте клиентов из полей «Кому» и «Копия» в заметках."
        "Para sa mga kasamahan ang tala mo sa #{number}, ngunit ipinadala rin ito ng sarili mong mail program kay {people}: mababasa nila ito. Alisin ang mga customer sa To at Cc ng tala."
    }
}
