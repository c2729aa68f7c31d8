//! What may be a password, and that hashes are what they say.

use super::*;

const ADDRESS: &str = "ada@shop.example";

#[test]
fn a_new_password_is_long_various_and_text() {
    for good in [
        "four plain words",
        "éèêëàâäùûü12",
        "🐎🔋📎✅🐎🔋📎✅🐎🔋📎🥾",
        "            abcd",
        "ADA@shop.example!",
    ] {
        assert!(Password::chosen(good, ADDRESS).is_ok(), "{good}");
    }
    let longest = "abcd".repeat(256);
    assert!(Password::chosen(&format!("e{}", &longest[1..]), ADDRESS).is_ok());
    for (bad, why) in [
        ("eleven char", Unfit::TooShort),
        // Twelve letters as they are typed, six as they are: what counts is what it is.
        ("e\u{301}a\u{301}o\u{301}u\u{301}i\u{301}y\u{301}", Unfit::TooShort),
        ("abcdabcdabcdabcd", Unfit::TooUniform),
        ("            ", Unfit::TooUniform),
        ("four plain\0words", Unfit::NoText),
        ("four plain words\n", Unfit::NoText),
        ("four plain \u{fffd} words", Unfit::NoText),
        ("Ada@Shop.example", Unfit::TheAddress),
    ] {
        assert_eq!(Password::chosen(bad, ADDRESS).err(), Some(why), "{bad:?}");
    }
    assert_eq!(Password::chosen(&format!("{longest}e"), ADDRESS).err(), Some(Unfit::TooLong));
}

#[tokio::test]
async fn a_password_is_one_however_the_keyboard_wrote_it() {
    let instruments = Instruments::default();
    let checker = Checker::new(&instruments);
    let kept =
        Password::chosen("caf\u{e9} au lait, s'il vous plait", ADDRESS).expect("fit").hash().expect("hashed");
    let mut count = 0;
    for (typed, verdict) in [
        ("caf\u{e9} au lait, s'il vous plait", Verdict::Right(None)),
        ("cafe\u{301} au lait, s'il vous plait", Verdict::Right(None)),
        ("caf\u{e9}\u{a0}au lait, s'il vous\u{202f}plait", Verdict::Right(None)),
        ("Caf\u{e9} au lait, s'il vous plait", Verdict::Wrong),
        ("caf\u{e9} au lait, s'il vous plait ", Verdict::Wrong),
        ("cafe au lait, s'il vous plait", Verdict::Wrong),
        ("", Verdict::Wrong),
        ("caf\u{e9} au lait, s'il vous plait\0", Verdict::Wrong),
    ] {
        let typed = Password::typed(typed).expect("short enough");
        assert_eq!(checker.check(typed.clone(), Some(kept.clone())).await, Ok(verdict), "{}", typed.0);
        // No password is that of nobody, and finding that out is the same work.
        assert_eq!(checker.check(typed, None).await, Ok(Verdict::Wrong));
        count += 2;
    }
    let counted = format!("countinghouse_passwords_checked_total {count}\n");
    assert!(instruments.text().expect("text").contains(&counted));
}

#[test]
fn a_hash_says_what_it_cost_and_has_its_own_salt() {
    let password = Password::chosen("correct horse battery staple", ADDRESS).expect("fit");
    let (one, other) = (password.hash().expect("hashed"), password.hash().expect("hashed"));
    assert!(one.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.reveal());
    assert_ne!(one, other);
    assert_eq!(format!("{one:?} {password:?}"), "[redacted] [redacted]");
}

/// argon2-cffi 25.1.0 made these, of `correct horse battery staple`.
#[tokio::test]
async fn hashes_of_other_makers_and_costs_are_understood_and_cheap_ones_replaced() {
    let checker = Checker::new(&Instruments::default());
    let password = Password::typed("correct horse battery staple").expect("short enough");
    let dearer = PasswordHash::stored(
        "$argon2id$v=19$m=65536,t=3,p=4$AWN1dKhyEHWsfTHJJ+iwog$bLBK5lrP/yK85yeX9kQG6M8Qjnj4MIsF4iC4ddDH9aI"
            .to_owned(),
    );
    assert_eq!(checker.check(password.clone(), Some(dearer)).await, Ok(Verdict::Right(None)));
    for cheap in [
        "$argon2id$v=19$m=8192,t=1,p=1$/XPHK5oiGtjXgCUyaH3FqA$7zK6c/RwrWxCwkHSthxnh4nMyh7r7FI8GDnEJ5xvU0o",
        "$argon2i$v=19$m=65536,t=3,p=1$GwccbdW6uTZdWN+oQ1x9Bw$+1Oa/O55txsQCnEU3oIV6Ehiz4tBTccKjR3aAL7L7c4",
    ] {
        let cheap = PasswordHash::stored(cheap.to_owned());
        let wrong = Password::typed("correct horse battery stapler").expect("short enough");
        assert_eq!(checker.check(wrong, Some(cheap.clone())).await, Ok(Verdict::Wrong));
        let Ok(Verdict::Right(Some(stronger))) = checker.check(password.clone(), Some(cheap)).await else {
            panic!("it is right, and too cheap");
        };
        assert!(stronger.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(checker.check(password.clone(), Some(stronger)).await, Ok(Verdict::Right(None)));
    }
    let broken = PasswordHash::stored("$argon2id$broken".to_owned());
    assert!(matches!(checker.check(password, Some(broken)).await, Err(Unchecked::Failed(_))));
}
