//! `minecraft_savedata`: 500 players; deep structs, options, strings.

use serde::{Deserialize, Serialize};
use typeser::StateType;
use wincode::{SchemaRead, SchemaWrite};

use crate::random::Random;

pub const COUNT: usize = 500;

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub enum GameType {
    Survival,
    Creative,
    Adventure,
    Spectator,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Item {
    pub count: i8,
    pub slot: u8,
    pub id: String,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Abilities {
    pub walk_speed: f32,
    pub fly_speed: f32,
    pub may_fly: bool,
    pub flying: bool,
    pub invulnerable: bool,
    pub may_build: bool,
    pub instabuild: bool,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Entity {
    pub id: String,
    pub pos: (f64, f64, f64),
    pub motion: (f64, f64, f64),
    pub rotation: (f32, f32),
    pub fall_distance: f32,
    pub fire: u16,
    pub air: u16,
    pub on_ground: bool,
    pub no_gravity: bool,
    pub invulnerable: bool,
    pub portal_cooldown: i32,
    pub uuid: [u32; 4],
    pub custom_name: Option<String>,
    pub custom_name_visible: bool,
    pub silent: bool,
    pub glowing: bool,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct RecipeBook {
    pub recipes: Vec<String>,
    pub to_be_displayed: Vec<String>,
    pub is_filtering_craftable: bool,
    pub is_gui_open: bool,
    pub is_furnace_filtering_craftable: bool,
    pub is_furnace_gui_open: bool,
    pub is_blasting_furnace_filtering_craftable: bool,
    pub is_blasting_furnace_gui_open: bool,
    pub is_smoker_filtering_craftable: bool,
    pub is_smoker_gui_open: bool,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Player {
    pub game_type: GameType,
    pub previous_game_type: GameType,
    pub score: i64,
    pub dimension: String,
    pub selected_item_slot: u32,
    pub selected_item: Item,
    pub spawn_dimension: Option<String>,
    pub spawn_x: i64,
    pub spawn_y: i64,
    pub spawn_z: i64,
    pub spawn_forced: Option<bool>,
    pub sleep_timer: u16,
    pub food_exhaustion_level: f32,
    pub food_saturation_level: f32,
    pub food_tick_timer: u32,
    pub xp_level: u32,
    pub xp_p: f32,
    pub xp_total: i32,
    pub xp_seed: i32,
    pub inventory: Vec<Item>,
    pub ender_items: Vec<Item>,
    pub abilities: Abilities,
    pub entered_nether_position: Option<(f64, f64, f64)>,
    pub root_vehicle: Option<([u32; 4], Entity)>,
    pub shoulder_entity_left: Option<Entity>,
    pub shoulder_entity_right: Option<Entity>,
    pub seen_credits: bool,
    pub recipe_book: RecipeBook,
}

pub fn generate() -> Vec<Player> {
    let mut random = Random::new(0x706C_6179);
    (0..COUNT).map(|_| player(&mut random)).collect()
}

fn player(random: &mut Random) -> Player {
    Player {
        game_type: game_type(random),
        previous_game_type: game_type(random),
        score: random.bits().cast_signed(),
        dimension: dimension(random),
        selected_item_slot: random.bits() as u32,
        selected_item: item(random),
        spawn_dimension: random.maybe(dimension),
        spawn_x: random.bits().cast_signed(),
        spawn_y: random.bits().cast_signed(),
        spawn_z: random.bits().cast_signed(),
        spawn_forced: random.maybe(Random::flag),
        sleep_timer: random.bits() as u16,
        food_exhaustion_level: random.unit32(),
        food_saturation_level: random.unit32(),
        food_tick_timer: random.bits() as u32,
        xp_level: random.bits() as u32,
        xp_p: random.unit32(),
        xp_total: random.bits() as i32,
        xp_seed: random.bits() as i32,
        inventory: random.many(0..40, item),
        ender_items: random.many(0..27, item),
        abilities: abilities(random),
        entered_nether_position: random.maybe(place),
        root_vehicle: random.maybe(|random| (uuid(random), entity(random))),
        shoulder_entity_left: random.maybe(entity),
        shoulder_entity_right: random.maybe(entity),
        seen_credits: random.flag(),
        recipe_book: recipe_book(random),
    }
}

fn game_type(random: &mut Random) -> GameType {
    match random.index(4) {
        0 => GameType::Survival,
        1 => GameType::Creative,
        2 => GameType::Adventure,
        _ => GameType::Spectator,
    }
}

fn dimension(random: &mut Random) -> String {
    random.word(&["overworld", "nether", "end"])
}

fn item(random: &mut Random) -> Item {
    let (count, slot) = (random.bits() as i8, random.bits() as u8);
    let id = random.word(&["dirt", "stone", "pickaxe", "sand", "gravel", "shovel", "chestplate", "steak"]);
    Item { count, slot, id }
}

fn abilities(random: &mut Random) -> Abilities {
    Abilities {
        walk_speed: random.unit32(),
        fly_speed: random.unit32(),
        may_fly: random.flag(),
        flying: random.flag(),
        invulnerable: random.flag(),
        may_build: random.flag(),
        instabuild: random.flag(),
    }
}

fn place(random: &mut Random) -> (f64, f64, f64) {
    (random.unit(), random.unit(), random.unit())
}

fn uuid(random: &mut Random) -> [u32; 4] {
    [0; 4].map(|_| random.bits() as u32)
}

fn entity(random: &mut Random) -> Entity {
    Entity {
        id: random.word(&["cow", "sheep", "zombie", "skeleton", "spider", "creeper", "parrot", "bee"]),
        pos: place(random),
        motion: place(random),
        rotation: (random.unit32(), random.unit32()),
        fall_distance: random.unit32(),
        fire: random.bits() as u16,
        air: random.bits() as u16,
        on_ground: random.flag(),
        no_gravity: random.flag(),
        invulnerable: random.flag(),
        portal_cooldown: random.bits() as i32,
        uuid: uuid(random),
        custom_name: random.maybe(|random| {
            random.word(&["rainbow", "princess", "steve", "johnny", "missy", "coward", "fairy", "howard"])
        }),
        custom_name_visible: random.flag(),
        silent: random.flag(),
        glowing: random.flag(),
    }
}

fn recipe_book(random: &mut Random) -> RecipeBook {
    let recipe = |random: &mut Random| {
        random.word(&["pickaxe", "torch", "bow", "crafting table", "furnace", "shears", "arrow", "tnt"])
    };
    RecipeBook {
        recipes: random.many(0..30, recipe),
        to_be_displayed: random.many(0..10, recipe),
        is_filtering_craftable: random.flag(),
        is_gui_open: random.flag(),
        is_furnace_filtering_craftable: random.flag(),
        is_furnace_gui_open: random.flag(),
        is_blasting_furnace_filtering_craftable: random.flag(),
        is_blasting_furnace_gui_open: random.flag(),
        is_smoker_filtering_craftable: random.flag(),
        is_smoker_gui_open: random.flag(),
    }
}
