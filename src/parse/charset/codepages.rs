//! Charsets that old mail has and the web does not: DOS and Macintosh code pages, UTF-32, and the seven-bit forms of Chinese
//! and Korean.

use encoding_rs::{EUC_KR, GBK};

/// Escape sequences that announce what is shifted in (RFC 1557, RFC 1922).
const ANNOUNCED: [&[u8]; 3] = [b"\x1b$)C", b"\x1b$)A", b"\x1b$)G"];
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;

/// The text of `bytes` in the charset `label`, in lower case; `None` when the charset is not one of these.
pub fn decode(label: &str, bytes: &[u8]) -> Option<String> {
    let text = match label {
        "hz-gb-2312" | "hz" => GBK.decode_without_bom_handling(&open_hz(bytes)).0.into_owned(),
        "iso-2022-kr" | "csiso2022kr" => EUC_KR.decode_without_bom_handling(&open_shifts(bytes)).0.into_owned(),
        "iso-2022-cn" | "iso-2022-cn-ext" => GBK.decode_without_bom_handling(&open_shifts(bytes)).0.into_owned(),
        "utf-32" | "utf32" | "ucs-4" | "iso-10646-ucs-4" | "utf-32le" | "utf-32be" => utf32(bytes, label == "utf-32le"),
        _ => {
            let table = table(label)?;
            let high: Vec<char> = table.chars().collect();
            let letter = |byte: &u8| match byte.checked_sub(0x80) {
                Some(index) => high.get(usize::from(index)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
                None => char::from(*byte),
            };
            bytes.iter().map(letter).collect()
        }
    };
    Some(text)
}

/// The characters 128 to 255 of a code page.
fn table(label: &str) -> Option<&'static str> {
    let digits = ["ibm-", "ibm", "cp-", "cp"].iter().find_map(|start| label.strip_prefix(start));
    Some(match digits.unwrap_or(label) {
        "437" => IBM437,
        "852" | "cspcp852" => IBM852,
        "855" => IBM855,
        "857" => IBM857,
        "775" => IBM775,
        "x-mac-ce" | "x-mac-centraleurroman" | "mac-centraleurope" | "mac_centraleurope" | "macce" => MAC_CE,
        _ => return None,
    })
}

/// HZ (RFC 1843): between `~{` and `~}` two letters are one character.
fn open_hz(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut rest, mut shifted) = (bytes, false);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'~', Some(b'{')) => shifted = true,
            (b'~', Some(b'}')) => shifted = false,
            (b'~', Some(b'~')) if !shifted => out.push(b'~'),
            (b'~', Some(b'\n')) if !shifted => {}
            (b'\n', _) => {
                // A line always begins in ASCII.
                shifted = false;
                out.push(byte);
                continue;
            }
            _ => {
                out.push(if shifted && byte > b' ' { byte | 0x80 } else { byte });
                continue;
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out
}

/// ISO-2022-KR and ISO-2022-CN: between the shifts two letters are one character.
fn open_shifts(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let (mut rest, mut shifted) = (bytes, false);
    while let Some((&byte, after)) = rest.split_first() {
        if byte == 0x1b
            && let Some(known) = ANNOUNCED.iter().find(|known| rest.starts_with(known))
        {
            rest = rest.get(known.len()..).unwrap_or_default();
            continue;
        }
        rest = after;
        match byte {
            SHIFT_OUT => shifted = true,
            SHIFT_IN => shifted = false,
            _ => {
                shifted &= byte != b'\n';
                out.push(if shifted && byte > b' ' { byte | 0x80 } else { byte });
            }
        }
    }
    out
}

fn utf32(bytes: &[u8], little: bool) -> String {
    let little = little || bytes.starts_with(b"\xff\xfe\0\0");
    let units = bytes.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok());
    let code = |unit: [u8; 4]| if little { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) };
    let text: String = units.map(|unit| char::from_u32(code(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.trim_start_matches('\u{feff}').to_owned()
}

/// DOS, western.
const IBM437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐\
    ▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// DOS, central European.
const IBM852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ\
    ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}";
/// DOS, Cyrillic.
const IBM855: &str = "ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐└┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя\
    ▀ЯрРсСтТуУжЖвВьЬ№\u{ad}ыЫзЗшШэЭщЩчЧ§■\u{a0}";
/// DOS, Turkish.
const IBM857: &str = "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\u{fffd}ÍÎ\
    Ï┘┌█▄¦Ì▀ÓßÔÒõÕµ\u{fffd}×ÚÛÙìÿ¯´\u{ad}±\u{fffd}¾¶§÷¸°¨·¹³²■\u{a0}";
/// DOS, Baltic.
const IBM775: &str = "ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐\
    ▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u{ad}±“¾¶§÷„°∙·¹³²■\u{a0}";
/// old Macintosh, central European.
const MAC_CE: &str = "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅņŃ¬√ńŇ∆«»…\u{a0}ňŐÕőŌ–—“”‘’÷◊ōŔ\
    ŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_are_whole() {
        for label in ["cp437", "ibm852", "cp-855", "857", "ibm775", "x-mac-ce"] {
            assert_eq!(table(label).unwrap().chars().count(), 128, "{label}");
        }
        assert_eq!(decode("cp852", b"za\xbe\xa2\x88\x86").unwrap(), "zażółć");
        assert_eq!(decode("x-mac-ce", b"za\xfd\x97\xb8\x8d").unwrap(), "zażółć");
        assert_eq!(decode("windows-1250", b"a"), None);
    }

    #[test]
    fn seven_bit_chinese_and_korean_is_read() {
        assert_eq!(decode("hz-gb-2312", b"a ~{VPND~} b ~~").unwrap(), "a 中文 b ~");
        assert_eq!(decode("iso-2022-kr", b"\x1b$)C\x0eGQ1[\x0f ok").unwrap(), "한글 ok");
    }

    #[test]
    fn utf_32_is_read_in_both_orders() {
        assert_eq!(decode("utf-32", b"\xff\xfe\0\0a\0\0\0\x42\x01\0\0").unwrap(), "a\u{142}");
        assert_eq!(decode("utf-32", b"\0\0\0a\0\0\x01\x42").unwrap(), "a\u{142}");
        assert_eq!(decode("utf-32be", b"\0\0").unwrap(), "");
    }
}
