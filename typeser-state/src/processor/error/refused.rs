//! Why a savepoint is not migrated: all findings at once, and the functions that only the program has.

use std::fmt;
use std::path::PathBuf;

use typeser::report::Reports;
use typeser::resolve::{Compatibility, Role};

/// What does the same as a migration inside the program.
const MIGRATE: &str = "\
help: restore inside the program that has them, and take a savepoint there:
   | let state = operator.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ())?;
   | Savepoint::create(output)?.operator(&state)?.finish()?;
help: or make the same plan there, with serializers that bring their functions:
   | targets.add_serializer(operator, state, role, &Serializer::<T>::new()?);
   | MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new())?.run(output, &mut |_| ())?;
";

/// What does the same as a re-key inside the program.
const REKEY: &str = "\
help: make the same plan inside the program that has them:
   | targets.add_key_serializer(operator, &Serializer::<K>::new()?);
   | RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new())?.run(output, &mut |_| ())?;
";

/// Functions of the program without which a serializer's bytes cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededFunctions {
    /// The operator's uid.
    pub operator: String,
    /// The state; `None` for the keys of the operator.
    pub state: Option<String>,
    /// What the serializer is used for.
    pub role: Role,
    /// Their ids, sorted.
    pub ids: Vec<String>,
}

/// All that prevents the migration of a savepoint. Nothing was written.
#[derive(Clone)]
pub struct Refused {
    pub(crate) savepoint: PathBuf,
    pub(crate) reports: Reports,
    pub(crate) functions: Vec<NeededFunctions>,
}

impl Refused {
    /// What the resolver says of every serializer that was given.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// The functions that are needed, for each serializer that needs some.
    #[must_use]
    pub fn functions(&self) -> &[NeededFunctions] {
        &self.functions
    }

    /// What is said beside the reports: about functions, and that nothing was written.
    #[must_use]
    pub fn rest(&self) -> String {
        let mut text = String::new();
        if !self.functions.is_empty() {
            text.push_str("error: functions of the program are needed, and no file holds them\n");
            for needed in &self.functions {
                let of = match &needed.state {
                    Some(state) => format!("the {} of state `{state}` of operator `{}`", needed.role, needed.operator),
                    None => format!("the {} of operator `{}`", needed.role, needed.operator),
                };
                text.push_str(&format!("   = {of}: `{}`\n", needed.ids.join("`, `")));
            }
            // Keys are never migrated on restore, so for them only the plan itself helps.
            text.push_str(if self.functions.iter().all(|needed| needed.role == Role::Key) { REKEY } else { MIGRATE });
        }
        let why = match (self.reports.compatibility() == Compatibility::Incompatible, self.functions.is_empty()) {
            (true, _) => "cannot be migrated to these serializers",
            (false, _) => "cannot be migrated without its program",
        };
        text.push_str(&format!("the savepoint {} {why}: nothing was written or changed\n", self.savepoint.display()));
        text
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.reports.to_string().trim_end(), self.rest().trim_end())
    }
}

impl std::error::Error for Refused {}

typeser::text::debug_as_display!(Refused);
