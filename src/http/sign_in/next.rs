//! Where somebody goes once they are signed in: a path of this server, whatever a link says.

use url::Url;

/// Longest path that is kept.
const LONGEST: usize = 1024;

/// A path of this server, with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next(String);

impl Next {
    /// What was asked for, where that is a path here; else the page of who is signed in.
    pub fn of(asked: Option<&str>) -> Self {
        Self(asked.and_then(local).unwrap_or_else(|| "/admin".to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A path as browsers will understand it, if they will not leave this server for it: they take `\` for `/`, and leave out
/// tabs and line ends.
fn local(asked: &str) -> Option<String> {
    let is_written = asked.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if asked.len() > LONGEST || !is_written || !asked.starts_with('/') || asked.starts_with("//") {
        return None;
    }
    let here = Url::parse("http://here.invalid").ok()?;
    let there = here.join(asked).ok()?;
    let path =
        there.query().map_or_else(|| there.path().to_owned(), |query| format!("{}?{query}", there.path()));
    (there.origin() == here.origin() && !path.starts_with("//")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for (asked, path) in [
            ("/playground", "/playground"),
            ("/api/x?y=%2F%2Fz&a=b", "/api/x?y=%2F%2Fz&a=b"),
            ("/a/../b", "/b"),
            ("/@evil.example", "/@evil.example"),
            ("/docs#top", "/docs"),
        ] {
            assert_eq!(Next::of(Some(asked)).as_str(), path, "{asked}");
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for asked in [
            "",
            "admin",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a/..//evil.example",
            "/.//evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            " /admin",
            "/é",
            "/a\r\nset-cookie: x=y",
            &long,
        ] {
            assert_eq!(Next::of(Some(asked)).as_str(), "/admin", "{asked:?}");
        }
        assert_eq!(Next::of(None).as_str(), "/admin");
    }
}
