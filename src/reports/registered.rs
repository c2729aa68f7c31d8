//! Object types that follow from a catalogue, as async-graphql's registry has them: what its macros would write.

use async_graphql::CacheControl;
use async_graphql::registry::{Deprecation, MetaField, MetaInputValue, MetaType};

/// A field of such a type, by its name.
pub fn field(
    name: &str,
    description: &str,
    arguments: impl IntoIterator<Item = MetaInputValue>,
    ty: String,
) -> (String, MetaField) {
    let field = MetaField {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        args: arguments.into_iter().map(|argument| (argument.name.clone(), argument)).collect(),
        ty,
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    (name.to_owned(), field)
}

/// Such a type, which `T` resolves.
pub fn object<T>(
    name: &str,
    description: Option<&str>,
    fields: impl IntoIterator<Item = (String, MetaField)>,
) -> MetaType {
    MetaType::Object {
        name: name.to_owned(),
        description: description.map(str::to_owned),
        fields: fields.into_iter().collect(),
        cache_control: CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: Some(std::any::type_name::<T>()),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}
