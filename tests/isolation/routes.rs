//! Every documented route.

use super::organizations::{Ours, refuse_canaries, sings};
use crate::momentum::ROUTES;
use crate::support::app::admin;
use crate::support::{TestDatabase, both_databases};

both_databases!(every_route_tells_of_ones_own_alone);

async fn answers(ours: &Ours) -> Vec<String> {
    let mut bodies = Vec::new();
    for route in ROUTES {
        // Naming the other organization changes nothing.
        let window = "startDate=2024-01-01&endDate=2024-12-31&limit=100&organizationId=theirs";
        let path = format!("/api/analytics/{route}?{window}");
        let reply = ours.app.get(Ok(admin(&ours.organization)), &path).await;
        assert_eq!(reply.status, 200, "{route}: {}", reply.body);
        bodies.push(reply.body);
    }
    bodies
}

async fn every_route_tells_of_ones_own_alone(database: TestDatabase) {
    let ours = Ours::open(&database).await;
    let before = answers(&ours).await;
    let other = Ours::let_the_other_in(&database).await;
    let after = answers(&ours).await;
    for (route, body) in ROUTES.iter().zip(&after) {
        refuse_canaries(body, route);
    }
    assert_eq!(before, after);
    let theirs = answers(&Ours { organization: other, ..ours }).await;
    let singing = theirs.iter().filter(|body| sings(body)).count();
    // All but orders/trend, orders/mtd and active-customers, which tell counts alone, and the sum of nine such amounts.
    assert_eq!(singing, 6, "{theirs:?}");
}
