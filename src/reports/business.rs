//! The domains that are told by the catalogue's figures alone.

use async_graphql::MergedObject;

use crate::reports::face::Common;
use crate::reports::scope::Scope;
use crate::reports::sets::{Campaigns, Recurring, Service, Staff};

macro_rules! domains {
    ($( $(#[doc = $doc:tt])+ $report:ident $name:literal $set:ident; )+) => {
        $(
            $(#[doc = $doc])+
            #[derive(MergedObject)]
            #[graphql(name = $name)]
            pub struct $report(Common<$set>);

            impl From<Scope> for $report {
                fn from(scope: Scope) -> Self {
                    Self(scope.into())
                }
            }
        )+
    };
}

domains! {
    /// Recurring revenue in a period: how it stands, what it came from and what became of it.
    SubscriptionsReport "Subscriptions" Recurring;
    /// Employees in a period: how many, who came and went, who was at work.
    HrReport "Hr" Staff;
    /// Tickets in a period: how many, how fast they were answered, and how satisfied people were.
    SupportReport "Support" Service;
    /// Campaigns in a period: what they cost and what they brought.
    MarketingReport "Marketing" Campaigns;
}
