//! The country that an address is in, by a file in MaxMind's format. The address goes no further.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use maxminddb::{Reader, geoip2};

/// Tells countries.
#[derive(Clone, Default)]
pub struct Countries(Option<Arc<Reader<Vec<u8>>>>);

impl Countries {
    /// By the file at `path`; none are told where there is none. Refuses what is no such file.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let open = |path: &Path| {
            let reader = Reader::open_readfile(path);
            reader
                .map(Arc::new)
                .map_err(|error| format!("`{}` is no file in MaxMind's format: {error}", path.display()))
        };
        path.map(open).transpose().map(Self)
    }

    /// The ISO 3166 code of the country that an address is in, where that is known.
    pub fn of(&self, address: IpAddr) -> Option<String> {
        let found = self.0.as_ref()?.lookup(address).ok()?;
        let record: geoip2::Country<'_> = found.decode().ok()??;
        record.country.iso_code.map(str::to_owned)
    }
}
