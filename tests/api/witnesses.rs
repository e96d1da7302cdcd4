//! Witnesses: whose cosignatures are taken, of which checkpoints, and how they are served.

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer, SigningKey};
use grantbook_ledger::open_checkpoint;
use serde_json::{Value, json};

use crate::installation::{Asked, Installation};

/// A witness with a key of its own.
struct Witness {
    name: &'static str,
    key: SigningKey,
}

impl Witness {
    fn new(name: &'static str, secret: u8) -> Witness {
        Witness { name, key: SigningKey::from_bytes(&[secret; 32]) }
    }

    /// Its key as C2SP tlog-cosignature has it: algorithm 4.
    fn public(&self) -> Vec<u8> {
        [&[4], self.key.verifying_key().as_bytes().as_slice()].concat()
    }

    fn verifier_key(&self) -> String {
        let id = signed_note::key_id(self.name, &self.public());
        format!("{}+{id:08x}+{}", self.name, BASE64_STANDARD.encode(self.public()))
    }

    /// Its line under a note, at a time in seconds since 1970.
    fn line(&self, note: &str, time: u64) -> String {
        let text = format!("{}\n", note.split("\n\n").next().unwrap());
        let signature = self.key.sign(format!("cosignature/v1\ntime {time}\n{text}").as_bytes());
        let id = signed_note::key_id(self.name, &self.public()).to_be_bytes();
        let bytes = [id.as_slice(), &time.to_be_bytes(), &signature.to_bytes()].concat();
        format!("\u{2014} {} {}\n", self.name, BASE64_STANDARD.encode(bytes))
    }
}

fn operator(method: &str, path: &str, body: Option<Value>) -> Asked {
    let body = body.map(|body| body.to_string());
    Asked { operator: true, method: method.to_owned(), path: path.to_owned(), body, ..Asked::default() }
}

const CHECKPOINT: &str = "/v1/tenants/abcimis/checkpoint";

#[tokio::test]
async fn cosignatures_of_known_witnesses_are_kept_and_served() {
    let dir = tempfile::tempdir().unwrap();
    let mut installation = Installation::in_directory(dir.path().join("data")).await;
    installation.must(&operator("POST", "/operator/tenants", Some(json!({"cloud_id": "abcimis"})))).await;
    let shown = installation.must(&operator("GET", &format!("{CHECKPOINT}?format=json"), None)).await;
    let note = shown["checkpoint"].as_str().unwrap().to_owned();
    let (one, other) = (Witness::new("witness.example/w1", 3), Witness::new("witness.example/w2", 4));
    let bring = |note: String| Asked {
        body: Some(note),
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        ..operator("POST", &format!("{CHECKPOINT}/cosignatures"), None)
    };

    // Nobody's whom nobody named.
    assert_eq!(installation.ask(&bring(format!("{note}{}", one.line(&note, 7)))).await.status, 422);
    let known = json!({"key": one.verifier_key()});
    installation.must(&operator("POST", "/operator/witnesses", Some(known.clone()))).await;
    let listed = installation.must(&operator("POST", "/operator/witnesses", Some(known))).await;
    assert_eq!(listed["witnesses"], json!([one.verifier_key()]), "twice is once");
    assert_eq!(installation.ask(&bring(format!("{note}{}", other.line(&note, 7)))).await.status, 422);
    // Nor a wrong one, nor one of another checkpoint.
    let forged = one.line(&note.replace("\n1\n", "\n2\n"), 7);
    assert_eq!(installation.ask(&bring(format!("{note}{forged}"))).await.status, 422);
    let elsewhere = note.replace("grantbook/abcimis", "grantbook/others");
    assert_eq!(installation.ask(&bring(format!("{elsewhere}{}", one.line(&elsewhere, 7)))).await.status, 422);
    let root = note.lines().nth(2).unwrap();
    let other_root = note.replace(root, &BASE64_STANDARD.encode([5; 32]));
    assert_eq!(installation.ask(&bring(format!("{other_root}{}", one.line(&other_root, 7)))).await.status, 422);

    let taken = installation.must(&bring(format!("{note}{}", one.line(&note, 1_795_253_400)))).await;
    assert_eq!(taken["taken"], json!([{"witness": one.verifier_key(), "time": 1_795_253_400u64}]));
    // What is older than what is known is no news.
    let again = installation.must(&bring(format!("{note}{}", one.line(&note, 1_795_253_300)))).await;
    assert_eq!(again["taken"], json!([]));

    // It is served with the checkpoint, after a restart too, and apart once the book has gone on.
    installation.restart().await;
    let served = installation.must(&operator("GET", &format!("{CHECKPOINT}?cosigned=true&format=json"), None)).await;
    let (text, key) = (served["checkpoint"].as_str().unwrap(), served["keys"][0]["key"].as_str().unwrap());
    let opened = open_checkpoint(text.as_bytes(), &[key], &[&one.verifier_key()]).unwrap();
    assert_eq!(opened.witnesses, [("witness.example/w1".to_owned(), 1_795_253_400)]);
    assert_eq!(served["cosignatures"][0]["witness"], one.verifier_key());

    // Whoever is named no more is not served.
    let gone = operator("DELETE", "/operator/witnesses/witness.example/w1", None);
    assert_eq!(installation.must(&gone).await["witnesses"], json!([]));
    let nobody = operator("GET", &format!("{CHECKPOINT}?cosigned=true"), None);
    assert_eq!(installation.ask(&nobody).await.status, 404);
}
