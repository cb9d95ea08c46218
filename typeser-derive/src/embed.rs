//! Goldens that are part of the program: the files of the folder, by `include_bytes!`, so that a change compiles again.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};

/// The files beside the release folders that belong to goldens. The first one has to be there.
const BESIDE: [&str; 2] = ["manifest.txt", "accepted.json"];

/// The path of the library, and the folder, relative to the package.
struct Input {
    library: syn::Path,
    folder: LitStr,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let library = input.call(syn::Path::parse_mod_style)?;
        input.parse::<Token![,]>()?;
        Ok(Self { library, folder: input.parse()? })
    }
}

/// The output for these tokens: an expression that reads the embedded files.
pub(crate) fn goldens(tokens: TokenStream) -> TokenStream {
    syn::parse2::<Input>(tokens).and_then(|input| expand(&input)).unwrap_or_else(syn::Error::into_compile_error)
}

fn expand(Input { library, folder }: &Input) -> syn::Result<TokenStream> {
    let error = |message: String| syn::Error::new(folder.span(), message);
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package =
        package.ok_or_else(|| syn::Error::new(Span::call_site(), "cargo does not say where the package is"))?;
    let path = package.join(folder.value());
    if !path.join(BESIDE[0]).is_file() {
        return Err(error(format!(
            "there are no goldens in {}: `{}` is not there; name the folder relative to `Cargo.toml`, and record the release \
             in use with `typeser golden record`",
            path.display(),
            BESIDE[0]
        )));
    }
    let mut files = Vec::new();
    list(&path, "", &mut files).map_err(|(path, reason)| error(format!("{}: {reason}", path.display())))?;
    files.sort();
    let entries = files.iter().map(|name| {
        let file = path.join(name);
        // Goldens have plain names, and cargo compiles only in folders whose names are UTF-8.
        let file = file.to_string_lossy();
        quote!((#name, ::core::include_bytes!(#file)))
    });
    Ok(quote!(#library::golden::Goldens::from_embedded(#folder, &[#(#entries),*])))
}

/// The files of the folder, by their names in it, as reading the folder finds them.
fn list(folder: &Path, before: &str, files: &mut Vec<String>) -> Result<(), (PathBuf, std::io::Error)> {
    let failed = |reason| (folder.to_owned(), reason);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{before}{name}/"), files)?;
        } else if !before.is_empty() || BESIDE.contains(&name.as_str()) {
            files.push(format!("{before}{name}"));
        }
    }
    Ok(())
}
