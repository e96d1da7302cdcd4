//! TLS for `serve`: a certificate and its key from PEM files, read again on SIGHUP (RFC 8446; TLS 1.2 for older clients).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Why a certificate cannot be served.
#[derive(Debug)]
pub struct TlsError {
    /// The file at fault.
    file: PathBuf,
    /// What is wrong.
    what: String,
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TLS cannot be served with `{}`: {}", self.file.display(), self.what)
    }
}

impl std::error::Error for TlsError {}

/// The certificate that is served, and where it comes from. Cheap to clone; all clones serve the same.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    acceptor: Arc<RwLock<TlsAcceptor>>,
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key, both in PEM. Errors: a file cannot be
    /// read, holds nothing of its kind, or the two do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
        let acceptor = Arc::new(RwLock::new(acceptor(certificate, key)?));
        Ok(Tls { certificate: certificate.to_owned(), key: key.to_owned(), acceptor })
    }

    /// Reads the files again: connections to come are served what they hold now. Errors: as before; then the former
    /// certificate stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = acceptor(&self.certificate, &self.key)?;
        *self.acceptor.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Whether others than the key's owner and group may read it.
    pub fn key_is_open(&self) -> io::Result<bool> {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&self.key)?);
        Ok(mode & 0o007 != 0)
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tls({}, key hidden)", self.certificate.display())
    }
}

fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let wrong = |file: &Path, what: String| TlsError { file: file.to_owned(), what };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(certificate, format!("{error}")))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "it holds no certificate in PEM".to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, format!("{error}")))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(certificate, error.to_string()))?;
    let mut config = builder
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| wrong(key, format!("it does not fit the certificate: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
