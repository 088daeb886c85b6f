//! Texts about who works on what: the queue, absences, tickets that change hands. Read by agents alone.

use super::keys::texts;

texts! {
    /// Texts of notifications and notices about the work of the staff.
    StaffText;

    // ---- notifications: what happened ----
    NewsNext "news_next" [] {
        "The next ticket from the queue: it is yours"
        "Następne zgłoszenie z kolejki: jest Twoje"
        "Следующее обращение из очереди: оно ваше"
        "Ang susunod na ticket sa pila: sa iyo na ito"
    }
    NewsYoursAsAway "news_yours_as_away" ["agent"] {
        "{agent} is away: this ticket is yours now"
        "{agent} jest poza pracą: to zgłoszenie jest teraz Twoje"
        "{agent} отсутствует: теперь это обращение ваше"
        "Wala si {agent}: sa iyo na ang ticket na ito"
    }
    NewsFreeAsAway "news_free_as_away" ["agent"] {
        "{agent} is away: this ticket is nobody's, whoever takes it has it"
        "{agent} jest poza pracą: tego zgłoszenia nikt teraz nie prowadzi, może je wziąć każdy"
        "{agent} отсутствует: у этого обращения нет ответственного, его может взять любой"
        "Wala si {agent}: walang humahawak sa ticket na ito, maaari itong kunin ng kahit sino"
    }

    NewsTaken "news_taken" ["agent"] {
        "{agent} has taken this ticket"
        "{agent} zajmuje się tym zgłoszeniem"
        "{agent} занимается этим обращением"
        "Kinuha na ni {agent} ang ticket na ito"
    }
    NewsYoursAsReleased "news_yours_as_released" ["agent"] {
        "{agent} released this ticket: it is yours now"
        "{agent} zwalnia to zgłoszenie: jest teraz Twoje"
        "{agent} освобождает это обращение: теперь оно ваше"
        "Binitawan ni {agent} ang ticket na ito: sa iyo na ito"
    }
    NewsFreeAsReleased "news_free_as_released" ["agent"] {
        "{agent} released this ticket: it is nobody's, whoever takes it has it"
        "{agent} zwalnia to zgłoszenie: nikt go teraz nie prowadzi, może je wziąć każdy"
        "{agent} освобождает это обращение: ответственного нет, его может взять любой"
        "Binitawan ni {agent} ang ticket na ito: walang humahawak, maaari itong kunin ng kahit sino"
    }

    // ---- notices ----
    QueueIsEmpty "notice_queue_is_empty" [] {
        "There is no ticket in your departments that nobody has."
        "W Twoich działach nie ma zgłoszenia bez osoby prowadzącej."
        "В ваших отделах нет обращений без ответственного."
        "Walang ticket sa mga departamento mo na walang humahawak."
    }
    Away "notice_away" [] {
        "You are away from now on. New tickets go to your colleagues; #back ends it."
        "Od teraz jesteś poza pracą. Nowe zgłoszenia trafiają do innych osób; #back to kończy."
        "С этого момента вы отсутствуете. Новые обращения получают коллеги; #back это отменит."
        "Wala ka na mula ngayon. Mapupunta sa mga kasamahan mo ang mga bagong ticket; #back para bumalik."
    }
    AwayUntil "notice_away_until" ["day"] {
        "You are away until {day}. New tickets go to your colleagues; #back ends it earlier."
        "Do {day} jesteś poza pracą. Nowe zgłoszenia trafiają do innych osób; #back kończy to wcześniej."
        "Вы отсутствуете до {day}. Новые обращения получают коллеги; #back отменит это раньше."
        "Wala ka hanggang {day}. Mapupunta sa mga kasamahan mo ang mga bagong ticket; #back para bumalik nang mas maaga."
    }
    HandedOn "notice_handed_on" ["count"] {
        "Tickets that you had not answered and that went on to others: {count}"
        "Zgłoszenia bez Twojej odpowiedzi, które przeszły do innych: {count}"
        "Обращения без вашего ответа, переданные другим: {count}"
        "Mga ticket na hindi mo pa nasasagot at napunta sa iba: {count}"
    }
    Back "notice_back" [] {
        "You are back: you are told of new tickets again."
        "Jesteś z powrotem: znów dostajesz powiadomienia o nowych zgłoszeniach."
        "Вы снова на месте: уведомления о новых обращениях приходят опять."
        "Nakabalik ka na: aabisuhan ka na ulit tungkol sa mga bagong ticket."
    }
    HandedOver "notice_handed_over" ["agent" "count"] {
        "Tickets of {agent} that are yours now: {count}"
        "Zgłoszenia, które prowadzi teraz nie {agent}, lecz Ty: {count}"
        "Обращения ({agent}), которые теперь ваши: {count}"
        "Mga ticket ni {agent} na sa iyo na: {count}"
    }
    HandedOverHint "notice_handed_over_hint" [] {
        "Write to the address behind a ticket to work on it, as if you replied to its notification: #status tells how it stands."
        "Aby zająć się zgłoszeniem, napisz na adres przy nim, tak jak w odpowiedzi na powiadomienie: #status pokaże jego stan."
        "Чтобы работать с обращением, пишите на адрес рядом с ним, как в ответ на уведомление: #status покажет его состояние."
        "Para harapin ang isang ticket, sumulat sa address sa tabi nito, gaya ng pag-reply sa abiso: ipapakita ng #status ang kalagayan."
    }
    AndMore "notice_and_more" ["count"] {
        "and {count} more: postroom ticket list --assignee"
        "i jeszcze {count}: postroom ticket list --assignee"
        "и ещё {count}: postroom ticket list --assignee"
        "at {count} pa: postroom ticket list --assignee"
    }

    // ---- a limit is reached ----
    StoppedReceipts "stopped_receipts" ["whose" "limit"] {
        "No more receipts for {whose} for now: {limit} an hour is the limit"
        "{whose}: na razie bez dalszych potwierdzeń, limit to {limit} na godzinę"
        "{whose}: подтверждения пока не отправляются, предел — {limit} в час"
        "Wala munang dagdag na resibo para sa {whose}: {limit} kada oras ang hangganan"
    }
    StoppedForOthers "stopped_for_others" ["whose" "limit"] {
        "Mails from {whose} name ever other people to be answered: no more receipts for now, {limit} an hour is the limit"
        "Wiadomości z {whose} wskazują wciąż inne osoby do odpowiedzi: na razie bez potwierdzeń, limit to {limit} na godzinę"
        "Письма с {whose} просят отвечать всё новым людям: подтверждения пока не отправляются, предел — {limit} в час"
        "Iba-iba ang sasagutin ayon sa mga mail mula sa {whose}: wala munang resibo, {limit} kada oras ang hangganan"
    }
    StoppedTickets "stopped_tickets" ["whose" "limit"] {
        "Mails from {whose} are added to one ticket for now: {limit} new tickets an hour is the limit"
        "Wiadomości z {whose} trafiają na razie do jednego zgłoszenia: limit to {limit} nowych na godzinę"
        "Письма с {whose} пока добавляются к одному обращению: предел — {limit} новых в час"
        "Idinadagdag muna sa iisang ticket ang mga mail mula sa {whose}: {limit} bagong ticket kada oras ang hangganan"
    }
    StoppedNews "stopped_news" ["whose" "limit"] {
        "So much comes from {whose} that it is told in lists for now: more than {limit} mails an hour"
        "{whose}: przychodzi tyle wiadomości, że na razie informujemy o nich zbiorczo: ponad {limit} na godzinę"
        "{whose}: писем так много, что пока мы сообщаем о них списком: больше {limit} в час"
        "Napakarami ng mula sa {whose} kaya listahan muna ang ipinapadala: higit sa {limit} mail kada oras"
    }
    StoppedNotices "stopped_notices" ["whose" "limit"] {
        "{whose} gets no more word about their own mails today: after {limit} automatic mails a machine seems to be answering"
        "{whose}: dziś bez dalszych informacji o własnych wiadomościach, po {limit} automatycznych odpowiada chyba maszyna"
        "{whose}: сегодня больше никаких извещений о собственных письмах, после {limit} автоматических отвечает, видимо, машина"
        "Wala nang abiso ngayong araw para kay {whose} tungkol sa sarili niyang mga mail: matapos ang {limit}, makina na yata ang sumasagot"
    }
    StoppedReturned "stopped_returned" ["whose" "limit"] {
        "Mails in the name of {whose} that prove nothing go on coming: more than {limit} within an hour, the further ones are not sent back"
        "Wciąż przychodzą niepotwierdzone wiadomości ({whose}): ponad {limit} w ciągu godziny, dalsze nie są odsyłane"
        "Продолжают приходить письма без подтверждения ({whose}): больше {limit} за час, остальные не возвращаются"
        "Patuloy ang mga mail sa pangalan ni {whose} na walang patunay: higit sa {limit} sa loob ng isang oras, hindi na ibinabalik ang iba"
    }
    StoppedHint "stopped_hint" [] {
        "Nothing is lost: every mail is kept. You hear of this once a day; `postroom status` says how much it concerns."
        "Nic nie ginie: każda wiadomość zostaje zachowana. Informujemy o tym raz dziennie; liczby podaje `postroom status`."
        "Ничего не потеряно: каждое письмо сохранено. Об этом сообщается раз в день; сколько их, покажет `postroom status`."
        "Walang nawawala: nakatago ang bawat mail. Isang beses sa isang araw lang ito sinasabi; makikita ang bilang sa `postroom status`."
    }

    // ---- `#status` ----
    LabelCustomer "label_customer" [] { "Customer" "Klient" "Клиент" "Customer" }
    LabelTags "label_tags" [] { "Tags" "Etykiety" "Метки" "Mga tag" }
    LabelChanged "label_changed" [] { "Last change" "Ostatnia zmiana" "Изменено" "Huling pagbabago" }

    // ---- `#help` ----
    HelpNext "help_next" [] {
        "give me the most urgent ticket that nobody has"
        "dostać najpilniejsze zgłoszenie bez osoby prowadzącej"
        "получить самое срочное обращение без ответственного"
        "ibigay sa akin ang pinakaapurahang ticket na walang humahawak"
    }
    HelpAway "help_away" [] {
        "I am away; I am here again"
        "nie ma mnie; jestem z powrotem"
        "меня нет; я снова на месте"
        "wala ako; nandito na ulit ako"
    }
}
