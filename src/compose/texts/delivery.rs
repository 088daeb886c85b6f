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
    NewsKeyDead "news_key_dead" ["by"] {
        "Your reply address for this ticket stood in a mail of {by}: it no longer counts, and the one of this mail takes its place. If \
that is an address of yours, have it added to your agent in the config"
        "Twój adres odpowiedzi dla tego zgłoszenia był w wiadomości od {by}: przestał działać, zastępuje go adres z tej wiadomości. \
Jeśli to Twój adres, poproś o dopisanie go w konfiguracji"
        "Ваш адрес для ответа по этому обращению оказался в письме от {by}: он больше не действует, вместо него адрес этого письма. \
Если это ваш адрес, попросите добавить его в настройки"
        "Nasa mail mula kay {by} ang address ng sagot mo para sa ticket na ito: hindi na ito balido, at ang nasa mail na ito ang kapalit. \
Kung address mo iyon, ipadagdag ito sa config"
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
