//! Canonical protobuf JSON: what `--json` prints, and what import files are written in.

mod shape;
pub mod words;

use crate::FILE_DESCRIPTOR_SET;
use crate::v1;
use prost::Name;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde::de::DeserializeSeed;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use serde_path_to_error::Segment;
use shape::Shape;
use standing_domain::entry::draft::Draft;
use standing_domain::id::DraftId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// A text that is not the JSON of the message it should be, or a message that JSON cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// The file, where the text came from one.
    pub file: Option<String>,
    /// Where in the text, from 1: line and column. None where the fault is not at one place.
    pub place: Option<(usize, usize)>,
    /// The path of the field as the text spells it, for example `memberAdmitted.party`. None where
    /// the fault is not in one field.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.place) {
            (Some(file), Some((line, _))) => write!(f, "{file}:{line}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some((line, column))) => write!(f, "line {line}, column {column}: ")?,
            (None, None) => {}
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.problem)?;
        match (&self.file, self.place) {
            // What is no JSON is no field either: the column says where it ceases to be.
            (Some(_), Some((_, column))) if self.field.is_none() => {
                write!(f, ", at column {column}")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for JsonError {}

impl JsonError {
    fn new(problem: impl fmt::Display) -> Self {
        Self {
            file: None,
            place: None,
            field: None,
            problem: problem.to_string(),
        }
    }

    fn located(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        // The last step is unknown where a name was expected and none came.
        let unknown = matches!(
            error.path().iter().next_back(),
            None | Some(Segment::Unknown)
        );
        let field = if unknown {
            path.trim_end_matches(['.', '?'])
        } else {
            &path
        };
        Self {
            field: (!field.is_empty()).then(|| field.to_owned()),
            ..Self::unlocated(error.inner())
        }
    }

    fn unlocated(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let suffix = format!(" at line {line} column {column}");
        let problem = text.strip_suffix(&suffix).unwrap_or(&text);
        Self {
            place: (line > 0).then_some((line, column)),
            ..Self::new(problem)
        }
    }

    /// Moves the place to where the text stands in its file, as one line of it.
    fn on_line(self, file: &str, line: usize) -> Self {
        let column = self.place.map_or(1, |(_, column)| column);
        Self {
            file: Some(file.to_owned()),
            place: Some((line, column)),
            ..self
        }
    }
}

/// Writes a message on one line.
///
/// ```
/// use standing_domain::entry::draft::Draft;
/// use standing_proto::json::{from_json, to_json};
/// use standing_proto::v1;
///
/// let line = concat!(
///     r#"{"id":"north","effective":{"date":"2012-07"},"#,
///     r#""authority":{"other":"AUTHORITY_KIND_UNKNOWN"},"confidence":"CONFIDENCE_CONFIRMED","#,
///     r#""memberAdmitted":{"party":"north","class":"full"}}"#,
/// );
/// let draft = Draft::try_from(from_json::<v1::Draft>(line)?)?;
/// // What its entry will say, which refers to no other here.
/// let content = draft.settled().ok_or("it refers to another entry")?;
/// assert_eq!(to_json(&v1::Draft::from(&content))?, line);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A field has no form in JSON, such as an instant after the year 9999.
pub fn to_json<M: Name>(message: &M) -> Result<String, JsonError> {
    write(message, CompactFormatter)
}

/// Writes a message on many lines, indented by two spaces.
///
/// # Errors
/// As [`to_json`].
pub fn to_json_pretty<M: Name>(message: &M) -> Result<String, JsonError> {
    write(message, PrettyFormatter::new())
}

fn write<M: Name>(message: &M, formatter: impl Formatter) -> Result<String, JsonError> {
    let mut dynamic = DynamicMessage::new(descriptor::<M>()?);
    dynamic.transcode_from(message).map_err(JsonError::new)?;
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(&dynamic, &mut serializer)
        .map_err(|error| JsonError::unlocated(&error))?;
    String::from_utf8(bytes).map_err(JsonError::new)
}

/// Reads a message. Fields may be named in either spelling, `memberAdmitted` or `member_admitted`.
///
/// # Errors
/// The text is not JSON, has a field the message does not have or has twice, a value of another
/// type, or anything after the message.
pub fn from_json<M: Name + Default>(text: &str) -> Result<M, JsonError> {
    let descriptor = descriptor::<M>()?;
    read(text, Shape(&descriptor))?;
    read(text, descriptor)?
        .transcode_to()
        .map_err(JsonError::new)
}

/// Returns a request as canonical JSON, by the path of its method and its bytes; none where the
/// contract has no such method, or the bytes are none of its requests.
#[must_use]
pub fn request_json(path: &str, bytes: &[u8]) -> Option<serde_json::Value> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let service = pool().get_service_by_name(service)?;
    let method = service.methods().find(|known| known.name() == method)?;
    let message = DynamicMessage::decode(method.input(), bytes).ok()?;
    serde_json::to_value(message).ok()
}

fn read<'t, S: DeserializeSeed<'t>>(text: &'t str, seed: S) -> Result<S::Value, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    let value = match seed.deserialize(tracked) {
        Ok(value) => value,
        Err(error) => {
            let error = serde_path_to_error::Error::new(track.path(), error);
            return Err(JsonError::located(&error));
        }
    };
    deserializer
        .end()
        .map_err(|error| JsonError::unlocated(&error))?;
    Ok(value)
}

/// Returns the contract, read once.
pub(crate) fn pool() -> &'static DescriptorPool {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap_or_default());
    &POOL
}

fn descriptor<M: Name>() -> Result<MessageDescriptor, JsonError> {
    let name = M::full_name();
    pool()
        .get_message_by_name(&name)
        .ok_or_else(|| JsonError::new(format_args!("{name} is no message of the contract")))
}

/// Reads a file of drafts, one to a line, each with an id of its own. Blank lines and lines that
/// start with `#` are skipped. Lines are numbered from 1; reading goes on after a faulty line.
///
/// ```
/// use standing_proto::json::parse_jsonl;
///
/// let text = r#"
/// ## The vocabulary.
/// {"id":"vote","termDeclared":{"kind":"TERM_KIND_RIGHT","term":"vote"}}
/// {"id":"full","termDeclared":{"kind":"TERM_KIND_CLAS","term":"full"}}
/// "#;
/// let mut lines = parse_jsonl("league.jsonl", text);
/// let (number, draft) = lines.next().ok_or("no line")??;
/// assert_eq!((number, draft.id.as_str()), (3, "vote"));
/// let error = lines.next().ok_or("no line")?.err().ok_or("read")?;
/// assert_eq!(error.file.as_deref(), Some("league.jsonl"));
/// assert_eq!(error.field.as_deref(), Some("termDeclared.kind"));
/// assert!(lines.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_jsonl(
    file_name: &str,
    text: &str,
) -> impl Iterator<Item = Result<(usize, v1::Draft), JsonError>> {
    draft_lines(text).map(move |(number, line)| {
        let draft = read_line(line).map_err(|error| error.on_line(file_name, number))?;
        Ok((number, draft))
    })
}

/// Returns the lines of a file that hold a draft, with their numbers from 1. A byte order mark at
/// the start of a file is no part of its text.
pub fn draft_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Reads all drafts of a file and says all that is wrong with any of them, by its line and by its
/// field as the file spells it: what is no JSON, what is no draft, and ids that are given twice.
///
/// ```
/// use standing_proto::json::read_drafts;
///
/// let text = r#"{"id":"a","effective":{"date":"2020-13"},"seatPlaced":{"place":"\t"}}
/// {"id":"a","effective":{"date":"2020"},"seat_placed":{"place":"North"}}"#;
/// let (drafts, faults) = read_drafts("seat.jsonl", text);
/// assert_eq!(drafts.len(), 1);
/// let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
/// assert!(told[0].starts_with("seat.jsonl:1: effective.date: "), "{told:?}");
/// assert!(told[1].starts_with("seat.jsonl:1: seatPlaced.place: "), "{told:?}");
/// assert_eq!(told[2], r#"seat.jsonl:2: id: the id "a" stands at seat.jsonl:1 already"#);
/// ```
#[must_use]
pub fn read_drafts(file_name: &str, text: &str) -> (Vec<(usize, v1::Draft)>, Vec<JsonError>) {
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in draft_lines(text) {
        let of_field = |field: String, problem: String| {
            let fault = JsonError {
                field: Some(field),
                ..JsonError::new(problem)
            };
            fault.on_line(file_name, number)
        };
        let draft = match read_line(line) {
            Ok(draft) => draft,
            Err(error) => {
                faults.push(error.on_line(file_name, number));
                continue;
            }
        };
        if let Some(earlier) = seen.get(&draft.id) {
            let id = &draft.id;
            let problem = format!("the id {id:?} stands at {file_name}:{earlier} already");
            faults.push(of_field("id".to_owned(), problem));
        } else {
            seen.insert(draft.id.clone(), number);
        }
        match Draft::try_from(draft.clone()) {
            Ok(_) => drafts.push((number, draft)),
            Err(malformed) => faults.extend(malformed.violations.into_iter().map(|violation| {
                of_field(as_written(line, &violation.field), violation.description)
            })),
        }
    }
    (drafts, faults)
}

/// Returns the path of a field of a draft as a text spells it, from the path that the contract has
/// for it: `sources[0].reference`, `personNamed.person`.
#[must_use]
pub fn as_written(text: &str, path: &str) -> String {
    let whole: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut place = Some(&whole);
    let mut written = Vec::new();
    for step in path.split('.') {
        let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
        let camel = camel_case(name);
        let object = place.and_then(serde_json::Value::as_object);
        let key = [name, &camel]
            .into_iter()
            .find(|key| object.is_some_and(|object| object.contains_key(*key)));
        place = key.and_then(|key| object?.get(key));
        let index_of = index.trim_matches(['[', ']']).parse::<usize>().ok();
        place = index_of.map_or(place, |index| place?.get(index));
        written.push(format!("{}{index}", key.unwrap_or(&camel)));
    }
    written.join(".")
}

/// Returns the name of a field as JSON has it.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        camel + &initial.to_ascii_uppercase() + rest
    })
}

fn read_line(line: &str) -> Result<v1::Draft, JsonError> {
    let draft: v1::Draft = from_json(line)?;
    let wrong = |problem| JsonError {
        field: Some("id".to_owned()),
        ..JsonError::new(problem)
    };
    if draft.id.is_empty() {
        return Err(wrong("every line has an id of its own".to_owned()));
    }
    DraftId::new(&draft.id).map_err(|error| wrong(error.to_string()))?;
    Ok(draft)
}
