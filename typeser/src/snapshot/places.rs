//! The positions in a text of the parts of a definition.

use super::part::Part;
use super::scan::Position;

/// Where the parts of a definition are.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<(Part, Position)>);

impl Places {
    pub(super) fn add(&mut self, part: Part, at: Position) {
        self.0.push((part, at));
    }

    pub(super) fn of(&self, part: Part) -> Option<Position> {
        self.0.iter().find(|(known, _)| *known == part).map(|(_, at)| *at)
    }
}
