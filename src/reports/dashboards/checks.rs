//! What may be saved as a dashboard.

use crate::dashboards::{Draft, Layout, Tile};
use crate::fault::Fault;
use crate::reports::Desk;

use super::{View, answer};

/// Most tiles of a dashboard.
pub const TILES: usize = 24;
/// Most characters of a name or title.
const NAME: usize = 120;
/// Most characters of a description.
const DESCRIPTION: usize = 2000;
/// Most bytes of a tile's query.
const QUERY: usize = 10_000;
/// Columns of the grid.
const COLUMNS: u32 = 12;
/// Most rows of the grid.
const ROWS: u32 = 1000;

/// Refuses a draft that is not to be saved. Each tile is asked for today, so that whatever is saved can be answered.
pub async fn check(desk: &Desk, draft: &Draft) -> Result<(), Fault> {
    check_name("name", &draft.name)?;
    if let Some(text) = &draft.description {
        let is_plain = !text.chars().any(|letter| letter.is_control() && letter != '\n');
        if text.trim() != text || text.is_empty() || text.chars().count() > DESCRIPTION || !is_plain {
            let message = format!("expected 1 to {DESCRIPTION} characters without blanks at the ends");
            return Err(Fault::invalid("description", message));
        }
    }
    if draft.tiles.len() > TILES {
        let message = format!("there are {}; a dashboard has at most {TILES}", draft.tiles.len());
        return Err(Fault::invalid("tiles", message));
    }
    for (number, tile) in draft.tiles.iter().enumerate() {
        check_name(&format!("tiles[{number}].title"), &tile.title)?;
        check_place(number, &draft.tiles)?;
    }
    let view = View::of_today(desk)?;
    let asked = draft.tiles.iter().enumerate().map(|(number, tile)| check_query(desk, number, tile, &view));
    futures::future::try_join_all(asked).await?;
    Ok(())
}

fn check_name(argument: &str, text: &str) -> Result<(), Fault> {
    let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
    if is_plain && (1..=NAME).contains(&text.chars().count()) {
        return Ok(());
    }
    let message =
        format!("expected 1 to {NAME} characters, without control characters or blanks at the ends");
    Err(Fault::invalid(argument, message))
}

/// Within the grid, and not upon another one.
fn check_place(number: usize, tiles: &[Tile]) -> Result<(), Fault> {
    let place = &tiles[number].layout;
    let argument = || format!("tiles[{number}].layout");
    if place.width == 0 || place.height == 0 || right(place) > COLUMNS.into() || bottom(place) > ROWS.into() {
        let message = format!(
            "a tile takes at least one column and row, and lies within {COLUMNS} columns and {ROWS} rows"
        );
        return Err(Fault::invalid(argument(), message));
    }
    let meets = |other: &Layout| {
        u64::from(place.x) < right(other)
            && u64::from(other.x) < right(place)
            && u64::from(place.y) < bottom(other)
            && u64::from(other.y) < bottom(place)
    };
    match tiles[..number].iter().position(|other| meets(&other.layout)) {
        Some(other) => Err(Fault::invalid(argument(), format!("it lies upon tiles[{other}]"))),
        None => Ok(()),
    }
}

fn right(place: &Layout) -> u64 {
    u64::from(place.x) + u64::from(place.width)
}

fn bottom(place: &Layout) -> u64 {
    u64::from(place.y) + u64::from(place.height)
}

async fn check_query(desk: &Desk, number: usize, tile: &Tile, view: &View) -> Result<(), Fault> {
    let refused = |message: String| Fault::invalid(format!("tiles[{number}].query"), message);
    if tile.query.len() > QUERY {
        return Err(refused(format!("it has {} bytes; at most {QUERY} are kept", tile.query.len())));
    }
    desk.queries()?.check(&tile.query).map_err(refused)?;
    match answer(desk, tile, view).await {
        // What the data lack today they may have tomorrow.
        Ok(_) | Err(Fault::MissingRate { .. } | Fault::Overflow | Fault::Unforeseeable) => Ok(()),
        Err(fault @ Fault::Invalid { .. }) => Err(refused(fault.to_string())),
        Err(fault) => Err(fault),
    }
}
