//! What each method of the contract asks of its caller, as the contract itself says it.

use crate::json::pool;
use crate::v1::Permission;
use prost_reflect::{MethodDescriptor, Value};
use std::collections::BTreeMap;

/// The option that names a method's permission.
const OPTION: &str = "standing.v1.permission";

/// Returns what each method asks for, by its path (`/standing.v1.RollService/GetParty`).
/// [`Permission::Unspecified`] where the contract names none: such a method is refused to
/// everybody.
///
/// ```
/// use standing_proto::permission::permissions;
/// use standing_proto::v1::Permission;
///
/// let permissions = permissions();
/// assert_eq!(permissions["/standing.v1.LedgerService/Record"], Permission::Record);
/// ```
#[must_use]
pub fn permissions() -> BTreeMap<String, Permission> {
    let services = pool().services();
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .filter(|method| method.parent_service().package_name() == "standing.v1")
        .map(|method| (path(&method), permission(&method)))
        .collect()
}

fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

fn permission(method: &MethodDescriptor) -> Permission {
    let named = pool().get_extension_by_name(OPTION).and_then(|option| {
        let options = method.options();
        match options.get_extension(&option).as_ref() {
            Value::EnumNumber(number) => Permission::try_from(*number).ok(),
            _ => None,
        }
    });
    named.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_names_a_permission() {
        let permissions = permissions();
        assert!(permissions.len() > 25, "{permissions:?}");
        let unnamed: Vec<_> = permissions
            .iter()
            .filter(|(_, permission)| **permission == Permission::Unspecified)
            .collect();
        assert!(
            unnamed.is_empty(),
            "a method of the contract says what it asks of its caller, by \
             `option (permission) = PERMISSION_...`: {unnamed:?}"
        );
    }
}
