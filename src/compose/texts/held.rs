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
    Yours "held_text" [] { "Your answer:" "Twoja odpowiedź:" "Ваш ответ:" "Ang sagot mo:" }
    LinkSend "link_send" [] { "Send it" "Wyślij" "Отправить" "Ipadala" }
    LinkCancel "link_cancel" [] { "Drop it" "Porzuć" "Отменить" "Huwag ituloy" }
    Expired "held_expired" [] {
        "An answer of yours waited a week for your word and has been dropped: nothing was sent"
        "Twoja odpowiedź czekała tydzień na decyzję i została porzucona: nic nie wysłano"
        "Ваш ответ неделю ждал решения и отменён: ничего не отправлено"
        "Isang linggong naghintay ang sagot mo sa pasya mo at hindi na itinuloy: walang ipinadala"
    }
}
