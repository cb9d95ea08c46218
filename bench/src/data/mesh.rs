//! `mesh`: 125,000 triangles of twelve numbers.

use serde::{Deserialize, Serialize};
use typeser::StateType;
use wincode::{SchemaRead, SchemaWrite};

use crate::random::Random;

pub const COUNT: usize = 125_000;

#[derive(Debug, Clone, Copy, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
#[repr(C)]
pub struct Vector3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
#[repr(C)]
pub struct Triangle {
    pub v0: Vector3,
    pub v1: Vector3,
    pub v2: Vector3,
    pub normal: Vector3,
}

/// The next release: the fields of vertices are reordered.
pub mod permuted {
    use serde::{Deserialize, Serialize};
    use typeser::StateType;
    use wincode::{SchemaRead, SchemaWrite};

    #[derive(Debug, Clone, Copy, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    #[repr(C)]
    pub struct Vector3 {
        pub z: f32,
        pub x: f32,
        pub y: f32,
    }

    #[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    #[repr(C)]
    pub struct Triangle {
        pub v0: Vector3,
        pub v1: Vector3,
        pub v2: Vector3,
        pub normal: Vector3,
    }

    impl From<super::Vector3> for Vector3 {
        fn from(super::Vector3 { x, y, z }: super::Vector3) -> Self {
            Self { z, x, y }
        }
    }

    impl From<super::Triangle> for Triangle {
        fn from(old: super::Triangle) -> Self {
            Self { v0: old.v0.into(), v1: old.v1.into(), v2: old.v2.into(), normal: old.normal.into() }
        }
    }
}

/// Another next release: every number was widened.
pub mod widened {
    use serde::{Deserialize, Serialize};
    use typeser::StateType;
    use wincode::{SchemaRead, SchemaWrite};

    #[derive(Debug, Clone, Copy, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    #[repr(C)]
    pub struct Vector3 {
        pub x: f64,
        pub y: f64,
        pub z: f64,
    }

    #[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    #[repr(C)]
    pub struct Triangle {
        pub v0: Vector3,
        pub v1: Vector3,
        pub v2: Vector3,
        pub normal: Vector3,
    }

    impl From<super::Vector3> for Vector3 {
        fn from(super::Vector3 { x, y, z }: super::Vector3) -> Self {
            Self { x: x.into(), y: y.into(), z: z.into() }
        }
    }

    impl From<super::Triangle> for Triangle {
        fn from(old: super::Triangle) -> Self {
            Self { v0: old.v0.into(), v1: old.v1.into(), v2: old.v2.into(), normal: old.normal.into() }
        }
    }
}

pub fn generate() -> Vec<Triangle> {
    let mut random = Random::new(0x6D65_7368);
    let mut vector = || Vector3 { x: random.unit32(), y: random.unit32(), z: random.unit32() };
    (0..COUNT).map(|_| Triangle { v0: vector(), v1: vector(), v2: vector(), normal: vector() }).collect()
}
