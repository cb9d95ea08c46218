//! The rule table: the only place that knows a verdict.
//!
//! The walker names rules; a rule says how bad it is, why, what follows for the data, and what to do.

use super::compatibility::Compatibility::{self, AfterReconfigure, Compatible, Incompatible, RequiresMigration};

/// A rule: one kind of change, and what typeser says of it.
///
/// ```
/// use typeser::resolve::{Compatibility, RULES, Rule};
///
/// let rule = Rule::by_id("integer-widened").expect("reports name rules by these ids");
/// assert_eq!(rule.verdict, Compatibility::RequiresMigration);
/// assert!(RULES.iter().any(|other| other.id == rule.id));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name, as in `typeser explain RULE`.
    pub id: &'static str,
    /// The verdict. Always the same, whatever the types.
    pub verdict: Compatibility,
    /// What happened, in a few words.
    pub title: &'static str,
    /// Why the verdict is what it is.
    pub reason: &'static str,
    /// What follows for stored data.
    pub consequence: &'static str,
    /// What to do, in general; findings add ready-to-paste code.
    pub help: &'static str,
    /// Whether different values stay different, as map keys and set elements need.
    pub injective: bool,
    /// Whether stored data is given up, by declaration.
    pub loses: bool,
    /// Whether a field may declare a function of the program that bridges it, with `convert`.
    pub convertible: bool,
    /// Whether it affects only some stored values, such as those of a variant: then it depends on the data whether any
    /// value is affected.
    pub depends_on_data: bool,
}

impl Rule {
    /// The rule of this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|rule| rule.id == id)
    }

    /// Whether it is about what the new side declares of older releases, and so says that it is not the older side.
    pub(super) fn is_declared(&self) -> bool {
        DECLARED.contains(&self.id)
    }
}

const DECLARED: [&str; 15] = [
    ids::TYPE_RENAMED,
    ids::FIELD_RENAMED,
    ids::FIELD_REMOVED,
    ids::VARIANT_RENAMED,
    ids::VARIANTS_MERGED,
    ids::VARIANT_REMOVED,
    ids::VARIANT_REPLACED,
    ids::NONE_REPLACED,
    ids::SAME_BYTES_DECLARED,
    ids::WAS_OTHER_BYTES,
    ids::FIELD_CONVERTED,
    ids::FIELD_CONVERTED_ONE_TO_ONE,
    ids::TYPE_MIGRATED,
    ids::TYPE_MIGRATED_ONE_TO_ONE,
    ids::OPAQUE_MIGRATED,
];

macro_rules! rules {
    ($($name:ident = $verdict:ident $id:literal { $($field:ident: $value:expr),* $(,)? })*) => {
        $(
            #[allow(clippy::needless_update, reason = "most rules leave fields as they are in NEUTRAL")]
            pub(crate) static $name: Rule = Rule {
                id: $id,
                verdict: $verdict,
                $($field: $value,)*
                ..NEUTRAL
            };
        )*

        /// The ids of the rules, to match by.
        pub(crate) mod ids {
            $(
                #[allow(dead_code, reason = "few rules are matched by")]
                pub(crate) const $name: &str = $id;
            )*
        }

        /// Every rule, in the order in which the documentation lists them.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

const NEUTRAL: Rule = Rule {
    id: "",
    verdict: Compatible,
    title: "",
    reason: "",
    consequence: "",
    help: "",
    injective: true,
    loses: false,
    convertible: false,
    depends_on_data: false,
};

rules! {
    TYPE_RENAMED = Compatible "type-renamed" {
        title: "a type was renamed, with an alias",
        reason: "an `alias` of the new type is the stored name",
        consequence: "stored values are read and written unchanged",
        help: "keep the alias for as long as data under the old name exists",
    }
    SAME_BYTES_DECLARED = Compatible "same-bytes-declared" {
        title: "the stored type was replaced by one with the same bytes, as declared",
        reason: "the stored layout is declared as an earlier one with the same bytes (`was`), and it has them",
        consequence: "stored values are read and written unchanged",
        help: "keep the declaration for as long as data of the stored type exists",
    }
    WAS_OTHER_BYTES = Incompatible "was-other-bytes" {
        title: "a type is declared to have the bytes of the stored type, and has others",
        reason: "the stored layout is declared as an earlier one with the same bytes (`was`), and a value of it is not always one of the new type with the same bytes",
        consequence: "stored values would be misread, so nothing is read",
        help: "remove the declaration, and declare a function instead",
        injective: false,
    }
    TYPE_CHANGED = Incompatible "type-changed" {
        title: "the stored type was replaced by another type",
        reason: "two types of one shape are not the same type",
        consequence: "stored values cannot be read: nothing says that they mean the same",
        help: "if the type was renamed, declare its old name with `alias`",
    }
    VERSION_WENT_BACK = Compatible "version-went-back" {
        title: "the stored version of a type is newer than the program's",
        reason: "versions alone never decide; the layouts do",
        consequence: "stored values are handled by the rules for their layout",
        help: "check that this is the release that you meant to start",
    }
    VERSION_WENT_BACK_OVER_FUNCTION = Incompatible "version-went-back-over-function" {
        title: "a newer release changed the meaning of stored values by a function, and this release is older",
        reason: "the stored type is newer and declares a function for values of this version or a later one",
        consequence: "stored values are results of the function and would be misread, so nothing is read",
        help: "start the newer release again, or one after it; or restore state that was written before the upgrade",
        injective: false,
    }
    READ_BY_EARLIER_NAME = Compatible "read-by-earlier-name" {
        title: "a newer release renamed a type, field or variant, and this release has its earlier name",
        reason: "the policy reads downwards, and an `alias` of the stored one is its name in this release",
        consequence: "stored values are read and written unchanged, under the earlier name",
        help: "nothing to do",
    }
    FIELDS_REORDERED = AfterReconfigure "fields-reordered" {
        title: "fields are in another order",
        reason: "every stored field exists under its name; only the order differs",
        consequence: "this alone changes no stored byte: the serializer keeps the stored order; a migration writes the new one",
        help: "nothing to do",
    }
    FIELD_RENAMED = Compatible "field-renamed" {
        title: "a field was renamed, with an alias",
        reason: "an `alias` of the new field is the stored name",
        consequence: "stored values are read and written unchanged",
        help: "keep the alias for as long as data under the old name exists",
    }
    FIELD_ADDED = RequiresMigration "field-added" {
        title: "a field was added, with a default",
        reason: "stored values have no such field; they get its declared default",
        consequence: "every stored value is rewritten with the default in it",
        help: "nothing to do",
    }
    OPTION_FIELD_ADDED = RequiresMigration "option-field-added" {
        title: "an optional field was added",
        reason: "stored values have no such field; it becomes `None`",
        consequence: "every stored value is rewritten with `None` in it",
        help: "nothing to do; declare a `default` if `None` is not the right value",
    }
    FIELD_ADDED_WITHOUT_DEFAULT = Incompatible "field-added-without-default" {
        title: "a field was added, without a default",
        reason: "stored values have no such field, and no value is declared for it",
        consequence: "stored values cannot be read",
        help: "declare a `default`, or make the field an `Option`",
    }
    FIELD_REMOVED = RequiresMigration "field-removed" {
        title: "a field was removed, with a declaration",
        reason: "the new type lists the field under `removed`",
        consequence: "the stored values of the field are dropped; everything else is rewritten without them",
        help: "nothing to do",
        injective: false,
        loses: true,
    }
    FIELD_REMOVED_UNDECLARED = Incompatible "field-removed-undeclared" {
        title: "a stored field is missing from the new type",
        reason: "the new type does not declare it as removed or renamed",
        consequence: "its stored values would be lost without notice, so nothing is read",
        help: "declare the removal with `removed`, or the rename with `alias`",
        injective: false,
    }
    FIELD_REMOVED_BY_POLICY = RequiresMigration "field-removed-by-policy" {
        title: "a stored field is missing from the new type, and the policy allows any loss",
        reason: "the policy is `losses = any`",
        consequence: "the stored values of the field are dropped; everything else is rewritten without them",
        help: "declare the removal with `removed`, so that the type records it",
        injective: false,
        loses: true,
    }
    FIELD_OF_NEWER_RELEASE = RequiresMigration "field-of-newer-release" {
        title: "a stored field is missing from this release, and the policy reads downwards",
        reason: "the policy reads downwards, so the field counts as one that a newer release added",
        consequence: "its stored values are left out; unless the policy allows any loss, what is read must not be written back",
        help: "start the newer release to keep the field",
        injective: false,
        loses: true,
    }
    REMOVED_NAME_RETURNS = Incompatible "removed-name-returns" {
        title: "a removed name is used again",
        reason: "the stored type had removed this name, and removed names cannot be reused",
        consequence: "data of older releases would be read as the new field or variant of that name",
        help: "choose another name",
        injective: false,
    }
    VARIANT_ADDED = Compatible "variant-added" {
        title: "a variant was added after the stored ones",
        reason: "every stored variant keeps its tag",
        consequence: "stored values are read and written unchanged; an older release cannot read values of the new variant",
        help: "nothing to do",
    }
    VARIANTS_REORDERED = AfterReconfigure "variants-reordered" {
        title: "variants have different tags",
        reason: "every stored variant exists under its name; only the tags differ",
        consequence: "this alone changes no stored byte: the serializer keeps the stored tags; a migration writes the new ones",
        help: "nothing to do",
    }
    VARIANT_RENAMED = Compatible "variant-renamed" {
        title: "a variant was renamed, with an alias",
        reason: "an `alias` of the new variant is the stored name",
        consequence: "stored values are read and written unchanged",
        help: "keep the alias for as long as data under the old name exists",
    }
    VARIANTS_MERGED = RequiresMigration "variants-merged" {
        title: "several stored variants become one",
        reason: "the new variant lists their names under `alias`",
        consequence: "stored values of these variants become the one variant with their payload; nothing says any more which one they were",
        help: "nothing to do",
        injective: false,
        loses: true,
        depends_on_data: true,
    }
    VARIANT_REMOVED = RequiresMigration "variant-removed" {
        title: "a variant was removed, and its values become another variant",
        reason: "the new enum lists the variant under `removed` with `becomes`",
        consequence: "stored values of the variant are replaced, and their payload is dropped",
        help: "nothing to do",
        injective: false,
        loses: true,
        depends_on_data: true,
    }
    VARIANT_REPLACED = RequiresMigration "variant-replaced" {
        title: "a variant without a payload was removed, and a new one takes its place",
        reason: "the new enum lists the variant under `removed` with a new variant as `becomes`, which nothing else becomes",
        consequence: "stored values of the variant are rewritten as the new one; nothing is lost",
        help: "nothing to do; if the variant was only renamed, `alias` needs no rewrite",
        depends_on_data: true,
    }
    VARIANT_TO_FALLBACK = RequiresMigration "variant-to-fallback" {
        title: "a variant was removed, and its values become the fallback",
        reason: "the new enum declares a variant `other` for the values of all removed variants",
        consequence: "stored values of the variant become the fallback, and their payload is dropped",
        help: "nothing to do",
        injective: false,
        loses: true,
        depends_on_data: true,
    }
    VARIANT_OF_NEWER_RELEASE = RequiresMigration "variant-of-newer-release" {
        title: "a stored variant is missing from this release, and the policy reads downwards",
        reason: "the policy reads downwards, so the variant counts as one that a newer release added",
        consequence: "values of all other variants are read; the first value of this one stops the read or the migration",
        help: "start the newer release to read values of the variant",
        depends_on_data: true,
    }
    VARIANT_REMOVED_UNDECLARED = Incompatible "variant-removed-undeclared" {
        title: "a stored variant is missing from the new enum",
        reason: "the new enum does not declare what its stored values become",
        consequence: "a stored value of the variant could not be read, so nothing is read",
        help: "declare what they become with `removed`, or the rename with `alias`",
        injective: false,
        depends_on_data: true,
    }
    TAG_COLLISION = Incompatible "tag-collision" {
        title: "two variants of an enum have the same tag",
        reason: "bytes with that tag could mean either",
        consequence: "a snapshot of such an enum is refused when it is read, so no comparison reports this rule any more",
        help: "correct the snapshot where the error of reading it says; typeser's derive never produces this",
        injective: false,
    }
    NAME_CLASH = Incompatible "name-clash" {
        title: "one name is used for two things",
        reason: "a current name, an alias and a removed name must all differ",
        consequence: "a snapshot of such a type is refused when it is read, so no comparison reports this rule any more",
        help: "correct the snapshot where the error of reading it says; typeser's derive never produces this",
        injective: false,
    }
    FIELD_CONVERTED = RequiresMigration "field-converted" {
        title: "a declared function converts a field or a whole value",
        reason: "a function of the program is declared for the stored type",
        consequence: "every stored value goes through the function; one that it refuses stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the function",
        injective: false,
    }
    FIELD_CONVERTED_ONE_TO_ONE = RequiresMigration "field-converted-one-to-one" {
        title: "a declared function converts a field or a whole value, and keeps different values different",
        reason: "a function of the program is declared for the stored type, and declared `injective`",
        consequence: "every stored value goes through the function; one that it refuses stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the function",
    }
    ADOPTED_LAYOUT_CONVERTED = RequiresMigration "adopted-layout-converted" {
        title: "a declared function or `was` would later be applied to the stored layout",
        reason: "under its new names, the stored layout equals the layout that a declared function reads, or that a `was` names",
        consequence: "the stored layout is not kept, because the next release would apply the declaration to it; every stored value is rewritten without it",
        help: "nothing to do; or remove the declaration once no stored value needs it",
    }
    TYPE_MIGRATED = RequiresMigration "type-migrated" {
        title: "declared functions migrate stored values to the new version",
        reason: "the new type names functions of the program for the stored version or layout, which take precedence over all other rules",
        consequence: "every stored value of the type goes through the functions; one that they refuse stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the functions",
        injective: false,
    }
    TYPE_MIGRATED_ONE_TO_ONE = RequiresMigration "type-migrated-one-to-one" {
        title: "declared functions migrate stored values to the new version, and keep different values different",
        reason: "the new type names functions of the program for the stored version or layout, all declared `injective`",
        consequence: "every stored value of the type goes through the functions; one that they refuse stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the functions",
    }
    MIGRATION_MISSING = Incompatible "migration-missing" {
        title: "a function migrates a later version, but none migrates the stored one",
        reason: "a function migrates values of a later version, so the layout alone does not define what older values mean",
        consequence: "stored values would skip the function and could mean something else, so nothing is read",
        help: "declare a function for the stored version as well",
        injective: false,
    }
    MIGRATION_READS_ANOTHER_LAYOUT = Incompatible "migration-reads-another-layout" {
        title: "a declared function reads a layout that differs from the stored one",
        reason: "the type that the function takes does not have the stored layout, and the rules do not make the one of the other",
        consequence: "the function could not read stored values, or would misread them, so nothing is read",
        help: "keep the type exactly as it was, its name and version too; declare on it what other releases stored; or take a dynamic `Value`",
        injective: false,
    }
    CONSTANT_MALFORMED = Incompatible "constant-malformed" {
        title: "a declared constant is not a value of its type",
        reason: "the snapshot holds a `default`, `none`, `becomes` or fallback variant that its own layout cannot hold",
        consequence: "the constant would be written into stored values and could not be read again, so nothing is read",
        help: "correct the snapshot; typeser's derive never produces this",
        injective: false,
    }
    INTEGER_WIDENED = RequiresMigration "integer-widened" {
        title: "an integer became wider",
        reason: "every stored value fits the new type",
        consequence: "every stored value is rewritten in the new width",
        help: "nothing to do",
    }
    INTEGER_TO_FLOAT = RequiresMigration "integer-to-float" {
        title: "an integer became a float",
        reason: "the float holds every stored value exactly",
        consequence: "every stored value is rewritten",
        help: "nothing to do",
        injective: false,
    }
    FLOAT_WIDENED = RequiresMigration "float-widened" {
        title: "a float became wider",
        reason: "the wider float holds every stored value exactly",
        consequence: "every stored value is rewritten in the new width",
        help: "nothing to do",
        injective: false,
    }
    CHAR_TO_STRING = RequiresMigration "char-to-string" {
        title: "a character became a string",
        reason: "every stored character is a string of one character",
        consequence: "every stored value is rewritten",
        help: "nothing to do",
    }
    STRING_TO_BYTES = RequiresMigration "string-to-bytes" {
        title: "a string became a list of bytes",
        reason: "every string is a list of bytes; the stored form is the same",
        consequence: "only the snapshot changes; no value is rewritten for it",
        help: "nothing to do",
    }
    PRIMITIVE_CHANGED = Incompatible "primitive-changed" {
        title: "a primitive type became one that cannot hold every value",
        reason: "some stored values do not fit the new type, or would mean something else",
        consequence: "stored values cannot be read",
        help: "keep the stored type, or a wider one",
        injective: false,
        convertible: true,
    }
    WRAPPED_IN_OPTION = RequiresMigration "wrapped-in-option" {
        title: "a value became optional",
        reason: "every stored value becomes `Some`",
        consequence: "every stored value is rewritten",
        help: "nothing to do",
    }
    UNWRAPPED_OPTION = Incompatible "unwrapped-option" {
        title: "an optional value became mandatory",
        reason: "a stored `None` has no value, and no value is declared for it",
        consequence: "stored values cannot be read",
        help: "keep the `Option`, or declare with `none` what a stored `None` becomes",
        injective: false,
        convertible: true,
    }
    NONE_REPLACED = RequiresMigration "none-replaced" {
        title: "an optional value became mandatory, and a declared value replaces `None`",
        reason: "a value for a stored `None` is declared",
        consequence: "stored values are unwrapped; a stored `None` becomes the declared value",
        help: "nothing to do",
        injective: false,
    }
    ARRAY_TO_LIST = RequiresMigration "array-to-list" {
        title: "an array became a list",
        reason: "every array is a list of its length",
        consequence: "every stored value is rewritten with its length before it",
        help: "nothing to do",
    }
    ARRAY_LENGTH_CHANGED = Incompatible "array-length-changed" {
        title: "an array has another length",
        reason: "it is undefined which elements to add or to drop",
        consequence: "stored values cannot be read",
        help: "keep the length, or use a `Vec`",
        injective: false,
        convertible: true,
    }
    ARRAY_TOO_LONG = Incompatible "array-too-long" {
        title: "a very long array of elements without bytes would have to be read",
        reason: "at most 65,536 elements that take no bytes are accepted: each costs time, and the size of the data does not bound their number",
        consequence: "stored values cannot be read",
        help: "keep the array as it was stored",
        injective: false,
    }
    LIST_TO_ARRAY = Incompatible "list-to-array" {
        title: "a list became an array",
        reason: "a stored list may have any length",
        consequence: "stored values cannot be read",
        help: "keep the list",
        injective: false,
        convertible: true,
    }
    SET_TO_LIST = RequiresMigration "set-to-list" {
        title: "a set became a list",
        reason: "every set is a list of its elements, in any order",
        consequence: "stored values become lists, in the order in which the set was stored",
        help: "nothing to do",
        injective: false,
    }
    LIST_TO_SET = Incompatible "list-to-set" {
        title: "a list became a set",
        reason: "a stored list may hold an element twice, and its order is significant",
        consequence: "stored values cannot be read",
        help: "keep the list",
        injective: false,
        convertible: true,
    }
    TUPLE_ARITY_CHANGED = Incompatible "tuple-arity-changed" {
        title: "a tuple has more or fewer elements",
        reason: "the elements of a tuple have no names to match them by",
        consequence: "stored values cannot be read",
        help: "keep the tuple, or use a struct from now on",
        injective: false,
        convertible: true,
    }
    TUPLE_VS_CONCRETE = Incompatible "tuple-vs-concrete" {
        title: "a 1-tuple was replaced by its element, or the reverse",
        reason: "a 1-tuple and its element are different types",
        consequence: "stored values are not read as the other type",
        help: "keep the stored type",
        injective: false,
        convertible: true,
    }
    NEWTYPE_VS_INNER = Incompatible "newtype-vs-inner" {
        title: "a newtype was replaced by the type inside it, or the reverse",
        reason: "a newtype is a distinct type, unless it is declared `transparent`",
        consequence: "stored values are not read as the other type",
        help: "declare the newtype `transparent`, or keep the stored type",
        injective: false,
        convertible: true,
    }
    NONZERO_TO_PLAIN = Compatible "nonzero-to-plain" {
        title: "a non-zero integer may now be zero",
        reason: "every non-zero integer is an integer",
        consequence: "stored values are read and written unchanged; an older release cannot read a zero",
        help: "nothing to do",
    }
    PLAIN_TO_NONZERO = Incompatible "plain-to-nonzero" {
        title: "an integer can no longer be zero",
        reason: "a stored value may be zero",
        consequence: "a stored zero could not be read, so nothing is read",
        help: "keep the plain integer",
        injective: false,
        depends_on_data: true,
        convertible: true,
    }
    LOGICAL_CHANGED = Incompatible "logical-changed" {
        title: "a logical type became another",
        reason: "the name or a parameter of the logical type differs",
        consequence: "stored values would mean something else",
        help: "keep the stored type",
        injective: false,
        convertible: true,
    }
    OPAQUE_NOT_CHECKED = Compatible "opaque-not-checked" {
        title: "the contents of an opaque part were not compared",
        reason: "its declared name and version are equal; typeser cannot look inside",
        consequence: "stored values are read and written unchanged, if the declaration is true",
        help: "increase its version whenever its stored form changes",
    }
    OPAQUE_READ_AS_IS = Compatible "opaque-read-as-is" {
        title: "an opaque part has a newer version, which reads the stored one unchanged",
        reason: "its serializer lists the stored version among those that it reads; typeser cannot look inside",
        consequence: "stored values are read unchanged, if the declaration is true; values that are written have the new version",
        help: "list the stored version for as long as its bytes may exist",
    }
    OPAQUE_MIGRATED = RequiresMigration "opaque-migrated" {
        title: "an opaque part has a newer version, which has a function for the stored one",
        reason: "its serializer names a function of the program that reads the stored version",
        consequence: "every stored value of the part goes through the function; one that it refuses stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the function",
        injective: false,
    }
    OPAQUE_CHANGED = Incompatible "opaque-changed" {
        title: "an opaque part changed",
        reason: "its declared name, version or framing differs, and its serializer does not declare that it reads the stored version",
        consequence: "stored values cannot be read",
        help: "keep the name and version that wrote the data, or declare a function that reads it",
        injective: false,
    }
    OPAQUE_UNFRAMED = Incompatible "opaque-unframed" {
        title: "an opaque part without a length prevents a rewrite",
        reason: "its end is unknown, so no value that contains it can be rewritten",
        consequence: "stored values cannot be migrated",
        help: "keep the stored layout",
        injective: false,
    }
    INTEGER_ENCODING = RequiresMigration "integer-encoding" {
        title: "the integer encoding changed",
        reason: "the configuration changed between fixed, variable and ordered integers",
        consequence: "every stored value is rewritten",
        help: "to avoid the rewrite, keep the encoding that wrote the data",
    }
    ORDER_CHANGED = RequiresMigration "order-changed" {
        title: "the order of ordered keys changed",
        reason: "ordered bytes compare as the declared fields and variants do, and their order is another one now",
        consequence: "every stored key is rewritten",
        help: "to avoid the rewrite, keep fields and variants in the stored order, and add new variants behind the others",
    }
    KIND_CHANGED = Incompatible "kind-changed" {
        title: "the stored type was replaced by a type of another kind",
        reason: "there is no conversion between the two kinds",
        consequence: "stored values cannot be read",
        help: "keep the stored type, or declare how stored values become the new one",
        injective: false,
        convertible: true,
    }
    KEY_MIGRATION_REFUSED = Incompatible "key-migration-refused" {
        title: "a key, namespace or timer would have to be migrated",
        reason: "they are never migrated on restore, because their bytes decide where an entry is stored",
        consequence: "entries would not be found where they are stored, so nothing is read",
        help: "keep the stored type of the key, namespace or timer",
        injective: false,
    }
    NOT_INJECTIVE = Incompatible "not-injective" {
        title: "different map keys or set elements could become one",
        reason: "the change does not keep different values different",
        consequence: "entries could overwrite each other, so nothing is read",
        help: "keep the stored type of the key or element",
        injective: false,
    }
    HISTORY_DIVERGES = Incompatible "history-diverges" {
        title: "the result of a migration depends on the releases in between",
        reason: "a value of an older release becomes one thing when it is migrated directly, and another through the releases in between",
        consequence: "users who skip a release would have different state than users who do not",
        help: "keep the default and the names of the release in between, or increase the version and migrate with a function",
    }
    TOO_MANY_PAIRS = Incompatible "too-many-pairs" {
        title: "the two layouts are too large to compare",
        reason: "they have more pairs of nodes than the resolver compares",
        consequence: "it is unknown whether stored values can be read, so nothing is read",
        help: "simplify the type",
        injective: false,
    }
    TOO_MANY_FINDINGS = Incompatible "too-many-findings" {
        title: "the two layouts differ in too many places",
        reason: "the resolver stops after 10,000 findings, or once their text takes 16 MiB and 8 times the size of the layouts",
        consequence: "the rest was not compared, so nothing is read",
        help: "check that these are two releases of one type",
        injective: false,
    }
}
