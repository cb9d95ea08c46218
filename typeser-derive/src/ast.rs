//! The input as a model. Each part keeps its tokens, so that errors can point at them.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Fields, GenericParam, Generics, Ident, Member, Path, Token, Type};

use crate::attr::Attributes;
use crate::ctxt::Ctxt;
use crate::leaf::Leaf;
use crate::symbol::Place;
use crate::tokens::bare;

/// A type to derive for.
pub(crate) struct Input<'a> {
    pub(crate) original: &'a DeriveInput,
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attributes: Attributes,
    pub(crate) name: Name,
    pub(crate) shape: Shape<'a>,
}

/// What kind of type.
pub(crate) enum Shape<'a> {
    Struct(Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
}

/// A variant of an enum.
pub(crate) struct Variant<'a> {
    pub(crate) original: &'a syn::Variant,
    pub(crate) attributes: Attributes,
    pub(crate) name: Name,
    pub(crate) tag: u32,
    pub(crate) fields: Vec<Field<'a>>,
}

/// A field of a struct or variant.
pub(crate) struct Field<'a> {
    pub(crate) original: &'a syn::Field,
    pub(crate) attributes: Attributes,
    pub(crate) name: Name,
    /// Its name or number in Rust.
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
}

/// A declared name and the tokens that declare it.
pub(crate) struct Name {
    pub(crate) value: String,
    pub(crate) original: TokenStream,
}

impl<'a> Input<'a> {
    /// Reads a type; `None` if it cannot be stored.
    pub(crate) fn read(cx: &Ctxt, input: &'a DeriveInput) -> Option<Self> {
        let place = if matches!(input.data, Data::Enum(_)) { Place::Enum } else { Place::Struct };
        let attributes = Attributes::read(cx, &input.attrs, place);
        let shape = match &input.data {
            Data::Struct(data) => Shape::Struct(fields(cx, &data.fields)),
            Data::Enum(data) => Shape::Enum(variants(cx, &data.variants)),
            Data::Union(data) => {
                cx.error(data.union_token, "a union does not record which of its fields is valid: write an enum");
                return None;
            }
        };
        let name = Name::new(&attributes, || input.ident.unraw().to_string(), &input.ident);
        let mut read =
            Self { original: input, ident: &input.ident, generics: &input.generics, attributes, name, shape };
        read.note_generic_stand_ins();
        Some(read)
    }

    /// A stand-in for a type with type parameters is converted by traits alone, which bounds can name.
    fn note_generic_stand_ins(&mut self) {
        let parameters: Vec<&Ident> = self
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(&parameter.ident),
                GenericParam::Const(parameter) => Some(&parameter.ident),
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        if let Some(Leaf::StandIn(leaf)) = &mut self.attributes.leaf {
            leaf.generic = !parameters.is_empty();
        }
        let fields: Vec<&mut Field<'a>> = match &mut self.shape {
            Shape::Struct(fields) => fields.iter_mut().collect(),
            Shape::Enum(variants) => variants.iter_mut().flat_map(|variant| &mut variant.fields).collect(),
        };
        for field in fields {
            if let Some(Leaf::StandIn(leaf)) = &mut field.attributes.leaf {
                let tokens = [field.ty.to_token_stream(), leaf.stored.to_token_stream()];
                leaf.generic = tokens.into_iter().any(|tokens| names_one(tokens, &parameters));
            }
        }
    }

    /// The path of the library.
    pub(crate) fn krate(&self) -> TokenStream {
        krate(self.attributes.krate.as_ref())
    }

    /// All fields, also those of variants.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        let (own, variants): (&[Field<'a>], &[Variant<'a>]) = match &self.shape {
            Shape::Struct(fields) => (fields, &[]),
            Shape::Enum(variants) => (&[], variants),
        };
        own.iter().chain(variants.iter().flat_map(|variant| &variant.fields))
    }

    /// All fields that are stored, each with its place, as in `Order.id` or `Status::Shipped.to`.
    pub(crate) fn places(&self) -> impl Iterator<Item = (String, &Field<'_>)> {
        let own = &self.name.value;
        let owners: Vec<(String, &[Field<'a>])> = match &self.shape {
            Shape::Struct(fields) => vec![(own.clone(), fields.as_slice())],
            Shape::Enum(variants) => variants
                .iter()
                .map(|variant| (format!("{own}::{}", variant.name.value), variant.fields.as_slice()))
                .collect(),
        };
        owners.into_iter().flat_map(|(owner, fields)| {
            fields
                .iter()
                .filter(|field| field.is_stored())
                .map(move |field| (format!("{owner}.{}", field.name.value), field))
        })
    }

    /// All fields that are stored.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields().filter(|field| field.is_stored())
    }

    /// The fields that are stored by a serializer, as text or by a stand-in.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = (&Field<'a>, &Leaf)> {
        self.fields().filter_map(|field| field.attributes.leaf.as_ref().map(|leaf| (field, leaf)))
    }

    /// The attributes inside the type: those of its variants and fields, in the order of the source.
    pub(crate) fn inner_attributes(&'a self) -> impl Iterator<Item = &'a syn::Attribute> {
        let (own, variants): (&[Field<'a>], &[Variant<'a>]) = match &self.shape {
            Shape::Struct(fields) => (fields, &[]),
            Shape::Enum(variants) => (&[], variants),
        };
        let of_fields = |fields: &'a [Field<'a>]| fields.iter().flat_map(|field| &field.original.attrs);
        let of_variant =
            move |variant: &'a Variant<'a>| variant.original.attrs.iter().chain(of_fields(&variant.fields));
        of_fields(own).chain(variants.iter().flat_map(of_variant))
    }
}

impl Shape<'_> {
    /// `struct` or `enum`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Struct(_) => "struct",
            Self::Enum(_) => "enum",
        }
    }
}

impl Field<'_> {
    pub(crate) fn is_stored(&self) -> bool {
        self.attributes.skip.is_none()
    }

    /// The field's name in Rust, or its type if it has none: where to point when the field is meant.
    pub(crate) fn words(&self) -> TokenStream {
        self.original.ident.as_ref().map_or_else(|| self.ty.to_token_stream(), ToTokens::to_token_stream)
    }
}

impl Name {
    fn new(attributes: &Attributes, default: impl FnOnce() -> String, original: &impl ToTokens) -> Self {
        match &attributes.name {
            Some(name) => Self { value: name.value(), original: name.to_token_stream() },
            None => Self { value: default(), original: original.to_token_stream() },
        }
    }
}

/// The path of the library: what `crate = path` says, or `::typeser`.
pub(crate) fn krate(path: Option<&Path>) -> TokenStream {
    path.map_or_else(|| quote!(::typeser), ToTokens::to_token_stream)
}

/// Whether one of these identifiers is among the tokens.
fn names_one(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => parameters.iter().any(|parameter| **parameter == ident),
        TokenTree::Group(group) => names_one(group.stream(), parameters),
        _ => false,
    })
}

fn fields<'a>(cx: &Ctxt, fields: &'a Fields) -> Vec<Field<'a>> {
    fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            let attributes = Attributes::read(cx, &field.attrs, Place::Field);
            let member = match &field.ident {
                Some(ident) => Member::Named(ident.clone()),
                None => Member::Unnamed(syn::Index {
                    index: u32::try_from(index).unwrap_or(u32::MAX),
                    span: Span::call_site(),
                }),
            };
            let name = match &field.ident {
                Some(ident) => Name::new(&attributes, || ident.unraw().to_string(), ident),
                None => Name::new(&attributes, || index.to_string(), &field.ty),
            };
            Field { original: field, attributes, name, member, ty: bare(&field.ty) }
        })
        .collect()
}

fn variants<'a>(cx: &Ctxt, variants: &'a Punctuated<syn::Variant, Token![,]>) -> Vec<Variant<'a>> {
    (0u32..)
        .zip(variants)
        .map(|(index, variant)| {
            let attributes = Attributes::read(cx, &variant.attrs, Place::Variant);
            let name = Name::new(&attributes, || variant.ident.unraw().to_string(), &variant.ident);
            let tag = attributes.tag.as_ref().map_or(index, |tag| tag.value);
            Variant { original: variant, attributes, name, tag, fields: fields(cx, &variant.fields) }
        })
        .collect()
}
