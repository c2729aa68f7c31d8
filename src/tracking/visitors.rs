//! Who tells how much, without their addresses: names by which a server counts while it runs, and by which nobody finds an
//! address again.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use sha2::{Digest, Sha256};

/// Bytes of a name.
const LENGTH: usize = 16;

/// Names addresses, by a secret that this server made when it started and tells nobody.
#[derive(Clone, Debug)]
pub struct Visitors {
    secret: Arc<[u8; 32]>,
}

impl Default for Visitors {
    fn default() -> Self {
        Self { secret: Arc::new(rand::random()) }
    }
}

impl Visitors {
    /// The name of whoever asks a site from an address. Of IPv6 the network counts, since one machine has all its addresses.
    pub fn name(&self, site: &str, address: IpAddr) -> String {
        let address = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64),
        };
        let hash = Sha256::new().chain_update(*self.secret).chain_update(address.octets()).chain_update(site);
        hex::encode(&hash.finalize()[..LENGTH])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_addresses_own_at_a_site_and_on_a_server() {
        let (here, there) = (Visitors::default(), Visitors::default());
        let name = |address: &str| here.name("ts_1", address.parse().expect("an address"));
        for (one, other, is_same) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.10", false),
            ("2001:db8::7", "2001:db8::8", true),
            ("2001:db8::7", "2001:db8:0:0:ffff::", true),
            ("2001:db8::7", "2001:db8:0:1::7", false),
        ] {
            assert_eq!(name(one) == name(other), is_same, "{one} {other}");
        }
        let address = "203.0.113.9".parse().expect("an address");
        assert_eq!(here.clone().name("ts_1", address), here.name("ts_1", address));
        assert_ne!(here.name("ts_1", address), here.name("ts_2", address));
        assert_ne!(here.name("ts_1", address), there.name("ts_1", address));
    }
}
