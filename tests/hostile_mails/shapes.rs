//! Mails made to cost a program time, at any size: lines that look like the beginning of a quote, markup, parts, headers,
//! files. Each is one piece over and over.
#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test fails by panicking; its mails are written once"
)]

/// A kind of hostile mail.
pub struct Shape {
    /// What it consists of.
    pub name: &'static str,
    place: Place,
    /// Repeated until the size is reached; `#` becomes the number of the piece.
    piece: &'static str,
    /// Stands behind them.
    end: &'static str,
}

/// Where the pieces stand.
#[derive(Clone, Copy)]
enum Place {
    /// In the text.
    Text,
    /// In markup, behind this.
    Html(&'static str),
    /// In a body that these headers describe.
    Body(&'static str),
    /// In the header block.
    Headers,
    /// In a file of this type and name, its content packed as said.
    File(&'static str, &'static str, Packed),
}

#[derive(Clone, Copy)]
enum Packed {
    No,
    Base64,
    /// A hundred thousand bytes of it in each piece of a zip archive.
    Zip,
    /// As UTF-16 behind the first bytes of an old office file.
    Ole,
    Tnef,
}

const fn text(name: &'static str, piece: &'static str) -> Shape {
    Shape { name, place: Place::Text, piece, end: "" }
}

const fn html(name: &'static str, piece: &'static str) -> Shape {
    Shape { name, place: Place::Html(""), piece, end: "" }
}

const fn body(name: &'static str, headers: &'static str, piece: &'static str) -> Shape {
    Shape { name, place: Place::Body(headers), piece, end: "" }
}

const fn head(name: &'static str, piece: &'static str) -> Shape {
    Shape { name, place: Place::Headers, piece, end: "" }
}

const fn file(name: &'static str, media_type: &'static str, packed: Packed, piece: &'static str) -> Shape {
    Shape { name, place: Place::File(media_type, name, packed), piece, end: "" }
}

const MIXED: &str = "Content-Type: multipart/mixed; boundary=b\n";
const ALTERNATIVE: &str = "Content-Type: multipart/alternative; boundary=b\n";

/// All of them.
pub const SHAPES: &[Shape] = &[
    text("1:", "1:\n"),
    text("7: and a blank line", "7:\n\n"),
    text("1: between words", "1:\nword\n"),
    text("numbers and a colon", "3.11.2026 10:15 #:\n"),
    text("a@b wrote:", "a@b wrote:\n"),
    text("<a@b> wrote:", "Anna <a@b.example> wrote:\n"),
    text("On … wrote:", "On Tue, Nov 3, 2026 at 10:15 AM Anna <a@b.example> wrote:\n"),
    text("On … wrote: in one line", "On 3.11.2026 10:15 wrote:  "),
    text("Am … schrieb", "Am 3.11.2026 um 10:15 schrieb Anna\n"),
    text("openers without an end", "On the\nLe 3\nAm 4\nW dniu\n"),
    text("openers and a late colon", "On 3\nOn 3\nOn 3\nOn 3\nOn 3\nwrote:\n"),
    text("sentences that write", "Yesterday your colleague Jan wrote to me:\nit is done.\n"),
    text("colons", ":"),
    text("colons in lines", ":\n"),
    text("dates", "2026-11-03 10:15\n"),
    text("a line of dates", "2026-11-03 10:15 "),
    text("> deep", ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>> a\n"),
    text("> and words in turn", "> a question?\nan answer\n"),
    text("one line of >", ">"),
    text("initials", "AN> a\nb\n"),
    text("bars", "| a\n|\n"),
    text("separators", "-- \nAnna\n"),
    text("bare dashes", "--\nAnna Nowak\n+48 600 100 200\n"),
    text("signatures in front of quotes", "-- \nAnna\n> a\n"),
    text("closings", "Kind regards,\nAnna\n"),
    text("device lines", "Sent from my iPhone\n"),
    text("underscores", "_____________________\n"),
    text("two underscores", "__\n"),
    text("a line of underscores", "_"),
    text("rules and a header", "________________________________\nFrom: a\n"),
    text("From:", "From: Anna <a@b.example>\n"),
    text("header blocks", "From: Anna <a@b.example>\nSent: Monday\nTo: b\nSubject: c\n\n"),
    text("headers of a form", "From: Paris\nTo: London\nDate: 3\nSubject: x\n\n"),
    text("To: and From:", "To: b\nFrom: a@b.example\n"),
    text("Date:", "Date: 3.11.2026 10:15\n"),
    text("original messages", "-----Original Message-----\n"),
    text("forwarded messages", "---------- Forwarded message ---------\nFrom: a@b.example\n"),
    text("groupwise", ">>> Anna <a@b.example> 11/3/2026 10:15 AM >>>\n"),
    text("notes blocks", "a@b.example\n3.11.2026 10:15\n"),
    text("our marker", "##- x\n"),
    text("our marker, quoted", "> ##- x\nyes\n"),
    text("commands", "#take\n"),
    text("commands that there are not", "#nothing # of it\n"),
    text("addresses", "a#@shop.example "),
    text("links", "https://example.com/?a=#&b=1 "),
    text("empty lines", "\n"),
    text("blanks", " "),
    text("lines of blanks", "   \n"),
    text("one word", "x"),
    text("many short words", "a b c d "),
    text("different words", "w# "),
    text("keywords", "zwrot refund password "),
    text("combining marks", "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}"),
    text("bidi", "\u{202e}a\u{2066}b"),
    text("joiners", "a\u{200d}\u{200b}\u{ad}"),
    text("capitals that grow", "\u{130}\u{1e9e}\u{fb03}\n"),
    text("ideographs", "\u{6ce8}\u{6587} "),
    text("begin and end", "begin 644 a.txt\n#\nend\n"),
    text("begins", "begin 644 a.txt\n"),
    text("armour", "-----BEGIN PGP SIGNED MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n"),
    text("postscripts", "PS: more\n\nOrder 4711?\n"),
    text("our ticket's label", "Ticket: #1001 x\n"),
    text("brackets", "<<<<[[[[(((("),
    text("open tags of ours", "<html<"),
    html("nested div", "<div>"),
    html("nested blockquote", "<blockquote type=cite>a"),
    html("quotes of Gmail", "<div class=gmail_quote>a<div class=gmail_attr>b"),
    html("nested tables", "<table><tr><td>a"),
    html("nested lists", "<ul><li>a"),
    html("closed in turn", "<div><p>a</div>"),
    html("tags that never end", "<a href=\""),
    html("angle brackets", "<"),
    html("closing tags", "</div>"),
    html("spans", "<span style='display:none'>a</span>b "),
    html("styles", "<style>a</style>"),
    html("styles that never end", "<style>"),
    html("one style's rules", "<style>.a#{color:red}</style><b class=a#>x</b>"),
    html("comments", "<!-- a -->"),
    html("comments that never end", "<!-- a "),
    html("entities", "&amp;&#x26;&nbsp;&bogus "),
    html("ampersands", "&"),
    html("breaks", "<br>"),
    html("rules", "<hr>From: a@b.example<br>"),
    html("paragraphs of 1:", "<p>1:</p>"),
    html("pictures", "<img src=\"data:image/png;base64,aGVsbG8=\">"),
    html("pictures that never end", "<img src=\"data:image/png;base64,"),
    html("pictures elsewhere", "<img src='https://x.example/#.png' alt=a>"),
    html("cid", "<img src='cid:a#'>"),
    html("links with words", "<a href='https://x.example/#'>https://y.example/#</a> "),
    html("many kinds", "<p><b><i><u>a</b><table></p><a href=x><td></i>"),
    Shape { name: "one tag of attributes", place: Place::Html("<a "), piece: "a=b ", end: ">x</a>" },
    Shape { name: "one attribute", place: Place::Html("<a title='"), piece: "x=y;", end: "'>x</a>" },
    Shape { name: "one style", place: Place::Html("<b style='"), piece: "color:red;", end: "'>x</b>" },
    body("parts", MIXED, "--b\n\na\n"),
    body("parts of HTML", MIXED, "--b\nContent-Type: text/html\n\n<p>a\n"),
    body("parts with names", MIXED, "--b\nContent-Type: text/plain; name=a#.txt\n\na\n"),
    body("boundaries", MIXED, "--b\n"),
    body("almost boundaries", MIXED, "--a\n"),
    body("alternatives", ALTERNATIVE, "--b\n\na # b\n"),
    body("alternatives in HTML", ALTERNATIVE, "--b\nContent-Type: text/html\n\n<p>1:<br>a\n"),
    body("deep parts", MIXED, "--b\nContent-Type: multipart/mixed; boundary=b\n\n"),
    body(
        "parts deeper and deeper",
        "Content-Type: multipart/mixed; boundary=b0\n\n",
        "--b#\nContent-Type: multipart/mixed; boundary=b#\n\n",
    ),
    body("mails in mails", "Content-Type: message/rfc822\n", "Content-Type: message/rfc822\n\n"),
    body(
        "reports",
        "Content-Type: multipart/report; boundary=b; report-type=delivery-status\n",
        "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a#@b.example\nAction: failed\nStatus: 5.1.1\n\n",
    ),
    body("bounces in words", "X-Failed-Recipients: a@b.example\n", "<a#@b.example>: 550 5.1.1 user unknown\n"),
    body("quoted-printable", "Content-Transfer-Encoding: quoted-printable\n", "=3D=\n=4"),
    body("base64 that is none", "Content-Transfer-Encoding: base64\n", "!@$%^*()"),
    body("base64 of 1:", "Content-Transfer-Encoding: base64\n", "MToKMToKMToKMToKMToKMToKMToKMToKMToKMToK\n"),
    body("flowed", "Content-Type: text/plain; format=flowed; delsp=yes\n", "> a \n"),
    body("enriched", "Content-Type: text/enriched\n", "<bold><<<x"),
    body("a charset that there is not", "Content-Type: text/plain; charset=x-none\n", "\u{e9}\u{4e00}"),
    body("iso-2022-jp", "Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$B\x1b(B"),
    body("utf-7", "Content-Type: text/plain; charset=utf-7\n", "+AGE-+"),
    body("utf-16", "Content-Type: text/plain; charset=utf-16\n", "1\0:\0\n\0"),
    head("headers", "X-A#: b\n"),
    head("one header's lines", " a b c\n"),
    head("encoded words", "Subject: =?utf-8?q?a?= =?utf-8?b?YQ==?=\n"),
    head("broken encoded words", "Subject: =?utf-8?q?=?\n"),
    Shape { name: "a long subject", place: Place::Headers, piece: " =?utf-8?q?a=C5?=\n", end: "" },
    head("References", " <a#@b.example>\n"),
    head("To", "To: \"Kim, #\" <a#@b.example>, b#@b.example\n"),
    head("Cc", "Cc: a#@b.example\n"),
    head("groups", "To: a: b@c.example, (((((; \n"),
    head("Received", "Received: from a by b; Tue, 3 Nov 2026 10:15:00 +0100\n"),
    head("verdicts", "Authentication-Results: mx.shop.example; dmarc=pass; spf=fail (a(b(c\n"),
    head("types", "Content-Type: multipart/mixed; boundary*#*=b; name*0*=utf-8''a\n"),
    file("words.txt", "text/plain", Packed::No, "jan@shop.example "),
    file("calendar.ics", "text/calendar", Packed::No, "ORGANIZER:mailto:jan@shop.exam\n ple\n"),
    file("page.html", "text/html", Packed::No, "<p>jan&#64;shop.example%40<b>a</b>"),
    file("lines.bin", "application/octet-stream", Packed::Base64, "amFuQHNob3AuZXhhbXBsZQ==\n\n"),
    file("mail.msg", "application/vnd.ms-outlook", Packed::Ole, "jan@shop.example "),
    file("archive.zip", "application/zip", Packed::Zip, "jan@shop.example "),
    file("winmail.dat", "application/ms-tnef", Packed::Tnef, "jan@shop.example 1:\n"),
    file("card.vcf", "text/vcard", Packed::No, "BEGIN:VCARD\nEMAIL:jan@shop.example\nEND:VCARD\n"),
    file("mail.eml", "message/rfc822", Packed::No, "From: a@b.example\n"),
];

/// Whom a mail comes from and what it answers.
pub struct Envelope<'a> {
    /// `From`, `To`, `Subject` and what else it needs, with line ends.
    pub headers: &'a str,
    /// What stands above the text.
    pub above: &'a str,
    /// What stands in front of every line of it.
    pub mark: &'a str,
}

impl Shape {
    /// A mail of about `size` bytes.
    pub fn mail(&self, envelope: &Envelope<'_>, size: usize) -> Vec<u8> {
        let Envelope { headers, above, mark } = envelope;
        let mut mail = format!("{headers}MIME-Version: 1.0\n");
        match self.place {
            Place::Text => {
                let text = self.pieces(size);
                mail.push_str("Content-Type: text/plain; charset=utf-8\n\n");
                mail.push_str(above);
                if mark.is_empty() {
                    mail.push_str(&text);
                } else {
                    for line in text.split_inclusive('\n') {
                        mail.push_str(mark);
                        mail.push_str(line);
                    }
                }
            }
            Place::Html(start) => {
                mail.push_str("Content-Type: text/html; charset=utf-8\n\n");
                if !above.is_empty() {
                    let above = above.replace('\n', "<br>\n");
                    mail.push_str(&format!("<div>{above}</div><blockquote type=cite>"));
                }
                mail.push_str(start);
                mail.push_str(&self.pieces(size));
            }
            Place::Body(kind) => {
                mail.push_str(kind);
                mail.push('\n');
                mail.push_str(&self.pieces(size));
            }
            Place::Headers => {
                if self.piece.starts_with(' ') {
                    mail.push_str(if self.name == "References" { "References:\n" } else { "Subject: Lamp\n" });
                }
                mail.push_str(&self.pieces(size));
                mail.push_str("\nHello, my lamp is dark.\n");
            }
            Place::File(media_type, name, packed) => {
                let content = data_encoding::BASE64_MIME.encode(&self.content(packed, size * 3 / 4));
                mail.push_str(&format!(
                    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{above}Please see the file.\n--b\n\
                     Content-Type: {media_type}; name={name}\nContent-Disposition: attachment; filename={name}\n\
                     Content-Transfer-Encoding: base64\n\n{content}\n--b--\n"
                ));
            }
        }
        mail.replace('\n', "\r\n").into_bytes()
    }

    fn pieces(&self, size: usize) -> String {
        let mut pieces = String::with_capacity(size + 100);
        let mut number = 0;
        while pieces.len() < size {
            if self.piece.contains('#') {
                pieces.push_str(&self.piece.replace('#', &number.to_string()));
            } else {
                pieces.push_str(self.piece);
            }
            number += 1;
        }
        pieces.push_str(self.end);
        pieces
    }

    fn content(&self, packed: Packed, size: usize) -> Vec<u8> {
        let text = || self.pieces(size).into_bytes();
        match packed {
            Packed::No => text(),
            Packed::Base64 => data_encoding::BASE64_MIME.encode(&text()).into_bytes(),
            Packed::Zip => {
                let inside = miniz_oxide::deflate::compress_to_vec(self.pieces(4_000_000).as_bytes(), 6);
                let head = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[0; 16], &[0, 0, 0, 0]].concat();
                [head.as_slice(), &inside].concat().repeat(size / inside.len() + 1)
            }
            Packed::Ole => {
                let wide = self.pieces(size / 2);
                let wide = wide.encode_utf16().flat_map(u16::to_le_bytes);
                [0xd0, 0xcf, 0x11, 0xe0, 0, 0].into_iter().chain(wide).collect()
            }
            Packed::Tnef => {
                let data = self.pieces(2_000);
                let length = u32::try_from(data.len()).unwrap().to_le_bytes();
                let file = [&[2][..], &0x0006_9002_u32.to_le_bytes(), &4_u32.to_le_bytes(), &[0; 6]].concat();
                let content = [&[2][..], &0x0006_800f_u32.to_le_bytes(), &length, data.as_bytes(), &[0; 2]].concat();
                let piece = [file, content].concat();
                [&0x223e_9f78_u32.to_le_bytes()[..], &[0; 2], &piece.repeat(size / piece.len() + 1)].concat()
            }
        }
    }
}
