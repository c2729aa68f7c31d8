"""Makes json_web_signature.json and json_web_key.json: good and bad signatures and key sets, in the form of Wycheproof's
files of those names, made by another implementation than the one that is tested.

    python3 make.py      (needs the package `cryptography`; takes a minute)

The classes are those that Wycheproof's JWS and JWK files name, and RFC 8725's; keys, messages and signatures are made here.
Private keys are thrown away; run again and everything but the comments differs.
"""

import base64, hashlib, hmac, json, random
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519 = 2**252 + 27742317777372353535851937790883648493
SECRET = b"a secret of a test, and a long one at that"
PAYLOAD = b"foo"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8 or 1, "big"))


def compact(header, sign, payload=PAYLOAD):
    head = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    signed = b64(head) + "." + b64(payload)
    return signed + "." + b64(sign(signed.encode()))


def mac(secret, digest=hashlib.sha256):
    return lambda data: hmac.new(secret, data, digest).digest()


def rsa_sign(key, pad=None, digest=None):
    return lambda data: key.sign(data, pad or padding.PKCS1v15(), digest or hashes.SHA256())


def ecdsa(key, digest=None):
    def sign(data):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest or hashes.SHA256())))
        length = (key.curve.key_size + 7) // 8
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    return sign


def rsa_jwk(numbers, **more):
    return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **more}


def ec_jwk(key, **more):
    numbers, curve = key.public_key().public_numbers(), key.curve
    length = (curve.key_size + 7) // 8
    names = {256: "P-256", 384: "P-384"}
    return {
        "kty": "EC", "crv": names[curve.key_size], "x": number(numbers.x, length), "y": number(numbers.y, length), **more,
    }


def ed_jwk(key, **more):
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw), **more}


class Group:
    """One key (or set), and tests of it."""

    count = 0

    def __init__(self, comment, public=None, private=None):
        self.group = {"comment": comment, "tests": []}
        if private is not None:
            self.group["private"] = private
        if public is not None:
            self.group["public"] = public

    def add(self, result, comment, jws):
        Group.count += 1
        self.group["tests"].append({"tcId": Group.count, "comment": comment, "jws": jws, "result": result, "flags": []})

    def valid(self, comment, jws):
        self.add("valid", comment, jws)

    def invalid(self, comment, jws):
        self.add("invalid", comment, jws)


def flip(data, bit):
    data = bytearray(data)
    data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def form(group, header, sign):
    """What may be wrong with any signed token, whatever its algorithm."""
    good = compact(header, sign)
    head, payload, signature = good.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    group.valid("valid", good)
    group.valid("empty payload", compact(header, sign, b""))
    group.valid("payload of every byte", compact(header, sign, bytes(range(256))))
    other = b64(json.dumps({**header, "x": 1}).encode())
    for comment, jws in [
        ("modified signature", f"{head}.{payload}.{b64(flip(raw, 0))}"),
        ("missing signature", f"{head}.{payload}."),
        ("missing signature and separator", f"{head}.{payload}"),
        ("modified payload", f"{head}.{b64(b'Foo')}.{signature}"),
        ("missing payload", f"{head}..{signature}"),
        ("missing payload and separator", f"{head}.{signature}"),
        ("modified header", f"{other}.{payload}.{signature}"),
        ("missing header", f".{payload}.{signature}"),
        ("missing header and separator", f"{payload}.{signature}"),
        ("missing header and signature", f".{payload}."),
        ("payload alone", payload),
        ("empty", ""),
        ("separators alone", ".."),
        ("extra empty component", good + "."),
        ("extra component", good + ".foo"),
        ("leading separator", "." + good),
        ("signature truncated by a byte", f"{head}.{payload}.{b64(raw[:-1])}"),
        ("signature truncated to its half", f"{head}.{payload}.{b64(raw[: len(raw) // 2])}"),
        ("signature with a zero appended", f"{head}.{payload}.{b64(raw + bytes(1))}"),
        ("signature with a zero prepended", f"{head}.{payload}.{b64(bytes(1) + raw)}"),
        ("signature twice", f"{head}.{payload}.{b64(raw + raw)}"),
        ("signature of zeros", f"{head}.{payload}.{b64(bytes(len(raw)))}"),
        ("signature of ones", f"{head}.{payload}.{b64(bytes([255]) * len(raw))}"),
        ("header and payload swapped", f"{payload}.{head}.{signature}"),
        ("padded signature", good + "=" * (-len(signature) % 4 or 4)),
        ("padded header", f"{head}{'=' * (-len(head) % 4 or 4)}.{payload}.{signature}"),
        ("signature in hexadecimal", f"{head}.{payload}.{raw.hex()}"),
        ("line break at the end", good + "\n"),
        ("blank in the signature", f"{head}.{payload}.{signature[:4]} {signature[4:]}"),
        ("line break in the payload", f"{head}.{payload[:2]}\n{payload[2:]}.{signature}"),
        ("blank before the header", " " + good),
        ("NUL at the end", good + "\0"),
        ("JSON serialization, flattened", json.dumps({"payload": payload, "protected": head, "signature": signature})),
        (
            "JSON serialization, general",
            json.dumps({"payload": payload, "signatures": [{"protected": head, "signature": signature}]}),
        ),
    ]:
        group.invalid(comment, jws)
    # A last character with spare bits set: the same bytes to a lenient reader.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(raw) % 3:
        spare = alphabet[alphabet.index(signature[-1]) | 1]
        assert base64.urlsafe_b64decode(signature[:-1] + spare + "==") == raw and spare != signature[-1]
        group.invalid("spare bits in the signature", f"{head}.{payload}.{signature[:-1]}{spare}")
    while not set("-_") & set(b64(raw)):
        good = compact(header, sign, random.randbytes(8))
        raw = base64.urlsafe_b64decode(good.split(".")[2] + "==")
    group.invalid("standard alphabet", good.replace("-", "+").replace("_", "/"))
    # Headers that are signed well, and ask for what is not done.
    for comment, more in [
        ("crit of a known name", {"crit": ["exp"], "exp": 1}),
        ("crit of an unknown name", {"crit": ["x"], "x": 1}),
        ("crit that is empty", {"crit": []}),
        ("crit that is no list", {"crit": "exp"}),
        ("b64 of RFC 7797", {"b64": False, "crit": ["b64"]}),
        ("b64 without crit", {"b64": False}),
        ("kid is no text", {"kid": 1}),
        ("kid is a list", {"kid": ["a"]}),
        ("typ is no text", {"typ": {}}),
        ("typ of another kind of token", {"typ": "secevent+jwt"}),
        ("typ of a proof", {"typ": "dpop+jwt"}),
    ]:
        group.invalid(comment, compact({**header, **more}, sign))
    for comment, more in [
        ("typ JWT", {"typ": "JWT"}),
        ("typ of an access token", {"typ": "at+jwt"}),
        ("typ with its family", {"typ": "application/at+jwt"}),
        ("parameters that mean nothing here", {"foo": [1, 2.5, None]}),
    ]:
        group.valid(comment, compact({**header, **more}, sign))
    alg = json.dumps(header["alg"])
    kid = f',"kid":{json.dumps(header["kid"])}' if "kid" in header else ""
    for comment, text in [
        ("alg twice", f'{{"alg":{alg},"alg":{alg}{kid}}}'),
        ("alg none, then alg", f'{{"alg":"none","alg":{alg}{kid}}}'),
        ("alg twice, once escaped", f'{{"alg":{alg},"\\u0061lg":"none"{kid}}}'),
        ("kid twice", f'{{"alg":{alg},"kid":"a","kid":"b"}}'),
        ("a member twice within", f'{{"alg":{alg}{kid},"x":{{"a":1,"a":2}}}}'),
        ("no alg", "{" + kid[1:] + "}"),
        ("alg null", f'{{"alg":null{kid}}}'),
        ("alg in a list", f'{{"alg":[{alg}]{kid}}}'),
        ("header is a list", f'[{{"alg":{alg}{kid}}}]'),
        ("header is a text", alg),
        ("header is no JSON", f'{{"alg":{alg}{kid}'),
        ("two headers", f'{{"alg":{alg}{kid}}}{{}}'),
        ("header with a byte order mark", f'\ufeff{{"alg":{alg}{kid}}}'),
    ]:
        group.invalid(comment, compact(text.encode(), sign))
    group.invalid("header is not UTF-8", compact(f'{{"alg":{alg}{kid},"x":"'.encode() + b'\xff"}', sign))
    for name in ["none", "None", "NONE", "nOnE", "", "HS256 ", header["alg"].lower(), header["alg"].upper() + "\0"]:
        if name != header["alg"]:
            group.invalid(f"alg {name!r}, signed all the same", compact({**header, "alg": name}, sign))
            group.invalid(f"alg {name!r}, no signature", compact({**header, "alg": name}, lambda _: b""))
            group.invalid(f"alg {name!r}, one byte", compact({**header, "alg": name}, lambda _: b"\0"))


def confusion(group, header, key):
    """RFC 8725, 2.1: the public key taken for a shared secret."""
    public = key.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(serialization.Encoding.PEM, spki)
    secrets = {
        "PEM": pem,
        "PEM without its last line break": pem.rstrip(),
        "PEM with CRLF": pem.replace(b"\n", b"\r\n"),
        "DER": public.public_bytes(serialization.Encoding.DER, spki),
        "nothing": b"",
        "a zero": b"\0",
    }
    if isinstance(public, rsa.RSAPublicKey):
        pkcs1 = serialization.PublicFormat.PKCS1
        secrets["PKCS #1 PEM"] = public.public_bytes(serialization.Encoding.PEM, pkcs1)
        secrets["PKCS #1 DER"] = public.public_bytes(serialization.Encoding.DER, pkcs1)
        n = public.public_numbers().n
        secrets["modulus"] = n.to_bytes(256, "big")
        secrets["modulus in base64url"] = number(n).encode()
    elif isinstance(public, ec.EllipticCurvePublicKey):
        points = serialization.Encoding.X962
        secrets["point"] = public.public_bytes(points, serialization.PublicFormat.UncompressedPoint)
        secrets["compressed point"] = public.public_bytes(points, serialization.PublicFormat.CompressedPoint)
    else:
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        secrets["raw key"] = raw
        secrets["raw key in base64url"] = b64(raw).encode()
    for name, secret in secrets.items():
        for algorithm, digest in [("HS256", hashlib.sha256), ("HS384", hashlib.sha384), ("HS512", hashlib.sha512)]:
            group.invalid(f"{algorithm} with the public key as secret: {name}", compact({**header, "alg": algorithm}, mac(secret, digest)))
        group.invalid(f"HS256's MAC under the right alg: {name}", compact(header, mac(secret)))


def brought_keys(group, header, other, sign, jwk):
    """RFC 8725, 2.10 and 3.10: keys that the token brings or points to."""
    for name, value in {
        "jwk": jwk,
        "jku": "http://127.0.0.1:9/jwks.json",
        "x5u": "http://127.0.0.1:9/chain.pem",
        "x5c": [base64.b64encode(other.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()],
    }.items():
        group.invalid(f"signed by the key of its own {name}", compact({**header, name: value}, sign))
    for kid in ["../../../../dev/null", "' OR '1'='1", "' UNION SELECT 'key' --", "\0", "", "http://127.0.0.1:9/", "*"]:
        group.invalid(f"another key named {kid!r}", compact({**header, "kid": kid}, sign))
    group.invalid("another key of the same name", compact(header, sign))


def hs256():
    jwk = {"kty": "oct", "alg": "HS256", "use": "sig", "k": b64(SECRET)}
    group = Group("hs256", private=jwk)
    header = {"alg": "HS256"}
    form(group, header, mac(SECRET))
    for algorithm, digest in [("HS384", hashlib.sha384), ("HS512", hashlib.sha512), ("HS256", hashlib.sha384), ("HS256", hashlib.sha1)]:
        group.invalid(f"{algorithm} with {digest().name}", compact({"alg": algorithm}, mac(SECRET, digest)))
    # Not a zero at its end: HMAC itself fills a key up with zeros.
    for name, secret in [("empty", b""), ("first half", SECRET[:20]), ("a byte more", SECRET + b"x"), ("in base64url", b64(SECRET).encode())]:
        group.invalid(f"other secret: {name}", compact(header, mac(secret)))
    for name in ["RS256", "ES256", "EdDSA", "PS256"]:
        group.invalid(f"{name} signed as HS256", compact({"alg": name}, mac(SECRET)))
    return group


def pkcs1(key, block):
    numbers = key.private_numbers()
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big")


def paddings(group, header, key):
    """PKCS #1 v1.5 blocks that are not quite right, signed with the right key."""
    oid = lambda tail: bytes.fromhex("0609608648016503040" + tail)
    algorithm = lambda tail, null=b"\x05\x00": bytes([0x30, 11 + len(null)]) + oid(tail) + null
    def info(digest, tail="201", null=b"\x05\x00"):
        body = algorithm(tail, null) + b"\x04" + bytes([len(digest)]) + digest
        return b"\x30" + bytes([len(body)]) + body
    def block(info, kind=b"\x01", fill=b"\xff", length=256):
        return b"\x00" + kind + fill * (length - 3 - len(info)) + b"\x00" + info
    sha256 = lambda data: hashlib.sha256(data).digest()
    variants = {
        "block type 2": lambda d: block(info(sha256(d)), kind=b"\x02"),
        "block type 0": lambda d: block(info(sha256(d)), kind=b"\x00", fill=b"\x00"),
        "padding of 00": lambda d: block(info(sha256(d)), fill=b"\x00"),
        "padding of fe": lambda d: block(info(sha256(d)), fill=b"\xfe"),
        "one byte of padding wrong": lambda d: block(info(sha256(d))).replace(b"\xff" * 9, b"\xff" * 8 + b"\x7f", 1),
        "NULL left out": lambda d: block(info(sha256(d), null=b"")),
        "digest alone": lambda d: block(sha256(d)),
        "identifier of SHA-384": lambda d: block(info(sha256(d), "202")),
        "identifier of SHA-512": lambda d: block(info(sha256(d), "203")),
        "SHA-512 for SHA-256": lambda d: block(info(hashlib.sha512(d).digest(), "203")),
        "SHA-1 for SHA-256": lambda d: block(bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(d).digest()),
        "MD5 for SHA-256": lambda d: block(bytes.fromhex("3020300c06082a864886f70d020505000410") + hashlib.md5(d).digest()),
        "digest truncated": lambda d: block(info(sha256(d)[:-1])),
        "digest with a byte appended": lambda d: block(info(sha256(d) + b"\0")),
        "garbage behind the digest": lambda d: block(info(sha256(d)) + b"garbage"),
        "short padding, garbage behind (Bleichenbacher 2006)":
            lambda d: b"\x00\x01" + b"\xff" * 8 + b"\x00" + info(sha256(d)) + b"\x00" * (256 - 11 - 51),
        "garbage within the identifier": lambda d: block(info(sha256(d), null=b"\x04\x04abcd")),
        "length in the long form": lambda d: block(b"\x30\x81\x31" + info(sha256(d))[2:]),
        "no padding": lambda d: (info(sha256(d))).rjust(256, b"\x00"),
        "zero": lambda d: bytes(256),
        "one": lambda d: bytes(255) + b"\x01",
    }
    for name, make in variants.items():
        group.invalid(f"modified padding: {name}", compact(header, lambda data: pkcs1(key, make(data))))
    n = key.private_numbers().public_numbers.n
    good = lambda data: int.from_bytes(rsa_sign(key)(data), "big")
    for _ in range(64):
        # The signature plus the modulus is the same number to who does not check the range.
        payload = random.randbytes(8)
        if good((b64(json.dumps(header, separators=(",", ":")).encode()) + "." + b64(payload)).encode()) + n < 2**2048:
            group.invalid("signature plus the modulus", compact(header, lambda data: (good(data) + n).to_bytes(256, "big"), payload))
            break


def rs256():
    key, other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    public = rsa_jwk(key.public_key().public_numbers(), alg="RS256", use="sig", kid="rsa")
    group, header = Group("rs256", public=public), {"alg": "RS256", "kid": "rsa"}
    form(group, header, rsa_sign(key))
    confusion(group, header, key)
    brought_keys(group, header, other, rsa_sign(other), rsa_jwk(other.public_key().public_numbers(), kid="rsa"))
    paddings(group, header, key)
    pss = lambda digest: padding.PSS(padding.MGF1(digest), digest.digest_size)
    for name, sign in [
        ("RS384", rsa_sign(key, digest=hashes.SHA384())),
        ("RS512", rsa_sign(key, digest=hashes.SHA512())),
        ("PS256", rsa_sign(key, pss(hashes.SHA256()))),
        ("PS384", rsa_sign(key, pss(hashes.SHA384()), hashes.SHA384())),
        ("PS512", rsa_sign(key, pss(hashes.SHA512()), hashes.SHA512())),
    ]:
        group.invalid(f"{name}, by the right key", compact({**header, "alg": name}, sign))
        group.invalid(f"{name}'s signature as RS256", compact(header, sign))
    return group


def es256():
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    public = ec_jwk(key, alg="ES256", use="sig", kid="ec")
    group, header = Group("es256", public=public), {"alg": "ES256", "kid": "ec"}
    sign = ecdsa(key)
    form(group, header, sign)
    confusion(group, header, key)
    brought_keys(group, header, other, ecdsa(other), ec_jwk(other, kid="ec"))
    group.invalid("signature in DER", compact(header, lambda data: key.sign(data, ec.ECDSA(hashes.SHA256()))))
    group.invalid("SHA-384", compact(header, ecdsa(key, hashes.SHA384())))
    group.invalid("SHA-512", compact(header, ecdsa(key, hashes.SHA512())))
    for name in ["ES384", "ES512", "ES256K", "EdDSA"]:
        group.invalid(f"{name}, by the right key", compact({**header, "alg": name}, sign))

    def changed(change):
        def make(data):
            raw = sign(data)
            r, s = change(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")

        return make

    edges = {"0": 0, "1": 1, "n - 1": P256 - 1, "n": P256, "n + 1": P256 + 1, "2^256 - 1": 2**256 - 1}
    for r_name, r in edges.items():
        for s_name, s in edges.items():
            group.invalid(f"r = {r_name}, s = {s_name} (Psychic Signatures)", compact(header, changed(lambda *_: (r, s))))
    for name, value in edges.items():
        group.invalid(f"r = {name}", compact(header, changed(lambda _, s: (value, s))))
        group.invalid(f"s = {name}", compact(header, changed(lambda r, _: (r, value))))
    group.invalid("r and s swapped", compact(header, changed(lambda r, s: (s, r))))
    # (r, n - s) is a signature too: RFC 7518 does not ask for the lower of the two.
    group.valid("s in the lower half", compact(header, changed(lambda r, s: (r, min(s, P256 - s)))))
    group.valid("s in the upper half", compact(header, changed(lambda r, s: (r, max(s, P256 - s)))))
    wide = ec.generate_private_key(ec.SECP384R1())
    group.invalid("signature on P-384", compact(header, ecdsa(wide, hashes.SHA384())))
    return group


def eddsa():
    key, other = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    public = ed_jwk(key, alg="EdDSA", use="sig", kid="ed")
    group, header = Group("eddsa", public=public), {"alg": "EdDSA", "kid": "ed"}
    form(group, header, key.sign)
    confusion(group, header, key)
    brought_keys(group, header, other, other.sign, ed_jwk(other, kid="ed"))

    def changed(change):
        def make(data):
            raw = key.sign(data)
            return change(raw[:32], int.from_bytes(raw[32:], "little"))

        return make

    little = lambda value: value.to_bytes(32, "little")
    group.invalid("S plus the group's order (RFC 8032, 5.1.7)", compact(header, changed(lambda r, s: r + little(s + ED25519))))
    for name, s in [("0", 0), ("the order", ED25519), ("2^256 - 1", 2**256 - 1)]:
        group.invalid(f"S = {name}", compact(header, changed(lambda r, _: r + little(s))))
    for name, point in [("0", bytes(32)), ("the neutral point", b"\x01" + bytes(31)), ("no point", b"\xff" * 32)]:
        group.invalid(f"R = {name}", compact(header, changed(lambda _, s: point + little(s))))
        group.invalid(f"R = {name}, S = 0", compact(header, changed(lambda *_: point + bytes(32))))
    for name in ["Ed448", "ES256", "EDDSA", "Ed25519ph"]:
        group.invalid(f"{name}, by the right key", compact({**header, "alg": name}, key.sign))
    return group


def is_prime(candidate, rounds=20):
    if candidate % 2 == 0:
        return False
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(rounds):
        x = pow(random.randrange(2, candidate - 1), odd, candidate)
        if x in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % candidate
            if x == candidate - 1:
                break
        else:
            return False
    return True


def roca_key():
    """A key as the chips of CVE-2017-15361 made them: primes k M + (65537^a mod M), M the product of 126 primes."""
    primes = [n for n in range(2, 702) if all(n % d for d in range(2, int(n**0.5) + 1))]
    product = 1
    for prime in primes[:126]:
        product *= prime

    def prime():
        while True:
            k = random.getrandbits(1024 - product.bit_length())
            candidate = k * product + pow(65537, random.getrandbits(200), product)
            if candidate.bit_length() == 1024 and candidate >> 1022 == 3 and candidate % 65537 != 1 and is_prime(candidate):
                return candidate

    p, q = prime(), prime()
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(65537, p * q)
    )
    return numbers.private_key()


def key_sets():
    new_ec = lambda: ec.generate_private_key(ec.SECP256R1())
    key, second, other = new_ec(), new_ec(), new_ec()
    big, wide = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())
    ed = ed25519.Ed25519PrivateKey.generate()
    good = compact({"alg": "ES256", "kid": "a"}, ecdsa(key))
    unnamed = compact({"alg": "ES256"}, ecdsa(key))
    groups = []

    def group(comment, *keys, **tests):
        made = Group(comment, public={"keys": list(keys)})
        groups.append(made)
        return made

    plain = ec_jwk(key, kid="a", alg="ES256", use="sig")
    made = group("one key", plain)
    made.valid("its name", good)
    made.valid("no name", unnamed)
    made.invalid("another name", compact({"alg": "ES256", "kid": "b"}, ecdsa(key)))
    made.invalid("name in another case", compact({"alg": "ES256", "kid": "A"}, ecdsa(key)))
    made.invalid("another key's signature", compact({"alg": "ES256", "kid": "a"}, ecdsa(second)))

    made = group("two keys", plain, ec_jwk(second, kid="b"))
    made.valid("first", good)
    made.valid("second", compact({"alg": "ES256", "kid": "b"}, ecdsa(second)))
    made.invalid("names crossed", compact({"alg": "ES256", "kid": "b"}, ecdsa(key)))
    made.invalid("no name where there are two", unnamed)

    made = group("one key of each algorithm", plain, rsa_jwk(big.public_key().public_numbers(), kid="r"), ed_jwk(ed, kid="e"))
    made.valid("ES256", good)
    made.valid("RS256", compact({"alg": "RS256", "kid": "r"}, rsa_sign(big)))
    made.valid("EdDSA", compact({"alg": "EdDSA", "kid": "e"}, ed.sign))
    made.valid("no name, one key of its algorithm", compact({"alg": "EdDSA"}, ed.sign))
    made.invalid("name of another algorithm's key", compact({"alg": "EdDSA", "kid": "a"}, ed.sign))

    made = group("one name, two algorithms", plain, ed_jwk(ed, kid="a"))
    made.valid("ES256", good)
    made.valid("EdDSA", compact({"alg": "EdDSA", "kid": "a"}, ed.sign))

    group("one name, two keys", plain, ec_jwk(second, kid="a")).invalid("ambiguous", good)
    group("one key twice", plain, plain).invalid("ambiguous", good)
    made = group("two keys without a name", ec_jwk(key), ec_jwk(second))
    made.invalid("ambiguous", unnamed)
    made.invalid("a name that none has", good)
    made = group("one key without a name", ec_jwk(key))
    made.valid("no name", unnamed)
    made.invalid("a name that it has not", good)

    secret = {"kty": "oct", "alg": "HS256", "use": "sig", "kid": "s", "k": b64(SECRET)}
    made = group("a shared secret among public keys", secret, plain)
    made.invalid("signed with the published secret", compact({"alg": "HS256", "kid": "s"}, mac(SECRET)))
    made.valid("the public key holds all the same", good)
    made = group("a shared secret alone", secret)
    made.invalid("signed with the published secret", compact({"alg": "HS256", "kid": "s"}, mac(SECRET)))
    made.invalid("and without its name", compact({"alg": "HS256"}, mac(SECRET)))

    for comment, jwk in {
        "private part published": {**plain, "d": number(key.private_numbers().private_value, 32)},
        "use enc": {**plain, "use": "enc"},
        "use SIG": {**plain, "use": "SIG"},
        "use in a list": {**plain, "use": ["sig"]},
        "key_ops sign": {**plain, "key_ops": ["sign"]},
        "key_ops empty": {**plain, "key_ops": []},
        "key_ops text": {**plain, "key_ops": "verify"},
        "alg ES384": {**plain, "alg": "ES384"},
        "alg ES521": {**plain, "alg": "ES521"},
        "alg RS256": {**plain, "alg": "RS256"},
        "alg none": {**plain, "alg": "none"},
        "alg null": {**plain, "alg": None},
        "kty RSA": {**plain, "kty": "RSA"},
        "kty OKP": {**plain, "kty": "OKP"},
        "kty ec": {**plain, "kty": "ec"},
        "kty missing": {name: value for name, value in plain.items() if name != "kty"},
        "crv P-384": {**plain, "crv": "P-384"},
        "crv secp256k1": {**plain, "crv": "secp256k1"},
        "crv missing": {name: value for name, value in plain.items() if name != "crv"},
        "x missing": {name: value for name, value in plain.items() if name != "x"},
        "x empty": {**plain, "x": ""},
        "x padded": {**plain, "x": plain["x"] + "="},
        "x with a zero before it": {**plain, "x": number(key.public_key().public_numbers().x, 33)},
        "point not on the curve": {**plain, "y": number(key.public_key().public_numbers().y ^ 1, 32)},
        "point of zeros": {**plain, "x": b64(bytes(32)), "y": b64(bytes(32))},
        "coordinate above the field": {**plain, "x": b64(b"\xff" * 32)},
        "kid is a number": {**plain, "kid": 1},
        "key of P-384": ec_jwk(wide, kid="a", alg="ES256"),
    }.items():
        group(comment, jwk).invalid("not to be used", good)
    group("key_ops verify", {**plain, "key_ops": ["verify"]}).valid("to be used", good)
    group("no use, no alg", ec_jwk(key, kid="a")).valid("to be used", good)
    group("members that mean nothing here", {**plain, "x5t": "abc", "x5u": "http://127.0.0.1:9/", "nbf": 1}).valid("to be used", good)
    group("keys that are none beside one", 1, "key", None, [], {}, {"kty": "x"}, plain).valid("to be used", good)
    group("no key").invalid("nothing to verify with", good)

    numbers = big.public_key().public_numbers()
    signed = compact({"alg": "RS256", "kid": "r"}, rsa_sign(big))
    raw = rsa_jwk(numbers, kid="r")
    group("RSA, a zero before the modulus", {**raw, "n": number(numbers.n, 257)}).valid("to be used", signed)
    for comment, jwk in {
        "RSA, exponent 0": {**raw, "e": "AA"},
        "RSA, even exponent": {**raw, "e": number(65536)},
        "RSA, exponent missing": {name: value for name, value in raw.items() if name != "e"},
        "RSA, another exponent": {**raw, "e": number(3)},
        "RSA, even modulus": {**raw, "n": number(numbers.n - 1)},
        "RSA, alg PS256": {**raw, "alg": "PS256"},
        "RSA, use enc": {**raw, "use": "enc", "alg": "RSA1_5"},
        "RSA, alg RSA-OAEP": {**raw, "alg": "RSA-OAEP"},
    }.items():
        group(comment, jwk).invalid("not to be used", signed)
    # With an exponent of 1 everybody can sign: the signature is the padded digest itself.
    def unsigned(data):
        info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(data).digest()
        return b"\x00\x01" + b"\xff" * (256 - 3 - len(info)) + b"\x00" + info
    group("RSA, exponent 1", {**raw, "e": "AQ"}).invalid("forged without a key", compact({"alg": "RS256", "kid": "r"}, unsigned))
    small = rsa.generate_private_key(65537, 1024)
    group("RSA of 1024 bits", rsa_jwk(small.public_key().public_numbers(), kid="r")).invalid(
        "too short", compact({"alg": "RS256", "kid": "r"}, rsa_sign(small)))
    medium = rsa.generate_private_key(65537, 2040)
    group("RSA of 2040 bits", rsa_jwk(medium.public_key().public_numbers(), kid="r")).invalid(
        "too short", compact({"alg": "RS256", "kid": "r"}, rsa_sign(medium)))
    large = rsa.generate_private_key(65537, 4096)
    group("RSA of 4096 bits", rsa_jwk(large.public_key().public_numbers(), kid="r")).valid(
        "to be used", compact({"alg": "RS256", "kid": "r"}, rsa_sign(large)))
    three = rsa.generate_private_key(3, 2048)
    group("RSA, exponent 3", rsa_jwk(three.public_key().public_numbers(), kid="r")).valid(
        "to be used", compact({"alg": "RS256", "kid": "r"}, rsa_sign(three)))
    roca = roca_key()
    group("RSA of the ROCA generator", rsa_jwk(roca.public_key().public_numbers(), kid="r")).invalid(
        "factors are within reach", compact({"alg": "RS256", "kid": "r"}, rsa_sign(roca)))

    edwards = ed_jwk(ed, kid="e")
    signed = compact({"alg": "EdDSA", "kid": "e"}, ed.sign)
    for comment, jwk in {
        "OKP, crv X25519": {**edwards, "crv": "X25519"},
        "OKP, crv Ed448": {**edwards, "crv": "Ed448"},
        "OKP, kty EC": {**edwards, "kty": "EC"},
        "OKP, x truncated": {**edwards, "x": edwards["x"][:-2]},
        "OKP, no point": {**edwards, "x": b64(b"\x02" + bytes(31))},
    }.items():
        group(comment, jwk).invalid("not to be used", signed)
    del other
    return groups


def write(name, groups):
    count = sum(len(group.group["tests"]) for group in groups)
    with open(name, "w") as file:
        json.dump({"numberOfTests": count, "testGroups": [group.group for group in groups]}, file, indent=1)
        file.write("\n")
    print(name, count)
    Group.count = 0


if __name__ == "__main__":
    write("json_web_signature.json", [hs256(), rs256(), es256(), eddsa()])
    write("json_web_key.json", key_sets())
