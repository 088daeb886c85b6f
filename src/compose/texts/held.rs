//! What an agent is told of an answer of his that is held.

use super::keys::texts;

texts! {
    /// Texts of notices about held answers.
    HeldText;

    HeldNewer "held_newer" [] {
        "Your answer has not been sent: there is news that you had not seen"
        "Twoja odpowiedź nie została wysłana: są nowe wiadomości, których nie widziałeś(-aś)"
        "Ваш ответ не отправлен: есть новые сообщения, которых вы ещё не видели"
        "Hindi pa naipadala ang sagot mo: may bago na hindi mo pa nakikita"
    }
    HeldNote "held_note" ["words"] {
        "Your answer has not been sent: it carries words of an internal note (“{words}”)"
        "Twoja odpowiedź nie została wysłana: zawiera słowa z notatki wewnętrznej („{words}”)"
        "Ваш ответ не отправлен: в нём есть слова из внутренней заметки («{words}»)"
        "Hindi pa naipadala ang sagot mo: may mga salita ito mula sa panloob na tala (“{words}”)"
    }
    HeldBeside "held_beside" ["command"] {
        "Your words have not been sent: they stand beside {command}. Are they for the customer, or for the colleague?"
        "Twój tekst nie został wysłany: stoi przy poleceniu {command}. Czy jest dla klienta, czy dla współpracownika?"
        "Ваш текст не отправлен: он стоит рядом с командой {command}. Он для клиента или для коллеги?"
        "Hindi pa naipadala ang isinulat mo: katabi ito ng {command}. Para ba ito sa customer o sa kasamahan?"
    }
    HeldColleague "held_colleague" ["line"] {
        "Your words have not been sent: they begin with “{line}”, as if written to a colleague. Are they for the customer?"
        "Twój tekst nie został wysłany: zaczyna się od „{line}”, jakby był do współpracownika. Czy jest dla klienta?"
        "Ваш текст не отправлен: он начинается с «{line}», как будто написан коллеге. Он для клиента?"
        "Hindi pa naipadala ang isinulat mo: nagsisimula ito sa “{line}”, na parang para sa kasamahan. Para ba ito sa customer?"
    }
    HeldPerhapsCommand "held_perhaps_command" ["line" "meant"] {
        "Your words have not been sent: the first line is “{line}”. Did you mean the command {meant}?"
        "Twój tekst nie został wysłany: pierwszy wiersz to „{line}”. Czy chodziło o polecenie {meant}?"
        "Ваш текст не отправлен: первая строка — «{line}». Вы имели в виду команду {meant}?"
        "Hindi pa naipadala ang isinulat mo: “{line}” ang unang linya. Ang utos na {meant} ba ang ibig mong sabihin?"
    }
    HeldAskedAgain "held_asked_again" [] {
        "Nothing has been sent: it is still open whom your first words are for. They wait as they were, and what you wrote now does not take their place"
        "Nic nie wysłano: nadal nie wiadomo, dla kogo jest Twój pierwszy tekst. Czeka bez zmian, a to, co piszesz teraz, go nie zastępuje"
        "Ничего не отправлено: всё ещё неясно, кому предназначен ваш первый текст. Он ждёт без изменений, а то, что вы написали сейчас, его не заменяет"
        "Wala pang naipadala: hindi pa malinaw kung para kanino ang una mong isinulat. Naghihintay pa rin ito, at hindi ito pinapalitan ng isinulat mo ngayon"
    }
    HeldReadByNobody "held_read_by_nobody" [] {
        "Your words have not been sent: nobody reads a reply to that mail. Are they for the customer, or for colleagues?"
        "Twój tekst nie został wysłany: odpowiedzi na tamtą wiadomość nikt nie czyta. Czy jest dla klienta, czy dla współpracowników?"
        "Ваш текст не отправлен: ответы на то письмо никто не читает. Он для клиента или для коллег?"
        "Hindi pa naipadala ang isinulat mo: walang nagbabasa ng reply sa email na iyon. Para ba ito sa customer o sa mga kasamahan?"
    }
    HeldUnclear "held_unclear" [] {
        "Your words have not been sent: it isn't clear which of our mails you answered. Are they for the customer, or for colleagues?"
        "Twój tekst nie został wysłany: nie wiadomo, na którą z naszych wiadomości odpowiadasz. Czy jest dla klienta, czy dla współpracowników?"
        "Ваш текст не отправлен: неясно, на какое из наших писем это ответ. Он для клиента или для коллег?"
        "Hindi pa naipadala ang isinulat mo: hindi malinaw kung aling email namin ang sinagot mo. Para ba ito sa customer o sa mga kasamahan?"
    }
    HeldFile "held_file" ["file" "address"] {
        "Your answer has not been sent: its file “{file}” shows {address}, an address of staff that customers do not get to see"
        "Twoja odpowiedź nie została wysłana: plik „{file}” zawiera adres {address}, adres pracownika, którego klienci nie widzą"
        "Ваш ответ не отправлен: в файле «{file}» есть {address} — адрес сотрудника, который клиенты не видят"
        "Hindi pa naipadala ang sagot mo: nasa file na “{file}” ang {address}, address ng kawani na hindi nakikita ng mga customer"
    }
    HeldNewcomers "held_newcomers" ["people"] {
        "Your answer has not been sent: it would go to {people} too, who is not on the ticket and whom no customer has named"
        "Twoja odpowiedź nie została wysłana: trafiłaby też do {people}, a tego adresu nie ma w zgłoszeniu ani w wiadomościach klienta"
        "Ваш ответ не отправлен: его получил бы и {people}, хотя этого адреса нет ни в обращении, ни в письмах клиента"
        "Hindi pa naipadala ang sagot mo: mapupunta rin ito kay {people}, na wala sa ticket at hindi binanggit ng customer"
    }
    HeldDropped "held_dropped" ["words"] {
        "Your answer has not been sent: words of yours would not go out with it (“{words}”). Write them above the quoted mail, or send it without them"
        "Twoja odpowiedź nie została wysłana: część Twojego tekstu nie zostałaby wysłana („{words}”). Wpisz go nad cytatem albo wyślij bez niego"
        "Ваш ответ не отправлен: часть вашего текста в него не вошла бы («{words}»). Напишите её над цитатой или отправьте ответ без неё"
        "Hindi pa naipadala ang sagot mo: may mga salita mong hindi makakasama (“{words}”). Isulat ang mga ito sa itaas ng sinipi, o ipadala ito nang wala ang mga iyon"
    }
    HeldSignature "held_signature" ["line"] {
        "Your answer has not been sent: it may end with your own signature, which customers do not get to see (from “{line}” on)"
        "Twoja odpowiedź nie została wysłana: być może kończy się Twoim własnym podpisem, którego klienci nie widzą (od „{line}”)"
        "Ваш ответ не отправлен: возможно, он заканчивается вашей личной подписью, которую клиенты не видят (начиная с «{line}»)"
        "Hindi pa naipadala ang sagot mo: maaaring nagtatapos ito sa sarili mong lagda, na hindi nakikita ng mga customer (mula sa “{line}”)"
    }
    HeldCustomerWrote "held_customer_wrote" ["author" "date"] {
        "{author} wrote, {date}:"
        "{author} pisze, {date}:"
        "{author} пишет, {date}:"
        "Sumulat si {author}, {date}:"
    }
    HeldColleagueAnswered "held_colleague_answered" ["author" "date"] {
        "{author} answered the customer, {date}:"
        "{author} odpowiada klientowi, {date}:"
        "{author} отвечает клиенту, {date}:"
        "Sinagot ni {author} ang customer, {date}:"
    }
    HeldHow "held_how" ["date"] {
        "Reply with one word at the very top: #send sends it as it stands, #cancel drops it, #note keeps it as an internal \
note. Or write a new answer above: it takes the place of the old one. Should you say nothing, it is dropped on {date}."
        "Odpowiedz jednym słowem na samej górze: #send wyśle ją bez zmian, #cancel ją porzuci, #note zachowa ją jako notatkę \
wewnętrzną. Możesz też napisać nową odpowiedź: zastąpi poprzednią. Bez Twojej decyzji zostanie porzucona {date}."
        "Ответьте одним словом в самом начале письма: #send отправит его как есть, #cancel отменит, #note сохранит как \
внутреннюю заметку. Или напишите новый ответ: он заменит прежний. Без вашего решения он будет отменён {date}."
        "Sumagot ng isang salita sa pinakaitaas: #send para ipadala ito nang walang binabago, #cancel para huwag ituloy, #note \
para itago bilang panloob na tala. O sumulat ng bagong sagot: ito ang papalit. Kung wala kang sasabihin, hindi na ito \
itutuloy sa {date}."
    }
    HeldHowForWhom "held_how_for_whom" ["date"] {
        "Reply with one word at the very top: #answer (or #send) sends your words to the customer, #note keeps them as an internal note, #cancel drops them. Nothing else sends them. Commands beside them have been carried out. Should you say nothing, the words are dropped on {date}."
        "Odpowiedz jednym słowem na samej górze: #answer (albo #send) wyśle tekst do klienta, #note zachowa go jako notatkę wewnętrzną, #cancel go porzuci. Nic innego go nie wyśle. Polecenia obok zostały wykonane. Bez Twojej decyzji tekst zostanie porzucony {date}."
        "Ответьте одним словом в самом начале письма: #answer (или #send) отправит текст клиенту, #note сохранит его как внутреннюю заметку, #cancel отменит. Ничто другое его не отправит. Команды рядом с ним выполнены. Без вашего решения текст будет отменён {date}."
        "Sumagot ng isang salita sa pinakaitaas: #answer (o #send) para ipadala sa customer ang isinulat mo, #note para itago bilang panloob na tala, #cancel para huwag ituloy. Walang ibang magpapadala nito. Nagawa na ang mga utos na katabi nito. Kung wala kang sasabihin, hindi na ito itutuloy sa {date}."
    }
    LinkNote "link_note" [] { "Make it a note" "Zrób notatkę" "Сделать заметкой" "Gawing tala" }
    Yours "held_text" [] { "Your answer:" "Twoja odpowiedź:" "Ваш ответ:" "Ang sagot mo:" }
    AlsoNotSent "held_also" [] {
        "What you wrote now, which has not been sent either. To send it instead, write #answer above it; as a note: #note."
        "To, co piszesz teraz, też nie zostało wysłane. Aby wysłać to zamiast tamtego, dopisz nad tekstem #answer; jako notatkę: #note."
        "То, что вы написали сейчас, тоже не отправлено. Чтобы отправить это вместо прежнего, напишите над текстом #answer; как заметку: #note."
        "Ang isinulat mo ngayon, hindi rin ito naipadala. Para ito ang ipadala, isulat ang #answer sa itaas nito; bilang tala: #note."
    }
    LinkSend "link_send" [] { "Send it" "Wyślij" "Отправить" "Ipadala" }
    LinkCancel "link_cancel" [] { "Drop it" "Porzuć" "Отменить" "Huwag ituloy" }
    Expired "held_expired" [] {
        "An answer of yours waited a week for your word and has been dropped: nothing was sent"
        "Twoja odpowiedź czekała tydzień na decyzję i została porzucona: nic nie wysłano"
        "Ваш ответ неделю ждал решения и отменён: ничего не отправлено"
        "Isang linggong naghintay ang sagot mo sa pasya mo at hindi na itinuloy: walang ipinadala"
    }
}
