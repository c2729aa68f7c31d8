//! What people read in place of ids and of names in camel case.

use crate::fault::Fault;
use crate::metrics::Dimension;
use crate::metrics::names::{AffiliateId, CampaignId, CategoryId, CustomerId, ProductId, SalesRepNumber};
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
        Dimension::Affiliate => names.load_one(AffiliateId(id.clone())).await?.map(|row| row.name),
        // The others stand for themselves.
        _ => None,
    };
    Ok(Some(name.unwrap_or(id)))
}

/// The words of a name in camel case, in lower case: `averageOrderValue` is `average`, `order`, `value`.
pub fn words(name: &str) -> Vec<String> {
    let mut apart = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            apart.push(' ');
        }
        apart.push(letter.to_ascii_lowercase());
    }
    apart.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Words as a heading, the first letter a capital: `Average order value`.
pub fn heading<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let text = words.into_iter().collect::<Vec<_>>().join(" ");
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
