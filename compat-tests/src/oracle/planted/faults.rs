//! The list of planted faults.

use typeser::TypeSerializer;
use typeser::migrate::Trust;
use typeser::resolve::{Compatibility, Role};
use typeser::versions::Stored;

use super::{Fault, Made, alter, later};
use crate::oracle::subject::Halves;
use crate::oracle::value::Value;

/// All of them.
pub const FAULTS: &[Fault] = &[
    Fault {
        name: "the join of `after reconfigure` and `requires migration` is `after reconfigure`",
        made: Made::Join(|one, other| match (one.min(other), one.max(other)) {
            (Compatibility::AfterReconfigure, Compatibility::RequiresMigration) => Compatibility::AfterReconfigure,
            (_, worse) => worse,
        }),
    },
    // The rule table.
    Fault {
        name: "rule table: moved variants are compatible",
        made: Made::Table(|id, _, verdict| {
            Some(if id == "variants-reordered" { Compatibility::Compatible } else { verdict })
        }),
    },
    Fault {
        name: "rule table: an array that became a list is incompatible",
        made: Made::Table(|id, _, verdict| {
            Some(if id == "array-to-list" { Compatibility::Incompatible } else { verdict })
        }),
    },
    Fault {
        name: "rule table: an older version than the stored one is incompatible",
        made: Made::Table(|id, _, verdict| {
            Some(if id == "version-went-back" { Compatibility::Incompatible } else { verdict })
        }),
    },
    Fault {
        name: "rule table: every rule is injective",
        made: Made::Table(|id, _, verdict| (id != "not-injective").then_some(verdict)),
    },
    Fault {
        name: "a namespace may be migrated as a value may",
        made: Made::Table(|id, role, verdict| {
            (id != "key-migration-refused" || role != Role::Namespace).then_some(verdict)
        }),
    },
    Fault {
        name: "a reused name is not reported",
        made: Made::Table(|id, _, verdict| (id != "removed-name-returns").then_some(verdict)),
    },
    Fault {
        name: "a layout is kept although a function would read it later",
        made: Made::Table(|id, _, verdict| (id != "adopted-layout-converted").then_some(verdict)),
    },
    // The walker.
    Fault { name: "walker: i32 and u32 are one type", made: Made::Walker(alter::signs_are_ignored) },
    Fault { name: "walker: elements of sets may become equal", made: Made::Walker(alter::sets_are_lists) },
    Fault { name: "walker: keys of maps may become equal", made: Made::Walker(alter::maps_are_lists) },
    Fault {
        name: "walker: parameters of logical types are ignored",
        made: Made::Walker(alter::parameters_are_ignored),
    },
    Fault {
        name: "walker: versions of opaque leaves are ignored",
        made: Made::Walker(alter::opaque_versions_are_ignored),
    },
    Fault { name: "walker: names of enums are ignored", made: Made::Walker(alter::enum_names_are_ignored) },
    Fault {
        name: "walker: tombstones of fields are ignored",
        made: Made::Walker(alter::tombstones_of_fields_are_ignored),
    },
    Fault {
        name: "walker: tombstones of variants are ignored",
        made: Made::Walker(alter::tombstones_of_variants_are_ignored),
    },
    Fault { name: "walker: only the last alias counts", made: Made::Walker(alter::only_the_last_alias_counts) },
    Fault {
        name: "walker: a field of zero bytes may be removed undeclared",
        made: Made::Walker(alter::fields_without_bytes_need_no_tombstone),
    },
    Fault {
        name: "walker: every function keeps different values different",
        made: Made::Walker(alter::every_function_is_injective),
    },
    Fault {
        name: "walker: the input of a type's functions is not compared with the stored layout",
        made: Made::Walker(later::what_functions_read_is_not_compared),
    },
    Fault {
        name: "walker: the rules of fields apply to a version without its function",
        made: Made::Walker(later::missing_functions_are_passed_over),
    },
    Fault {
        name: "walker: a function does not read a part of another kind",
        made: Made::Walker(later::functions_read_their_own_kind),
    },
    Fault {
        name: "walker: versions that an opaque leaf read before are ignored",
        made: Made::Walker(later::what_was_read_as_it_was_is_forgotten),
    },
    Fault {
        name: "walker: a key may be stored in two forms",
        made: Made::Walker(later::a_version_that_is_read_is_the_same),
    },
    // The plan.
    Fault { name: "plan: two moves of one type are swapped", made: Made::Plan(alter::two_moves_are_swapped) },
    Fault { name: "plan: two defaults of one type are swapped", made: Made::Plan(alter::two_defaults_are_swapped) },
    Fault {
        name: "plan: the last byte of a default is lost",
        made: Made::Plan(alter::the_last_byte_of_a_default_is_lost),
    },
    Fault { name: "plan: a default of an option is None", made: Made::Plan(alter::a_default_of_an_option_is_none) },
    Fault {
        name: "plan: all removed variants become the replacement of the first",
        made: Made::Plan(alter::removed_variants_become_the_same),
    },
    Fault { name: "plan: two tags are swapped", made: Made::Plan(alter::two_tags_are_swapped) },
    Fault { name: "plan: i16 is widened without its sign", made: Made::Plan(alter::i16_is_unsigned) },
    Fault { name: "plan: zero replaces a stored None", made: Made::Plan(alter::zero_stands_for_none) },
    Fault {
        name: "plan: the fallback is the first variant of its payload",
        made: Made::Plan(alter::the_fallback_is_the_first_variant),
    },
    Fault {
        name: "plan: the last function of a chain is left out",
        made: Made::Plan(later::the_last_function_is_left_out),
    },
    Fault {
        name: "plan: a version with the layout of the one before needs no function",
        made: Made::Plan(later::equal_layouts_need_no_function),
    },
    Fault {
        name: "plan: an opaque leaf stays unchanged although a function is declared",
        made: Made::Plan(later::what_functions_read_stays_as_it_was),
    },
    // The program.
    Fault { name: "program: bools are not checked", made: Made::Plan(alter::bools_are_bytes) },
    Fault { name: "program: UTF-8 is not checked", made: Made::Plan(alter::strings_are_bytes) },
    Fault { name: "program: a zero is accepted for NonZero", made: Made::Plan(alter::nonzero_is_plain) },
    Fault { name: "program: nanoseconds are not checked", made: Made::Plan(alter::times_have_no_bound) },
    Fault { name: "program: duplicate keys are accepted", made: Made::Plan(alter::maps_are_lists) },
    Fault {
        name: "program: -0.0 loses its sign",
        made: Made::Value(|value| {
            if *value == Value::F64(1 << 63) {
                *value = Value::F64(0);
            }
        }),
    },
    Fault {
        name: "program: the halves of a u128 are swapped",
        made: Made::Value(|value| {
            if let Value::Unsigned(wide @ 0x1_0000_0000_0000_0000..) = value {
                *wide = wide.rotate_left(64);
            }
        }),
    },
    Fault {
        name: "program: the last element of a block is the one before it",
        made: Made::Value(|value| {
            if let Value::List(elements) = value
                && elements.len() > 256
            {
                elements[255] = elements[254].clone();
            }
        }),
    },
    Fault {
        name: "program: Some(None) is None",
        made: Made::Value(|value| {
            if let Value::Option(inner) = value
                && inner.as_deref() == Some(&Value::Option(None))
            {
                *inner = None;
            }
        }),
    },
    Fault {
        name: "program: foreign bytes are not checked",
        made: Made::Run(|right, stored, _, scratch, to| right(stored, Trust::Verified, scratch, to).is_ok()),
    },
    Fault {
        name: "program: the previous content of the output is lost",
        made: Made::Run(|right, stored, trust, scratch, to| {
            to.clear();
            right(stored, trust, scratch, to).is_ok()
        }),
    },
    Fault {
        name: "program: a failure leaves partial output",
        made: Made::Run(|right, stored, trust, scratch, to| {
            let is_well = right(stored, trust, scratch, to).is_ok();
            if !is_well {
                to.extend(stored.first());
            }
            is_well
        }),
    },
    // Reconfigured serializers.
    Fault {
        name: "reconfigured: the writing half is left out",
        made: Made::Halves(|right| Halves {
            write: Box::new(|new, _, _, to| {
                to.extend_from_slice(new);
                Ok(())
            }),
            ..right
        }),
    },
    Fault { name: "adopted: tombstones are dropped", made: Made::Adopted(alter::without_tombstones) },
    Fault { name: "adopted: constants of the new layout are kept", made: Made::Adopted(alter::with_constants) },
    Fault {
        name: "adopted: a new variant takes a gap between the stored tags",
        made: Made::Adopted(alter::with_tags_in_gaps),
    },
    // Witnesses.
    Fault { name: "witness: the largest number that fits is claimed not to", made: Made::Witness(later::off_by_one) },
    Fault { name: "witness: the lists on the path are empty", made: Made::Witness(later::with_empty_lists) },
    Fault { name: "witness: an enum has its first variant", made: Made::Witness(later::of_the_first_variant) },
    Fault {
        name: "witness: the bytes have the other integer encoding",
        made: Made::Witness(later::of_the_other_encoding),
    },
    // Sets of versions.
    Fault {
        name: "versions: of one layout, only the first set of hints is resolved",
        made: Made::Releases(alter::with_the_first_hints),
    },
    Fault { name: "versions: a release that cannot be read is left out", made: Made::Releases(alter::without_refused) },
    Fault {
        name: "versions: the value beside a tag is read by today's layout",
        made: Made::Read(|versions, stored| match stored {
            Stored::Tagged { value, .. } => versions.serializer().deserialize(value).ok(),
            _ => None,
        }),
    },
];
