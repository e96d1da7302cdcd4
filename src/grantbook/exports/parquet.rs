//! Parquet: a row an event, in columns that an analysis reads without parsing. Times are UTC in microseconds.

use std::sync::Arc;

use grantbook_events::Instant;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::Value;

use super::happened::Happened;

/// How many rows are gathered before they are written.
const ROWS: usize = 50_000;

/// The columns; `details` is a JSON object, as in CSV.
const SCHEMA: &str = "message event {
    required binary tenant (utf8);
    required int64 position;
    required int64 event;
    required int64 at (timestamp(micros, true));
    required int64 recorded_at (timestamp(micros, true));
    optional binary actor_kind (utf8);
    optional binary actor (utf8);
    optional binary actor_name (utf8);
    optional binary command (utf8);
    optional binary command_id (utf8);
    optional binary reason (utf8);
    optional binary ticket (utf8);
    optional binary source_ip (utf8);
    optional binary import_ticket (utf8);
    required binary type (utf8);
    optional binary plane (utf8);
    optional int64 authority;
    optional binary account (utf8);
    optional binary account_name (utf8);
    required binary details (json);
}";

/// A cell before it is in its column.
#[derive(Clone, Debug)]
enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
}

/// A file under way.
pub(crate) struct File {
    writer: SerializedFileWriter<Vec<u8>>,
    rows: Vec<Vec<Cell>>,
}

impl File {
    /// Begins a file.
    pub(crate) fn begin() -> Result<File, ParquetError> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let properties = WriterProperties::builder().set_compression(Compression::UNCOMPRESSED).build();
        Ok(File { writer: SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?, rows: Vec::new() })
    }

    /// Adds the events of an entry.
    pub(crate) fn entry(&mut self, entry: &Value) -> Result<(), ParquetError> {
        self.rows.extend(Happened::all(entry).map(|event| row(&event)));
        if self.rows.len() >= ROWS { self.write() } else { Ok(()) }
    }

    /// Ends the file, and gives all of it.
    pub(crate) fn end(mut self) -> Result<Vec<u8>, ParquetError> {
        self.write()?;
        self.writer.into_inner()
    }

    fn write(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        let columns = rows.first().map_or(0, Vec::len);
        if columns == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in 0..columns {
            write_column(&mut group, rows.iter().filter_map(|row| row.get(column)))?;
        }
        group.close().map(|_| ())
    }
}

fn write_column<'a>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let (mut there, mut texts, mut numbers, mut is_text) = (Vec::new(), Vec::new(), Vec::new(), false);
    for cell in cells {
        match cell {
            Cell::Text(text) => {
                is_text = true;
                there.push(i16::from(text.is_some()));
                texts.extend(text.as_deref().map(ByteArray::from));
            }
            Cell::Number(number) => {
                there.push(i16::from(number.is_some()));
                numbers.extend(*number);
            }
        }
    }
    // A column that must be filled keeps no note of what is there: it is handed one, and passes over it.
    if is_text {
        column.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None)?;
    } else {
        column.typed::<Int64Type>().write_batch(&numbers, Some(&there), None)?;
    }
    column.close()
}

fn row(event: &Happened<'_>) -> Vec<Cell> {
    let text = |path: &str| Cell::Text(event.of_entry(path).map(str::to_owned));
    let own = |name: &str| Cell::Text(event.text(name).map(str::to_owned));
    let must = |text: &str| Cell::Text(Some(text.to_owned()));
    let number = |number: u64| Cell::Number(i64::try_from(number).ok());
    let instant = |path: &str| {
        let instant = event.of_entry(path).and_then(|at| Instant::parse(at).ok());
        Cell::Number(Some(instant.map_or(0, |instant| instant.microseconds())))
    };
    let mut details = event.fields();
    details.shift_remove("account");
    details.shift_remove("account_name");
    let authority = event.event.get("authority").and_then(Value::as_u64);
    vec![
        must(event.of_entry("/tenant").unwrap_or_default()),
        number(event.position()),
        number(u64::try_from(event.index).unwrap_or_default()),
        instant("/at"),
        instant("/recorded_at"),
        text("/actor/kind"),
        text("/actor/id"),
        text("/actor/name"),
        text("/command"),
        text("/command_id"),
        text("/reason"),
        text("/ticket"),
        text("/source/ip"),
        text("/import/ticket"),
        must(event.kind()),
        Cell::Text(event.described.map(|described| described.plane.to_string())),
        Cell::Number(authority.and_then(|authority| i64::try_from(authority).ok())),
        own("account"),
        own("account_name"),
        Cell::Text(Some(Value::Object(details).to_string())),
    ]
}
