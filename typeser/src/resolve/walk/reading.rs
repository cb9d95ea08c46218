//! How a function for whole values reads a stored part: as it is, or after the rules have made of it what it reads.

use super::identity::declared_name;
use super::run::walk_part;
use super::walker::{MOST_FINDINGS, Walker, place_in_tail};
use super::weights::weight;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::finding::{Finding, Link};
use crate::resolve::plan::{Before, StepId};
use crate::resolve::policy::Policy;
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{Node, NodeId};
use crate::snapshot::{NodeHints, SerializerSnapshot, Source, TypeMigration};

/// How a function reads a stored part.
pub(super) enum Reading {
    /// As it is stored: the function takes a dynamic value, or reads exactly this layout.
    Exactly,
    /// The rules make of it what the function reads.
    ByRules(Box<ByRules>),
    /// Not at all.
    None {
        /// The type that the function reads.
        source: String,
        /// Why the rules do not make that type of what is stored, as the end of a sentence.
        because: String,
    },
}

/// What the rules do before a function.
pub(super) struct ByRules {
    /// What they find.
    pub(super) findings: Vec<Finding>,
    pub(super) before: Before,
}

impl Walker<'_> {
    /// How a function reads the stored part of a pair. An exact match comes first. `None` if too much was compared,
    /// which is reported.
    pub(super) fn reading(&mut self, id: StepId, migration: &TypeMigration) -> Option<Reading> {
        let Some(source) = &migration.source else { return Some(Reading::Exactly) };
        if self.reads(id, &[], source.schema(), self.pair(id).stored)? {
            return Some(Reading::Exactly);
        }
        let because = match self.by_rules(id, migration, source) {
            Ok(by_rules) => return Some(Reading::ByRules(Box::new(by_rules))),
            Err(because) => because,
        };
        if self.comparable == 0 {
            let detail = String::from("functions read too many layouts to compare");
            self.find(&rules::TOO_MANY_PAIRS, id, &[], detail, vec![]);
            return None;
        }
        Some(Reading::None { source: source.schema().type_name(NodeId::ROOT), because })
    }

    /// What the rules do to the stored part of a pair before a function reads it; or why they do not.
    fn by_rules(&mut self, id: StepId, migration: &TypeMigration, source: &Source) -> Result<ByRules, String> {
        let pair = self.pair(id);
        let (stored, zone) = (pair.stored, pair.zone);
        if migration.exact {
            return Err(format!("; the type that `{}` takes declares functions, so it is read exactly", migration.id));
        }
        let version = |node: &Node| match node {
            Node::Struct(_) | Node::Enum(_) => declared_name(node).map(|(_, version)| version),
            _ => None,
        };
        // A type of another version can mean something else.
        let (was, read) = (version(self.stored_schema().node(stored)), version(source.schema().root()));
        if was.is_some() && read.is_some() && was != read {
            return Err(String::new());
        }
        // The source is copied, with its names; a reading that would copy too much is none.
        let weight = source.schema().nodes().iter().map(weight).sum::<usize>();
        if weight > self.comparable {
            self.comparable = 0;
            return Err(String::new());
        }
        let Some(read) = self.source_snapshot(source) else { return Err(String::new()) };
        // Keys that move are only asked to stay different.
        let zone = if zone == Zone::Fixed { Zone::Distinct } else { zone };
        // A function reads what earlier releases stored.
        let policy = Policy { downwards: false, ..*self.policy };
        let (whole, place) = (self.stored, (self.role, zone));
        let (findings, plan, taken) = walk_part((whole, stored), &read, place, &policy, &self.shapes, self.comparable);
        self.comparable = self.comparable.saturating_sub(taken + whole.schema().len() + weight);
        let refusal = findings.iter().find(|finding| finding.rule.verdict == Compatibility::Incompatible);
        match (refusal, plan) {
            (None, Some(plan)) => Ok(ByRules { findings, before: Before { plan, source: read } }),
            (Some(finding), _) => Err(format!("; at `{}{}`, {}", self.role, finding.path, finding.detail)),
            (None, None) => Err(String::new()),
        }
    }

    /// What a function reads, as a snapshot; `None` if it contradicts itself.
    fn source_snapshot(&self, source: &Source) -> Option<SerializerSnapshot> {
        let schema = source.schema().clone();
        let hints = match source.hints() {
            [] => schema.nodes().iter().map(NodeHints::empty).collect(),
            hints => hints.to_vec(),
        };
        let (name, integers) = (schema.type_name(NodeId::ROOT), self.new.configuration().integers);
        SerializerSnapshot::new(name, 1, integers.into(), schema, hints).ok()
    }

    /// Adds what the rules have found before a function, which is below a pair.
    pub(super) fn add_findings(&mut self, id: StepId, findings: Vec<Finding>, function: &str) {
        let (depth, new) = (self.pair(id).depth, self.pair(id).new);
        for finding in findings {
            if self.is_full() || self.text == 0 || self.findings.len() >= MOST_FINDINGS {
                // The finding that there are more stands for the rest.
                return self.find(finding.rule, id, &[], finding.detail, Vec::new());
            }
            let below = finding.path.segments();
            let mut chain = self.chain(id, below.len());
            let links = finding.chain.iter().skip(1);
            // The types that the function reads are no types of the new side.
            let whole = depth + below.len();
            chain.extend(links.filter_map(|link| {
                Some(Link { depth: place_in_tail(depth + link.depth, whole)?, stored: link.stored, new })
            }));
            let path = self.path(id, below);
            let count = below.len();
            let note = Some(format!("before `{function}` is called"));
            self.keep_finding(
                Finding { path, chain, note, also: Vec::new(), fixes: Vec::new(), ..finding },
                (id, count),
            );
        }
    }
}
