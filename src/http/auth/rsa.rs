//! Which RSA public keys are good enough to believe.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;

/// Bits of a modulus: fewer are within reach, more cost everybody who shows a token too much to check.
const BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// Primes whose remainders tell a modulus of the ROCA generator (CVE-2017-15361): they are all powers of 65537.
const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Base64url in the one form that its bytes have.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Whether a key that was read from PEM is one.
pub(super) fn is_sound(key: &DecodingKey) -> bool {
    let parts =
        key.try_get_as_bytes().and_then(DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key);
    parts.is_ok_and(|(n, e)| is_sound_pair(&n, &e))
}

/// Whether modulus `n` and exponent `e` (big-endian) make a key that signatures can be believed of.
pub(super) fn is_sound_pair(n: &[u8], e: &[u8]) -> bool {
    let (n, e) = (significant(n), significant(e));
    let is_odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    // An exponent of one signs nothing: every signature is its own message. Above 32 bits the library takes none.
    let is_exponent = is_odd(e) && e.len() <= 4 && e != [1];
    is_exponent && is_odd(n) && BITS.contains(&bits(n)) && !is_roca(n)
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn is_roca(n: &[u8]) -> bool {
    ROCA_PRIMES.into_iter().all(|prime| {
        let remainder = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * (65537 % prime) % prime;
            power == remainder
        })
    })
}
