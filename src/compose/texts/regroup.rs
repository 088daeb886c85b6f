//! Texts about tickets that are merged, split, handed over or spam. Read by agents alone.

use super::keys::texts;

texts! {
    /// Texts of notifications and notices about regrouped tickets.
    RegroupText;

    // ---- notifications: what happened ----
    NewsAbsorbed "news_absorbed" ["agent" "number"] {
        "{agent} merged #{number} into this ticket"
        "{agent} włącza zgłoszenie #{number} do tego zgłoszenia"
        "{agent} присоединяет к этому обращению обращение #{number}"
        "Isinama ni {agent} ang #{number} sa ticket na ito"
    }
    NewsMergedInto "news_merged_into" ["agent" "number"] {
        "{agent} merged this ticket into #{number}: it goes on there"
        "{agent} włącza to zgłoszenie do #{number}: dalszy ciąg tam"
        "{agent} присоединяет это обращение к #{number}: продолжение там"
        "Isinama ni {agent} ang ticket na ito sa #{number}: doon ito itutuloy"
    }
    NewsUnmerged "news_unmerged" ["agent" "number"] {
        "{agent} took this ticket out of #{number}: it stands alone again"
        "{agent} wyłącza to zgłoszenie z #{number}: znów jest osobne"
        "{agent} выделяет это обращение из #{number}: оно снова отдельное"
        "Inihiwalay ni {agent} ang ticket na ito sa #{number}: mag-isa na ulit ito"
    }
    NewsSplit "news_split" ["agent" "number"] {
        "{agent} split this mail from #{number}: it is a ticket of its own"
        "{agent} wydziela tę wiadomość z #{number}: jest osobnym zgłoszeniem"
        "{agent} выделяет это письмо из #{number}: теперь это отдельное обращение"
        "Inihiwalay ni {agent} ang mail na ito sa #{number}: sarili na itong ticket"
    }
    NewsAccepted "news_accepted" ["agent"] {
        "{agent} accepted the ticket that you handed over"
        "{agent} przyjmuje przekazane przez Ciebie zgłoszenie"
        "{agent} принимает переданное вами обращение"
        "Tinanggap ni {agent} ang ticket na ipinasa mo"
    }
    NewsReturned "news_returned" ["agent"] {
        "{agent} gave this ticket back"
        "{agent} zwraca to zgłoszenie"
        "{agent} возвращает это обращение"
        "Ibinalik ni {agent} ang ticket na ito"
    }

    // ---- the brief of a hand-over ----
    BriefFrom "brief_from" [] { "Handed over by" "Przekazuje" "Передал отдел" "Galing sa" }
    BriefPeople "brief_people" [] { "People" "Osoby" "Участники" "Mga kasali" }
    BriefOpened "brief_opened" [] { "Opened" "Otwarte" "Открыто" "Binuksan" }
    BriefDeadline "brief_deadline" [] { "Comes back" "Wraca" "Вернётся" "Babalik" }
    BriefFiles "brief_files" [] { "Files" "Pliki" "Файлы" "Mga file" }
    BriefFirst "brief_first" [] {
        "The customer's first mail" "Pierwsza wiadomość klienta" "Первое письмо клиента" "Unang mail ng customer"
    }
    BriefPromised "brief_promised" [] {
        "Our latest answer" "Nasza ostatnia odpowiedź" "Наш последний ответ" "Huli nating sagot"
    }
    BriefNothingPromised "brief_nothing_promised" [] {
        "Nobody has answered the customer yet."
        "Nikt jeszcze nie odpowiedział klientowi."
        "Клиенту ещё никто не ответил."
        "Wala pang sumasagot sa customer."
    }
    BriefNote "brief_note" [] { "Internal note" "Notatka wewnętrzna" "Внутренняя заметка" "Panloob na tala" }
    BriefHistory "brief_history" [] { "History" "Historia" "История" "Kasaysayan" }
    BriefHint "brief_hint" [] {
        "#accept takes it, #return with the reason gives it back."
        "#accept przyjmuje zgłoszenie, #return z powodem je zwraca."
        "#accept принимает обращение, #return с причиной возвращает его."
        "Tanggapin sa #accept; ibalik sa #return kasama ang dahilan."
    }

    // ---- notices ----
    Merged "notice_merged" ["merged" "number" "customer"] {
        "#{merged} is part of #{number} now. Answers go to {customer}. #unmerge takes them apart again."
        "#{merged} jest teraz częścią #{number}. Odpowiedzi otrzymuje {customer}. #unmerge je rozdzieli."
        "#{merged} теперь часть #{number}. Ответы получает {customer}. #unmerge разъединит их."
        "Bahagi na ng #{number} ang #{merged}. Kay {customer} mapupunta ang mga sagot. Paghihiwalayin ulit ito ng #unmerge."
    }
    MergedStrangers "notice_merged_strangers" [] {
        "These people wrote on it and get nothing until an answer names them in To or Cc:"
        "Te osoby pisały w tym zgłoszeniu i nic nie otrzymają, dopóki odpowiedź nie wymieni ich w polu Do lub DW:"
        "Эти люди писали в нём и ничего не получат, пока ответ не назовёт их в поле «Кому» или «Копия»:"
        "Sumulat dito ang mga taong ito; wala silang matatanggap hangga't hindi sila nakalagay sa To o Cc ng isang sagot:"
    }
    Spam "notice_spam" ["number"] {
        "#{number} is closed as spam; the sender hears nothing of it. #open opens it again."
        "#{number} zamknięte jako spam; nadawca niczego się nie dowie. #open otwiera je ponownie."
        "#{number} закрыто как спам; отправитель ничего не узнает. #open открывает его снова."
        "Isinara bilang spam ang #{number}; walang malalaman ang nagpadala. Buksan ulit sa #open."
    }
    SpamMuted "notice_spam_muted" ["number" "address"] {
        "#{number} is closed as spam, and all further mails of {address} are ignored. #spam undo takes both back."
        "#{number} zamknięte jako spam, a dalsze wiadomości od {address} będą pomijane. #spam undo cofa jedno i drugie."
        "#{number} закрыто как спам, дальнейшие письма от {address} не принимаются. #spam undo отменяет и то и другое."
        "Isinara bilang spam ang #{number}, at hindi na papansinin ang mga mail mula sa {address}. Bawiin sa #spam undo."
    }
    NoSpam "notice_no_spam" ["number"] {
        "#{number} is not spam; its sender's mails are taken again."
        "#{number} nie jest spamem; wiadomości nadawcy są znów przyjmowane."
        "#{number} не спам; письма отправителя снова принимаются."
        "Hindi spam ang #{number}; tinatanggap na ulit ang mga mail ng nagpadala."
    }
    HelpForward "help_forward" [] {
        "above a mail that you forward to the desk: a ticket for its writer, with your words as a note"
        "nad wiadomością przesłaną dalej na adres działu: zgłoszenie jej autora, a Twoje słowa jako notatka"
        "над письмом, пересланным на адрес отдела: обращение его автора, ваши слова станут заметкой"
        "sa itaas ng mail na ipinasa mo sa address ng departamento: ticket para sa sumulat, at tala ang mga salita mo"
    }
    HelpSplit "help_split" [] {
        "make the mail that you answer a ticket of its own"
        "zrobić z wiadomości, na którą odpowiadasz, osobne zgłoszenie"
        "выделить письмо, на которое вы отвечаете, в отдельное обращение"
        "gawing sariling ticket ang mail na sinasagot mo"
    }
    HelpSpam "help_spam" [] {
        "close without a word; ignore the sender from now on; take both back"
        "zamknąć bez słowa; pomijać nadawcę; cofnąć jedno i drugie"
        "закрыть молча; не принимать писем отправителя; отменить то и другое"
        "isara nang walang sabi; huwag nang pansinin ang nagpadala; bawiin ang dalawa"
    }
    HelpHandOver "help_hand_over" [] {
        "accept a ticket from another department, or give it back with the reason"
        "przyjąć zgłoszenie z innego działu albo zwrócić je z powodem"
        "принять обращение другого отдела или вернуть его с причиной"
        "tanggapin ang ticket ng ibang departamento, o ibalik kasama ang dahilan"
    }
    HelpMerge "help_merge" [] {
        "make this ticket part of #1038; take it out again"
        "włączyć to zgłoszenie do #1038; wyłączyć je z powrotem"
        "присоединить это обращение к #1038; выделить обратно"
        "isama ang ticket na ito sa #1038; ihiwalay ulit"
    }
}
