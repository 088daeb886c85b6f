//! The HTML of a department's signature.

use super::*;

#[test]
fn a_signature_in_html_is_simple_and_fetches_nothing() {
    let with_html = |html: &str| with("[[department]]", &format!("signature = \"Us\"\nsignature_html = '''{html}'''"));
    let good = "<p style=\"color:#333\"><b>Us</b>, <a href='https://shop.example'>shop.example</a><br>+48 22</p>";
    assert_eq!(policy(&with_html(good)).departments[0].signature_html, good);
    for (html, message) in [
        ("<p>Us", "`<p>` in `signature_html` is never closed"),
        ("Us</div>", "`</div>` closes nothing that is open"),
        ("<b><i>Us</b></i>", "`</b>` closes nothing that is open"),
        ("<script>x()</script>", "`<script>` cannot stand in `signature_html`"),
        ("<img src=\"https://x.example/logo.png\">", "`<img>` cannot stand in `signature_html`"),
        ("<!-- x -->", "`<>` cannot stand in `signature_html`"),
        ("1 < 2", "a tag in `signature_html` has no end"),
        ("<p onclick=\"x()\">Us</p>", "`onclick` cannot stand in `signature_html`"),
        ("<a href=\"javascript:x()\">Us</a>", "`javascript:x()` is no link for a mail"),
        ("<p style=\"background: url (x)\">Us</p>", "a style in `signature_html` fetches something"),
        ("<p hidden>Us</p>", "`hidden` in a tag of `signature_html` is no attribute"),
    ] {
        check_messages(&with_html(html), &[message]);
    }
    check_messages(
        &with("[[department]]", "signature_html = \"Us\""),
        &["`signature_html` has no `signature` beside it"],
    );
}
