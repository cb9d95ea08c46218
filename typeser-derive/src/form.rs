//! Where in the type of a field foreign values are, and how each of them is stored.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{GenericArgument, Ident, PathArguments, Type};

use crate::foreign::{StandIn, Text};
use crate::tokens::{as_rust, bare};

/// The form of a type: that of a `StateType`, of a foreign type, or of a collection with foreign types in it.
pub(crate) enum Form {
    Same(Box<Type>),
    Foreign(Box<Foreign>),
    Each { content: Box<Form>, is_set: bool },
    Entries(Box<Form>, Box<Form>),
    Parts(Vec<Form>),
}

/// A foreign type within the type of a field.
pub(crate) struct Foreign {
    pub(crate) value: Type,
    /// The stand-in; `None`: text.
    pub(crate) stored: Option<Type>,
}

/// Types that typeser stores, by their names, which nobody means by a bare `text`.
const PLAIN: &[&str] = &[
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "String", "u128", "u16", "u32",
    "u64", "u8", "usize",
];

impl Form {
    /// Text for the types that the attribute names, or for the only type that could be meant.
    pub(crate) fn of_text(ty: &Type, text: &Text) -> Self {
        let named: Vec<String> = match text.types.as_slice() {
            [] => candidates(ty).iter().take(1).map(as_rust).collect(),
            types => types.iter().map(|ty| as_rust(bare(ty))).collect(),
        };
        of_text(ty, &named)
    }

    /// The type of the attribute: where it is a collection like the field's, for the parts of that.
    pub(crate) fn of_stand_in(ty: &Type, leaf: &StandIn) -> Self {
        of_stand_in(ty, &leaf.stored)
    }

    /// The foreign types, in order.
    pub(crate) fn foreign(&self) -> Vec<&Foreign> {
        match self {
            Self::Same(_) => Vec::new(),
            Self::Foreign(foreign) => vec![foreign],
            Self::Each { content, .. } => content.foreign(),
            Self::Entries(key, value) => [key.foreign(), value.foreign()].concat(),
            Self::Parts(parts) => parts.iter().flat_map(Self::foreign).collect(),
        }
    }

    /// The types beside the foreign ones, which are stored as what they are.
    pub(crate) fn same(&self) -> Vec<&Type> {
        match self {
            Self::Same(ty) => vec![ty],
            Self::Foreign(_) => Vec::new(),
            Self::Each { content, .. } => content.same(),
            Self::Entries(key, value) => [key.same(), value.same()].concat(),
            Self::Parts(parts) => parts.iter().flat_map(Self::same).collect(),
        }
    }

    /// Whether a set or a map is in it, which no key can hold.
    pub(crate) fn is_unordered(&self) -> bool {
        match self {
            Self::Same(_) | Self::Foreign(_) => false,
            Self::Each { content, is_set } => *is_set || content.is_unordered(),
            Self::Entries(..) => true,
            Self::Parts(parts) => parts.iter().any(Self::is_unordered),
        }
    }

    /// The type that implements `Form` for this one. `own` gives that of each foreign type, by its number.
    pub(crate) fn adapter(&self, krate: &TokenStream, own: &impl Fn(usize, &Foreign) -> TokenStream) -> TokenStream {
        self.numbered(krate, own, &mut 0)
    }

    fn numbered(
        &self,
        krate: &TokenStream,
        own: &impl Fn(usize, &Foreign) -> TokenStream,
        next: &mut usize,
    ) -> TokenStream {
        match self {
            Self::Same(_) => quote!(#krate::__private::Same),
            Self::Foreign(foreign) => {
                let number = *next;
                *next += 1;
                own(number, foreign)
            }
            Self::Each { content, .. } => {
                let content = content.numbered(krate, own, next);
                quote!(#krate::__private::Each<#content>)
            }
            Self::Entries(key, value) => {
                let (key, value) = (key.numbered(krate, own, next), value.numbered(krate, own, next));
                quote!(#krate::__private::Entries<#key, #value>)
            }
            Self::Parts(parts) => {
                let parts = parts.iter().map(|part| part.numbered(krate, own, next));
                quote!(#krate::__private::Parts<(#(#parts,)*)>)
            }
        }
    }
}

impl Foreign {
    /// The name of the declaration for this type.
    pub(crate) fn ident(attribute: usize, number: usize) -> Ident {
        format_ident!("__Form{attribute}_{number}", span = Span::mixed_site())
    }

    /// The last name in the path of the type.
    pub(crate) fn name(&self) -> String {
        match &self.value {
            Type::Path(path) => {
                path.path.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default()
            }
            other => as_rust(other),
        }
    }
}

/// The distinct types that a bare `text` may mean.
pub(crate) fn candidates(ty: &Type) -> Vec<Type> {
    let mut found: Vec<Type> = Vec::new();
    let mut add = |types: Vec<Type>| {
        for ty in types {
            if found.iter().all(|known| as_rust(known) != as_rust(&ty)) {
                found.push(ty);
            }
        }
    };
    match Container::of(ty) {
        Some(Container::Each { content, .. }) => add(candidates(content)),
        Some(Container::Entries { key, value }) => {
            add(candidates(key));
            add(candidates(value));
        }
        Some(Container::Parts(parts)) => parts.iter().for_each(|part| add(candidates(part))),
        None => match bare(ty) {
            path @ Type::Path(_) if !PLAIN.contains(&as_rust(path).as_str()) => add(vec![path.clone()]),
            _ => {}
        },
    }
    found
}

fn of_text(ty: &Type, named: &[String]) -> Form {
    let ty = bare(ty);
    if named.contains(&as_rust(ty)) {
        return Form::Foreign(Box::new(Foreign { value: ty.clone(), stored: None }));
    }
    simple(
        ty,
        match Container::of(ty) {
            Some(Container::Each { content, kind }) => {
                Form::Each { content: Box::new(of_text(content, named)), is_set: kind == Kind::Set }
            }
            Some(Container::Entries { key, value }) => {
                Form::Entries(Box::new(of_text(key, named)), Box::new(of_text(value, named)))
            }
            Some(Container::Parts(parts)) => Form::Parts(parts.iter().map(|part| of_text(part, named)).collect()),
            None => Form::Same(Box::new(ty.clone())),
        },
    )
}

fn of_stand_in(ty: &Type, stored: &Type) -> Form {
    let (ty, stored) = (bare(ty), bare(stored));
    if matches!(stored, Type::Infer(_)) || as_rust(ty) == as_rust(stored) {
        return Form::Same(Box::new(ty.clone()));
    }
    let form = match (Container::of(ty), Container::of(stored)) {
        (Some(Container::Each { content, kind }), Some(Container::Each { content: stored, kind: other }))
            if kind == other =>
        {
            Form::Each { content: Box::new(of_stand_in(content, stored)), is_set: kind == Kind::Set }
        }
        // A pointer is not stored.
        (Some(Container::Each { content, kind: Kind::Pointer }), _) => {
            Form::Each { content: Box::new(of_stand_in(content, stored)), is_set: false }
        }
        (Some(Container::Entries { key, value }), Some(Container::Entries { key: other, value: stored })) => {
            Form::Entries(Box::new(of_stand_in(key, other)), Box::new(of_stand_in(value, stored)))
        }
        (Some(Container::Parts(parts)), Some(Container::Parts(stored))) if parts.len() == stored.len() => {
            Form::Parts(parts.iter().zip(&stored).map(|(part, stored)| of_stand_in(part, stored)).collect())
        }
        _ => Form::Foreign(Box::new(Foreign { value: ty.clone(), stored: Some(stored.clone()) })),
    };
    simple(ty, form)
}

/// A collection without foreign types is stored as what it is.
fn simple(ty: &Type, form: Form) -> Form {
    match form.foreign().is_empty() {
        true => Form::Same(Box::new(ty.clone())),
        false => form,
    }
}

/// A collection whose parts can be foreign types.
enum Container<'a> {
    Each { content: &'a Type, kind: Kind },
    Entries { key: &'a Type, value: &'a Type },
    Parts(Vec<&'a Type>),
}

/// Only collections of one kind have the same bytes.
#[derive(Clone, PartialEq)]
enum Kind {
    Option,
    List,
    Set,
    Pointer,
    Array(String),
}

impl<'a> Container<'a> {
    fn of(ty: &'a Type) -> Option<Self> {
        match bare(ty) {
            Type::Array(array) => {
                Some(Self::Each { content: &array.elem, kind: Kind::Array(array.len.to_token_stream().to_string()) })
            }
            Type::Tuple(tuple) if !tuple.elems.is_empty() => Some(Self::Parts(tuple.elems.iter().collect())),
            Type::Path(path) if path.qself.is_none() => {
                let last = path.path.segments.last()?;
                let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
                let types: Vec<&Type> = arguments
                    .args
                    .iter()
                    .filter_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    })
                    .collect();
                let name = last.ident.to_string();
                let kind = match name.as_str() {
                    "Option" => Kind::Option,
                    "Vec" | "VecDeque" => Kind::List,
                    "Box" | "Rc" | "Arc" => Kind::Pointer,
                    // With other hashers, sets and maps have names such as `FxHashMap`.
                    name if name.ends_with("Set") => Kind::Set,
                    name if name.ends_with("Map") => {
                        let [key, value, ..] = types[..] else { return None };
                        return Some(Self::Entries { key, value });
                    }
                    _ => return None,
                };
                types.first().map(|content| Self::Each { content, kind })
            }
            _ => None,
        }
    }
}
