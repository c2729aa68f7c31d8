//! Where the rows of an import come from.

use super::body::Body;
use super::catalogue::Entity;
use super::folder::Folder;
use super::load::{HungUp, Loader};
use super::mapping::Mapping;
use super::source::Meter;

/// Where rows come from.
pub enum Feed {
    /// A dataset folder.
    Folder(Folder),
    /// Files that a mapping explains.
    Mapping(Mapping),
    /// A request.
    Body(Body),
}

impl Feed {
    /// What rows may come.
    pub fn entities(&self) -> Vec<&'static Entity> {
        match self {
            Self::Folder(folder) => folder.entities(),
            Self::Mapping(mapping) => mapping.entities(),
            Self::Body(body) => vec![body.entity],
        }
    }

    /// Bytes that there are to read; of a request, where nobody watches, none.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Folder(folder) => folder.bytes(),
            Self::Mapping(mapping) => mapping.bytes(),
            Self::Body(_) => 0,
        }
    }

    /// Reads every row.
    pub fn read(&self, loader: &mut Loader, meter: &Meter) -> Result<(), HungUp> {
        match self {
            Self::Folder(folder) => folder.read(loader, meter),
            Self::Mapping(mapping) => mapping.read(loader, meter),
            Self::Body(body) => body.read(loader),
        }
    }
}
