//! The pages as text: a form to sign in with, and who is signed in. No script, no style of their own.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::http::auth::KnownSession;
use crate::principal::Role;

const SIGN_IN: &str = include_str!("sign_in.html");
const ADMIN: &str = include_str!("admin.html");

/// What the form holds.
pub struct Form<'a> {
    /// Where to go on.
    pub next: &'a str,
    /// The address that was typed before.
    pub email: &'a str,
    /// What shows that it is this server's form.
    pub token: &'a str,
    /// What was wrong.
    pub alert: Option<Alert>,
}

/// Why somebody sees the form again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// They are not let in.
    Wrong,
    /// Not yet, for so many seconds.
    Wait(u64),
    /// What was typed cannot be right.
    Malformed,
    /// The form is none that this browser was shown.
    Stale,
    /// The form was not sent by this server's page, as far as the server knows.
    Stranger,
}

impl Alert {
    fn words(self) -> String {
        match self {
            Self::Wrong => "The e-mail address or the password is wrong.".to_owned(),
            Self::Wait(seconds) if seconds <= 90 => {
                format!("There were too many attempts. Try again in {seconds} seconds.")
            }
            Self::Wait(seconds) => {
                format!("There were too many attempts. Try again in {} minutes.", seconds.div_ceil(60))
            }
            Self::Malformed => "Put in an e-mail address and the password that goes with it.".to_owned(),
            Self::Stale => {
                "This form was out of date, or your browser keeps no cookies. Try once more.".to_owned()
            }
            Self::Stranger => {
                "This form did not come from the address that this server knows as its own. People sign in \
                               over https, at the address that the setting public_url names."
                    .to_owned()
            }
        }
    }
}

/// The page with the form.
pub fn sign_in(form: &Form<'_>) -> String {
    let alert = form.alert.map(|alert| {
        format!("  <p class=\"alert\" id=\"alert\" role=\"alert\">{}</p>\n", escaped(&alert.words()))
    });
    let focus = |here: bool| if here { " autofocus" } else { "" };
    filled(
        SIGN_IN,
        &[
            ("alert", &alert.unwrap_or_default()),
            ("described", if form.alert.is_some() { " aria-describedby=\"alert\"" } else { "" }),
            ("focus_email", focus(form.email.is_empty())),
            ("focus_password", focus(!form.email.is_empty())),
            ("token", form.token),
            ("next", &escaped(form.next)),
            ("email", &escaped(form.email)),
        ],
    )
}

/// The page of who is signed in.
pub fn admin(session: &KnownSession, token: &str) -> String {
    let KnownSession { stored, user, principal, .. } = session;
    let scopes: Vec<&str> = user.scopes.iter().map(|scope| scope.name()).collect();
    let permissions = match user.role() {
        Role::Admin => "Admin: everything within the organization".to_owned(),
        Role::Other => [&[user.role.as_str()], &scopes[..]].concat().join(", "),
        Role::Unnamed => scopes.join(", "),
    };
    let exact = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let shown = |at: DateTime<Utc>| {
        let local = at.with_timezone(&principal.organization.time_zone);
        local.format("%-d %B %Y, %H:%M %Z").to_string()
    };
    filled(
        ADMIN,
        &[
            ("organization", &escaped(&principal.organization.name)),
            ("name", &escaped(&user.name)),
            ("email", &escaped(&user.email)),
            ("permissions", &escaped(&permissions)),
            ("since", &exact(stored.created_at)),
            ("since_shown", &escaped(&shown(stored.created_at))),
            ("until", &exact(stored.expires_at)),
            ("until_shown", &escaped(&shown(stored.expires_at))),
            ("token", token),
        ],
    )
}

/// A template with its places filled, each once looked at: what fills one is never looked through for others.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    for part in template.split_inclusive('}') {
        let place =
            part.rsplit_once('{').and_then(|(before, place)| Some((before, place.strip_suffix('}')?)));
        let value = place.and_then(|(before, name)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((before, *value))
        });
        match value {
            Some((before, value)) => {
                text.push_str(before);
                text.push_str(value);
            }
            None => text.push_str(part),
        }
    }
    text
}

/// Text that stands between tags or in quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(email: &str) -> String {
        sign_in(&Form { next: "/a?b=1&c=\"2\"", email, token: "0123", alert: Some(Alert::Wrong) })
    }

    #[test]
    fn what_was_typed_stays_text() {
        let page = form("\"><script>alert('{token}')</script>");
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;alert(&#39;{token}&#39;)&lt;/script&gt;\""));
        assert!(page.contains("name=\"next\" value=\"/a?b=1&amp;c=&quot;2&quot;\""));
        assert_eq!(page.matches("0123").count(), 1);
        assert!(!page.contains("<script"));
    }

    #[test]
    fn every_place_is_filled_and_nothing_runs_within() {
        let page = form("ada@shop.example");
        assert!(!page.contains(['{', '}']), "{page}");
        for forbidden in ["<script", "<style", "style=\"", " onclick", " onload", "javascript:"] {
            assert!(!SIGN_IN.contains(forbidden) && !ADMIN.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn a_wait_is_told_in_words() {
        assert_eq!(Alert::Wait(90).words(), "There were too many attempts. Try again in 90 seconds.");
        assert_eq!(Alert::Wait(91).words(), "There were too many attempts. Try again in 2 minutes.");
    }
}
