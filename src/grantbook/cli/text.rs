//! Files of text that somebody names.

use std::io::Read;
use std::path::Path;

use super::trouble::Trouble;

/// What an editor may put before a text, to say that it is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a file, or of standard input for `-`. Errors: it cannot be read, or is not UTF-8: what stands in a book stays
/// there, so no letter is guessed.
pub(super) fn read(path: &Path) -> Result<String, Trouble> {
    let wrong = |why: String| Trouble::Usage(format!("`{}` {why}", path.display()));
    let mut bytes = Vec::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| ()),
        false => std::fs::read(path).map(|read| bytes = read),
    };
    read.map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        wrong(format!("is not UTF-8: see line {line}, and save it as UTF-8"))
    })?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}
