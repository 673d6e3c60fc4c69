//! Keys of an issuer, both halves of each.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

/// The public half of the RSA key, which every RSA signer here has.
pub const RSA_PUBLIC_PEM: &str = include_str!("rsa-public.pem");

pub struct Signer {
    pub kid: String,
    pub alg: &'static str,
    key: Private,
}

enum Private {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    fn new(kid: &str, alg: &'static str, key: Private) -> Self {
        let kid = kid.to_owned();
        Self { kid, alg, key }
    }

    pub fn rsa(kid: &str) -> Self {
        let key = RsaKeyPair::from_pkcs8(&der(include_str!("rsa.pem"))).unwrap();
        Self::new(kid, "RS256", Private::Rsa(Box::new(key)))
    }

    pub fn p256(kid: &str) -> Self {
        let key = ec(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::new(kid, "ES256", Private::Ec(key))
    }

    pub fn p384(kid: &str) -> Self {
        let key = ec(&ECDSA_P384_SHA384_FIXED_SIGNING);
        Self::new(kid, "ES384", Private::Ec(key))
    }

    pub fn ed25519(kid: &str) -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap();
        Self::new(kid, "EdDSA", Private::Ed(key))
    }

    pub fn header(&self) -> Value {
        json!({ "alg": self.alg, "kid": self.kid, "typ": "JWT" })
    }

    /// The public half, as the issuer shows it.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.key {
            Private::Rsa(key) => {
                let public: PublicKeyComponents<Vec<u8>> = key.public().into();
                json!({ "kty": "RSA", "n": base64(&public.n), "e": base64(&public.e) })
            }
            Private::Ec(key) => {
                let point = &key.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({ "kty": "EC", "crv": crv, "x": base64(x), "y": base64(y) })
            }
            Private::Ed(key) => {
                let x = base64(key.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        };
        jwk["kid"] = self.kid.clone().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token, signed as its header says, or as this key signs otherwise.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        let signed = signed(header, claims);
        let signature = self.sign(header["alg"].as_str().unwrap(), signed.as_bytes());
        format!("{signed}.{}", base64(&signature))
    }

    pub fn sign(&self, alg: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Private::Rsa(key) => {
                let encoding: &dyn RsaEncoding = match alg {
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Private::Ec(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Private::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// The public half of an RSA key as PKCS#1 has it.
    pub fn pkcs1(&self) -> Vec<u8> {
        let Private::Rsa(key) = &self.key else {
            panic!("no RSA key");
        };
        key.public_key().as_ref().to_vec()
    }
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap()
}

/// What is signed of a token.
pub fn signed(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| base64(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

pub fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// What stands in a PEM.
pub fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    BASE64.decode(lines.collect::<String>().as_bytes()).unwrap()
}
