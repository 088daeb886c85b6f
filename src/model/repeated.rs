//! Secrets that a server was told, and its words without them: servers repeat commands that they do not know, whole, cut,
//! in quotes or in base64.
//!
//! Never shows a secret; in doubt the server's words are lost, not the secret.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER};
use secrecy::{ExposeSecret, SecretString};

/// So many characters of a longer secret in a row are the secret.
const PIECE: usize = 12;
/// A shorter secret is not looked for in base64 and the like: it would be found by chance.
const MIN_ENCODED: usize = 4;
/// So many characters of a token's alphabet in a row may be another token of the account; names of mails at Google have 40.
const TOKEN_LIKE: usize = 64;
/// Characters of a server's words that are looked at; far fewer are shown.
const MOST_LOOKED_AT: usize = 4000;

/// What a server must not make us show.
#[derive(Clone, Default)]
pub struct Secrets {
    /// In small letters, as they may stand in a text.
    forms: Vec<String>,
    /// The account has tokens, older ones too.
    tokens: bool,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// A password.
    pub fn password(password: &SecretString) -> Self {
        Self { forms: forms(password.expose_secret()), tokens: false }
    }

    /// The tokens of an account, as far as they are known.
    pub fn tokens<'a>(tokens: impl IntoIterator<Item = &'a SecretString>) -> Self {
        Self { forms: tokens.into_iter().flat_map(|token| forms(token.expose_secret())).collect(), tokens: true }
    }

    /// And what was said to the server, as it was said.
    #[must_use]
    pub fn and_said(mut self, line: &str) -> Self {
        self.forms.push(line.to_lowercase());
        self
    }

    /// A server's words, unless they repeat a secret.
    pub fn hide(&self, words: &str) -> String {
        if !self.are_in(words) {
            return words.to_owned();
        }
        let what = if self.tokens { "token" } else { "password" };
        format!("the server's words repeat the {what} and are not shown")
    }

    fn are_in(&self, words: &str) -> bool {
        let words: String = words.chars().take(MOST_LOOKED_AT).collect::<String>().to_lowercase();
        if self.tokens && has_token(&words) {
            return true;
        }
        // Escaped by backslashes or percent signs, and in the alphabet of base64 for addresses.
        let bare = words.replace('\\', "");
        let decoded = percent_decoded(&words);
        let standard = words.replace('-', "+").replace('_', "/");
        let texts = [&words, &bare, &decoded, &standard];
        self.forms.iter().any(|form| texts.iter().any(|text| holds(text, form)))
    }
}

/// How a secret may stand in a text.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_lowercase(), secret.replace('\\', "").to_lowercase()];
    if secret.len() >= MIN_ENCODED {
        forms.push(HEXLOWER.encode(secret.as_bytes()));
        // What stands before the secret shifts its letters in base64; those that hold bits of others are left out.
        for (shift, cut) in [(0, 0), (1, 2), (2, 3)] {
            let padded = [&*vec![0; shift], secret.as_bytes()].concat();
            let whole = padded.len() * 8 / 6;
            let encoded: String = BASE64.encode(&padded).chars().take(whole).skip(cut).collect();
            forms.push(encoded.to_lowercase());
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

/// Whether a text holds the form, a piece of a long one, or a very short one as a word.
fn holds(text: &str, form: &str) -> bool {
    if form.len() <= MIN_ENCODED {
        let is_end = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let mut places = text.match_indices(form).filter_map(|(at, _)| text.split_at_checked(at));
        return places.any(|(before, after)| {
            is_end(before.chars().next_back()) && is_end(after.chars().nth(form.chars().count()))
        });
    }
    if form.len() <= PIECE {
        return text.contains(form);
    }
    let mut pieces = text.as_bytes().windows(PIECE).filter_map(|piece| std::str::from_utf8(piece).ok());
    pieces.any(|piece| form.contains(piece))
}

fn has_token(words: &str) -> bool {
    words.split(|c: char| !c.is_ascii_alphanumeric() && !"._~+/=-".contains(c)).any(|run| run.len() >= TOKEN_LIKE)
}

fn percent_decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
            }
            None => bytes.extend([b"%", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&bytes).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "gehe\"im\\Wört 7";

    fn hidden(words: &str) -> bool {
        Secrets::password(&SecretString::from(PASSWORD)).hide(words) != words
    }

    #[test]
    fn a_password_is_found_in_whatever_form_it_comes_back() {
        let whole = |line: &str| BASE64.encode(line.as_bytes());
        for words in [
            format!("unknown command LOGIN desk {PASSWORD}"),
            format!("UNKNOWN COMMAND LOGIN DESK {}", PASSWORD.to_uppercase()),
            "LOGIN desk \"gehe\\\"im\\\\Wört 7\"".to_owned(),
            "LOGIN desk gehe%22im%5cW%C3%B6rt%207".to_owned(),
            format!("AUTHENTICATE PLAIN {}", whole(&format!("\0desk\0{PASSWORD}"))),
            format!("AUTHENTICATE PLAIN {}", whole(&format!("\0info\0{PASSWORD}"))),
            format!("AUTHENTICATE PLAIN {}", whole(&format!("\0sales\0{PASSWORD}"))),
            format!("{}?", whole(PASSWORD)),
            HEXLOWER.encode(PASSWORD.as_bytes()),
            format!("LOGIN desk {}", PASSWORD.chars().take(13).collect::<String>()),
            format!("{}{PASSWORD}", "x".repeat(300)),
        ] {
            assert!(hidden(&words), "{words}");
        }
        for words in ["[AUTHENTICATIONFAILED] Invalid credentials", "", "LOGIN desk %zz % %c3 gehe"] {
            assert!(!hidden(words), "{words}");
        }
    }

    #[test]
    fn a_token_is_found_when_it_is_cut_and_when_it_is_an_older_one() {
        let token = SecretString::from("ya29.a0AfH6SMBx-long_token~of/this+account=0123456789");
        let secrets = Secrets::tokens([&token]);
        for words in [
            "bad token ya29.a0AfH6SMBx".to_owned(),
            format!(
                "bad {}",
                BASE64.encode(format!("user=a\u{1}auth=Bearer {}\u{1}\u{1}", token.expose_secret()).as_bytes())
            ),
            format!("bad ya29.{}", "Q7".repeat(30)),
        ] {
            assert!(!secrets.hide(&words).contains(&words), "{words}");
        }
        assert_eq!(secrets.hide("[AUTH] Invalid a1-20020a0560.45"), "[AUTH] Invalid a1-20020a0560.45");
    }

    #[test]
    fn a_short_secret_is_looked_for_as_it_is() {
        let secrets = Secrets::password(&SecretString::from("abc"));
        assert_eq!(secrets.hide("no"), "no");
        assert_ne!(secrets.hide("what is abc?"), "what is abc?");
        assert_eq!(secrets.hide("abcd, zabc"), "abcd, zabc", "a word of others");
        assert_eq!(Secrets::default().hide("abc"), "abc");
    }
}
