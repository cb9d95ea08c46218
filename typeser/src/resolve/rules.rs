//! The rule table: the only place that knows a verdict.
//!
//! The walker names rules; a rule says how bad it is, why, what follows for the data, and what to do.

use super::compatibility::Compatibility::{self, AfterReconfigure, Compatible, Incompatible, RequiresMigration};

/// A rule: one kind of change, and what typeser says of it.
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
    /// Whether it is about single stored values only, those of a variant say, and all others stay as they are: then it
    /// depends on the data whether there is anything to it.
    pub depends_on_data: bool,
}

impl Rule {
    /// The rule of this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|rule| rule.id == id)
    }
}

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
        title: "a type has another name, and says so",
        reason: "an `alias` of the new type is the stored name",
        consequence: "stored values are read and written as they are",
        help: "keep the alias for as long as data under the old name exists",
    }
    TYPE_CHANGED = Incompatible "type-changed" {
        title: "another type stands where the stored one stood",
        reason: "two types of one shape are not the same type",
        consequence: "stored values cannot be read: nothing says that they mean the same",
        help: "if the type was renamed, declare its old name with `alias`",
    }
    VERSION_WENT_BACK = Compatible "version-went-back" {
        title: "the stored version of a type is newer than the program's",
        reason: "versions alone never decide; the layouts do",
        consequence: "stored values are carried over by the rules for their layout",
        help: "check that this is the release that you meant to start",
    }
    VERSION_WENT_BACK_OVER_FUNCTION = Incompatible "version-went-back-over-function" {
        title: "a newer release changed the meaning of stored values by a function, and this release is older",
        reason: "the stored type is newer and declares a function for values of this version or a later one",
        consequence: "stored values are results of the function and would be misread, so nothing is read",
        help: "start the newer release again, or one after it; or restore state that was written before the upgrade",
        injective: false,
    }
    FIELDS_REORDERED = AfterReconfigure "fields-reordered" {
        title: "fields stand in another order",
        reason: "all stored fields are there under their names, only the order differs",
        consequence: "this alone changes no stored byte: the serializer keeps the stored order; a migration writes the new one",
        help: "nothing to do",
    }
    FIELD_RENAMED = Compatible "field-renamed" {
        title: "a field has another name, and says so",
        reason: "an `alias` of the new field is the stored name",
        consequence: "stored values are read and written as they are",
        help: "keep the alias for as long as data under the old name exists",
    }
    FIELD_ADDED = RequiresMigration "field-added" {
        title: "a field was added, with a default",
        reason: "stored values have no such field; its declared default fills it",
        consequence: "every stored value is rewritten with the default in it",
        help: "nothing to do",
    }
    OPTION_FIELD_ADDED = RequiresMigration "option-field-added" {
        title: "an optional field was added",
        reason: "stored values have no such field; it becomes `None`",
        consequence: "every stored value is rewritten with `None` in it",
        help: "nothing to do; declare a `default` if it should be something else",
    }
    FIELD_ADDED_WITHOUT_DEFAULT = Incompatible "field-added-without-default" {
        title: "a field was added, without a default",
        reason: "stored values have no such field, and nothing says what it should be",
        consequence: "stored values cannot be read",
        help: "declare a `default`, or make the field an `Option`",
    }
    FIELD_REMOVED = RequiresMigration "field-removed" {
        title: "a field was removed, and the type says so",
        reason: "the new type lists the field under `removed`",
        consequence: "the field's stored values are dropped; everything else is rewritten without them",
        help: "nothing to do",
        injective: false,
        loses: true,
    }
    FIELD_REMOVED_UNDECLARED = Incompatible "field-removed-undeclared" {
        title: "a stored field is gone",
        reason: "the new type has no such field and does not say that it was removed",
        consequence: "its stored values would be lost in silence, so nothing is read",
        help: "declare the loss with `removed`, or the rename with `alias`",
        injective: false,
    }
    FIELD_REMOVED_BY_POLICY = RequiresMigration "field-removed-by-policy" {
        title: "a stored field is gone, and the caller allows any loss",
        reason: "the policy is `losses = any`",
        consequence: "the field's stored values are dropped; everything else is rewritten without them",
        help: "declare the loss with `removed`, so that it is on record",
        injective: false,
        loses: true,
    }
    REMOVED_NAME_RETURNS = Incompatible "removed-name-returns" {
        title: "a removed name is used again",
        reason: "the stored type had removed this name; names are for ever",
        consequence: "data of still older releases would be read as the new thing of that name",
        help: "choose another name",
        injective: false,
    }
    VARIANT_ADDED = Compatible "variant-added" {
        title: "a variant was added behind the stored ones",
        reason: "every stored variant keeps its tag",
        consequence: "stored values are read and written as they are; an older release cannot read values of the new variant",
        help: "nothing to do",
    }
    VARIANTS_REORDERED = AfterReconfigure "variants-reordered" {
        title: "variants have other tags",
        reason: "all stored variants are there under their names, only their tags differ",
        consequence: "this alone changes no stored byte: the serializer keeps the stored tags; a migration writes the new ones",
        help: "nothing to do",
    }
    VARIANT_RENAMED = Compatible "variant-renamed" {
        title: "a variant has another name, and says so",
        reason: "an `alias` of the new variant is the stored name",
        consequence: "stored values are read and written as they are",
        help: "keep the alias for as long as data under the old name exists",
    }
    VARIANT_REMOVED = RequiresMigration "variant-removed" {
        title: "a variant was removed, and its values become another",
        reason: "the new enum lists the variant under `removed` with `becomes`",
        consequence: "stored values of the variant are replaced, their payload is dropped",
        help: "nothing to do",
        injective: false,
        loses: true,
        depends_on_data: true,
    }
    VARIANT_REPLACED = RequiresMigration "variant-replaced" {
        title: "a variant without a payload was removed, and a new one takes its place",
        reason: "the new enum lists the variant under `removed` with a new variant as `becomes`; nothing else becomes that one",
        consequence: "stored values of the variant are rewritten as the new one, nothing is lost",
        help: "nothing to do; if the variant was only renamed, `alias` needs no rewrite",
        depends_on_data: true,
    }
    VARIANT_TO_FALLBACK = RequiresMigration "variant-to-fallback" {
        title: "a variant was removed, and its values become the fallback",
        reason: "the new enum declares a variant `other` that stands for all removed ones",
        consequence: "stored values of the variant become the fallback, their payload is dropped",
        help: "nothing to do",
        injective: false,
        loses: true,
        depends_on_data: true,
    }
    VARIANT_REMOVED_UNDECLARED = Incompatible "variant-removed-undeclared" {
        title: "a stored variant is gone",
        reason: "nothing says what stored values of the variant should become",
        consequence: "a stored value of the variant could not be read, so nothing is read",
        help: "declare what they become with `removed`, or the rename with `alias`",
        injective: false,
        depends_on_data: true,
    }
    TAG_COLLISION = Incompatible "tag-collision" {
        title: "two variants of an enum have the same tag",
        reason: "bytes with that tag could mean either",
        consequence: "stored values cannot be told apart, so nothing is read",
        help: "correct the snapshot; typeser's derive never makes such a one",
        injective: false,
    }
    NAME_CLASH = Incompatible "name-clash" {
        title: "one name stands for two things",
        reason: "a current name, an alias and a removed name must all differ",
        consequence: "stored values could be read as the wrong thing, so nothing is read",
        help: "correct the snapshot; typeser's derive never makes such a one",
        injective: false,
    }
    FIELD_CONVERTED = RequiresMigration "field-converted" {
        title: "a declared function converts a field",
        reason: "the new type names a function of the program for the stored type of the field",
        consequence: "every stored value of the field goes through the function; one that it refuses stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the function",
        injective: false,
    }
    FIELD_CONVERTED_ONE_TO_ONE = RequiresMigration "field-converted-one-to-one" {
        title: "a declared function converts a field, and keeps different values different",
        reason: "the new type names a function of the program for the stored type of the field, declared `injective`",
        consequence: "every stored value of the field goes through the function; one that it refuses stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the function",
    }
    ADOPTED_LAYOUT_CONVERTED = RequiresMigration "adopted-layout-converted" {
        title: "a declared function would read the stored layout later, under its new names",
        reason: "the new type moved what is stored, and names a function for a type that is laid out as the stored one is under its new names",
        consequence: "the stored layout is not kept, since the next release could not tell it from what the function is for; every stored value is rewritten, without the function",
        help: "nothing to do; or remove the function once no stored value needs it",
    }
    TYPE_MIGRATED = RequiresMigration "type-migrated" {
        title: "declared functions make the new version of stored values",
        reason: "the new type names functions of the program for the stored version, which go before all other rules",
        consequence: "every stored value of the type goes through the functions; one that they refuse stops the migration, and nothing is lost",
        help: "nothing to do; the migration needs the program that has the functions",
        injective: false,
    }
    MIGRATION_MISSING = Incompatible "migration-missing" {
        title: "a later version is migrated by a function, the stored one is not",
        reason: "a function makes a newer version of values, so the layout alone does not say what older ones mean",
        consequence: "stored values would skip the function and could mean something else, so nothing is read",
        help: "declare a function for the stored version as well",
        injective: false,
    }
    MIGRATION_READS_ANOTHER_LAYOUT = Incompatible "migration-reads-another-layout" {
        title: "a declared function reads another layout than the stored one",
        reason: "the function takes a type that is kept from the stored version, and the two differ",
        consequence: "the function could not read stored values, or would misread them, so nothing is read",
        help: "keep the type exactly as it was, its name and version too, or take a dynamic `Value`",
        injective: false,
    }
    CONSTANT_MALFORMED = Incompatible "constant-malformed" {
        title: "a declared constant is not a value of its type",
        reason: "the snapshot holds a `default`, `none`, `becomes` or fallback variant that its own layout cannot hold",
        consequence: "the constant would be written into stored values and could not be read again, so nothing is read",
        help: "correct the snapshot; typeser's derive never makes such a one",
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
        reason: "every stored character is a string of one",
        consequence: "every stored value is rewritten",
        help: "nothing to do",
    }
    STRING_TO_BYTES = RequiresMigration "string-to-bytes" {
        title: "a string became a list of bytes",
        reason: "every string is bytes; the stored form is the same",
        consequence: "only the snapshot changes, no value is rewritten for it",
        help: "nothing to do",
    }
    PRIMITIVE_CHANGED = Incompatible "primitive-changed" {
        title: "a plain type became another that does not hold every value",
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
        title: "an optional value is optional no more",
        reason: "a stored `None` has no value, and nothing says what it should be",
        consequence: "stored values cannot be read",
        help: "keep the `Option`, or declare with `none` what a stored `None` becomes",
        injective: false,
        convertible: true,
    }
    NONE_REPLACED = RequiresMigration "none-replaced" {
        title: "an optional value is optional no more, and a declared value stands for `None`",
        reason: "the new field declares `none`",
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
        reason: "nothing says which elements to add or to drop",
        consequence: "stored values cannot be read",
        help: "keep the length, or use a `Vec`",
        injective: false,
        convertible: true,
    }
    ARRAY_TOO_LONG = Incompatible "array-too-long" {
        title: "a very long array of elements without bytes would have to be walked",
        reason: "more than 65,536 elements that take no bytes are not believed: their number costs time and nothing bounds it",
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
        reason: "a stored list may hold an element twice, and its order means something",
        consequence: "stored values cannot be read",
        help: "keep the list",
        injective: false,
        convertible: true,
    }
    TUPLE_ARITY_CHANGED = Incompatible "tuple-arity-changed" {
        title: "a tuple has more or fewer elements",
        reason: "the elements of a tuple have no names by which to find them",
        consequence: "stored values cannot be read",
        help: "keep the tuple, or use a struct from now on",
        injective: false,
        convertible: true,
    }
    TUPLE_VS_CONCRETE = Incompatible "tuple-vs-concrete" {
        title: "a 1-tuple stands against its element",
        reason: "a 1-tuple and its element are different types",
        consequence: "stored values are not read as the other type",
        help: "keep the stored type",
        injective: false,
        convertible: true,
    }
    NEWTYPE_VS_INNER = Incompatible "newtype-vs-inner" {
        title: "a newtype stands against the type inside it",
        reason: "a newtype is a type of its own, unless it is declared `transparent`",
        consequence: "stored values are not read as the other type",
        help: "declare the newtype `transparent`, or keep the stored type",
        injective: false,
        convertible: true,
    }
    NONZERO_TO_PLAIN = Compatible "nonzero-to-plain" {
        title: "an integer may be zero now",
        reason: "every non-zero integer is an integer",
        consequence: "stored values are read and written as they are; an older release cannot read a zero",
        help: "nothing to do",
    }
    PLAIN_TO_NONZERO = Incompatible "plain-to-nonzero" {
        title: "an integer may not be zero any more",
        reason: "a stored value may be zero",
        consequence: "a stored zero could not be read, so nothing is read",
        help: "keep the plain integer",
        injective: false,
        depends_on_data: true,
        convertible: true,
    }
    LOGICAL_CHANGED = Incompatible "logical-changed" {
        title: "a type with a meaning of its own became another",
        reason: "the name or a parameter of the logical type differs",
        consequence: "stored values would mean something else",
        help: "keep the stored type",
        injective: false,
        convertible: true,
    }
    OPAQUE_NOT_CHECKED = Compatible "opaque-not-checked" {
        title: "an opaque part was not checked inside",
        reason: "its declared name and version are equal; typeser does not see more",
        consequence: "stored values are read and written as they are, if the declaration is true",
        help: "count its version up whenever its stored form changes",
    }
    OPAQUE_READ_AS_IS = Compatible "opaque-read-as-is" {
        title: "an opaque part has a newer version, which reads the stored one as it is",
        reason: "its serializer lists the stored version among those that it reads; typeser does not see more",
        consequence: "stored values are read as they are, if the declaration is true; what is written anew has the new version",
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
        reason: "its declared name, version or framing differs, and nothing declared reads what is stored",
        consequence: "stored values cannot be read",
        help: "keep the name and version that wrote the data, or declare what reads it",
        injective: false,
    }
    OPAQUE_UNFRAMED = Incompatible "opaque-unframed" {
        title: "an opaque part without a length stands in the way",
        reason: "nothing says where it ends, so nothing that holds it can be rewritten",
        consequence: "stored values cannot be carried over",
        help: "keep the stored layout",
        injective: false,
    }
    INTEGER_ENCODING = RequiresMigration "integer-encoding" {
        title: "integers are encoded in another way",
        reason: "the configuration changed between fixed and variable integers",
        consequence: "every stored value is rewritten",
        help: "keep the encoding that wrote the data if a rewrite is not what you want",
    }
    KIND_CHANGED = Incompatible "kind-changed" {
        title: "another kind of type stands where the stored one stood",
        reason: "the two kinds have nothing in common that could be carried over",
        consequence: "stored values cannot be read",
        help: "keep the stored type, or add a new field beside it",
        injective: false,
        convertible: true,
    }
    KEY_MIGRATION_REFUSED = Incompatible "key-migration-refused" {
        title: "a key, namespace or timer would have to be migrated",
        reason: "they are never migrated on restore: their bytes decide where an entry lives",
        consequence: "entries could not be found where they belong, so nothing is read",
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
        title: "what a stored value becomes depends on the releases that it went through",
        reason: "carried over directly, a value of an older release becomes another than through the releases between",
        consequence: "users of one program who skipped a release and users who did not would have different state",
        help: "keep the default and the names that the release between gave, or declare the version up and migrate",
    }
    TOO_MANY_PAIRS = Incompatible "too-many-pairs" {
        title: "the two layouts are too entangled to compare",
        reason: "more pairs of nodes meet than the resolver looks at",
        consequence: "nothing is known of stored values, so nothing is read",
        help: "simplify the type",
        injective: false,
    }
    TOO_MANY_FINDINGS = Incompatible "too-many-findings" {
        title: "the two layouts differ in too many places",
        reason: "the resolver stops when it has found more changes than anyone reads",
        consequence: "what was not looked at is not known to fit, so nothing is read",
        help: "check that these are two releases of one type",
        injective: false,
    }
}
