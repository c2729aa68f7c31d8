//! A public key in PEM, as far as it can be told apart from what people paste by mistake.

/// Says what is wrong with `pem` where it is no public key.
pub(super) fn check(pem: &str) -> Result<(), &'static str> {
    if pem.contains("PRIVATE KEY") {
        return Err("this is a private key; only its public half belongs here");
    }
    if !pem.contains("-----BEGIN PUBLIC KEY-----") && !pem.contains("-----BEGIN RSA PUBLIC KEY-----") {
        return Err("expected a PEM that starts with -----BEGIN PUBLIC KEY-----");
    }
    Ok(())
}
