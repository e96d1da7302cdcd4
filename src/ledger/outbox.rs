//! The outbox: mail that the ledger hands over, to an SMTP server or, by default, into a folder, one `.eml` file a mail, for
//! another program or a person to send (rule: P8).
//!
//! [`Outbox::deliver`] answers `Ok` only for what the server took or is durable in the folder, and only then may anybody say "sent". A mail can
//! hold a secret (a first password, a link), so the files are the owner's alone and `Debug` shows no mail.

mod smtp;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use lettre::Message;
use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Body, Mailbox, SinglePart};
use parking_lot::Mutex;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::private::private_dir;

pub use smtp::SmtpOptions;

/// The name of a mail: its file's name and its `Message-ID`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MailId(pub Uuid);

impl fmt::Display for MailId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A mail to one person, in plain text. Its id is made with it: a mail delivered again is the same mail, not a second one.
#[derive(Clone)]
pub struct Mail {
    id: MailId,
    to: Address,
    subject: String,
    body: Zeroizing<String>,
}

/// Why a text is not part of a mail. The text itself is not repeated: it may be personal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MailError {
    /// The recipient is not exactly one email address.
    #[error("the recipient is not one email address")]
    NotAnAddress,
    /// The subject has line ends or other control characters, or is longer than 200 characters.
    #[error("a subject is one line of at most 200 characters")]
    NotASubject,
}

impl Mail {
    /// Checks and takes the parts of a mail.
    pub fn new(to: &str, subject: &str, body: Zeroizing<String>) -> Result<Mail, MailError> {
        if subject.chars().any(is_line_breaking) || subject.chars().count() > 200 {
            return Err(MailError::NotASubject);
        }
        Ok(Mail { id: MailId(Uuid::new_v4()), to: address(to)?, subject: subject.to_owned(), body })
    }

    /// The mail's name.
    pub fn id(&self) -> MailId {
        self.id
    }

    /// Whom it is to.
    pub fn to(&self) -> &str {
        self.to.as_ref()
    }

    /// Its subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its text.
    pub fn body(&self) -> &str {
        &self.body
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({}, hidden)", self.id)
    }
}

/// Why there is no outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxOpenError {
    /// The sender's address is none.
    #[error("the sender `{0}` is not one email address")]
    NotASender(String),
    /// The mail server is not named as one is.
    #[error("the mail server cannot be used: {0}")]
    NotAServer(String),
    /// The folder could not be made or read.
    #[error("the outbox folder `{folder}` cannot be used: {cause}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the file system said.
        #[source]
        cause: io::Error,
    },
}

/// Why a mail was not handed over. Delivering it again is safe.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The mail has no form that can be written, such as an address that headers cannot carry.
    #[error("the mail could not be written as a message")]
    NotAMessage,
    /// The file could not be made durable.
    #[error("the mail could not be kept in the outbox folder: {0}")]
    NotKept(#[source] io::Error),
    /// The server was not reached.
    #[error("the mail server was not reached: {0}")]
    NotReached(&'static str),
    /// The server did not take the mail; its code.
    #[error("the mail server did not take the mail: it answered {0}")]
    NotTaken(String),
}

/// Whether mail can come from this sender. Errors: it is not exactly one email address.
pub fn check_sender(from: &str) -> Result<(), OutboxOpenError> {
    address(from).map(|_| ()).map_err(|_| OutboxOpenError::NotASender(from.to_owned()))
}

/// Where mail is handed over.
pub enum Outbox {
    /// A folder of `.eml` files.
    Folder(FolderOutbox),
    /// An SMTP server.
    Smtp(SmtpOutbox),
    /// Memory, for tests: what was delivered, in order.
    Memory(Mutex<Vec<Mail>>),
}

impl Outbox {
    /// An outbox in a folder, which is made where it is not there, for the owner alone. Clears what an interrupted delivery
    /// left; so only one ledger uses a folder.
    pub fn folder(dir: &Path, from: &str) -> Result<Outbox, OutboxOpenError> {
        let from = address(from).map_err(|_| OutboxOpenError::NotASender(from.to_owned()))?;
        let made = || -> io::Result<()> {
            private_dir(dir)?;
            clear_interrupted(dir)?;
            File::open(dir.join(".."))?.sync_all()
        };
        made().map_err(|cause| OutboxOpenError::Folder { folder: dir.to_owned(), cause })?;
        Ok(Outbox::Folder(FolderOutbox { dir: dir.to_owned(), from }))
    }

    /// An outbox that is a mail server. It is not reached before the first mail.
    pub fn smtp(options: &SmtpOptions, from: &str) -> Result<Outbox, OutboxOpenError> {
        let from = address(from).map_err(|_| OutboxOpenError::NotASender(from.to_owned()))?;
        let transport = smtp::transport(options).map_err(OutboxOpenError::NotAServer)?;
        Ok(Outbox::Smtp(SmtpOutbox { transport, from }))
    }

    /// An outbox in memory, for tests.
    pub fn memory() -> Outbox {
        Outbox::Memory(Mutex::default())
    }

    /// Hands a mail over. `Ok` means that it is durable where it was handed to; any error, that it was not handed over and
    /// may be delivered again. Blocks for the disk: call it where blocking is allowed.
    pub fn deliver(&self, mail: &Mail) -> Result<MailId, OutboxError> {
        match self {
            Outbox::Folder(folder) => folder.deliver(mail)?,
            Outbox::Smtp(server) => smtp::deliver(&server.transport, &message(mail, &server.from)?)?,
            Outbox::Memory(delivered) => {
                let mut delivered = delivered.lock();
                delivered.retain(|earlier| earlier.id != mail.id);
                delivered.push(mail.clone());
            }
        }
        Ok(mail.id)
    }

    /// Destroys what lies here of mail to any of these addresses. What a server took is the server's. Errors: something could
    /// not be read or removed, and may be tried again.
    pub fn purge(&self, addresses: &BTreeSet<String>) -> io::Result<()> {
        match self {
            Outbox::Folder(folder) => folder.purge(addresses),
            Outbox::Smtp(_) => Ok(()),
            Outbox::Memory(delivered) => {
                let to = |mail: &Mail| addresses.iter().any(|address| address.eq_ignore_ascii_case(mail.to()));
                delivered.lock().retain(|mail| !to(mail));
                Ok(())
            }
        }
    }

    /// Takes a mail back that lies here.
    pub fn withdraw(&self, id: MailId) -> io::Result<()> {
        match self {
            Outbox::Folder(folder) => folder.destroy(&folder.file(id)),
            Outbox::Smtp(_) => Ok(()),
            Outbox::Memory(delivered) => {
                delivered.lock().retain(|mail| mail.id != id);
                Ok(())
            }
        }
    }

    /// What was delivered in memory, in order; nothing of a folder.
    pub fn delivered(&self) -> Vec<Mail> {
        match self {
            Outbox::Folder(_) | Outbox::Smtp(_) => Vec::new(),
            Outbox::Memory(delivered) => delivered.lock().clone(),
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outbox::Folder(folder) => write!(f, "Outbox::Folder({:?})", folder.dir),
            Outbox::Smtp(_) => f.write_str("Outbox::Smtp"),
            Outbox::Memory(_) => f.write_str("Outbox::Memory"),
        }
    }
}

/// A folder that mail is handed over in.
pub struct FolderOutbox {
    dir: PathBuf,
    from: Address,
}

impl FolderOutbox {
    /// A file appears under its name only when it is whole and durable; the folder is synced so that the name is, too.
    fn deliver(&self, mail: &Mail) -> Result<(), OutboxError> {
        let bytes = Zeroizing::new(message(mail, &self.from)?.formatted());
        let unfinished = self.dir.join(format!(".{}.tmp", mail.id));
        let kept = || -> io::Result<()> {
            remove_if_there(&unfinished)?;
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, self.file(mail.id))?;
            File::open(&self.dir)?.sync_all()
        };
        kept().map_err(|cause| {
            // Whether this succeeds changes nothing: the next start clears it.
            let _ = fs::remove_file(&unfinished);
            OutboxError::NotKept(cause)
        })
    }
}

impl FolderOutbox {
    fn file(&self, id: MailId) -> PathBuf {
        self.dir.join(format!("{id}.eml"))
    }

    /// Destroys every mail to any of these addresses.
    fn purge(&self, addresses: &BTreeSet<String>) -> io::Result<()> {
        let wanted: Vec<String> = addresses.iter().filter_map(|address| self.addressed(address)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                let mail = Zeroizing::new(fs::read(&path)?);
                let to = addressee(&String::from_utf8_lossy(&mail));
                if to.is_some_and(|to| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(&to))) {
                    self.destroy(&path)?;
                }
            }
        }
        Ok(())
    }

    /// An address as the header of a mail to it has it; `None` for what no mail goes to.
    fn addressed(&self, address: &str) -> Option<String> {
        let mail = Mail::new(address, "", Zeroizing::default()).ok()?;
        let message = message(&mail, &self.from).ok()?.formatted();
        addressee(&String::from_utf8_lossy(&message))
    }

    /// Overwrites a file and removes it. A file that is not there need not be.
    fn destroy(&self, path: &Path) -> io::Result<()> {
        let mut file = match OpenOptions::new().write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        file.write_all(&vec![0; length])?;
        file.sync_all()?;
        remove_if_there(path)?;
        File::open(&self.dir)?.sync_all()
    }
}

/// Whom a mail is to, as its header has it, in one line.
fn addressee(mail: &str) -> Option<String> {
    let headers = mail.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
    headers.split("\r\n").find_map(|line| Some(line.strip_prefix("To:")?.trim().to_owned()))
}

/// A mail server that mail is handed over to.
pub struct SmtpOutbox {
    transport: lettre::SmtpTransport,
    from: Address,
}

fn message(mail: &Mail, from: &Address) -> Result<Message, OutboxError> {
    Message::builder()
        .from(Mailbox::new(None, from.clone()))
        .to(Mailbox::new(None, mail.to.clone()))
        .subject(mail.subject.as_str())
        .message_id(Some(format!("<{}@{}>", mail.id, from.domain())))
        .date_now()
        .singlepart(plain(&mail.body))
        .map_err(|_| OutboxError::NotAMessage)
}

/// Plain text; where it can, as it is, so that a link stays whole for whoever reads the file itself.
fn plain(text: &str) -> SinglePart {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    // What SMTP carries unencoded: ASCII in lines of at most 998 characters (RFC 5322).
    let plain = text.is_ascii() && text.lines().all(|line| line.len() <= 998);
    let body = match plain {
        true => Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::SevenBit),
        false => Body::new(text),
    };
    SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body)
}

fn address(text: &str) -> Result<Address, MailError> {
    if text.chars().any(|c| is_line_breaking(c) || c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '"')) {
        return Err(MailError::NotAnAddress);
    }
    text.parse().map_err(|_| MailError::NotAnAddress)
}

/// Characters that end a line somewhere, and all other control characters with them.
fn is_line_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn clear_interrupted(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let id = name.strip_prefix('.').and_then(|name| name.strip_suffix(".tmp"));
        if id.is_some_and(|id| Uuid::try_parse(id).is_ok()) {
            remove_if_there(&path)?;
        }
    }
    Ok(())
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mail(to: &str, subject: &str, body: &str) -> Result<Mail, MailError> {
        Mail::new(to, subject, Zeroizing::new(body.to_owned()))
    }

    fn files(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    // rule: P8
    #[test]
    fn a_delivered_mail_is_a_whole_file_for_the_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("outbox");
        let outbox = Outbox::folder(&dir, "ledger@example.org").unwrap();
        let sent = mail("jeff@example.org", "Your new password", "It is: k7m2q").unwrap();
        let id = outbox.deliver(&sent).unwrap();
        assert_eq!(files(&dir), [format!("{id}.eml")]);
        let path = dir.join(format!("{id}.eml"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        let text = fs::read_to_string(path).unwrap();
        for line in [
            "From: ledger@example.org",
            "To: jeff@example.org",
            "Subject: Your new password",
            "Content-Type: text/plain; charset=utf-8",
            "It is: k7m2q",
        ] {
            assert!(text.contains(&format!("{line}\r\n")) || text.ends_with(line), "{line} in\n{text}");
        }
        assert!(text.contains(&format!("Message-ID: <{id}@example.org>\r\n")) && text.contains("\r\nDate: "), "{text}");
    }

    #[test]
    fn a_mail_delivered_again_is_the_same_mail() {
        let dir = tempfile::tempdir().unwrap();
        for outbox in [Outbox::folder(dir.path(), "ledger@example.org").unwrap(), Outbox::memory()] {
            let sent = mail("jeff@example.org", "s", "b").unwrap();
            assert_eq!(outbox.deliver(&sent).unwrap(), outbox.deliver(&sent).unwrap());
        }
        assert_eq!(files(dir.path()).len(), 1);
    }

    #[test]
    fn what_could_break_out_of_a_header_is_refused() {
        for to in [
            "",
            "jeff",
            "jeff@example.org\r\nBcc: eve@example.org",
            "jeff@example.org\nBcc: eve@example.org",
            "jeff@example.org, eve@example.org",
            "jeff@example.org;eve@example.org",
            "Jeff <jeff@example.org>",
            "\"a\r\nBcc: b\"@example.org",
            "jeff@example.org\0",
            "jeff@example.org ",
        ] {
            assert_eq!(mail(to, "s", "b").unwrap_err(), MailError::NotAnAddress, "{to:?}");
        }
        for subject in ["a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\u{2028}b", &"x".repeat(201)]
        {
            assert_eq!(mail("jeff@example.org", subject, "b").unwrap_err(), MailError::NotASubject, "{subject:?}");
        }
        assert!(matches!(
            Outbox::folder(Path::new("nowhere"), "a@b.org\r\nBcc: c@d.org"),
            Err(OutboxOpenError::NotASender(_))
        ));
    }

    #[test]
    fn headers_hold_nothing_of_the_body_and_long_subjects_fold_into_themselves() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::folder(dir.path(), "ledger@example.org").unwrap();
        let subject = "Zugänge für alle ".repeat(10);
        let sent = mail("jöff@bücher.example", &subject, "\r\nBcc: eve@example.org\r\n\r\n.\r\nBcc: eve\n").unwrap();
        outbox.deliver(&sent).unwrap();
        let text = fs::read_to_string(dir.path().join(format!("{}.eml", sent.id()))).unwrap();
        let headers = text.split_once("\r\n\r\n").unwrap().0;
        let names: Vec<_> = headers
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Subject",
                "Message-ID",
                "Date",
                "MIME-Version",
                "Content-Type",
                "Content-Transfer-Encoding"
            ]
        );
        assert!(!headers.contains("Bcc") && !headers.contains("eve"));
    }

    // rule: P8
    #[test]
    fn what_was_not_handed_over_is_never_claimed() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("outbox");
        let outbox = Outbox::folder(&dir, "ledger@example.org").unwrap();
        let sent = mail("jeff@example.org", "s", "b").unwrap();
        // The place of the file is taken by a folder: the rename fails after the file was written.
        let taken = dir.join(format!("{}.eml", sent.id()));
        fs::create_dir(&taken).unwrap();
        assert!(matches!(outbox.deliver(&sent), Err(OutboxError::NotKept(_))));
        assert_eq!(files(&dir), [format!("{}.eml", sent.id())], "nothing unfinished stays");
        fs::remove_dir(&taken).unwrap();
        assert!(outbox.deliver(&sent).is_ok());
        fs::remove_dir_all(&dir).unwrap();
        assert!(matches!(outbox.deliver(&sent), Err(OutboxError::NotKept(_))));
    }

    #[test]
    fn mail_to_somebody_erased_is_destroyed_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let long = format!("{}@bücher.example", "a-very-long-name-".repeat(3));
        for outbox in [Outbox::folder(dir.path(), "ledger@example.org").unwrap(), Outbox::memory()] {
            let body = "Ask jeff@example.org.";
            let to = |to: &str| outbox.deliver(&mail(to, "s", body).unwrap()).unwrap();
            to("jeff@example.org");
            to("JEFF@Example.org");
            to(&long);
            let kept = [to("jeff@example.orga"), to("ann@example.org")];
            outbox.purge(&BTreeSet::new()).unwrap();
            outbox
                .purge(&BTreeSet::from(["jeff@example.org".to_owned(), long.clone(), "no address".to_owned()]))
                .unwrap();
            outbox.withdraw(kept[1]).unwrap();
            outbox.withdraw(kept[1]).unwrap();
            let ids: Vec<_> = outbox.delivered().iter().map(Mail::id).collect();
            assert!(matches!(outbox, Outbox::Folder(_)) || ids == kept[..1], "{ids:?}");
        }
        assert_eq!(files(dir.path()).len(), 1);
    }

    #[test]
    fn what_an_interrupted_delivery_left_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(format!(".{}.tmp", Uuid::nil())), "half a sec").unwrap();
        fs::write(dir.path().join(".other.tmp"), "not ours").unwrap();
        Outbox::folder(dir.path(), "ledger@example.org").unwrap();
        assert_eq!(files(dir.path()), [".other.tmp"]);
    }

    // rule: C14
    #[test]
    fn debug_shows_no_mail() {
        let outbox = Outbox::memory();
        let sent = mail("jeff@example.org", "topic", "secret-1").unwrap();
        outbox.deliver(&sent).unwrap();
        let shown = format!("{sent:?} {outbox:?} {:?}", outbox.delivered());
        assert!(!shown.contains("secret-1") && !shown.contains("jeff") && !shown.contains("topic"), "{shown}");
    }
}
