//! Why an agent's mail was not sent, or a ticket not regrouped. Read by agents alone.

use super::keys::texts;

texts! {
    /// Reasons that are about what is in the mail, and how the ticket stands.
    RefusedText;

    EmptyNote "refused_empty_note" [] {
        "`#note` needs words: write the note below it"
        "`#note` wymaga treści: wpisz notatkę pod spodem"
        "`#note` без текста: напишите заметку под ней"
        "kailangan ng laman ang `#note`: isulat ang tala sa ibaba nito"
    }
    AddressIsVerb "refused_address_is_verb" ["command"] {
        "this address means `#{command}` and sends nothing: to answer the customer, reply to the notification"
        "ten adres oznacza `#{command}` i niczego nie wysyła: aby odpowiedzieć klientowi, odpowiedz na powiadomienie"
        "этот адрес означает `#{command}` и ничего не отправляет: чтобы ответить клиенту, ответьте на уведомление"
        "`#{command}` ang ibig sabihin ng address na ito at wala itong ipinapadala: para sagutin ang customer, \
mag-reply sa abiso"
    }
    OfAnotherAgent "refused_of_another_agent" ["agent"] {
        "the reply address in it belongs to {agent}, and each agent has an address of their own: reply to a \
notification that was written to you"
        "adres odpowiedzi należy do: {agent}, a każda osoba ma własny: odpowiedz na powiadomienie wysłane do Ciebie"
        "адрес для ответа принадлежит другому сотруднику ({agent}), а у каждого он свой: ответьте на уведомление, \
которое пришло вам"
        "kay {agent} ang address ng sagot na nasa mail, at may sariling address ang bawat isa: mag-reply sa abisong \
ipinadala sa iyo"
    }
    OfAnotherTicket "refused_of_another_ticket" ["number"] {
        "this reply address is no longer valid: it was made for a ticket that had the number #{number} before the \
database was restored or replaced. Its customer has not got your words: find the ticket as it is now and reply to a \
new notification of it"
        "ten adres odpowiedzi nie jest już ważny: powstał dla zgłoszenia, które miało numer #{number}, zanim baza \
danych została przywrócona lub zastąpiona. Klient nie dostał Twojej odpowiedzi: odszukaj to zgłoszenie i odpowiedz na \
jego nowe powiadomienie"
        "этот адрес для ответа больше не действует: он был создан для обращения, у которого был номер #{number} до \
восстановления или замены базы данных. Клиент вашего ответа не получил: найдите это обращение и ответьте на новое \
уведомление о нём"
        "hindi na balido ang address ng sagot na ito: ginawa ito para sa ticket na may numerong #{number} bago \
ibinalik o pinalitan ang database. Hindi natanggap ng customer ang sagot mo: hanapin ang ticket at mag-reply sa bago \
nitong abiso"
    }
    SeenElsewhere "refused_seen_elsewhere" ["number"] {
        "this reply address for #{number} was seen in a customer's mail and no longer counts: reply to the newest \
notification of the ticket, which has a new one"
        "ten adres odpowiedzi dla #{number} pojawił się w wiadomości klienta i już nie działa: odpowiedz na najnowsze \
powiadomienie o tym zgłoszeniu, które ma nowy"
        "этот адрес для ответа по #{number} встретился в письме клиента и больше не действует: ответьте на самое новое \
уведомление об обращении, в нём новый адрес"
        "nakita ang address ng sagot na ito para sa #{number} sa mail ng isang customer kaya hindi na ito balido: \
mag-reply sa pinakabagong abiso ng ticket, may bago iyong address"
    }
    CoAuthors "refused_co_authors" [] {
        "its From names others beside you: write with your own address alone there"
        "w polu Od są oprócz Ciebie inne osoby: wpisz tam tylko własny adres"
        "в поле «От» кроме вас указаны другие: оставьте там только свой адрес"
        "may iba pa bukod sa iyo sa From: address mo lang ang ilagay doon"
    }
    NoLongerValid "refused_no_longer_valid" [] {
        "this reply address is no longer valid: it was signed with a secret that the desk no longer has. Reply to a \
newer notification"
        "ten adres odpowiedzi nie jest już ważny: podpisano go kluczem, którego system już nie ma. Odpowiedz na nowsze \
powiadomienie"
        "этот адрес для ответа больше не действует: он подписан ключом, которого у системы больше нет. Ответьте на \
более новое уведомление"
        "hindi na balido ang address ng sagot na ito: nilagdaan ito ng lihim na susi na wala na sa sistema. Mag-reply \
sa mas bagong abiso"
    }
    CommandUnproven "refused_command_unproven" [] {
        "it begins with a command, and nothing in it proves that it is from you: commands are taken in a reply to a \
notification"
        "zaczyna się od polecenia, a nic w niej nie dowodzi, że jest od Ciebie: polecenia działają w odpowiedzi na \
powiadomienie"
        "письмо начинается с команды, но ничто не доказывает, что оно от вас: команды принимаются в ответе на \
уведомление"
        "nagsisimula ito sa utos, at walang patunay na galing ito sa iyo: tinatanggap ang mga utos sa reply sa abiso"
    }
    ProofLost "refused_proof_lost" [] {
        "it answers or quotes a mail of ours, and nothing in it proves that it is from you: the reply address and \
the Message-ID were lost on the way. Reply to the notification itself, to the address that it gives"
        "odpowiada na naszą wiadomość lub ją cytuje, a nic w niej nie dowodzi, że jest od Ciebie: adres odpowiedzi \
i Message-ID zginęły po drodze. Odpowiedz wprost na powiadomienie, na podany w nim adres"
        "письмо отвечает на наше или цитирует его, но ничто не доказывает, что оно от вас: адрес для ответа и \
Message-ID потерялись в пути. Ответьте прямо на уведомление, на указанный в нём адрес"
        "sumasagot ito sa mail namin o sinisipi ito, at walang patunay na galing ito sa iyo: nawala sa daan ang \
address ng sagot at ang Message-ID. Mag-reply mismo sa abiso, sa address na nakasaad doon"
    }
    NoWords "refused_no_words_of_yours" [] {
        "no words of yours were found above the quoted text: write your answer at the top"
        "nad cytatem nie ma Twojego tekstu: napisz odpowiedź na górze"
        "над цитатой нет вашего текста: напишите ответ в начале письма"
        "walang nakitang isinulat mo sa itaas ng sinipi: sa itaas isulat ang sagot"
    }
    FilesWithoutWords "refused_files_without_words" [] {
        "there is an attachment but no words to send it with: write a line to the customer, or `#note`"
        "jest załącznik, ale bez tekstu: napisz choć wiersz do klienta albo `#note`"
        "есть вложение, но нет текста: напишите клиенту хотя бы строку или `#note`"
        "may lakip pero walang kasamang salita: sumulat ng kahit isang linya sa customer, o `#note`"
    }
    NotOnTicket "refused_not_on_ticket" ["address" "known"] {
        "`{address}` is not on this ticket: `#to` chooses among {known}. Somebody new is added in Cc of your answer"
        "`{address}` nie uczestniczy w tym zgłoszeniu: `#to` wybiera spośród {known}. Nową osobę dodasz w polu DW (Cc) odpowiedzi"
        "`{address}` не участвует в этом обращении: `#to` выбирает из {known}. Нового человека добавьте в копию (Cc) ответа"
        "wala sa ticket na ito si `{address}`: sa {known} lang pumipili ang `#to`. Sa Cc ng sagot mo idagdag ang bagong tao"
    }
    CustomerUnknown "refused_customer_unknown" [] {
        "the customer's address is not known: there is nobody to send an answer to"
        "adres klienta nie jest znany: nie ma komu wysłać odpowiedzi"
        "адрес клиента неизвестен: отвечать некому"
        "hindi alam ang address ng customer: walang mapapadalhan ng sagot"
    }
    CustomerIsOurs "refused_customer_is_ours" ["address"] {
        "the customer of this ticket is `{address}`, an address of our own: there is nobody to send an answer to"
        "klientem tego zgłoszenia jest `{address}`, nasz własny adres: nie ma komu wysłać odpowiedzi"
        "клиент этого обращения — `{address}`, наш собственный адрес: отвечать некому"
        "sariling address natin ang customer ng ticket na ito (`{address}`): walang mapapadalhan ng sagot"
    }
    HoldsOurMail "refused_holds_our_mail" ["line"] {
        "your text still holds our notification (`{line}`): delete it and all below your words"
        "w Twoim tekście została część powiadomienia (`{line}`): usuń ją i wszystko poniżej swoich słów"
        "в вашем тексте осталось наше уведомление (`{line}`): удалите его и всё ниже ваших слов"
        "may natira pang abiso namin sa isinulat mo (`{line}`): burahin ito at ang lahat sa ibaba ng mga salita mo"
    }
    HoldsKey "refused_holds_key" ["address"] {
        "your text holds `{address}`, an address of yours that no customer may see: delete it and all below your words"
        "w Twoim tekście jest `{address}`, Twój adres, którego klient nie może zobaczyć: usuń go i wszystko poniżej \
swoich słów"
        "в вашем тексте есть `{address}` — ваш адрес, который клиент видеть не должен: удалите его и всё ниже ваших \
слов"
        "nasa isinulat mo ang `{address}`, address mo na hindi dapat makita ng customer: burahin ito at ang lahat sa \
ibaba ng mga salita mo"
    }
    AttachedOurMail "refused_attached_our_mail" ["file"] {
        "the attachment `{file}` is one of our notifications, with internal text: take it out"
        "załącznik `{file}` to nasze powiadomienie z wewnętrzną treścią: usuń go"
        "вложение `{file}` — наше уведомление с внутренним текстом: уберите его"
        "abiso namin na may panloob na teksto ang lakip na `{file}`: alisin ito"
    }
    ForeignQuote "refused_foreign_quote" ["line"] {
        "your text quotes `{line}`, which is not in the customer's latest mail: take out the quoted lines, notes \
among them would be sent too"
        "Twój tekst cytuje `{line}`, czego nie ma w ostatniej wiadomości klienta: usuń cytaty, bo wysłane zostałyby \
także notatki"
        "в вашем тексте цитата `{line}`, которой нет в последнем письме клиента: уберите цитаты, иначе клиент \
получит и заметки"
        "may sipi ang isinulat mo (`{line}`) na wala sa huling mail ng customer: alisin ang mga sipi, dahil \
maipapadala rin ang mga tala"
    }
    AnswersStranger "refused_answers_stranger" ["customer" "stranger" "number"] {
        "the answer would go to `{customer}` and not to `{stranger}`, who wrote on a ticket that was merged into \
#{number}: put `{stranger}` into To or Cc and both get it, or take the tickets apart with `#unmerge`"
        "odpowiedź trafiłaby do `{customer}`, a nie do `{stranger}` (zgłoszenie włączone do #{number}): wpisz \
`{stranger}` w polu Do lub DW, a dostaną ją obie osoby, albo rozdziel zgłoszenia przez `#unmerge`"
        "ответ получил бы `{customer}`, а не `{stranger}` (обращение присоединено к #{number}): укажите `{stranger}` \
в поле «Кому» или «Копия», и его получат оба, или разъедините обращения командой `#unmerge`"
        "mapupunta ang sagot kay `{customer}` at hindi kay `{stranger}` na sumulat sa ticket na isinama sa \
#{number}: ilagay si `{stranger}` sa To o Cc para pareho silang makatanggap, o paghiwalayin ang mga ticket sa \
`#unmerge`"
    }
    TooManyAnswers "refused_too_many_answers" ["count"] {
        "{count} answers went out on this ticket within an hour, which looks like two machines talking: send yours \
again later"
        "w ciągu godziny wyszły z tego zgłoszenia odpowiedzi: {count}; wygląda to na rozmowę dwóch automatów, wyślij \
swoją później"
        "за час по этому обращению ушло ответов: {count}; похоже на переписку двух автоматов, отправьте свой позже"
        "{count} sagot na ang lumabas sa ticket na ito sa loob ng isang oras, na parang dalawang makinang nag-uusap: \
ipadala ulit ang sa iyo mamaya"
    }
    Echo "refused_echo" ["count"] {
        "the customer has these words from this ticket already ({count} times), and his own mails repeat themselves \
too, as if two machines were writing: change something and send again"
        "klient ma już te słowa (razy: {count}), a jego wiadomości też się powtarzają, jakby pisały dwa automaty: \
zmień coś i wyślij ponownie"
        "эти слова клиент уже получил (раз: {count}), и его письма тоже повторяются, как будто пишут два автомата: \
измените что-нибудь и отправьте снова"
        "natanggap na ng customer ang mga salitang ito ({count} beses) at paulit-ulit din ang mail niya, na parang \
dalawang makina ang nagsusulatan: baguhin ang sagot at ipadala ulit"
    }

    // ---- tickets that are regrouped ----
    SameTicket "refused_same_ticket" [] {
        "that is this ticket; name the one that it belongs to"
        "to jest to samo zgłoszenie; podaj to, do którego należy"
        "это то же самое обращение; укажите то, к которому оно относится"
        "ito mismo ang ticket na iyon; isulat ang kinabibilangan nito"
    }
    NoSuchTicket "refused_no_such_ticket" ["number"] {
        "there is no ticket #{number}"
        "nie ma zgłoszenia #{number}"
        "обращения #{number} нет"
        "walang ticket na #{number}"
    }
    PartAlready "refused_part_already" ["part" "number"] {
        "#{part} is part of #{number} already"
        "#{part} już jest częścią #{number}"
        "#{part} уже часть #{number}"
        "bahagi na ng #{number} ang #{part}"
    }
    TooManyParts "refused_too_many_parts" ["number" "count"] {
        "#{number} consists of {count} tickets already"
        "#{number} składa się już ze zgłoszeń: {count}"
        "#{number} уже состоит из обращений: {count}"
        "{count} ticket na ang bumubuo sa #{number}"
    }
    NothingMerged "refused_nothing_merged" ["number"] {
        "nothing was merged into #{number}"
        "do #{number} niczego nie włączono"
        "к #{number} ничего не присоединяли"
        "walang isinama sa #{number}"
    }
    NoPart "refused_no_part" ["part" "number" "parts"] {
        "#{part} is not part of #{number}, which consists of {parts}"
        "#{part} nie jest częścią #{number}, w którym są {parts}"
        "#{part} не часть #{number}, в котором {parts}"
        "hindi bahagi ng #{number} ang #{part}; ang mga bahagi nito ay {parts}"
    }
    WhichPart "refused_which_part" ["parts"] {
        "say which one: {parts}"
        "podaj które: {parts}"
        "укажите какое: {parts}"
        "sabihin kung alin: {parts}"
    }
    NothingToSplit "refused_nothing_to_split" ["number"] {
        "there are no two mails of customers on #{number}; nothing can be split off"
        "w #{number} nie ma dwóch wiadomości od klientów; nie ma czego wydzielić"
        "в #{number} нет двух писем клиентов; выделять нечего"
        "walang dalawang mail ng customer sa #{number}; walang maihihiwalay"
    }
    NoSuchMail "refused_no_such_mail" ["number" "mails"] {
        "no mail of a customer on #{number} has this number; write {mails}"
        "żadna wiadomość klienta w #{number} nie ma tego numeru; napisz {mails}"
        "в #{number} нет письма клиента с таким номером; напишите {mails}"
        "walang mail ng customer sa #{number} na may ganitong numero; isulat ang {mails}"
    }
    WhichMail "refused_which_mail" ["mails"] {
        "say which mail: {mails}"
        "podaj którą wiadomość: {mails}"
        "укажите какое письмо: {mails}"
        "sabihin kung aling mail: {mails}"
    }
    NoSpam "refused_is_no_spam" ["number" "address"] {
        "#{number} is not spam, and `{address}` is not muted"
        "#{number} nie jest spamem, a `{address}` nie jest pomijany"
        "#{number} не спам, и письма от `{address}` принимаются"
        "hindi spam ang #{number}, at tinatanggap ang mga mail ni `{address}`"
    }
    MutesReporter "refused_mutes_reporter" ["address"] {
        "`{address}` reports what cannot be delivered; its mails must be heard"
        "`{address}` donosi o niedostarczonych wiadomościach; nie można go pomijać"
        "`{address}` сообщает о недоставленных письмах; его нужно слышать"
        "nag-uulat si `{address}` ng mga hindi naihatid; kailangang tanggapin ang mail nito"
    }
    MutesUs "refused_mutes_us" ["address"] {
        "`{address}` is nobody's address alone"
        "`{address}` to nie adres jednej osoby"
        "`{address}` — адрес не одного человека"
        "hindi address ng iisang tao ang `{address}`"
    }
    MutesAgent "refused_mutes_agent" ["address"] {
        "`{address}` is an agent's"
        "`{address}` to adres osoby z zespołu"
        "`{address}` — адрес сотрудника"
        "address ng kasamahan ang `{address}`"
    }
    TooManyMutes "refused_too_many_mutes" ["count"] {
        "{count} addresses are muted already, which is no way to fight spam; use a filter"
        "pomijanych adresów jest już {count}; ze spamem walczy się inaczej, użyj filtra"
        "уже {count} адресов не принимаются; со спамом борются фильтром"
        "{count} address na ang hindi pinapansin, at hindi ito ang panlaban sa spam; gumamit ng filter"
    }
    AcceptedAlready "refused_accepted_already" ["number"] {
        "#{number} was accepted already; `#take` takes it"
        "#{number} już przyjęto; `#take`, aby je wziąć"
        "#{number} уже принято; взять его можно командой `#take`"
        "tinanggap na ang #{number}; `#take` para kunin"
    }
    NotHandedOver "refused_not_handed_over" ["number"] {
        "#{number} was not handed over; `#take` takes it"
        "#{number} nie zostało przekazane; `#take`, aby je wziąć"
        "#{number} никто не передавал; взять его можно командой `#take`"
        "hindi ipinasa ang #{number}; `#take` para kunin"
    }
    NothingToReturn "refused_nothing_to_return" ["number" "department"] {
        "no other department handed #{number} over to “{department}”; `#move` hands it on"
        "żaden inny dział nie przekazał #{number} do działu „{department}”; `#move` przekaże je dalej"
        "#{number} не передавали в отдел «{department}» из другого; передать дальше можно командой `#move`"
        "walang ibang departamentong nagpasa ng #{number} sa “{department}”; `#move` para ipasa"
    }
    ReturnedAlready "refused_returned_already" ["number" "department"] {
        "#{number} is in department “{department}” already"
        "#{number} już jest w dziale „{department}”"
        "#{number} уже в отделе «{department}»"
        "nasa departamentong “{department}” na ang #{number}"
    }
    OriginGone "refused_origin_gone" ["number" "department"] {
        "department “{department}”, where #{number} came from, is gone; `#move` hands it on"
        "działu „{department}”, z którego przyszło #{number}, już nie ma; `#move` przekaże je dalej"
        "отдела «{department}», откуда пришло #{number}, больше нет; передать дальше можно командой `#move`"
        "wala na ang departamentong “{department}” na pinanggalingan ng #{number}; `#move` para ipasa"
    }

    // ---- an answer to a mail that stands on no ticket ----
    OnNone "refused_on_no_ticket" [] {
        "Your mail answers one that belongs to no ticket, such as a digest. What you can do instead:"
        "Twoja wiadomość odpowiada na taką, która nie należy do żadnego zgłoszenia, np. na podsumowanie. Zamiast \
tego możesz:"
        "Ваше письмо отвечает на такое, которое не относится ни к одному обращению, например на сводку. Вместо этого \
можно:"
        "Ang sinagot mong mail ay walang kinabibilangang ticket, gaya ng buod. Ito ang puwede mong gawin sa halip:"
    }
    OnNoneAnswer "refused_on_no_ticket_answer" [] {
        "answer a customer: use the links beside his ticket in the digest, or reply to a notification of the ticket"
        "odpowiedzieć klientowi: użyj odnośników przy zgłoszeniu w podsumowaniu albo odpowiedz na powiadomienie o nim"
        "ответить клиенту: по ссылкам у обращения в сводке или ответом на уведомление о нём"
        "sagutin ang customer: gamitin ang mga link ng ticket sa buod, o mag-reply sa abiso ng ticket"
    }
    OnNoneSelf "refused_on_no_ticket_self" [] {
        "give a command about your own work (#next, #away, #back, #help): the same way, whichever ticket it is"
        "wydać polecenie dotyczące Twojej pracy (#next, #away, #back, #help): tak samo, przy dowolnym zgłoszeniu"
        "дать команду о своей работе (#next, #away, #back, #help): так же, у любого обращения"
        "magbigay ng utos tungkol sa sarili mong trabaho (#next, #away, #back, #help): gayundin, sa kahit aling ticket"
    }
    OnNoneForward "refused_on_no_ticket_forward" [] {
        "hand us a mail that a customer sent to you: forward it with #fwd at the very top"
        "przekazać wiadomość, którą klient wysłał do Ciebie: prześlij ją dalej z #fwd na samej górze"
        "передать письмо, которое клиент прислал вам: перешлите его с #fwd в самом начале"
        "ibigay ang mail na ipinadala sa iyo ng customer: i-forward ito na may #fwd sa pinakaitaas"
    }
    OnNoneText "refused_on_no_ticket_text" [] {
        "Your text, as you wrote it:"
        "Twój tekst bez zmian:"
        "Ваш текст без изменений:"
        "Ang isinulat mo, walang binago:"
    }

    // ---- answers that are held ----
    PrivateAddress "refused_private_address" ["address"] {
        "your answer names {address}, which customers do not get to see: they write to the department. Take it out and send \
again"
        "Twoja odpowiedź podaje adres {address}, którego klienci nie widzą: piszą do działu. Usuń go i wyślij ponownie"
        "в вашем ответе указан адрес {address}, который клиентам не показывают: они пишут в отдел. Уберите его и отправьте \
снова"
        "nakalagay sa sagot mo ang {address}, na hindi ipinapakita sa mga customer: sa departamento sila sumusulat. Alisin \
ito at ipadala ulit"
    }
    SaidAlready "refused_said_already" ["date"] {
        "your answer of {date} has exactly these words, and nothing has come since: your program seems to have sent it \
twice. If you mean it, change something and send again"
        "Twoja odpowiedź z {date} brzmi dokładnie tak samo i nic nowego od tego czasu nie przyszło: wygląda na to, że \
program wysłał ją dwa razy. Jeśli tak ma być, zmień coś i wyślij ponownie"
        "ваш ответ от {date} состоит из тех же слов, и с тех пор ничего нового не приходило: похоже, программа отправила \
его дважды. Если так и нужно, измените что-нибудь и отправьте снова"
        "ganito rin mismo ang sagot mo noong {date} at wala pang bagong dumating: mukhang dalawang beses itong ipinadala \
ng program mo. Kung sadya ito, baguhin ang sagot at ipadala ulit"
    }
    HasLeft "refused_has_left" ["date"] {
        "too late: your answer of {date} has left"
        "za późno: Twoja odpowiedź z {date} już wyszła"
        "слишком поздно: ваш ответ от {date} уже отправлен"
        "huli na: nakaalis na ang sagot mo noong {date}"
    }
    HeldUnreadable "refused_held_unreadable" [] {
        "your held answer cannot be read any more: write it again"
        "wstrzymanej odpowiedzi nie da się już odczytać: napisz ją ponownie"
        "задержанный ответ больше не прочитать: напишите его заново"
        "hindi na mabasa ang pinigil na sagot mo: isulat ulit"
    }
    SendAndCancel "refused_send_and_cancel" [] {
        "`#send` and `#cancel` exclude each other"
        "`#send` i `#cancel` wykluczają się"
        "`#send` и `#cancel` исключают друг друга"
        "hindi puwedeng magkasama ang `#send` at `#cancel`"
    }
    VerdictAlone "refused_verdict_alone" ["command"] {
        "`{command}` stands alone: it is about the answer that is held, as it stands. To send other words, reply \
without it"
        "`{command}` musi być samo: dotyczy wstrzymanej odpowiedzi bez zmian. Aby wysłać inny tekst, odpowiedz bez \
tego polecenia"
        "`{command}` пишут отдельно: она касается задержанного ответа как есть. Чтобы отправить другой текст, \
ответьте без неё"
        "mag-isa dapat ang `{command}`: tungkol ito sa pinigil na sagot, nang walang babaguhin. Para magpadala ng \
iba, mag-reply nang wala ito"
    }
    NothingHeld "refused_nothing_held" [] {
        "no answer of yours is held on this ticket"
        "w tym zgłoszeniu nie ma Twojej wstrzymanej odpowiedzi"
        "в этом обращении нет вашего задержанного ответа"
        "wala kang pinigil na sagot sa ticket na ito"
    }
    HeldSent "refused_held_sent" [] {
        "the answer that was held has been sent already"
        "wstrzymana odpowiedź już wyszła"
        "задержанный ответ уже отправлен"
        "naipadala na ang pinigil na sagot"
    }
    HeldCancelled "refused_held_cancelled" [] {
        "the answer that was held was dropped, as you said"
        "wstrzymana odpowiedź została porzucona zgodnie z Twoją decyzją"
        "задержанный ответ отменён, как вы просили"
        "hindi na itinuloy ang pinigil na sagot, gaya ng sinabi mo"
    }
    HeldNoted "refused_held_noted" [] {
        "the answer that was held was kept as an internal note, as you said"
        "wstrzymana odpowiedź stała się notatką wewnętrzną zgodnie z Twoją decyzją"
        "задержанный ответ сохранён как внутренняя заметка, как вы просили"
        "itinago bilang panloob na tala ang pinigil na sagot, gaya ng sinabi mo"
    }
    HeldReplaced "refused_held_replaced" [] {
        "the answer that was held was dropped: another one of yours took its place"
        "wstrzymaną odpowiedź zastąpiła inna Twoja odpowiedź"
        "задержанный ответ заменён другим вашим ответом"
        "napalitan na ng iba mong sagot ang pinigil"
    }
    HeldDropped "refused_held_dropped" [] {
        "the answer that was held was dropped after a week: write it again"
        "wstrzymana odpowiedź została po tygodniu porzucona: napisz ją ponownie"
        "задержанный ответ через неделю отменён: напишите его заново"
        "hindi na itinuloy ang pinigil na sagot pagkaraan ng isang linggo: isulat ulit"
    }
}
