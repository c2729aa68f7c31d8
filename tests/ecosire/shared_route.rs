//! `/api/analytics/revenue` belongs to two APIs: which of them answers follows from the parameters, then from the
//! credential.

use countinghouse::principal::{Principal, Refusal, Scope};

use crate::momentum::corner_shop::dataset;
use crate::support::app::{App, admin, key, organization};
use crate::support::{TestDatabase, both_databases};

/// Which API a body is of.
fn speaker(body: &serde_json::Value) -> &'static str {
    let has = |name: &str| body.get(name).is_some();
    match (has("totalRevenue"), has("summary"), has("type"), has("statusCode")) {
        (true, ..) => "momentum",
        (_, true, ..) => "ecosire",
        (_, _, true, _) => "momentum refuses",
        (_, _, _, true) => "ecosire refuses",
        _ => panic!("{body}"),
    }
}

async fn whose_question_it_is(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    let (token, reader) = (Ok(admin(&shop)), Ok(key(&shop, &[Scope::ReportsRead])));
    let nobody: Result<Principal, Refusal> = Err(Refusal::Missing);
    let asked = async |access: &Result<Principal, Refusal>, query: &str| {
        let reply = app.get(access.clone(), &format!("/api/analytics/revenue?{query}")).await;
        (reply.status.as_u16(), speaker(&reply.json()))
    };
    // Parameters decide, whatever the credential.
    for access in [&token, &reader] {
        for query in
            ["startDate=2024-01-01&endDate=2024-01-31", "STARTDATE=2024-01-01&enddate=2024-01-31&limit=5"]
        {
            assert_eq!(asked(access, query).await, (200, "momentum"), "{query}");
        }
        for query in [
            "from=2024-01-01",
            "to=2024-01-31",
            "groupBy=month",
            "GROUPBY=month",
            "currency=usd",
            "from=2024-01-01&limit=5",
        ] {
            assert_eq!(asked(access, query).await, (200, "ecosire"), "{query}");
        }
        for query in ["startDate=2024-01-01", "endDate=2024-01-31", "startDate="] {
            assert_eq!(asked(access, query).await, (400, "momentum refuses"), "{query}");
        }
        for query in ["from=", "groupBy", "currency=xyz"] {
            assert_eq!(asked(access, query).await, (400, "ecosire refuses"), "{query}");
        }
    }
    assert_eq!(asked(&nobody, "startDate=2024-01-01&endDate=2024-01-31").await, (401, "momentum refuses"));
    assert_eq!(asked(&nobody, "from=2024-01-01").await, (401, "ecosire refuses"));
    // Without them the credential does: a token lacks momentum's dates.
    for query in ["", "limit=5", "unknown=1"] {
        assert_eq!(asked(&token, query).await, (400, "momentum refuses"), "{query}");
        assert_eq!(asked(&reader, query).await, (200, "ecosire"), "{query}");
        assert_eq!(asked(&nobody, query).await, (401, "ecosire refuses"), "{query}");
    }
    assert_eq!(asked(&reader, "organizationId=x").await, (400, "ecosire refuses"));
    assert_eq!(
        asked(&token, "startDate=2024-01-01&endDate=2024-01-31&organizationId=x").await,
        (200, "momentum")
    );
}

async fn parameters_of_both_are_refused_by_name(database: TestDatabase) {
    let shop = organization(&database.connection, "shop", "USD", dataset().path()).await;
    let app = App::new(&database.connection, "2024-02-10T15:00:00Z");
    for name in ["from", "to", "groupBy", "currency"] {
        for other in ["startDate", "endDate"] {
            for principal in [admin(&shop), key(&shop, &[Scope::ReportsRead])] {
                let path = format!("/api/analytics/revenue?{name}=2024-01-01&{other}=2024-01-01");
                let reply = app.get(Ok(principal), &path).await;
                let body = format!(
                    r#"{{"type":"about:blank","title":"Bad Request","status":400,"errors":{{"{name}":["cannot be combined with startDate and endDate: `{name}` belongs to another API"]}}}}"#
                );
                assert_eq!((reply.status.as_u16(), reply.body), (400, body), "{path}");
            }
        }
    }
}

both_databases!(whose_question_it_is, parameters_of_both_are_refused_by_name);
