//! Types that cannot be stored whatever they implement: those that borrow.

use proc_macro2::TokenTree;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Type, TypePath, TypeReference};

use crate::ast::Input;
use crate::ctxt::Ctxt;
use crate::tokens::{as_rust, bare};

/// A value that borrows cannot be read back, because the bytes that it borrowed from no longer exist.
pub(super) fn check_lifetimes(cx: &Ctxt, input: &Input<'_>) {
    for parameter in &input.generics.params {
        if let GenericParam::Lifetime(parameter) = parameter {
            let lifetime = &parameter.lifetime;
            let message = format!(
                "stored types own their data: leave out `{lifetime}`, and write `String` for `&{lifetime} str`, `Vec<T>` for `&{lifetime} [T]`, `Cow<'static, T>` for `Cow<{lifetime}, T>`"
            );
            cx.error(lifetime, message);
        }
    }
}

/// The same for the types of fields.
pub(super) fn check_fields(cx: &Ctxt, input: &Input<'_>) {
    for field in input.stored().filter(|field| field.attributes.leaf.is_none()) {
        References { cx }.visit_type_mut(&mut field.ty.clone());
    }
}

/// A packed field can be copied but not borrowed, and encoding borrows.
pub(super) fn check_packed(cx: &Ctxt, input: &Input<'_>) {
    for attribute in input.original.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        let Ok(list) = attribute.meta.require_list() else { continue };
        for token in list.tokens.clone() {
            if let TokenTree::Ident(word) = token
                && word == "packed"
            {
                cx.error(word, "the fields of a packed struct cannot be borrowed, as encoding requires: leave out `packed`; stored bytes have no padding anyway");
            }
        }
    }
}

/// Types that hold values of the types they name.
const CONTAINERS: &[&str] = &[
    "Option",
    "Result",
    "Vec",
    "VecDeque",
    "LinkedList",
    "BinaryHeap",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "Box",
    "Rc",
    "Arc",
    "Wrapping",
    "Reverse",
];

struct References<'a> {
    cx: &'a Ctxt,
}

impl VisitMut for References<'_> {
    /// Visits only the arguments of containers. Other types may not store their arguments, such as `PhantomData`.
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        let known = |name| CONTAINERS.iter().any(|container| name == container);
        if path.qself.is_none() && path.path.segments.last().is_some_and(|last| known(&last.ident)) {
            visit_mut::visit_type_path_mut(self, path);
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        let owned = match bare(&reference.elem) {
            Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
            Type::Slice(slice) => format!("Vec<{}>", as_rust(&slice.elem)),
            other => as_rust(other),
        };
        self.cx.error(
            &*reference,
            format!("a reference cannot be read back: write `{owned}`, or `#[state(skip)]` above the field"),
        );
    }

    fn visit_type_fn_ptr_mut(&mut self, function: &mut syn::TypeFnPtr) {
        self.cx.error(
            &*function,
            "a function has no stored form: store an enum that says which, or write `#[state(skip)]` above the field",
        );
    }

    fn visit_type_ptr_mut(&mut self, pointer: &mut syn::TypePtr) {
        self.cx.error(
            &*pointer,
            "a pointer has no stored form: store what it points to, or write `#[state(skip)]` above the field",
        );
    }

    fn visit_type_trait_object_mut(&mut self, object: &mut syn::TypeTraitObject) {
        self.cx.error(&*object, "a trait object does not say which type it holds: store an enum of the types, or write `#[state(skip)]` above the field");
    }
}
