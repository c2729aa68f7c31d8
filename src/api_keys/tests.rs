//! The written form of keys, and when they end.

use super::*;

#[test]
fn a_generated_key_is_well_formed_and_never_the_same() {
    let keys: BTreeSet<String> =
        (0..1000).map(|_| ApiKey::generate("eco_live").expect("a prefix").reveal().to_owned()).collect();
    assert_eq!(keys.len(), 1000);
    for text in &keys {
        assert_eq!(text.len(), "eco_live_".len() + 36);
        let key = ApiKey::parse(text).expect("its own form");
        assert_eq!((key.reveal(), key.prefix()), (text.as_str(), "eco_live"));
    }
}

#[test]
fn every_single_mistyped_character_is_noticed() {
    let text = ApiKey::generate("dk").expect("a prefix").reveal().to_owned();
    for at in 0..text.len() {
        for typo in "09azAZ_-. é".chars() {
            let mut typed: Vec<char> = text.chars().collect();
            if typed[at] == typo {
                continue;
            }
            typed[at] = typo;
            assert_eq!(ApiKey::parse(&typed.iter().collect::<String>()), None, "{at} {typo}");
        }
        assert_eq!(ApiKey::parse(&text[..at]), None);
    }
    assert_eq!(ApiKey::parse(&format!("{text}0")), None);
    assert_eq!(ApiKey::parse(&format!(" {text}")), None);
}

#[test]
fn the_checksum_is_crc_32_in_base_62() {
    // CRC-32 of "123456789" is 0xCBF43926 = 3421780262 (the algorithm's check value), which in base 62 has the
    // digits 3 45 35 27 22 14.
    assert_eq!(checksum("123456789"), "3jZRME");
    assert_eq!(checksum(""), "000000");
}

#[test]
fn a_prefix_is_short_lower_case_and_plain() {
    for good in ["dk", "eco_live", "a1", "k"] {
        assert!(is_prefix(good), "{good}");
    }
    for bad in ["", "_dk", "dk_", "a__b", "Dk", "1k", "d-k", "dk.", "é", "abcdefghijklmnopqrstu"] {
        assert!(!is_prefix(bad), "{bad}");
        assert!(ApiKey::generate(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_key_does_not_show() {
    let key = ApiKey::generate("dk").expect("a prefix");
    assert_eq!(format!("{key:?}"), "dk_[redacted]");
}

#[test]
fn a_key_ends_at_its_instant() {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).expect("an instant");
    let mut key = StoredKey {
        id: 1,
        organization: OrganizationId(1),
        prefix: "dk".to_owned(),
        last_four: "abcd".to_owned(),
        name: String::new(),
        scopes: BTreeSet::new(),
        created_at: at(0),
        expires_at: Some(at(100)),
        revoked_at: None,
        quotas: Quotas::default(),
    };
    assert_eq!(
        [99, 100, 101].map(|now| key.state(at(now))),
        [KeyState::Live, KeyState::Expired, KeyState::Expired]
    );
    key.revoked_at = Some(at(50));
    assert_eq!(key.state(at(0)), KeyState::Revoked);
}
