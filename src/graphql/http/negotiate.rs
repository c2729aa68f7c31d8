//! Which media type an answer is written in.

use axum::http::{HeaderMap, header};

/// What GraphQL over HTTP answers in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphQl,
    /// `application/json`: what was understood is answered with 200.
    Json,
    /// `text/event-stream`: one event an answer.
    EventStream,
}

impl Media {
    /// The type with its character set.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
            Self::EventStream => "text/event-stream; charset=utf-8",
        }
    }

    /// What the client likes best of what there is; nothing where it takes none of it.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut fields = headers.get_all(header::ACCEPT).iter().peekable();
        // Clients that say nothing are older than the media type.
        if fields.peek().is_none() {
            return Some(Self::Json);
        }
        let ranges = fields.filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
        let mut best: Option<(u16, Self)> = None;
        for (weight, media) in ranges.filter_map(range) {
            // Of equals the first.
            if weight > 0 && best.is_none_or(|(heaviest, _)| weight > heaviest) {
                best = Some((weight, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

/// A media range of `Accept`, with its weight in thousandths.
fn range(text: &str) -> Option<(u16, Media)> {
    let mut parts = text.split(';').map(str::trim);
    let media = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => Media::GraphQl,
        "application/json" | "application/*" | "*/*" => Media::Json,
        "text/event-stream" => Media::EventStream,
        _ => return None,
    };
    let mut weight = 1000;
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => weight = thousandths(value)?,
            "charset" if !value.eq_ignore_ascii_case("utf-8") => return None,
            _ => {}
        }
    }
    Some((weight, media))
}

/// `1`, `0.7`, `0.125`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{fraction:0<3}");
    let is_sound = whole.len() == 1 && fraction.len() <= 3;
    let value = format!("{whole}{digits}").parse().ok().filter(|value| *value <= 1000);
    value.filter(|_| is_sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_range_that_there_is_wins() {
        let accepted = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a value"));
            Media::accepted(&headers)
        };
        for (accept, media) in [
            ("application/graphql-response+json", Some(Media::GraphQl)),
            ("application/json", Some(Media::Json)),
            ("*/*", Some(Media::Json)),
            ("application/*; q=0.5", Some(Media::Json)),
            ("application/json;q=0.9, application/graphql-response+json", Some(Media::GraphQl)),
            ("application/graphql-response+json, application/json", Some(Media::GraphQl)),
            ("Application/JSON; Charset=\"UTF-8\"", Some(Media::Json)),
            ("application/json; charset=latin1", None),
            ("text/event-stream", Some(Media::EventStream)),
            ("text/html, */*;q=0.1", Some(Media::Json)),
            ("text/html", None),
            ("application/json; q=0", None),
            ("application/json; q=0.1234", None),
            ("application/json; q=2", None),
            ("", None),
        ] {
            assert_eq!(accepted(accept), media, "{accept}");
        }
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
    }
}
