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
    HelpMerge "help_merge" [] {
        "make this ticket part of #1038; take it out again"
        "włączyć to zgłoszenie do #1038; wyłączyć je z powrotem"
        "присоединить это обращение к #1038; выделить обратно"
        "isama ang ticket na ito sa #1038; ihiwalay ulit"
    }
}
