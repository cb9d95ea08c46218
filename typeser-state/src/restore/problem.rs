//! What is stored and has no place in a program, and how to resolve it.

use std::fmt;

use typeser::report::Report;

use crate::descriptor::{StateKind, with_article};
use crate::key_group::{KeyGroupRange, MaxParallelism};

/// Something that is stored and has no place in the program as it is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Problem {
    /// The stored serializer and the new one are incompatible.
    Incompatible(Box<Report>),
    /// The same of a state that the program did not declare itself: its types are derived from those of an operator's
    /// inputs and outputs.
    InternalState {
        /// Which of them changed.
        cause: String,
        /// What that means for the state.
        report: Box<Report>,
    },
    /// A state of this name has another kind now, whose rows are others.
    StateKindChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it was.
        stored: StateKind,
        /// What it is declared as now.
        new: StateKind,
    },
    /// A newer release wrote the state, and the policy reads it downwards without allowing any loss: it can be read, but
    /// not restored.
    ReadOnly {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// The fields that would be left out.
        fields: Vec<String>,
    },
    /// A state had namespaces and has none any more, or the other way round.
    NamespacesChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it is.
        kind: StateKind,
        /// The type of the namespaces that it had.
        stored: Option<String>,
        /// The type of those that it has now.
        new: Option<String>,
    },
    /// A state was given a time to live, or has none any more: only a restore stamps rows or takes the stamps off.
    TimeToLiveChanged {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Whether it has one now.
        turned_on: bool,
    },
    /// A stored state that the operator does not declare any more.
    StateNotDeclared {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What it is.
        kind: StateKind,
        /// How many rows it has; `None` where they were not counted.
        entries: Option<u64>,
        /// The new states that could be this one under another name: with its rows and its serializers.
        similar: Vec<String>,
    },
    /// An option drops a state that the operator declares.
    StateStillDeclared {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// What is stored of it.
        kind: StateKind,
        /// How many rows it has; `None` where they were not counted.
        entries: Option<u64>,
    },
    /// An option names an operator or a state that the savepoint does not hold.
    OptionMatchesNothing {
        /// The option: `drop_state("flights", "totals")`.
        option: String,
        /// What the savepoint holds instead.
        reason: String,
        /// The same option with the most similar name that is stored.
        similar: Option<String>,
    },
    /// A stored operator that the program does not have any more.
    OperatorNotDeclared {
        /// The operator's uid.
        operator: String,
        /// How many rows they have.
        entries: u64,
    },
    /// A stored operator with operator state that the program does not have any more.
    OperatorStatesNotDeclared {
        /// The operator's uid.
        operator: String,
        /// How many elements, entries and pieces there are.
        entries: u64,
    },
    /// Two operators of the program have one uid, and are not instances of one operator.
    DuplicateOperator {
        /// The operator's uid.
        operator: String,
        /// Whether its state is scoped to keys.
        is_keyed: bool,
        /// The key groups of each, or the numbers of its instances, and how many there are.
        instances: [(KeyGroupRange, MaxParallelism); 2],
    },
    /// Two operators of the program would be restored from the state of one stored operator.
    EarlierUidTaken {
        /// The uid of the stored operator.
        stored: String,
        /// The uids of the two operators.
        operators: [String; 2],
    },
    /// The savepoint does not hold the state of all instances that is needed.
    InstancesMissing {
        /// The operator's uid.
        operator: String,
        /// How many instances there were.
        parallelism: u16,
        /// Which of them no file of the savepoint holds, in order.
        missing: Vec<KeyGroupRange>,
    },
    /// The key groups are others.
    MaxParallelismChanged {
        /// The operator's uid.
        operator: String,
        /// What it was.
        stored: MaxParallelism,
        /// What it is declared as now.
        new: MaxParallelism,
    },
    /// The savepoint does not hold all key groups that the instance owns.
    KeyGroupsMissing {
        /// The operator's uid.
        operator: String,
        /// What the instance owns.
        owned: KeyGroupRange,
        /// What of it no file of the savepoint holds, in order.
        missing: Vec<KeyGroupRange>,
    },
    /// The state has to be migrated, which only a restore does.
    NeedsRestore(Box<Report>),
    /// There are as many stored states as there are numbers for them.
    TooManyStates {
        /// The operator's uid.
        operator: String,
        /// The state that has no number.
        state: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incompatible(report) | Self::NeedsRestore(report) => write!(f, "{report}"),
            Self::InternalState { cause, report } => write!(f, "{cause}:\n{report}"),
            Self::StateKindChanged { operator, state, stored, new } => write!(
                f,
                "error[state-kind-changed]: state `{state}` of operator `{operator}` was stored as {} and is \
                 declared as {}\n   \
                 = the rows of the two are laid out differently, so none could be read\n\
                 help: declare the {new} under another name, and keep the {stored} as it was\n\
                 help: to begin with an empty {new}: `RestoreOptions::new().reset_state({operator:?}, {state:?})`",
                with_article(&stored.to_string()),
                with_article(&new.to_string())
            ),
            Self::ReadOnly { operator, state, fields } => write!(
                f,
                "error[read-only]: a newer release wrote state `{state}` of operator `{operator}`, and this one would \
                 restore it without `{}`\n   \
                 = the policy reads downwards and allows no loss, so what is read must not be written again\n\
                 help: start the newer release again, or one after it\n\
                 help: to read the state without restoring it: `Operator::read`\n\
                 help: to give up what the newer release added: `RestoreOptions::new().with_policy(Policy {{ losses: \
                 Losses::Any, downwards: true }})`",
                fields.join("`, `")
            ),
            Self::NamespacesChanged { operator, state, kind, stored, new } => {
                let side = |name: &Option<String>| match name {
                    Some(name) => format!("in namespaces of `{name}`"),
                    None => "without namespaces".to_owned(),
                };
                write!(
                    f,
                    "error[namespaces-changed]: the {kind} `{state}` of operator `{operator}` was stored {} and is \
                     declared {}\n   \
                     = the namespace is a part of where a row lies, so nothing would be found again\n\
                     help: declare the state as it was, and another one under another name\n\
                     help: to begin with an empty one: `RestoreOptions::new().reset_state({operator:?}, {state:?})`",
                    side(stored),
                    side(new)
                )
            }
            Self::TimeToLiveChanged { operator, state, turned_on } => {
                let (was, now) = if *turned_on { ("without", "with") } else { ("with", "without") };
                write!(
                    f,
                    "error[time-to-live-changed]: state `{state}` of operator `{operator}` was stored {was} a time to \
                     live and is declared {now} one\n   \
                     = with one, every stored value begins with the time of its last write\n\
                     help: take a savepoint and restore it: that is a migration, which loses nothing that has not expired"
                )
            }
            Self::StateNotDeclared { operator, state, kind, entries, similar } => {
                write!(
                    f,
                    "error[state-not-declared]: operator `{operator}` does not declare `{state}`, {} that is \
                     stored",
                    with_article(&kind.to_string())
                )?;
                if let Some(entries) = entries {
                    write!(f, "\n   = {} would be lost", rows(*entries))?;
                }
                for new in similar {
                    write!(
                        f,
                        "\nhelp: if it is called `{new}` now, add `with_earlier_name({state:?})` to its descriptor, or \
                         rename it in a copy of the savepoint, and restore that\n \
                         |\n \
                         | typeser state edit SAVEPOINT --rename-state {} {} {} --output NEW-SAVEPOINT\n \
                         |",
                        shell_word(operator),
                        shell_word(state),
                        shell_word(new)
                    )?;
                }
                write!(
                    f,
                    "\nhelp: declare the state again\n\
                     help: to keep its bytes for the next savepoint: \
                     `RestoreOptions::new().retain_state({operator:?}, {state:?})`\n\
                     help: to leave it out: `RestoreOptions::new().drop_state({operator:?}, {state:?})`\n\
                     help: or leave it out of a copy of the savepoint, and restore that\n \
                     |\n \
                     | typeser state edit SAVEPOINT --remove-state {} {} --output NEW-SAVEPOINT\n \
                     |",
                    shell_word(operator),
                    shell_word(state)
                )
            }
            Self::StateStillDeclared { operator, state, kind, entries } => {
                write!(
                    f,
                    "error[state-still-declared]: operator `{operator}` declares `{state}`, {} that \
                     `drop_state({operator:?}, {state:?})` names\n   \
                     = only a state that is no longer declared can be dropped",
                    with_article(&kind.to_string())
                )?;
                if let Some(entries) = entries {
                    write!(f, "; {} would be lost", rows(*entries))?;
                }
                write!(
                    f,
                    "\nhelp: to restore it, remove the option\n\
                     help: to begin with an empty {kind}: `RestoreOptions::new().reset_state({operator:?}, {state:?})`"
                )
            }
            Self::OptionMatchesNothing { option, reason, similar } => {
                write!(
                    f,
                    "error[option-matches-nothing]: `{option}` names something that is not stored\n   = {reason}"
                )?;
                if let Some(similar) = similar {
                    write!(f, "\nhelp: if this is meant: `RestoreOptions::new().{similar}`")?;
                }
                write!(f, "\nhelp: if an earlier restore has done it already, remove the option")
            }
            Self::OperatorNotDeclared { operator, entries } => write!(
                f,
                "error[operator-not-declared]: operator `{operator}` is stored, but the program does not have it\n   \
                 = {} would be lost\n\
                 help: if the program restores it on its own: `RestoreOptions::new().with_operator({operator:?})`\n\
                 help: if its uid was changed, add `with_earlier_uid({operator:?})` to the operator, or rename it in a copy \
                 of the savepoint, and restore that\n \
                 |\n \
                 | typeser state edit SAVEPOINT --rename-operator {} NEW-UID --output NEW-SAVEPOINT\n \
                 |\n\
                 help: to keep its bytes for the next savepoint: `RestoreOptions::new().retain_operator({operator:?})`\n\
                 help: to leave it out: `RestoreOptions::new().drop_operator({operator:?})`",
                rows(*entries),
                shell_word(operator)
            ),
            Self::OperatorStatesNotDeclared { operator, entries } => write!(
                f,
                "error[operator-not-declared]: state of operator `{operator}` itself is stored, but the program does not \
                 restore it\n   \
                 = {} would be lost\n\
                 help: if the program restores it on its own: \
                 `RestoreOptions::new().with_operator_state({operator:?})`\n\
                 help: if its uid was changed, add `with_earlier_uid({operator:?})` to the operator, or rename it in a copy \
                 of the savepoint, and restore that\n \
                 |\n \
                 | typeser state edit SAVEPOINT --rename-operator {} NEW-UID --output NEW-SAVEPOINT\n \
                 |\n\
                 help: to keep its bytes for the next savepoint: `RestoreOptions::new().retain_operator({operator:?})`\n\
                 help: to leave it out: `RestoreOptions::new().drop_operator({operator:?})`",
                rows(*entries),
                shell_word(operator)
            ),
            Self::EarlierUidTaken { stored, operators: [first, second] } => write!(
                f,
                "error[earlier-uid-taken]: operators `{first}` and `{second}` would both be restored from the stored \
                 operator `{stored}`\n   \
                 = one of them was called so, now or earlier, and not both\n\
                 help: remove `with_earlier_uid({stored:?})` from the other one"
            ),
            Self::DuplicateOperator { operator, is_keyed, instances: [(first, of), (second, other_of)] } => {
                let (what, fix) = match is_keyed {
                    true => ("key groups", "`with_key_groups`, and the same `with_max_parallelism`"),
                    false => ("instance", "`with_instance`, and the same parallelism"),
                };
                let part = |groups: &KeyGroupRange| match is_keyed {
                    true => groups.to_string(),
                    false => groups.first().to_string(),
                };
                let (first, second) = (part(first), part(second));
                write!(
                    f,
                    "error[duplicate-operator]: the program has operator `{operator}` twice: with {what} {first} of {of}, \
                     and with {what} {second} of {other_of}\n   \
                     = stored state is found by the uid, so each would restore state of the other\n\
                     help: give one of them another uid\n\
                     help: if they are instances of one operator, give each its part with {fix}"
                )
            }
            Self::InstancesMissing { operator, parallelism, missing } => write!(
                f,
                "error[instances-missing]: the savepoint lacks instances {} of operator `{operator}`, of which there \
                 were {parallelism}\n   \
                 = not all instances were in the savepoint when it was taken; their elements would be lost\n\
                 help: take the savepoint again, of every instance\n\
                 help: to go on with a part: at a parallelism of {parallelism}, an instance needs nothing but its own \
                 state; only union lists need all, so empty those with `RestoreOptions::new().reset_state({operator:?}, ..)`",
                KeyGroupRange::list(missing)
            ),
            Self::MaxParallelismChanged { operator, stored, new } => write!(
                f,
                "error[max-parallelism-changed]: operator `{operator}` was stored in {stored} key groups and is \
                 declared with {new}\n   \
                 = a key's group decides where its state lies, so nothing would be found again\n\
                 help: declare `with_max_parallelism(MaxParallelism::new({stored})?)?`; an operator that owns all key \
                 groups and declares no max parallelism has the stored one\n\
                 help: to go on with {new}, edit the savepoint, where every row moves to its new key group, and restore \
                 what comes of it\n \
                 |\n \
                 | typeser state edit SAVEPOINT --max-parallelism {} {new} --output NEW-SAVEPOINT\n \
                 |\n\
                 help: or do the same in a program: `SavepointEdit::of(&savepoint).with_max_parallelism({operator:?}, \
                 MaxParallelism::new({new})?)`",
                shell_word(operator)
            ),
            Self::KeyGroupsMissing { operator, owned, missing } => write!(
                f,
                "error[key-groups-missing]: the savepoint lacks key groups {} of operator `{operator}`; this instance \
                 owns {owned}\n   \
                 = not all instances were in the savepoint when it was taken; their keys would start empty\n\
                 help: take the savepoint again, of every instance\n\
                 help: if the other instances wrote savepoints of their own, restore those with the key groups that \
                 they hold\n\
                 help: to restore a part: `with_key_groups` with groups that the savepoint holds",
                KeyGroupRange::list(missing)
            ),
            Self::TooManyStates { operator, state } => {
                write!(
                    f,
                    "error[too-many-states]: operator `{operator}` has no number left for state `{state}`: it can have \
                     65536 states, stored ones among them\n\
                     help: leave out stored states that are not needed: \
                     `RestoreOptions::new().drop_state({operator:?}, ..)`, then take a savepoint and restore from that\n\
                     help: declare fewer states: what differs by name alone fits into one map state"
                )
            }
        }
    }
}

fn rows(count: u64) -> String {
    match count {
        0 => "no row".to_owned(),
        1 => "1 row".to_owned(),
        count => format!("{count} rows"),
    }
}

/// A name as it is typed into a shell.
fn shell_word(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/@".contains(c);
    let quoted = || format!("'{}'", name.replace('\'', "'\\''"));
    if name.chars().all(plain) { name.to_owned() } else { quoted() }
}
