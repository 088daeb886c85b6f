//! Texts about mails to agents that did not arrive, and about what did not fit into one. Read by agents alone.

use super::keys::texts;

texts! {
    /// Texts about mails that failed or had to be cut.
    DeliveryText;

    // ---- notifications: what happened ----
    NewsNotTold "news_not_told" ["agent" "reason"] {
        "The mail about this could not be delivered to {agent} ({reason}): please see to it"
        "Nie udało się dostarczyć wiadomości o tym ({agent}: {reason}): prosimy się tym zająć"
        "Письмо об этом не удалось доставить ({agent}: {reason}): пожалуйста, займитесь этим"
        "Hindi naihatid kay {agent} ang mail tungkol dito ({reason}): pakiasikaso ito"
    }
    NewsWithoutWords "news_without_words" ["reason"] {
        "There is news, but the mail server refused the mail with it ({reason})"
        "Jest nowa wiadomość, ale serwer pocztowy ją odrzucił ({reason})"
        "Есть новости, но почтовый сервер не принял письмо с ними ({reason})"
        "May bago, ngunit tinanggihan ng mail server ang mail na may laman nito ({reason})"
    }

    // ---- what is left out ----
    WithoutWords "without_words" ["number"] {
        "The customer's words and files are left out here. Whoever runs postroom finds all of it with `postroom ticket show {number}`."
        "Słowa i pliki klienta są tu pominięte. Całość pokaże osoba, która prowadzi postroom: `postroom ticket show {number}`."
        "Слова и файлы клиента здесь опущены. Всё целиком покажет тот, кто ведёт postroom: `postroom ticket show {number}`."
        "Hindi isinama rito ang mga salita at file ng customer. Makikita ang lahat ng nagpapatakbo ng postroom sa `postroom ticket show {number}`."
    }
    WordsCut "words_cut" ["number"] {
        "… The text is cut here, it is too long for a mail. Whoever runs postroom finds all of it with `postroom ticket show {number}`."
        "… Tekst urwano w tym miejscu, jest za długi na wiadomość. Całość pokaże osoba, która prowadzi postroom: `postroom ticket show {number}`."
        "… Текст здесь обрезан, он слишком длинный для письма. Всё целиком покажет тот, кто ведёт postroom: `postroom ticket show {number}`."
        "… Pinutol dito ang teksto, masyado itong mahaba para sa isang mail. Makikita ang lahat ng nagpapatakbo ng postroom sa `postroom ticket show {number}`."
    }
}
