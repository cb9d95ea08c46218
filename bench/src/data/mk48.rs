//! `mk48`: 1,000 updates of a naval game; nested vectors, options, small enums.

use serde::{Deserialize, Serialize};
use typeser::StateType;
use wincode::{SchemaRead, SchemaWrite};

use crate::random::Random;

pub const COUNT: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub enum EntityType {
    ArleighBurke,
    Bismarck,
    Clemenceau,
    Fletcher,
    G5,
    Iowa,
    Kolkata,
    Osa,
    Yasen,
    Zubr,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Transform {
    pub altitude: i8,
    pub angle: u16,
    pub position: (f32, f32),
    pub velocity: i16,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Guidance {
    pub angle: u16,
    pub submerge: bool,
    pub velocity: i16,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Contact {
    pub damage: u8,
    pub entity_id: u32,
    pub entity_type: Option<EntityType>,
    pub guidance: Guidance,
    pub player_id: Option<u16>,
    pub reloads: Vec<bool>,
    pub transform: Transform,
    pub turret_angles: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct TerrainUpdate {
    pub chunk_id: (i8, i8),
    pub data: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Update {
    pub contacts: Vec<Contact>,
    pub score: u32,
    pub world_radius: f32,
    pub terrain_updates: Vec<TerrainUpdate>,
}

/// A ship: its frequency in percent, and its number of turrets and weapons.
struct Ship {
    entity_type: EntityType,
    frequency: i64,
    turrets: i64,
    weapons: i64,
}

const fn ship(entity_type: EntityType, frequency: i64, turrets: i64, weapons: i64) -> Ship {
    Ship { entity_type, frequency, turrets, weapons }
}

const FLEET: [Ship; 10] = [
    ship(EntityType::ArleighBurke, 214, 1, 20),
    ship(EntityType::Bismarck, 52, 4, 10),
    ship(EntityType::Clemenceau, 97, 4, 16),
    ship(EntityType::Fletcher, 146, 4, 18),
    ship(EntityType::G5, 1316, 0, 2),
    ship(EntityType::Iowa, 155, 3, 28),
    ship(EntityType::Kolkata, 83, 1, 15),
    ship(EntityType::Osa, 725, 2, 6),
    ship(EntityType::Yasen, 406, 0, 14),
    ship(EntityType::Zubr, 1292, 3, 11),
];

impl Ship {
    fn any(random: &mut Random) -> &'static Self {
        let mut left = random.within(0..FLEET.iter().map(|ship| ship.frequency).sum());
        for ship in &FLEET {
            left -= ship.frequency;
            if left < 0 {
                return ship;
            }
        }
        &FLEET[0]
    }

    fn submerged(&self, random: &mut Random) -> bool {
        self.entity_type == EntityType::Yasen && random.chance(0.9)
    }
}

pub fn generate() -> Vec<Update> {
    let mut random = Random::new(0x6D6B_3438);
    (0..COUNT).map(|_| update(&mut random)).collect()
}

fn update(random: &mut Random) -> Update {
    let players = random.within(200..400);
    let world_radius = (players as f32 * 15_000.0).sqrt() + (random.unit32() - 0.5) * 100.0;
    let chunks = (world_radius / 1600.0).ceil() as i64;
    Update {
        contacts: random.many(20..40, |random| contact(random, players)),
        score: (random.unit().powi(4) * 5000.0) as u32 + random.within(0..50) as u32,
        world_radius,
        terrain_updates: random.many(3..10, |random| terrain_update(random, chunks)),
    }
}

fn contact(random: &mut Random, players: i64) -> Contact {
    let ship = Ship::any(random);
    let visible = random.chance(0.7);
    let undamaged = visible && random.chance(0.6);
    let (reloads, turret_angles) =
        if visible { (reloads(random, ship), turrets(random, ship)) } else { Default::default() };
    Contact {
        damage: if undamaged { 0 } else { random.within(0..200) as u8 },
        entity_id: random.within(0..players * 20) as u32,
        entity_type: visible.then_some(ship.entity_type),
        guidance: Guidance {
            angle: random.bits() as u16,
            submerge: ship.submerged(random),
            velocity: velocity(random),
        },
        player_id: visible.then(|| random.within(0..players) as u16),
        reloads,
        transform: transform(random, ship),
        turret_angles,
    }
}

fn reloads(random: &mut Random, ship: &Ship) -> Vec<bool> {
    let ready = random.unit();
    (0..ship.weapons).map(|_| random.chance(ready)).collect()
}

fn turrets(random: &mut Random, ship: &Ship) -> Vec<u16> {
    let ahead = random.bits() as u16;
    let mut turret = |_| match random.chance(0.75) {
        true => ahead.wrapping_add_signed(random.within(-200..200) as i16),
        false => random.bits() as u16,
    };
    (0..ship.turrets).map(&mut turret).collect()
}

fn transform(random: &mut Random, ship: &Ship) -> Transform {
    let coordinate = |random: &mut Random| (random.unit32() - 0.5) * 1500.0;
    Transform {
        altitude: if ship.submerged(random) { random.within(-120..-35) as i8 } else { 0 },
        angle: random.bits() as u16,
        position: (coordinate(random), coordinate(random)),
        velocity: velocity(random),
    }
}

fn velocity(random: &mut Random) -> i16 {
    let velocity = match random.within(0..100) {
        0..80 => random.within(140..900),
        80..90 => 0,
        _ => random.within(-225..-35),
    };
    velocity as i16
}

fn terrain_update(random: &mut Random, chunks: i64) -> TerrainUpdate {
    let chunk_id = (random.within(-chunks..chunks) as i8, random.within(-chunks..chunks) as i8);
    let size = if random.chance(0.02) { 900..1100 } else { 3..9 };
    TerrainUpdate { chunk_id, data: random.many(size, |random| random.bits() as u8) }
}
