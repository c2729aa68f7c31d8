//! The name that a figure's key is shown with.

use crate::fault::Fault;
use crate::metrics::Dimension;
use crate::metrics::names::{CampaignId, CategoryId, CustomerId, ProductId, SalesRepNumber};
use crate::reports::desk::Desk;

/// The name behind a dimension's id; the id itself where it stands for itself or is not known.
pub async fn label(desk: &Desk, dimension: Dimension, id: Option<&str>) -> Result<Option<String>, Fault> {
    let Some(id) = id.map(str::to_owned) else { return Ok(None) };
    let names = desk.names();
    let name = match dimension {
        Dimension::Customer => names.load_one(CustomerId(id.clone())).await?.map(|row| row.name),
        Dimension::SalesRep => names.load_one(SalesRepNumber(id.clone())).await?.map(|row| row.name),
        Dimension::Product | Dimension::PairedProduct => {
            names.load_one(ProductId(id.clone())).await?.map(|row| row.name)
        }
        Dimension::Category => names.load_one(CategoryId(id.clone())).await?.map(|row| row.name),
        Dimension::Campaign => names.load_one(CampaignId(id.clone())).await?.map(|row| row.name),
        // The others stand for themselves.
        _ => None,
    };
    Ok(Some(name.unwrap_or(id)))
}
