//! The texts themselves: key, word for the config, placeholders, then English, Polish, Russian, Filipino.
//!
//! Texts to customers address them formally and promise no deadline; texts to agents are short.

use super::keys::texts;

texts! {
    /// Texts of mails to customers, of notifications and of the first notices.
    TextKey;

    // ---- to customers ----
    AcknowledgementSubject "receipt_subject" [] {
        "we have your message"
        "mamy Twoją wiadomość"
        "ваше сообщение получено"
        "natanggap namin ang mensahe mo"
    }
    AcknowledgementBody "acknowledgement_body" ["number" "department" "desk"] {
"Hello,

thank you for writing to {desk}. Your message has reached the {department} team, and its number is #{number}.

One of us will read it and answer you by email. If there is something you would like to add, simply reply to this message: \
the number in the subject keeps everything together.

This confirmation was sent automatically."
"Dzień dobry,

dziękujemy za wiadomość do {desk}. Przekazaliśmy ją do działu „{department}” i zarejestrowaliśmy pod numerem #{number}.

Odpowiemy pocztą elektroniczną. Jeśli chcą Państwo coś dodać, wystarczy odpowiedzieć na tę wiadomość: dzięki numerowi \
w temacie wszystko trafi w jedno miejsce.

To potwierdzenie zostało wysłane automatycznie."
"Здравствуйте!

Спасибо, что написали нам ({desk}). Ваше письмо передано в отдел «{department}», ему присвоен номер #{number}.

Мы ответим вам по электронной почте. Если захотите что-нибудь добавить, просто ответьте на это письмо: благодаря номеру \
в теме вся переписка останется вместе.

Это подтверждение отправлено автоматически."
"Magandang araw po!

Maraming salamat po sa pagsulat sa {desk}. Natanggap na po ng {department} team ang inyong mensahe, at ang numero nito ay \
#{number}.

Babasahin po namin ito at sasagutin sa pamamagitan ng email. Kung may nais po kayong idagdag, mag-reply lamang sa mensaheng \
ito: dahil sa numero sa subject, magkakasama ang lahat ng inyong mensahe.

Awtomatiko pong ipinadala ang kumpirmasyong ito."
    }

    // ---- notifications: the line above which one replies; it must begin with `##- ` ----
    Marker "marker" [] {
        "##- To the customer: reply above this line -##"
        "##- Do klienta: odpowiedz powyżej tej linii -##"
        "##- Клиенту: отвечайте выше этой строки -##"
        "##- Para sa customer: mag-reply sa itaas ng linyang ito -##"
    }
    MarkerNote "marker_note" [] {
        "##- Note to colleagues: reply above this line -##"
        "##- Notatka dla współpracowników: odpowiedz powyżej tej linii -##"
        "##- Заметка коллегам: отвечайте выше этой строки -##"
        "##- Note sa mga kasamahan: mag-reply sa itaas ng linyang ito -##"
    }
    MarkerNobody "marker_nobody" [] {
        "##- Commands only: nobody reads a reply above this line -##"
        "##- Tylko polecenia: odpowiedzi powyżej tej linii nikt nie czyta -##"
        "##- Только команды: ответ выше этой строки никто не прочтёт -##"
        "##- Mga command lang: walang nagbabasa ng reply sa itaas nito -##"
    }

    // ---- the name of Reply-To ----
    ReplyToCustomer "reply_to_customer" ["name"] {
        "{name} (customer)"
        "{name} (klient)"
        "{name} (клиент)"
        "{name} (customer)"
    }
    ReplyToCustomers "reply_to_customers" ["name" "count"] {
        "{name} +{count} (customers)"
        "{name} +{count} (klienci)"
        "{name} +{count} (клиенты)"
        "{name} +{count} (mga customer)"
    }
    NameOfCustomer "name_of_customer" [] { "(customer)" "(klient)" "(клиент)" "(customer)" }
    ReplyToNote "reply_to_note" ["number"] {
        "Note on #{number}"
        "Notatka do #{number}"
        "Заметка к #{number}"
        "Note sa #{number}"
    }

    // ---- notifications: what happened ----
    NewsOpened "news_opened" ["customer"] {
        "New ticket from {customer}"
        "Nowe zgłoszenie: pisze {customer}"
        "Новое обращение: пишет {customer}"
        "Bagong ticket mula kay {customer}"
    }
    NewsCustomerWrote "news_customer_wrote" ["customer"] {
        "{customer} wrote again"
        "{customer} pisze ponownie"
        "{customer} пишет снова"
        "Sumulat muli si {customer}"
    }
    NewsReopened "news_reopened" ["customer"] {
        "{customer} wrote again; the ticket is open again"
        "{customer} pisze ponownie; zgłoszenie jest znów otwarte"
        "{customer} пишет снова; обращение снова открыто"
        "Sumulat muli si {customer}; bukas na ulit ang ticket"
    }
    SenderFailed "sender_failed" [] {
        "Careful: your own mail server says that this email does not come from its sender (DMARC failed). Anybody may have written it."
        "Uwaga: według waszego serwera poczty ta wiadomość nie pochodzi od podanego nadawcy (DMARC: niepowodzenie). Mógł ją napisać każdy."
        "Осторожно: ваш почтовый сервер сообщает, что это письмо не от указанного отправителя (проверка DMARC не пройдена). Его мог написать кто угодно."
        "Mag-ingat: ayon sa sarili ninyong mail server, hindi galing sa nakasulat na nagpadala ang email na ito (bigo ang DMARC). Kahit sino ay maaaring sumulat nito."
    }
    NewsColleagueAnswered "news_colleague_answered" ["agent"] {
        "{agent} answered the customer"
        "{agent} odpowiada klientowi"
        "{agent} отвечает клиенту"
        "Sinagot ni {agent} ang customer"
    }
    NewsUnproven "news_unproven" ["agent"] {
        "A mail in the name of {agent} went to the customer; nothing proves who wrote it, so nothing was changed"
        "Do klienta wyszła wiadomość w imieniu: {agent}; nic nie potwierdza autora, więc nic nie zmieniono"
        "Клиенту ушло письмо от имени {agent}; автор не подтверждён, поэтому ничего не изменено"
        "May mail na ipinadala sa customer sa pangalan ni {agent}; walang patunay kung sino ang sumulat, kaya walang binago"
    }
    NewsNote "news_note" ["agent"] {
        "Internal note by {agent}"
        "Notatka wewnętrzna, autor: {agent}"
        "Внутренняя заметка, автор: {agent}"
        "Panloob na tala ni {agent}"
    }
    NewsAssigned "news_assigned" ["agent"] {
        "{agent} assigned this ticket to you"
        "{agent} przypisuje Ci to zgłoszenie"
        "{agent} назначает вас ответственным за это обращение"
        "Itinalaga sa iyo ni {agent} ang ticket na ito"
    }
    NewsNoLongerYours "news_no_longer_yours" ["agent"] {
        "{agent} changed the assignee: this ticket is no longer yours"
        "{agent} zmienia osobę prowadzącą: to zgłoszenie nie jest już Twoje"
        "{agent} меняет ответственного: это обращение больше не ваше"
        "Pinalitan ni {agent} ang humahawak: hindi na sa iyo ang ticket na ito"
    }
    NewsMoved "news_moved" ["agent" "department"] {
        "{agent} moved this ticket to {department}"
        "{agent} przekazuje to zgłoszenie do działu „{department}”"
        "{agent} передаёт это обращение в отдел «{department}»"
        "Inilipat ni {agent} ang ticket na ito sa {department}"
    }
    NewsDeliveryFailed "news_delivery_failed" [] {
        "A mail that we sent to the customer could not be delivered"
        "Nie udało się dostarczyć wiadomości wysłanej do klienta"
        "Не удалось доставить письмо, отправленное клиенту"
        "Hindi naihatid ang mail na ipinadala natin sa customer"
    }
    NewsQuarantined "news_quarantined" ["reason"] {
        "A mail could not be read; it is kept whole in quarantine ({reason})"
        "Nie udało się odczytać wiadomości; jest w całości w kwarantannie ({reason})"
        "Письмо не удалось прочитать; оно целиком сохранено в карантине ({reason})"
        "Hindi mabasa ang isang mail; buo itong nakatabi sa quarantine ({reason})"
    }
    NewsWaitOver "news_wait_over" [] {
        "The waiting time is over; the ticket is back"
        "Czas oczekiwania minął; zgłoszenie wraca"
        "Срок ожидания истёк; обращение снова в работе"
        "Tapos na ang paghihintay; nagbalik ang ticket"
    }
    NewsFlood "news_flood" ["customer"] {
        "A flood of mails from {customer}: further ones are added to this ticket, and you are not told of each"
        "Zalew wiadomości od {customer}: kolejne trafią do tego zgłoszenia, bez osobnych powiadomień"
        "Поток писем от {customer}: следующие попадут в это обращение без отдельных уведомлений"
        "Sunod-sunod ang mail mula kay {customer}: idadagdag ang mga susunod sa ticket na ito nang walang hiwalay na abiso"
    }

    // ---- notifications: several things in one mail ----
    OlderNews "older_news" ["count"] {
        "{count} earlier ones are not shown here; they stand on the ticket."
        "Wcześniejsze zdarzenia ({count}) nie są tu pokazane; są w zgłoszeniu."
        "Более ранние события ({count}) здесь не показаны; они есть в обращении."
        "Hindi ipinapakita rito ang {count} na mas nauna; nasa ticket ang mga iyon."
    }
    FilesOfNews "files_of_news" ["files"] {
        "Attached: {files}"
        "Załączniki: {files}"
        "Вложения: {files}"
        "Nakalakip: {files}"
    }
    Below "below_the_words" [] {
        "Below that in their email (signature, quoted or forwarded text):"
        "Poniżej w tym e-mailu (podpis, tekst cytowany lub przekazany dalej):"
        "Ниже в этом письме (подпись, цитата или пересланный текст):"
        "Sa ibaba nito sa email nila (lagda, sinipi o ipinasang teksto):"
    }
    SinceAnswered "since_answered" ["agent"] {
        "{agent} has answered this in the meantime."
        "Jest już na to odpowiedź: {agent}."
        "На это тем временем отвечает {agent}."
        "Nasagot na ito ni {agent} habang naghihintay."
    }
    SinceYouAnswered "since_you_answered" [] {
        "You have written to the customer since."
        "Od tego czasu klient otrzymał Twoją odpowiedź."
        "С тех пор вы уже ответили клиенту."
        "Nakasulat ka na sa customer pagkatapos nito."
    }
    SinceTaken "since_taken" ["agent"] {
        "{agent} has taken the ticket in the meantime."
        "Zgłoszenie prowadzi już {agent}."
        "Тем временем обращением занимается {agent}."
        "Kinuha na ni {agent} ang ticket."
    }

    // ---- digest ----
    DigestSubject "digest_subject" ["count" "date"] {
        "Digest of {date}: tickets with news: {count}"
        "Podsumowanie {date}: zgłoszenia z nowościami: {count}"
        "Сводка за {date}: обращений с новостями: {count}"
        "Buod ng {date}: mga ticket na may balita: {count}"
    }
    DigestIntro "digest_intro" [] {
        "What happened since the last digest. Answer with the links of a ticket: a reply to this mail reaches no customer."
        "Co zaszło od ostatniego podsumowania. Odpowiadaj przez odnośniki przy zgłoszeniu: odpowiedź na tę wiadomość nie trafi do klienta."
        "Что произошло с прошлой сводки. Отвечайте по ссылкам у обращения: ответ на это письмо клиент не получит."
        "Mga nangyari mula sa huling buod. Sumagot gamit ang mga link ng ticket: walang customer na makakatanggap ng reply sa mail na ito."
    }
    DigestAgain "digest_again" [] {
        "The database was restored from a backup. What happened since was found again in the mailboxes; some of it may have been told and answered already, so look before you answer."
        "Baza danych została przywrócona z kopii zapasowej. To, co zaszło od tamtej pory, odnaleziono w skrzynkach; część mogła już być zgłoszona i załatwiona, sprawdź więc, zanim odpowiesz."
        "База данных восстановлена из резервной копии. То, что произошло с тех пор, найдено в ящиках заново; о чём-то вам могли уже сообщить и ответить, поэтому проверьте, прежде чем отвечать."
        "Naibalik ang database mula sa backup. Ang mga nangyari mula noon ay muling nahanap sa mga mailbox; maaaring naipaalam at nasagot na ang ilan, kaya tingnan muna bago sumagot."
    }
    DigestBeyond "digest_beyond" ["count" "tickets"] {
        "More tickets with news ({count}): {tickets}"
        "Więcej zgłoszeń z nowościami ({count}): {tickets}"
        "Ещё обращения с новостями ({count}): {tickets}"
        "Iba pang ticket na may balita ({count}): {tickets}"
    }
    LinkAnswer "link_answer" [] { "Answer" "Odpowiedz" "Ответить" "Sagutin" }

    // ---- notifications: facts ----
    LabelTicket "label_ticket" [] { "Ticket" "Zgłoszenie" "Обращение" "Ticket" }
    LabelDepartment "label_department" [] { "Department" "Dział" "Отдел" "Departamento" }
    LabelStatus "label_status" [] { "Status" "Status" "Статус" "Katayuan" }
    LabelPriority "label_priority" [] { "Priority" "Priorytet" "Приоритет" "Priyoridad" }
    LabelAssignee "label_assignee" [] { "Assignee" "Prowadzi" "Ответственный" "Humahawak" }
    LabelFrom "label_from" [] { "From" "Od" "От кого" "Mula kay" }
    LabelGoesTo "label_goes_to" [] { "Goes to" "Trafi do" "Получат" "Mapupunta kay" }
    LabelAnswersGoTo "label_answers_go_to" [] { "Answers go to" "Odpowiedzi trafią do" "Ответы получит" "Mapupunta ang mga sagot kay" }
    AnswersGoTo "answers_go_to" ["customer" "writer"] {
        "{customer} (the email itself came from {writer})"
        "{customer} (sama wiadomość przyszła z adresu {writer})"
        "{customer} (само письмо пришло с адреса {writer})"
        "{customer} (galing ang email mismo sa {writer})"
    }
    LabelParticipants "label_participants" [] { "Also on it" "Uczestniczą też" "Также участвуют" "Kasama rin" }
    LabelReason "label_reason" [] { "Why here" "Dlaczego tu" "Почему здесь" "Bakit narito" }
    LabelRelated "label_related" [] { "Perhaps part of" "Być może część" "Возможно, часть" "Maaaring bahagi ng" }
    LabelFollows "label_follows" [] { "Follows closed" "Dalszy ciąg zamkniętego" "Продолжение закрытого" "Kasunod ng saradong" }
    LabelSiblings "label_siblings" [] { "Also at" "Także w" "Также в" "Nasa rin sa" }
    LabelProposed "label_proposed" [] { "To be added?" "Do dodania?" "Добавить?" "Idagdag?" }
    Nobody "nobody" [] { "nobody yet" "jeszcze nikt" "пока никто" "wala pa" }
    StatusNew "status_new" [] { "new" "nowe" "новое" "bago" }
    StatusOpen "status_open" [] { "open" "otwarte" "открыто" "bukas" }
    StatusWaiting "status_waiting" [] { "waiting for the customer" "czeka na klienta" "ждёт клиента" "hinihintay ang customer" }
    StatusResolved "status_resolved" [] { "resolved" "rozwiązane" "решено" "nalutas" }
    StatusClosed "status_closed" [] { "closed" "zamknięte" "закрыто" "sarado" }
    PriorityLow "priority_low" [] { "low" "niski" "низкий" "mababa" }
    PriorityNormal "priority_normal" [] { "normal" "zwykły" "обычный" "karaniwan" }
    PriorityHigh "priority_high" [] { "high" "wysoki" "высокий" "mataas" }
    PriorityUrgent "priority_urgent" [] { "urgent" "pilny" "срочный" "apurahan" }
    RouteFollowUp "route_follow_up" [] { "stays with its ticket" "należy do zgłoszenia" "относится к обращению" "kabilang sa ticket" }
    RouteRule "route_rule" [] { "rule" "reguła" "правило" "tuntunin" }
    RouteForm "route_form" [] { "chosen in the form" "wybór w formularzu" "выбор в форме" "pinili sa form" }
    RouteAddress "route_address" [] { "address" "adres" "адрес" "address" }
    RouteKeywords "route_keywords" [] { "keywords" "słowa kluczowe" "ключевые слова" "mga keyword" }
    RouteMailbox "route_mailbox" [] { "mailbox" "skrzynka" "почтовый ящик" "mailbox" }

    // ---- notifications: the rest ----
    NoWords "no_words" [] { "(no text)" "(brak treści)" "(без текста)" "(walang nakasulat)" }
    AttachmentsLeftOut "attachments_left_out" ["limit"] {
        "Not attached, as together they exceed {limit}:"
        "Nie dołączono, bo łącznie przekraczają {limit}:"
        "Не приложены, так как вместе превышают {limit}:"
        "Hindi na inilakip dahil lampas sa {limit} ang kabuuan:"
    }
    LinkTake "link_take" [] { "Take" "Biorę" "Взять" "Kunin" }
    LinkClose "link_close" [] { "Close" "Zamknij" "Закрыть" "Isara" }
    LinkMove "link_move" [] { "Move…" "Przekaż…" "Передать…" "Ilipat…" }
    LinkInclude "link_include" ["address"] { "Include {address}" "Dołącz: {address}" "Добавить: {address}" "Isama si {address}" }
    HintReply "hint_reply" [] {
        "Reply to this mail to answer the customer. Lines at the very top that begin with # are commands: #note, #take, #help …"
        "Aby odpowiedzieć klientowi, odpowiedz na tę wiadomość. Wiersze na samej górze, które zaczynają się od #, to polecenia: #note, #take, #help …"
        "Чтобы ответить клиенту, ответьте на это письмо. Строки в самом начале, начинающиеся с #, — это команды: #note, #take, #help …"
        "Mag-reply sa mail na ito para sagutin ang customer. Mga utos ang mga linya sa pinakaitaas na nagsisimula sa #: #note, #take, #help …"
    }

    HintNote "hint_note" [] {
        "Reply to this email to write a note to your colleagues; with #answer at the top it goes to the customer. Lines at the very top that begin with # are commands: #take, #help …"
        "Odpowiedź na tę wiadomość to notatka dla współpracowników; z #answer na górze trafi do klienta. Wiersze na samej górze, które zaczynają się od #, to polecenia: #take, #help …"
        "Ответ на это письмо — заметка для коллег; с #answer в начале он уйдёт клиенту. Строки в самом начале, начинающиеся с #, — это команды: #take, #help …"
        "Note sa mga kasamahan ang reply sa email na ito; kung may #answer sa itaas, sa customer ito mapupunta. Mga command ang mga linya sa pinakaitaas na nagsisimula sa #: #take, #help …"
    }
    HintNobody "hint_nobody" [] {
        "Nobody reads a reply to this email. Lines at the very top that begin with # are commands and work: #status, #help …"
        "Odpowiedzi na tę wiadomość nikt nie czyta. Działają polecenia, czyli wiersze na samej górze, które zaczynają się od #: #status, #help …"
        "Ответ на это письмо никто не прочтёт. Работают команды — строки в самом начале, начинающиеся с #: #status, #help …"
        "Walang nagbabasa ng reply sa email na ito. Gumagana ang mga command, ang mga linya sa pinakaitaas na nagsisimula sa #: #status, #help …"
    }

    HintProposed "hint_proposed" [] {
        "Whoever is named under “To be added?” gets nothing until you include them: by the link, by #cc +address, or in Cc of your answer."
        "Osoby z wiersza „Do dodania?” nic nie dostają, dopóki ich nie dołączysz: linkiem, poleceniem #cc +adres albo w kopii swojej odpowiedzi."
        "Те, кто указан в строке «Добавить?», ничего не получают, пока вы их не добавите: по ссылке, командой #cc +адрес или в копии своего ответа."
        "Walang natatanggap ang mga nasa “Idagdag?” hangga't hindi mo sila isinasama: sa link, sa #cc +address, o sa Cc ng sagot mo."
    }

    // ---- notices: an agent's own mail back, or an answer to a question ----
    RefusedIntro "refused_intro" [] {
        "Nothing was done, and nothing was sent to the customer"
        "Nic nie zostało wykonane i nic nie trafiło do klienta"
        "Ничего не выполнено, и клиенту ничего не отправлено"
        "Walang ginawa, at walang ipinadala sa customer"
    }
    RefusedText "refused_text" [] {
        "Correct it and reply again; #help lists the commands. Your text, as you wrote it:"
        "Popraw i odpowiedz ponownie; #help pokazuje polecenia. Twój tekst bez zmian:"
        "Исправьте и ответьте ещё раз; #help покажет команды. Ваш текст без изменений:"
        "Itama at mag-reply muli; ililista ng #help ang mga utos. Ang isinulat mo, walang binago:"
    }
    ConversationIntro "conversation_intro" [] {
        "The conversation so far, internal notes included"
        "Dotychczasowa korespondencja, razem z notatkami wewnętrznymi"
        "Вся переписка, включая внутренние заметки"
        "Ang usapan hanggang ngayon, kasama ang mga panloob na tala"
    }
    StateIntro "state_intro" [] { "How things stand" "Stan zgłoszenia" "Состояние обращения" "Kasalukuyang kalagayan" }
    NotDelivered "not_delivered" ["recipient"] {
        "Your answer to {recipient} could not be delivered, and we have stopped trying. The ticket is open again."
        "Twoja odpowiedź do {recipient} nie została dostarczona i nie ponawiamy już prób. Zgłoszenie jest znów otwarte."
        "Ваш ответ на адрес {recipient} не доставлен, и попыток больше не будет. Обращение снова открыто."
        "Hindi naihatid ang sagot mo kay {recipient}, at itinigil na namin ang pagsubok. Bukas na ulit ang ticket."
    }
    NotDeliveredYet "not_delivered_yet" ["recipient"] {
        "Your answer to {recipient} has not been delivered yet. We keep trying, and tell you should we give up."
        "Twoja odpowiedź do {recipient} nie została jeszcze dostarczona. Ponawiamy próby i damy znać, jeśli się nie powiodą."
        "Ваш ответ на адрес {recipient} пока не доставлен. Мы продолжаем попытки и сообщим, если они не удадутся."
        "Hindi pa naihahatid ang sagot mo kay {recipient}. Patuloy kaming sumusubok, at sasabihan ka namin kung hindi na kaya."
    }
    ServerSaid "server_said" [] {
        "What the mail server said:"
        "Odpowiedź serwera poczty:"
        "Ответ почтового сервера:"
        "Ang sabi ng mail server:"
    }

    // ---- `#help`: the commands ----
    HelpIntro "help_intro" [] {
        "Commands go at the very top of your email, one a line. Who reads the words below them is said in the first line of the mail that you answer."
        "Polecenia wpisuje się na samej górze wiadomości, każde w osobnym wierszu. Kto przeczyta tekst pod nimi, mówi pierwszy wiersz wiadomości, na którą odpowiadasz."
        "Команды пишутся в самом начале письма, каждая на своей строке. Кто прочтёт текст под ними, сказано в первой строке письма, на которое вы отвечаете."
        "Nasa pinakaitaas ng email ang mga utos, isa bawat linya. Nasa unang linya ng email na sinasagot mo kung sino ang magbabasa ng nasa ibaba ng mga ito."
    }
    HelpAssign "help_assign" [] {
        "take the ticket, give it to a colleague, give it back"
        "wziąć zgłoszenie, przypisać je innej osobie, zwolnić je"
        "взять обращение, назначить коллегу, освободить"
        "kunin ang ticket, ibigay sa kasamahan, bitawan"
    }
    HelpMove "help_move" [] {
        "hand it over to another department, with all history and notes"
        "przekazać innemu działowi z całą historią i notatkami"
        "передать другому отделу со всей историей и заметками"
        "ilipat sa ibang departamento, kasama ang kasaysayan at mga tala"
    }
    HelpNote "help_note" [] {
        "all of this mail is an internal note"
        "cała wiadomość jest notatką wewnętrzną"
        "всё письмо — внутренняя заметка"
        "panloob na tala ang buong mail na ito"
    }
    HelpAnswer "help_answer" [] {
        "all of this mail is an answer to the customer, whatever it replies to"
        "cała wiadomość jest odpowiedzią do klienta, na cokolwiek odpowiada"
        "всё письмо — ответ клиенту, на что бы он ни был"
        "sagot sa customer ang buong email na ito, ano man ang sinasagot nito"
    }
    HelpCc "help_cc" [] {
        "who else gets the answers from the next one on; - takes somebody off the ticket"
        "kto jeszcze dostanie odpowiedzi, począwszy od następnej; - usuwa osobę ze zgłoszenia"
        "кто ещё получит ответы, начиная со следующего; - убирает человека из обращения"
        "kung sino pa ang makakatanggap ng mga susunod na sagot; - para alisin siya sa ticket"
    }
    HelpShow "help_show" [] {
        "the conversation so far, by email; #history adds all that was done"
        "dotychczasowa korespondencja e-mailem; #history dodaje całą historię"
        "вся переписка письмом; #history добавляет всю историю"
        "ang buong usapan sa email; idinaragdag ng #history ang lahat ng nagawa"
    }
    HelpStatus "help_status" [] {
        "status; with #wait 3d it comes back by itself in three days"
        "status; po #wait 3d zgłoszenie wróci samo za trzy dni"
        "статус; после #wait 3d обращение само вернётся через три дня"
        "katayuan; sa #wait 3d, kusa itong babalik pagkaraan ng tatlong araw"
    }
    HelpMarks "help_marks" [] {
        "priority (low, normal, high, urgent) and tags"
        "priorytet (low, normal, high, urgent) i etykiety"
        "приоритет (low, normal, high, urgent) и метки"
        "priyoridad (low, normal, high, urgent) at mga tag"
    }
    HelpTo "help_to" [] {
        "the answer goes to this person alone; who stands in its Cc joins the ticket"
        "odpowiedź dostanie tylko ta osoba; kto jest w polu DW (Cc), dołącza do zgłoszenia"
        "ответ получит только этот человек; кто указан в копии (Cc), добавляется к обращению"
        "siya lang ang makakatanggap ng sagot; kasali na sa ticket ang nasa Cc nito"
    }
    HelpHeld "help_held" [] {
        "send an answer that was held back, or drop it"
        "wysłać wstrzymaną odpowiedź albo ją porzucić"
        "отправить задержанный ответ или отказаться от него"
        "ipadala ang sagot na pinigil muna, o huwag nang ituloy"
    }
    HelpTell "help_tell" [] {
        "how the ticket stands; this list"
        "stan zgłoszenia; ta lista"
        "состояние обращения; этот список"
        "kalagayan ng ticket; listahang ito"
    }
}
