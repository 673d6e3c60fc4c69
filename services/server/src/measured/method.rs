//! The methods that are counted: those of the contract, of health and of reflection. Whatever else
//! is called is one method, so that nobody who calls what is not there makes the numbers grow.

use prometheus_client::encoding::EncodeLabelSet;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use standing_proto::FILE_DESCRIPTOR_SET;
use std::collections::HashMap;
use std::sync::LazyLock;
use tonic_reflection::pb as reflection;

/// A method, as labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "they name the labels")]
pub(super) struct Method {
    /// Who sends more than one message.
    pub grpc_type: &'static str,
    /// The service, with its package.
    pub grpc_service: &'static str,
    /// The method.
    pub grpc_method: &'static str,
}

impl Method {
    /// What stands for every method that is not there.
    pub const UNKNOWN: Self = Self {
        grpc_type: "unary",
        grpc_service: "unknown",
        grpc_method: "unknown",
    };

    /// Returns whether an answer is one message, so that it has a time of its own.
    pub fn is_unary(self) -> bool {
        self.grpc_type == "unary"
    }
}

/// Every method by its path.
pub(super) static METHODS: LazyLock<HashMap<String, Method>> = LazyLock::new(methods);

/// Returns every method by its path. The texts live as long as the process, as labels do.
fn methods() -> HashMap<String, Method> {
    let mut methods = HashMap::new();
    for set in [
        FILE_DESCRIPTOR_SET,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        reflection::v1::FILE_DESCRIPTOR_SET,
        reflection::v1alpha::FILE_DESCRIPTOR_SET,
    ] {
        // What cannot be read describes nothing; a test counts what is there.
        let files = FileDescriptorSet::decode(set).unwrap_or_default().file;
        for file in files {
            for service in &file.service {
                let name = format!("{}.{}", file.package(), service.name());
                let grpc_service: &'static str = Box::leak(name.into_boxed_str());
                for method in &service.method {
                    let name: &'static str = Box::leak(method.name().to_owned().into_boxed_str());
                    let grpc_type = match (method.client_streaming(), method.server_streaming()) {
                        (false, false) => "unary",
                        (false, true) => "server_stream",
                        (true, false) => "client_stream",
                        (true, true) => "bidi_stream",
                    };
                    let path = format!("/{grpc_service}/{name}");
                    let method = Method {
                        grpc_type,
                        grpc_service,
                        grpc_method: name,
                    };
                    methods.insert(path, method);
                }
            }
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_those_of_the_contract_and_of_health() {
        for (path, grpc_type) in [
            ("/standing.v1.RightsService/CheckRight", "unary"),
            ("/standing.v1.LedgerService/Backup", "server_stream"),
            ("/standing.v1.LedgerService/RecordStream", "bidi_stream"),
            ("/grpc.health.v1.Health/Watch", "server_stream"),
            (
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                "bidi_stream",
            ),
        ] {
            let method = METHODS[path];
            assert_eq!(method.grpc_type, grpc_type, "{path}");
            assert_eq!(
                format!("/{}/{}", method.grpc_service, method.grpc_method),
                path
            );
        }
        for path in ["", "/", "/standing.v1.RightsService/No", "/metrics"] {
            assert!(!METHODS.contains_key(path), "{path}");
        }
    }
}
