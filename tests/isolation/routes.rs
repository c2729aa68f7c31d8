//! Every documented route.

use super::organizations::{Ours, refuse_canaries, sings};
use crate::support::app::admin;
use crate::support::{TestDatabase, both_databases};
use crate::{distribu, ecosire, heldsway, momentum};

both_databases!(every_route_tells_of_ones_own_alone);

/// Every route of every API, with a window that holds everything.
fn requests() -> Vec<String> {
    let of = |routes: &[&str], query: &str| -> Vec<String> {
        routes.iter().map(|route| format!("/api/analytics/{route}?limit=100&{query}")).collect()
    };
    // Naming the other organization changes nothing, where it is not refused.
    let mut all = of(&momentum::ROUTES, "startDate=2024-01-01&endDate=2024-12-31&organizationId=theirs");
    all.push("/api/analytics/dashboards/kept?from=2024-01-01&to=2024-12-31&currency=gbp".to_owned());
    all.extend(of(&ecosire::ROUTES, "from=2024-01-01&to=2024-12-31&groupBy=month&currency=gbp"));
    let of_distribu =
        distribu::ROUTES.iter().map(|route| format!("/api/v1/reports/{route}?from=2024-01-01&to=2024-12-31"));
    all.extend(of_distribu);
    all.push("/api/v1/reports/orders?preset=all&format=csv".to_owned());
    let of_heldsway = heldsway::SECTIONS
        .iter()
        .map(|section| format!("{}?section={section}&from=2024-01-01&to=2024-09-15", heldsway::PATHS[0]));
    all.extend(of_heldsway);
    all
}

async fn answers(ours: &Ours) -> Vec<String> {
    let mut bodies = Vec::new();
    for path in requests() {
        let reply = ours.app.get(Ok(admin(&ours.organization)), &path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        bodies.push(reply.body);
    }
    bodies
}

async fn every_route_tells_of_ones_own_alone(database: TestDatabase) {
    let ours = Ours::open(&database).await;
    let before = answers(&ours).await;
    let other = Ours::let_the_other_in(&database).await;
    let after = answers(&ours).await;
    for (path, body) in requests().iter().zip(&after) {
        refuse_canaries(body, path);
    }
    assert_eq!(before, after);
    let theirs = answers(&Ours { organization: other, ..ours }).await;
    let silent: Vec<&str> = theirs.iter().filter(|body| !sings(body)).map(String::as_str).collect();
    // `momentum`'s orders/trend, orders/mtd and active-customers, which tell counts alone, the sum of nine such amounts, and
    // anomalies, of which there are none; `heldsway`'s stats and trends, which tell counts, sums and percentages.
    assert_eq!(silent.len(), 7, "{silent:?}");
}
