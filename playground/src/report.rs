//! What pages of shared reports load: a style, an icon, and the scripts that draw their charts. The pages themselves are
//! written elsewhere.

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::get;

use crate::assets::{Asset, REPORT, send};

/// The files, as the build made them; in a build without npm there are no scripts.
pub struct Report {
    pub style: Asset,
    pub icon: Asset,
    pub scripts: &'static [Asset],
}

/// Paths of what a page of a shared report loads. They change with the content.
#[derive(Clone, Copy, Debug)]
pub struct ReportParts {
    /// Its style sheet.
    pub style: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Its scripts; none in a build without npm.
    pub scripts: Option<ReportScripts>,
}

/// Scripts of a page of a shared report, both modules.
#[derive(Clone, Copy, Debug)]
pub struct ReportScripts {
    /// The one that the page starts with.
    pub start: &'static str,
    /// The one that it asks for then: best fetched beside it.
    pub charts: &'static str,
}

/// What a page of a shared report loads.
pub fn report_parts() -> ReportParts {
    let Report { style, icon, scripts } = &REPORT;
    let named = |name: &str| {
        let is_named = |path: &&str| path.rsplit('/').next().is_some_and(|file| file.starts_with(name));
        scripts.iter().map(|asset| asset.path).find(is_named)
    };
    let scripts = named("report-").zip(named("charts-"));
    let scripts = scripts.map(|(start, charts)| ReportScripts { start, charts });
    ReportParts { style: style.path, icon: icon.path, scripts }
}

/// Serves them.
pub fn router() -> Router {
    let part = |Path(name): Path<String>, headers: HeaderMap| async move {
        let Report { style, icon, scripts } = &REPORT;
        let is_asked = |part: &&Asset| part.path.rsplit('/').next() == Some(&name);
        send([style, icon].into_iter().chain(*scripts).find(is_asked), &headers)
    };
    Router::new().route("/api/reports/assets/{file}", get(part))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, encoding: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request =
            Request::get(path).header("accept-encoding", encoding).body(Body::empty()).expect("a request");
        let (head, body) = router().oneshot(request).await.expect("it answers").into_parts();
        (head.status, head.headers, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    #[tokio::test]
    async fn what_reports_load_is_served_and_kept() {
        let ReportParts { style, icon, scripts } = report_parts();
        let scripts = scripts
            .expect("npm made them; if it was missing then, `touch playground/build.rs` and build again");
        let mut packed = 0;
        for (path, kind, coding) in [
            (style, "text/css; charset=utf-8", None),
            (icon, "image/svg+xml", None),
            (scripts.start, "text/javascript; charset=utf-8", Some("br")),
            (scripts.charts, "text/javascript; charset=utf-8", Some("br")),
        ] {
            let (status, headers, body) = ask(path, "gzip, br").await;
            let header = |name: &str| headers.get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(
                (status, header("content-type"), header("content-encoding")),
                (StatusCode::OK, Some(kind), coding)
            );
            assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"), "{path}");
            assert_eq!(
                (header("vary"), header("x-content-type-options")),
                (Some("accept-encoding"), Some("nosniff"))
            );
            packed += body.len();
            let (status, headers, body) = ask(path, "identity").await;
            assert_eq!((status, headers.get("content-encoding")), (StatusCode::OK, None), "{path}");
            assert!(std::str::from_utf8(&body).is_ok_and(|text| !text.is_empty()), "{path}");
        }
        assert!((20_000..100_000).contains(&packed), "{packed} bytes");
        assert_eq!(ask("/api/reports/assets/report-0.js", "br").await.0, StatusCode::NOT_FOUND);
        assert_eq!(ask("/api/reports/assets/..%2Freport.css", "br").await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn charts_carry_the_licences_of_what_draws_them() {
        let scripts = report_parts().scripts.expect("npm made them");
        let (_, _, body) = ask(scripts.charts, "identity").await;
        let text = String::from_utf8(body).expect("text");
        for words in
            ["Chart.js Contributors", "@kurkle/color", "Permission is hereby granted, free of charge"]
        {
            assert!(text.contains(words), "{words}");
        }
    }
}
