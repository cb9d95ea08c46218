//! Two releases of a key. The function of the second one promises more than it keeps.

/// The first release.
pub(crate) mod stored {
    #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(key)]
    pub(crate) struct Seat {
        pub(crate) number: u32,
    }

    pub(crate) fn seat(number: u32) -> Seat {
        Seat { number }
    }
}

/// The second one.
pub(crate) mod new {
    #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[state(key)]
    pub(crate) struct Seat {
        #[state(convert(u32, with = tens, injective))]
        pub(crate) number: u16,
    }

    fn tens(number: u32) -> u16 {
        (number / 10) as u16
    }
}
