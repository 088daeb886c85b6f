//! Texts of a ticket's history: who did what, a line each. Read by agents alone.

use super::keys::texts;

texts! {
    /// Texts of lines of history.
    HistoryText;

    // ---- who ----
    Customer "history_customer" [] { "customer" "klient" "клиент" "customer" }
    Admin "history_admin" [] { "administrator" "administrator" "администратор" "administrator" }
    Mailbox "history_mailbox" ["mailbox"] {
        "in mailbox {mailbox}" "w skrzynce {mailbox}" "в ящике {mailbox}" "sa mailbox na {mailbox}"
    }
    Rule "history_rule" ["rule"] { "rule “{rule}”" "reguła „{rule}”" "правило «{rule}»" "tuntuning “{rule}”" }

    // ---- how it began ----
    Opened "history_opened" [] {
        "opened the ticket" "założenie zgłoszenia" "обращение открыто" "binuksan ang ticket"
    }
    SplitFrom "history_split_from" ["number"] {
        "split off from #{number}" "wydzielenie z #{number}" "выделено из #{number}" "hiniwalay mula sa #{number}"
    }
    WroteFirst "history_wrote_first" ["people"] {
        "wrote first to {people}" "pierwsza wiadomość do {people}" "первое письмо для {people}" "unang sumulat kay {people}"
    }
    Requester "history_requester" ["people"] {
        "answers go to {people}" "odpowiedzi otrzymuje {people}" "ответы получает {people}" "kay {people} ang mga sagot"
    }
    Follows "history_follows" ["number"] {
        "goes on for #{number}" "dalszy ciąg #{number}" "продолжение #{number}" "karugtong ng #{number}"
    }
    Related "history_related" ["number"] {
        "may be about #{number}" "może dotyczyć #{number}" "возможно, относится к #{number}" "maaaring tungkol sa #{number}"
    }
    Siblings "history_siblings" ["number"] {
        "the same email opened {number} too"
        "ta sama wiadomość założyła też {number}"
        "то же письмо открыло и {number}"
        "binuksan din ng parehong email ang {number}"
    }
    Forwarded "history_forwarded" ["people"] {
        "passed on an email of {people}"
        "przekazanie wiadomości od {people}"
        "переслано письмо от {people}"
        "ipinasa ang email ni {people}"
    }
    Quarantined "history_quarantined" [] {
        "an email could not be read"
        "wiadomości nie udało się odczytać"
        "письмо не удалось прочитать"
        "hindi mabasa ang isang email"
    }
    RetriedFailed "history_retried_failed" [] {
        "tried again, without success"
        "ponowna próba bez powodzenia"
        "новая попытка не удалась"
        "sinubukan ulit, hindi nagtagumpay"
    }
    RetriedOn "history_retried_on" ["number"] {
        "tried again: the email is on #{number}"
        "ponowna próba: wiadomość jest w #{number}"
        "новая попытка: письмо в #{number}"
        "sinubukan ulit: nasa #{number} ang email"
    }
    RetriedNothing "history_retried_nothing" [] {
        "tried again: nothing had to be done"
        "ponowna próba: nic nie trzeba było robić"
        "новая попытка: делать ничего не пришлось"
        "sinubukan ulit: walang kailangang gawin"
    }

    // ---- what was written ----
    Wrote "history_wrote" [] { "a new email" "nowa wiadomość" "новое письмо" "bagong email" }
    Folded "history_folded" ["people"] {
        "a flood: further emails of {people} are added here"
        "zalew wiadomości: kolejne od {people} trafiają tutaj"
        "поток писем: следующие от {people} попадают сюда"
        "bugso ng mga email: dito napupunta ang mga susunod mula kay {people}"
    }
    Answered "history_answered" [] {
        "answer to the customer" "odpowiedź do klienta" "ответ клиенту" "sagot sa customer"
    }
    NoteReached "history_note_reached" ["people"] {
        "the agent’s own program sent the note to {people} too"
        "program pocztowy agenta wysłał notatkę także do {people}"
        "почтовая программа агента отправила заметку и {people}"
        "ipinadala rin ng sariling program ng agent ang tala kay {people}"
    }
    AnsweredAside "history_answered_aside" [] {
        "answer to the customer, past the desk"
        "odpowiedź do klienta poza systemem"
        "ответ клиенту напрямую"
        "sagot sa customer, hindi dumaan dito"
    }
    Cut "history_cut" [] {
        "not all of the words were sent" "nie wszystkie słowa wysłano" "отправлены не все слова" "hindi lahat ng salita ang naipadala"
    }
    Refused "history_refused" [] {
        "an email came back to its author: nothing was done"
        "wiadomość wróciła do autora: nic nie zrobiono"
        "письмо вернулось автору: ничего не сделано"
        "ibinalik ang email sa sumulat: walang nagawa"
    }
    Aside "history_aside" ["people"] {
        "wrote about the ticket to {people}"
        "wiadomość o zgłoszeniu do {people}"
        "письмо об обращении для {people}"
        "sumulat tungkol sa ticket kay {people}"
    }
    Unproven "history_unproven" [] {
        "an email in our name without proof: nothing changed"
        "wiadomość w naszym imieniu bez dowodu: nic się nie zmieniło"
        "письмо от нашего имени без подтверждения: ничего не изменилось"
        "email sa pangalan natin na walang patunay: walang nagbago"
    }

    // ---- answers that wait ----
    Held "history_held" [] {
        "an answer waits for its agent’s word"
        "odpowiedź czeka na decyzję autora"
        "ответ ждёт решения автора"
        "naghihintay ang sagot ng pasya ng sumulat"
    }
    Replaced "history_replaced" [] {
        "another answer takes the place of the one that waited"
        "inna odpowiedź zastąpiła tę, która czekała"
        "другой ответ заменил тот, который ждал"
        "pinalitan ng ibang sagot ang naghihintay"
    }
    Cancelled "history_cancelled" [] {
        "the answer that waited was dropped"
        "odpowiedź, która czekała, została odrzucona"
        "ответ, который ждал, отклонён"
        "hindi na ipapadala ang sagot na naghihintay"
    }
    Sent "history_sent" [] {
        "the answer that waited was sent"
        "odpowiedź, która czekała, została wysłana"
        "ответ, который ждал, отправлен"
        "ipinadala na ang sagot na naghihintay"
    }
    Expired "history_expired" ["agent"] {
        "an answer of {agent} waited too long and was dropped"
        "odpowiedź ({agent}) czekała za długo i została odrzucona"
        "ответ ({agent}) ждал слишком долго и отклонён"
        "masyadong natagalan ang sagot ni {agent} kaya hindi na ipapadala"
    }
    Withdrawn "history_withdrawn" [] {
        "an answer was taken back before it left"
        "odpowiedź wycofano przed wysłaniem"
        "ответ отозван до отправки"
        "binawi ang sagot bago naipadala"
    }

    // ---- who works on it ----
    Accepted "history_accepted" [] {
        "accepted the ticket" "przyjęcie zgłoszenia" "обращение принято" "tinanggap ang ticket"
    }
    Away "history_away" ["agent"] {
        "{agent} is away" "{agent}: nieobecność" "{agent}: отсутствие" "wala si {agent}"
    }
    AwayUntil "history_away_until" ["agent" "day"] {
        "{agent} is away until {day}" "{agent}: nieobecność do {day}" "{agent}: отсутствие до {day}" "wala si {agent} hanggang {day}"
    }
    Back "history_back" ["agent"] {
        "{agent} is back" "{agent}: znów w pracy" "{agent}: снова на работе" "nakabalik na si {agent}"
    }

    // ---- who is on it ----
    Joined "history_joined" ["people"] {
        "on the ticket from now on: {people}"
        "nowy uczestnik: {people}"
        "новый участник: {people}"
        "kasali na sa ticket: {people}"
    }
    Left "history_left" ["people"] {
        "no longer on the ticket: {people}"
        "nie uczestniczy już: {people}"
        "больше не участвует: {people}"
        "hindi na kasali sa ticket: {people}"
    }
    KeyDead "history_key_dead" ["agent"] {
        "the reply address of {agent} got into other hands: a new one follows"
        "adres do odpowiedzi ({agent}) trafił w inne ręce: będzie nowy"
        "адрес для ответов ({agent}) попал в чужие руки: будет новый"
        "napunta sa iba ang reply address ni {agent}: may bagong susunod"
    }
    SenderFailed "history_sender_failed" ["people"] {
        "our mail server says that this email is not from {people}"
        "nasz serwer pocztowy twierdzi, że to nie jest wiadomość od {people}"
        "наш почтовый сервер считает, что это письмо не от {people}"
        "ayon sa mail server natin, hindi galing kay {people} ang email na ito"
    }
    Proposed "history_proposed" ["people"] {
        "named in an email, told nothing: {people}"
        "wymienieni w wiadomości, nic nie otrzymują: {people}"
        "упомянуты в письме, ничего не получают: {people}"
        "nabanggit sa email, walang natatanggap: {people}"
    }

    // ---- regrouped ----
    Merged "history_merged" [] { "merged" "połączenie" "объединение" "pinagsama" }
    Unmerged "history_unmerged" [] { "taken apart" "rozłączenie" "разъединение" "pinaghiwalay" }
    Split "history_split" [] { "split" "wydzielenie" "выделение" "hinati" }
    Spam "history_spam" [] { "marked as spam" "oznaczenie jako spam" "отмечено как спам" "minarkahang spam" }
    Muted "history_muted" ["people"] {
        "further emails of {people} are ignored"
        "kolejne wiadomości od {people} są pomijane"
        "следующие письма от {people} пропускаются"
        "hindi na papansinin ang mga email mula kay {people}"
    }
    Unmuted "history_unmuted" ["people"] {
        "emails of {people} are taken again"
        "wiadomości od {people} są znów przyjmowane"
        "письма от {people} снова принимаются"
        "tinatanggap na ulit ang mga email mula kay {people}"
    }

    // ---- our emails ----
    Acknowledged "history_acknowledged" ["people"] {
        "receipt to {people}" "potwierdzenie do {people}" "подтверждение для {people}" "patunay ng pagtanggap kay {people}"
    }
    Notified "history_notified" ["people"] {
        "notified: {people}" "powiadomienie: {people}" "уведомление: {people}" "naabisuhan: {people}"
    }
    NewsDropped "history_news_dropped" ["agent" "count"] {
        "notifications not sent to {agent}: {count}"
        "powiadomienia niewysłane do {agent}: {count}"
        "не отправлено уведомлений для {agent}: {count}"
        "mga abisong hindi naipadala kay {agent}: {count}"
    }
    NoReceipt "history_no_receipt" [] {
        "no receipt was sent" "bez potwierdzenia dla klienta" "без подтверждения клиенту" "walang patunay na ipinadala"
    }
    NoNotification "history_no_notification" [] {
        "nobody was notified" "nikogo nie powiadomiono" "никто не уведомлён" "walang naabisuhan"
    }
    NoAnswer "history_no_answer" [] {
        "no answer was sent" "odpowiedzi nie wysłano" "ответ не отправлен" "walang ipinadalang sagot"
    }
    NoNotice "history_no_notice" [] {
        "no email about it was sent to the agent"
        "nie wysłano o tym wiadomości do agenta"
        "агенту письмо об этом не отправлено"
        "walang ipinadalang email tungkol dito sa agent"
    }
    NoEffect "history_no_effect" [] {
        "an automatic email: nothing changed"
        "wiadomość automatyczna: nic się nie zmieniło"
        "автоматическое письмо: ничего не изменилось"
        "automatic na email: walang nagbago"
    }
    NoRepetition "history_no_repetition" [] {
        "found again after a restore: nothing was sent again"
        "odnaleziono po przywróceniu kopii: niczego nie wysłano ponownie"
        "найдено после восстановления: повторно ничего не отправлено"
        "nahanap ulit matapos ang restore: walang ipinadala ulit"
    }
    NotDelivered "history_not_delivered" ["people"] {
        "an email of ours to {people} was not delivered"
        "nie dostarczono naszej wiadomości do {people}"
        "наше письмо для {people} не доставлено"
        "hindi naihatid ang email natin kay {people}"
    }
    DeliveredLate "history_delivered_late" ["people"] {
        "an email of ours to {people} is late"
        "nasza wiadomość do {people} się opóźnia"
        "наше письмо для {people} задерживается"
        "naaantala ang email natin kay {people}"
    }
    Undelivered "history_undelivered" [] {
        "an email of ours came back" "nasza wiadomość wróciła" "наше письмо вернулось" "bumalik ang email natin"
    }
    HeldByRecipient "history_held_by_recipient" ["people"] {
        "{people} holds our email back until a human confirms it"
        "{people} zatrzymuje naszą wiadomość do potwierdzenia przez człowieka"
        "{people} задерживает наше письмо, пока человек его не подтвердит"
        "pinipigil ng {people} ang email natin hanggang may taong magkumpirma"
    }
}
