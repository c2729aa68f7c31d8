//! How metrics go on from bucket to bucket: what a forecast may go by.

use super::{Formula, Measure, Metric, Move, Over};

/// How a metric goes on from bucket to bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// What happens in a bucket, and adds up from one to the next; within one it only grows, unless a fact is below zero.
    Sum,
    /// Likewise, but it may fall again within a bucket: a difference, sales less returns, what recurring revenue did.
    Flow,
    /// What stands at the end of a bucket.
    Level,
}

/// The same with what is known when a bucket begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stance {
    Within(Course),
    AtStart,
}

impl Metric {
    /// How it goes on; none of what neither adds up over time nor stands at the end of a bucket: quotients, products,
    /// different values, percentiles, mixtures of both kinds, what stood at a bucket's start, and what has no history.
    pub fn course(self) -> Option<Course> {
        match self.stance()? {
            Stance::Within(course) => self.has_history().then_some(course),
            Stance::AtStart => None,
        }
    }

    fn stance(self) -> Option<Stance> {
        use Course::{Flow, Level, Sum};
        use Stance::{AtStart, Within};
        match self.definition().formula {
            Formula::Measure(measure) | Formula::Net(measure, _) => measure.stance(),
            Formula::Moves(Move::AtStart) => Some(AtStart),
            Formula::Moves(Move::AtEnd) => Some(Within(Level)),
            Formula::Moves(_) => Some(Within(Flow)),
            Formula::Part(of, _) => of.stance(),
            Formula::Total(one, other) => match (one.stance()?, other.stance()?) {
                (Within(Sum), Within(Sum)) => Some(Within(Sum)),
                (Within(Sum | Flow), Within(Sum | Flow)) => Some(Within(Flow)),
                _ => None,
            },
            Formula::Difference(one, other) => match (one.stance()?, other.stance()?) {
                // What came in less what went out, or by how much a level has changed.
                (Within(Sum | Flow), Within(Sum | Flow)) | (Within(Level), AtStart) => Some(Within(Flow)),
                _ => None,
            },
            Formula::Ratio(..)
            | Formula::Mean(..)
            | Formula::MeanGap(..)
            | Formula::SinceLast(_)
            | Formula::MeanAge { .. }
            | Formula::Product(..)
            | Formula::Middle(..)
            | Formula::Days => None,
        }
    }
}

impl Measure {
    fn stance(self) -> Option<Stance> {
        if !self.aggregate.adds_up() {
            return None;
        }
        Some(match self.over {
            Over::Within if self.aggregate.is_less_returns() => Stance::Within(Course::Flow),
            Over::Within => Stance::Within(Course::Sum),
            Over::End => Stance::Within(Course::Level),
            Over::Start => Stance::AtStart,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{METRICS, Unit};
    use super::*;

    fn names(course: Option<Course>) -> Vec<&'static str> {
        let of = |definition: &&super::super::Definition| definition.metric.course() == course;
        METRICS.iter().filter(of).map(|definition| definition.name).collect()
    }

    #[test]
    fn levels_are_what_stands_at_the_end() {
        let levels = [
            "openDeals",
            "openPipeline",
            "arr",
            "mrr",
            "subscribers",
            "activeSubscriptions",
            "customers",
            "customersWon",
            "lifetimeRevenue",
            "lifetimeOrders",
            "stockUnits",
            "stockAtCost",
            "headcount",
            "openTickets",
        ];
        assert_eq!(names(Some(Course::Level)), levels);
    }

    #[test]
    fn flows_may_fall_within_a_bucket() {
        let flows = [
            "netRevenue",
            "grossProfit",
            "newMrr",
            "expansionMrr",
            "contractionMrr",
            "churnedMrr",
            "netNewMrr",
            "newSubscribers",
            "churnedSubscribers",
            "gainedMrr",
            "netGrowth",
            "unitsShipped",
            "costOfUnitsShipped",
        ];
        assert_eq!(names(Some(Course::Flow)), flows);
    }

    #[test]
    fn what_does_not_add_up_has_no_course() {
        // Neither adds up nor stands at the end: different things, mixtures, starts, percentiles, what is only known now.
        let others = [
            "ordersPerHour",
            "medianMinutesBetweenOrders",
            "activeCustomers",
            "firstTimeCustomers",
            "unitsPerHour",
            "grossCustomers",
            "daysSinceLastOrder",
            "grossOrdersWithLines",
            "ordersWithLines",
            "placedOrdersWithLines",
            "cancelledOrdersWithLines",
            "costedDiscounts",
            "discountedRevenue",
            "profitAfterDiscounts",
            "productsSold",
            "grossProductsSold",
            "refundedOrders",
            "ordersTogether",
            "medianDaysInStage",
            "expectedWins",
            "expectedValue",
            "medianCycleDays",
            "startingArr",
            "startingMrr",
            "startingSubscribers",
            "keptMrr",
            "returningMrr",
            "startingCustomers",
            "retainedCustomers",
            "returningCustomers",
            "profitPerCustomer",
            "startingStockUnits",
            "startingStockAtCost",
            "averageStockAtCost",
            "daysInPeriod",
            "unitsAvailable",
            "productsOnSale",
            "productsCounted",
            "productsOutOfStock",
            "stockOnHand",
            "stockOnHandAtPrice",
            "stockOnSale",
            "stockOnSaleAtPrice",
            "stockOnHandAtCost",
            "startingHeadcount",
            "averageHeadcount",
            "averageTenureDays",
            "startingOpenTickets",
            "medianFirstReplyHours",
            "p90FirstReplyHours",
            "medianResolutionHours",
            "p90ResolutionHours",
            "visitors",
            "productConversions",
        ];
        for name in others {
            assert!(names(None).contains(&name), "{name}");
        }
        // Every quotient, money or not, and nothing else.
        for definition in METRICS {
            let is_quotient =
                matches!(definition.formula, Formula::Ratio(..) | Formula::Mean(..) | Formula::MeanGap(..));
            let is_told = is_quotient || others.contains(&definition.name);
            assert_eq!(definition.metric.course().is_none(), is_told, "{}", definition.name);
            assert!(definition.unit != Unit::Ratio || is_quotient, "{}", definition.name);
        }
    }
}
