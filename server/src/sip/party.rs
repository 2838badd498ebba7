//! Who calls whom: the parts of a From or To header, and text made safe to send.

/// The longest display name kept, in characters.
const MAX_DISPLAY: usize = 64;
/// The longest reason sent, in characters.
const MAX_REASON: usize = 64;

/// One party as a From or To header names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// The display name without quotes and control characters.
    pub display: Option<String>,
    /// The user part, or the number of a `tel:` URI. May be empty.
    pub user: String,
    /// The host, without port; empty for a `tel:` URI.
    pub host: String,
}

impl Party {
    /// Reads a header value such as `"A. Name" <sip:100@host:5060>;tag=x`; unreadable parts come out empty.
    pub fn parse(value: &str) -> Party {
        let (before, uri) = match split_angle(value) {
            Some(parts) => parts,
            // Without angle brackets the parameters belong to the header, not to the URI.
            None => ("", value.split(';').next().unwrap_or_default()),
        };
        let display = clean(&unquote(before.trim()), MAX_DISPLAY);
        let (scheme, rest) = uri.trim().split_once(':').unwrap_or(("", uri));
        let address = rest.split([';', '?']).next().unwrap_or_default();
        let (user, host) = if scheme.eq_ignore_ascii_case("tel") {
            (address, "")
        } else {
            address.rsplit_once('@').unwrap_or(("", address))
        };
        // RFC 3261 §19.1.1: a password may follow the user; it is never of use to us.
        let user = user.split(':').next().unwrap_or_default();
        Party {
            display: (!display.is_empty()).then_some(display),
            user: clean(user, MAX_DISPLAY),
            host: clean(without_port(host), MAX_DISPLAY),
        }
    }
}

/// A display name that can stand between quotes in a header: no quote, backslash or control character.
pub(super) fn quotable(text: &str) -> String {
    clean(text, MAX_DISPLAY).replace(['"', '\\', '<', '>'], "")
}

/// A reason that can stand between quotes in a Reason header.
pub(super) fn reason_text(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| c.is_ascii() && !matches!(c, '"' | '\\'))
        .collect();
    clean(&text, MAX_REASON)
}

/// Whether a header value holds a character that could end the line it stands on.
pub(super) fn breaks_lines(value: &str) -> bool {
    value.chars().any(|c| c.is_control() && c != '\t')
}

fn clean(text: &str, limit: usize) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(limit)
        .collect();
    kept.trim().to_owned()
}

/// Splits at the first `<` outside of quotes: what stands before, and what stands inside.
fn split_angle(value: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in value.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => {
                let inside = &value[at + 1..];
                return Some((&value[..at], inside.split('>').next().unwrap_or(inside)));
            }
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            out.push(c);
        }
    }
    out
}

fn without_port(host: &str) -> &str {
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split(']').next().unwrap_or(v6);
    }
    host.split(':').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(display: Option<&str>, user: &str, host: &str) -> Party {
        Party {
            display: display.map(str::to_owned),
            user: user.to_owned(),
            host: host.to_owned(),
        }
    }

    #[test]
    fn the_usual_forms_are_read() {
        let cases = [
            (
                "\"Front Desk\" <sip:100@example.com:5060;user=phone>;tag=a",
                party(Some("Front Desk"), "100", "example.com"),
            ),
            (
                "sip:100@example.com;tag=a",
                party(None, "100", "example.com"),
            ),
            (
                "Desk <sips:100:secret@[2001:db8::1]:5061>",
                party(Some("Desk"), "100", "2001:db8::1"),
            ),
            (
                "<tel:+15551234567;phone-context=x>",
                party(None, "+15551234567", ""),
            ),
            ("<sip:example.com>", party(None, "", "example.com")),
            (
                r#""a \"b\" <c>" <sip:x@y>"#,
                party(Some(r#"a "b" <c>"#), "x", "y"),
            ),
        ];
        for (value, expected) in cases {
            assert_eq!(Party::parse(value), expected, "{value}");
        }
    }

    #[test]
    fn rubbish_reads_as_a_party_without_control_characters() {
        for value in [
            "",
            "<",
            "\"",
            "\"<\"",
            ":::;;;@@@",
            "<sip:>",
            "\"a\rX-Evil: 1\n\" <sip:b\0@c>",
            "é<é:é@é",
        ] {
            let read = Party::parse(value);
            let all = format!("{:?}{}{}", read.display, read.user, read.host);
            assert!(!all.chars().any(char::is_control), "{value:?}");
        }
        assert_eq!(
            Party::parse("\"a\rb\" <sip:c@d>").display.as_deref(),
            Some("ab")
        );
    }

    #[test]
    fn nothing_quotable_ends_its_quotes_or_its_line() {
        assert_eq!(
            quotable("x\" <sip:evil>\r\nX-Evil: \\1"),
            "x sip:evilX-Evil: 1"
        );
        assert_eq!(reason_text("busy\r\n\"now\" é"), "busynow");
        assert!(breaks_lines("a\rb") && breaks_lines("a\nb") && !breaks_lines("a\tb é"));
    }
}
