//! Why a command was not carried out: how it is written, and whether its writer may. Read by agents alone.

use super::keys::texts;

texts! {
    /// Reasons that are about commands and rights.
    BadCommandText;

    TooManyCommands "refused_too_many_commands" ["limit"] {
        "more than {limit} commands in one mail: split them over several"
        "więcej niż {limit} poleceń w jednej wiadomości: rozdziel je na kilka"
        "в одном письме больше {limit} команд: разделите их на несколько писем"
        "higit sa {limit} utos sa isang mail: hatiin sa ilang mail"
    }
    Misplaced "refused_misplaced" ["command"] {
        "`{command}` stands below your words: commands go at the very top, before the text"
        "`{command}` stoi pod Twoim tekstem: polecenia wpisuje się na samej górze, przed tekstem"
        "`{command}` стоит ниже вашего текста: команды пишут в самом начале, перед текстом"
        "nasa ibaba ng isinulat mo ang `{command}`: sa pinakaitaas dapat ang mga utos, bago ang teksto"
    }
    UnknownCommand "refused_unknown_command" ["command"] {
        "there is no command `#{command}`: #help lists them all"
        "nie ma polecenia `#{command}`: #help pokazuje wszystkie"
        "команды `#{command}` нет: #help покажет все"
        "walang utos na `#{command}`: ililista ng #help ang lahat"
    }
    UnknownCommandMeant "refused_unknown_command_meant" ["command" "meant"] {
        "there is no command `#{command}`, did you mean `#{meant}`?"
        "nie ma polecenia `#{command}`, czy chodziło o `#{meant}`?"
        "команды `#{command}` нет, возможно, вы имели в виду `#{meant}`?"
        "walang utos na `#{command}`, `#{meant}` ba ang ibig mong sabihin?"
    }
    TakesNothing "refused_takes_nothing" ["argument"] {
        "takes nothing after it, but `{argument}` stands there"
        "nie przyjmuje niczego po sobie, a stoi tam `{argument}`"
        "после неё ничего не пишут, а там стоит `{argument}`"
        "walang dapat kasunod ito, pero may `{argument}`"
    }
    NeedsReason "refused_needs_reason" [] {
        "say why: `#return not ours, ask billing`"
        "podaj powód: `#return to nie nasze, proszę zapytać księgowość`"
        "укажите причину: `#return не наше, спросите бухгалтерию`"
        "sabihin kung bakit: `#return hindi sa amin, itanong sa billing`"
    }
    NothingForwarded "refused_nothing_forwarded" [] {
        "stands above a customer's mail that you forward, and none was found below it"
        "stoi nad przekazywaną wiadomością klienta, a pod spodem nie ma żadnej"
        "ставится над пересылаемым письмом клиента, а его ниже не нашлось"
        "nasa itaas dapat ito ng ipinapasang mail ng customer, pero walang nakita sa ibaba nito"
    }
    NeedsAgent "refused_needs_agent" ["known"] {
        "say who: {known}"
        "podaj kto: {known}"
        "укажите кому: {known}"
        "sabihin kung sino: {known}"
    }
    NoSuchAgent "refused_no_such_agent" ["known"] {
        "there is no such agent; there are {known}"
        "nie ma takiej osoby; są {known}"
        "такого сотрудника нет; есть {known}"
        "walang ganoong tao; ang mayroon ay {known}"
    }
    NoSuchAgentMeant "refused_no_such_agent_meant" ["meant"] {
        "there is no such agent, did you mean `{meant}`?"
        "nie ma takiej osoby, czy chodziło o `{meant}`?"
        "такого сотрудника нет, возможно, `{meant}`?"
        "walang ganoong tao, si `{meant}` ba?"
    }
    NeedsDepartment "refused_needs_department" ["known"] {
        "say where to: {known}"
        "podaj dokąd: {known}"
        "укажите куда: {known}"
        "sabihin kung saan: {known}"
    }
    NoSuchDepartment "refused_no_such_department" ["known"] {
        "there is no such department; there are {known}"
        "nie ma takiego działu; są {known}"
        "такого отдела нет; есть {known}"
        "walang ganoong departamento; ang mayroon ay {known}"
    }
    NoSuchDepartmentMeant "refused_no_such_department_meant" ["meant"] {
        "there is no such department, did you mean `{meant}`?"
        "nie ma takiego działu, czy chodziło o `{meant}`?"
        "такого отдела нет, возможно, `{meant}`?"
        "walang ganoong departamento, `{meant}` ba?"
    }
    NoTime "refused_no_time" ["days"] {
        "write a time like `3d`, `12h` or `30m`, at most {days} days"
        "podaj czas, np. `3d`, `12h` albo `30m`, najwyżej {days} dni"
        "укажите срок, например `3d`, `12h` или `30m`, не больше {days} дней"
        "isulat ang haba, gaya ng `3d`, `12h` o `30m`, hanggang {days} araw"
    }
    NoDay "refused_no_day" [] {
        "name the day on which you are back, like `#away until 2026-12-01`, or none"
        "podaj dzień powrotu, np. `#away until 2026-12-01`, albo nic"
        "укажите день возвращения, например `#away until 2026-12-01`, или ничего"
        "isulat ang araw ng pagbalik mo, gaya ng `#away until 2026-12-01`, o huwag maglagay ng araw"
    }
    NoPriority "refused_no_priority" ["known"] {
        "write one of {known}"
        "podaj jeden z: {known}"
        "укажите один из: {known}"
        "pumili sa {known}"
    }
    NoTag "refused_no_tag" ["limit"] {
        "a tag has at most {limit} letters, digits, `-`, `_` or `.`"
        "etykieta ma najwyżej {limit} liter, cyfr, `-`, `_` lub `.`"
        "метка состоит не более чем из {limit} букв, цифр, `-`, `_` или `.`"
        "hanggang {limit} letra, numero, `-`, `_` o `.` ang isang tag"
    }
    NoAddress "refused_no_address" [] {
        "name who alone gets the answer, such as `#to ewa@client.example`"
        "podaj, kto jedyny ma dostać odpowiedź, np. `#to ewa@client.example`"
        "укажите, кому одному отправить ответ, например `#to ewa@client.example`"
        "sabihin kung sino lang ang padadalhan ng sagot, gaya ng `#to ewa@client.example`"
    }
    NoPeople "refused_no_people" [] {
        "name who joins and who leaves, such as `#cc +ewa@client.example -jo@client.example`"
        "podaj, kogo dodać, a kogo usunąć, np. `#cc +ewa@client.example -jo@client.example`"
        "укажите, кого добавить и кого убрать, например `#cc +ewa@client.example -jo@client.example`"
        "sabihin kung sino ang idaragdag at aalisin, gaya ng `#cc +ewa@client.example -jo@client.example`"
    }
    NoCustomersAddress "refused_no_customers_address" [] {
        "that is an address of this desk, of an agent or of a machine: only customers are added, colleagues are told anyway"
        "to adres tego biura, agenta albo automatu: dodaje się tylko klientów, współpracownicy i tak są powiadamiani"
        "это адрес нашей службы, сотрудника или автомата: добавляют только клиентов, коллеги и так получают уведомления"
        "address ito ng desk, ng agent o ng makina: mga customer lang ang idinaragdag, inaabisuhan na ang mga kasamahan"
    }
    TooManyPeople "refused_too_many_people" ["limit"] {
        "at most {limit} people can be on a ticket"
        "w zgłoszeniu może uczestniczyć najwyżej tyle osób: {limit}"
        "в обращении может участвовать не больше {limit} человек"
        "hanggang {limit} tao lang ang maaaring nasa isang ticket"
    }
    NotAmong "refused_not_among" ["known"] {
        "not on this ticket; on it are {known}"
        "nie ma tej osoby w zgłoszeniu; są w nim: {known}"
        "этого человека нет в обращении; в нём участвуют: {known}"
        "wala sa ticket na ito; ang nasa ticket: {known}"
    }
    LastCustomer "refused_last_customer" [] {
        "the last customer cannot be taken off: nobody would be left to answer"
        "nie można usunąć ostatniego klienta: nie byłoby komu odpowiedzieć"
        "последнего клиента убрать нельзя: отвечать будет некому"
        "hindi maaaring alisin ang huling customer: wala nang masasagot"
    }
    AnswerAndNote "refused_answer_and_note" [] {
        "`#answer` sends all of the mail to the customer and `#note` none of it: use one of them"
        "`#answer` wysyła całą wiadomość do klienta, a `#note` nic z niej: użyj jednego z nich"
        "`#answer` отправляет клиенту всё письмо, а `#note` ничего: оставьте что-то одно"
        "sa customer mapupunta ang buong mail sa `#answer`, at wala naman sa `#note`: isa lang ang gamitin"
    }
    NeedsTag "refused_needs_tag" [] {
        "name a tag: `#tag +vip -old`"
        "podaj etykietę: `#tag +vip -old`"
        "укажите метку: `#tag +vip -old`"
        "isulat ang tag: `#tag +vip -old`"
    }
    NeedsNumber "refused_needs_number" ["command"] {
        "write one number behind it, like `#{command} 1038`"
        "podaj po nim jeden numer, np. `#{command} 1038`"
        "укажите после неё один номер, например `#{command} 1038`"
        "isulat ang isang numero pagkatapos nito, gaya ng `#{command} 1038`"
    }
    NoSpamWish "refused_no_spam_wish" [] {
        "write nothing behind it, or `mute` (ignore all further mails of the sender), or `undo`"
        "nie dopisuj nic albo dopisz `mute` (pomijać dalsze wiadomości nadawcy) lub `undo` (cofnąć)"
        "не добавляйте ничего или добавьте `mute` (не принимать писем отправителя) либо `undo` (отменить)"
        "huwag dagdagan, o idagdag ang `mute` (huwag nang pansinin ang nagpadala) o `undo` (bawiin)"
    }
    NotInSubject "refused_not_in_subject" [] {
        "is not read in a subject; write it at the top of the mail"
        "nie działa w temacie; wpisz na samej górze wiadomości"
        "в теме не читается; напишите в самом начале письма"
        "hindi binabasa sa subject; isulat sa pinakaitaas ng mail"
    }
    StandsAlone "refused_stands_alone" ["command"] {
        "`#{command}` stands alone in its mail: write to the customer, and other commands, in another one"
        "`#{command}` musi być w wiadomości samo: odpowiedź dla klienta i inne polecenia wyślij osobno"
        "`#{command}` пишут в отдельном письме: ответ клиенту и другие команды отправьте другим"
        "mag-isa dapat sa mail ang `#{command}`: sa ibang mail isulat ang para sa customer at ang ibang utos"
    }

    // ---- who may ----
    NoAgent "refused_no_agent" ["agent"] {
        "`{agent}` is no agent any more"
        "`{agent}` nie ma już dostępu"
        "`{agent}` больше не сотрудник"
        "hindi na ahente si `{agent}`"
    }
    NotYours "refused_not_yours" ["number" "department"] {
        "#{number} is now in department “{department}”, where you do not work"
        "#{number} jest teraz w dziale „{department}”, w którym nie pracujesz"
        "#{number} теперь в отделе «{department}», где вы не работаете"
        "nasa departamentong “{department}” na ang #{number}, at hindi ka roon nagtatrabaho"
    }
    ForLeads "refused_for_leads" ["number" "owner" "department" "leads"] {
        "{owner} has #{number}: in department “{department}” a lead takes or assigns a colleague's ticket ({leads})"
        "#{number} prowadzi {owner}: w dziale „{department}” cudze zgłoszenia przejmuje lub przypisuje lider ({leads})"
        "#{number} ведёт {owner}: в отделе «{department}» чужие обращения берёт или назначает руководитель ({leads})"
        "hawak ni {owner} ang #{number}: sa “{department}”, lead ang kumukuha o nagtatalaga ng ticket ng kasamahan \
({leads})"
    }
    Unverified "refused_unverified" [] {
        "our mail server does not confirm that your mail comes from the domain in its From (DMARC): send it through \
the mail server of your own domain"
        "nasz serwer nie potwierdza, że wiadomość pochodzi z domeny w polu Od (DMARC): wyślij ją przez serwer poczty \
swojej domeny"
        "наш сервер не подтверждает, что письмо пришло из домена в поле «От» (DMARC): отправьте его через почтовый \
сервер своего домена"
        "hindi makumpirma ng mail server namin na galing sa domain sa From ang mail mo (DMARC): ipadala ito sa mail \
server ng sarili mong domain"
    }
    NotAhead "refused_not_ahead" [] {
        "that day is not in the future"
        "ten dzień nie leży w przyszłości"
        "этот день уже наступил или прошёл"
        "lipas na ang araw na iyon"
    }
    TooFarAhead "refused_too_far_ahead" [] {
        "that is more than a year ahead"
        "to ponad rok naprzód"
        "это больше чем через год"
        "lampas isang taon pa iyon"
    }
    OneNext "refused_one_next" [] {
        "`#next` gives one ticket a mail"
        "`#next` daje jedno zgłoszenie na wiadomość"
        "`#next` даёт одно обращение на письмо"
        "isang ticket bawat mail ang ibinibigay ng `#next`"
    }
    HasEnough "refused_has_enough" ["open" "limit"] {
        "you have {open} open tickets, and the limit is {limit}: answer, resolve or hand on one of them first"
        "masz otwarte zgłoszenia: {open}, a limit to {limit}; najpierw odpowiedz na któreś, zamknij je albo przekaż"
        "у вас открытых обращений: {open}, предел — {limit}; сначала ответьте на одно из них, закройте или передайте"
        "may {open} kang bukas na ticket, at {limit} ang hangganan: sagutin, lutasin o ipasa muna ang isa"
    }
}
