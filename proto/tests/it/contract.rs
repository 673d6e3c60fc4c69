//! The rules every element of the contract keeps, and the list of what it once promised.

use prost_reflect::prost_types::{FieldDescriptorProto, FileDescriptorProto};
use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, FieldDescriptor, FileDescriptor, Kind,
    MessageDescriptor, MethodDescriptor,
};
use standing_proto::FILE_DESCRIPTOR_SET;
use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

fn files() -> Vec<FileDescriptor> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let ours: Vec<_> = pool
        .files()
        .filter(|file| file.package_name() == "standing.v1")
        .collect();
    assert!(!ours.is_empty());
    ours
}

fn messages() -> Vec<MessageDescriptor> {
    files().iter().flat_map(FileDescriptor::messages).collect()
}

fn enums() -> Vec<EnumDescriptor> {
    files().iter().flat_map(FileDescriptor::enums).collect()
}

fn methods() -> Vec<MethodDescriptor> {
    let services: Vec<_> = files().iter().flat_map(FileDescriptor::services).collect();
    services
        .iter()
        .flat_map(prost_reflect::ServiceDescriptor::methods)
        .collect()
}

/// Returns the elements of a file that have no leading comment.
fn uncommented(file: &FileDescriptorProto) -> Vec<String> {
    let source = file.source_code_info.as_ref().unwrap();
    let commented: BTreeSet<_> = source
        .location
        .iter()
        .filter(|location| !location.leading_comments().trim().is_empty())
        .map(|location| location.path.clone())
        .collect();
    elements(file)
        .into_iter()
        .filter(|(path, _)| !commented.contains(path))
        .map(|(_, name)| format!("{}: {name}", file.name()))
        .collect()
}

/// Returns every element with its path, in which numbers are those of `descriptor.proto`.
fn elements(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut found = Vec::new();
    let mut add = |path: &[usize], name: &str| {
        let path = path
            .iter()
            .map(|step| i32::try_from(*step).unwrap())
            .collect();
        found.push((path, name.to_owned()));
    };
    for (m, message) in file.message_type.iter().enumerate() {
        assert!(message.nested_type.is_empty() && message.enum_type.is_empty());
        add(&[4, m], message.name());
        for (f, field) in message.field.iter().enumerate() {
            add(&[4, m, 2, f], field.name());
        }
        // A oneof that stands for an optional field has no place in the text, so no comment either.
        let optional = message.field.iter().filter(|f| f.proto3_optional());
        let implied: BTreeSet<_> = optional.map(FieldDescriptorProto::oneof_index).collect();
        for (o, oneof) in message.oneof_decl.iter().enumerate() {
            if implied.contains(&i32::try_from(o).unwrap()) {
                continue;
            }
            add(&[4, m, 8, o], oneof.name());
        }
    }
    for (e, declared) in file.enum_type.iter().enumerate() {
        add(&[5, e], declared.name());
        for (v, value) in declared.value.iter().enumerate() {
            add(&[5, e, 2, v], value.name());
        }
    }
    for (s, service) in file.service.iter().enumerate() {
        add(&[6, s], service.name());
        for (m, method) in service.method.iter().enumerate() {
            add(&[6, s, 2, m], method.name());
        }
    }
    found
}

#[test]
fn every_element_has_a_comment() {
    let missing: Vec<_> = files()
        .iter()
        .flat_map(|file| uncommented(file.file_descriptor_proto()))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_missing_comment_is_noticed() {
    let mut file = files()[0].file_descriptor_proto().clone();
    file.source_code_info.as_mut().unwrap().location.clear();
    assert_eq!(uncommented(&file).len(), elements(&file).len());
}

#[test]
fn the_zero_of_every_enum_says_nothing() {
    for declared in enums() {
        let zero = declared.get_value(0).unwrap();
        assert!(
            zero.name().ends_with("_UNSPECIFIED"),
            "{}",
            zero.full_name()
        );
    }
}

#[test]
fn every_method_has_a_request_and_a_response_of_its_own() {
    for method in methods() {
        let (input, output) = (method.input(), method.output());
        assert_eq!(input.name(), format!("{}Request", method.name()));
        assert_eq!(output.name(), format!("{}Response", method.name()));
    }
}

#[test]
fn every_list_is_paged() {
    for method in methods()
        .iter()
        .filter(|method| method.name().starts_with("List"))
    {
        let (input, output) = (method.input(), method.output());
        let name = method.full_name();
        let kind = |message: &MessageDescriptor, field: &str| {
            message.get_field_by_name(field).map(|field| field.kind())
        };
        assert_eq!(kind(&input, "page_size"), Some(Kind::Uint32), "{name}");
        assert_eq!(kind(&input, "page_token"), Some(Kind::String), "{name}");
        assert_eq!(
            kind(&output, "next_page_token"),
            Some(Kind::String),
            "{name}"
        );
        assert!(
            output.get_field(1).is_some_and(|field| field.is_list()),
            "{name}"
        );
    }
}

#[test]
fn nothing_that_was_promised_changes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/fields.txt");
    let promised = fs::read_to_string(&path).unwrap_or_default();
    let now = listing();
    let broken: Vec<_> = promised
        .lines()
        .filter(|line| now.lines().all(|kept| kept != *line))
        .collect();
    assert!(
        broken.is_empty(),
        "removed or changed, which breaks clients: {broken:#?}"
    );
    if env::var_os("STANDING_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, now).unwrap();
        return;
    }
    assert!(
        promised == now,
        "the contract has grown: run this test with STANDING_BLESS=1"
    );
}

/// Lists every field, enum value and method.
fn listing() -> String {
    let mut lines = Vec::new();
    for message in messages() {
        lines.extend(message.fields().map(|field| {
            format!(
                "{}.{} = {} {}",
                message.name(),
                field.name(),
                field.number(),
                kind(&field)
            )
        }));
    }
    for declared in enums() {
        let values = declared.values();
        lines.extend(values.map(|v| format!("{}.{} = {}", declared.name(), v.name(), v.number())));
    }
    for method in methods() {
        let service = method.parent_service().name().to_owned();
        let stream = |is_stream| if is_stream { "stream " } else { "" };
        let taken = stream(method.is_client_streaming());
        let given = stream(method.is_server_streaming());
        let (input, output) = (method.input(), method.output());
        let types = format!(
            "({taken}{}) returns ({given}{})",
            input.name(),
            output.name()
        );
        lines.push(format!("{service}.{}{types}", method.name()));
    }
    lines.sort();
    lines.join("\n") + "\n"
}

fn kind(field: &FieldDescriptor) -> String {
    let kind = match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(declared) => declared.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    let label = match field.cardinality() {
        Cardinality::Repeated => "repeated ",
        _ if field.field_descriptor_proto().proto3_optional() => "optional ",
        _ => "",
    };
    let oneof = field.containing_oneof();
    let oneof = oneof.map_or_else(String::new, |oneof| format!(" in {}", oneof.name()));
    format!("{label}{kind}{oneof}")
}
