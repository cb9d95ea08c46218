//! The bounds that a generic type needs: inferred from its fields, unless `bound = "..."` says otherwise.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Type, TypePath};

use crate::ast::Input;

/// The where clause of an implementation of `bound`, `StateType` or `StateKey`.
pub(super) fn where_clause(input: &Input<'_>, bound: &TokenStream) -> TokenStream {
    let declared = input.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let parameters: Vec<&Ident> = input.generics.type_params().map(|parameter| &parameter.ident).collect();
    let inferred = match &input.attributes.bound {
        Some(predicates) => predicates.iter().map(ToTokens::to_token_stream).collect(),
        None => inferred(input, &parameters, bound),
    };
    quote!(where #(#declared,)* #(#parameters: 'static,)* #(#inferred,)*)
}

/// One bound for each parameter, and for each type that a parameter names (`T::Item`), that a stored field uses.
///
/// The parameters are bound and not the types of the fields, since a type that contains itself would then need
/// itself to be proven first.
fn inferred(input: &Input<'_>, parameters: &[&Ident], bound: &TokenStream) -> Vec<TokenStream> {
    if let Some(leaf) = &input.attributes.leaf {
        return match parameters.is_empty() {
            true => Vec::new(),
            false => leaf.bounds(&quote!(Self), |_| Vec::new(), &input.krate()),
        };
    }
    let mut used = Used { parameters, found: Vec::new() };
    for field in input.stored().filter(|field| field.attributes.leaf.is_none()) {
        used.visit_type_mut(&mut field.ty.clone());
    }
    let mut predicates: Vec<TokenStream> = used.found.iter().map(|found| quote!(#found: #bound)).collect();
    for (field, leaf) in input.leaves() {
        let mut used = Used { parameters, found: Vec::new() };
        used.visit_type_mut(&mut field.ty.clone());
        if !used.found.is_empty() {
            let used = |ty: &Type| {
                let mut used = Used { parameters, found: Vec::new() };
                used.visit_type_mut(&mut ty.clone());
                used.found
            };
            predicates.extend(leaf.bounds(field.ty, used, &input.krate()));
        }
    }
    for field in input.fields() {
        let own_default = match &field.attributes.default {
            Some(default) => default.value.is_none(),
            None => !field.is_stored(),
        };
        let mut used = Used { parameters, found: Vec::new() };
        used.visit_type_mut(&mut field.ty.clone());
        if own_default && !used.found.is_empty() {
            let ty = field.ty;
            predicates.push(quote!(#ty: ::core::default::Default));
        }
    }
    predicates
}

/// The parameters, and the types that parameters name, in a type.
struct Used<'a> {
    parameters: &'a [&'a Ident],
    found: Vec<TypePath>,
}

impl VisitMut for Used<'_> {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        let is_parameter = |ident: &Ident| self.parameters.contains(&ident);
        let phantom = path.path.segments.last().is_some_and(|last| last.ident == "PhantomData");
        if phantom {
            return;
        }
        let named_by_parameter = match &path.qself {
            None => path.path.segments.first().is_some_and(|first| is_parameter(&first.ident)),
            Some(qself) => {
                let mut within = Used { parameters: self.parameters, found: Vec::new() };
                within.visit_type_mut(&mut qself.ty.clone());
                !within.found.is_empty()
            }
        };
        if named_by_parameter {
            let text = path.to_token_stream().to_string();
            if self.found.iter().all(|found| found.to_token_stream().to_string() != text) {
                self.found.push(path.clone());
            }
        } else {
            visit_mut::visit_type_path_mut(self, path);
        }
    }
}
