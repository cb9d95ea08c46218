//! Addresses: octets in network order, then the port (u16) if there is one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::enums::{payload, representation};
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, unknown_tag};
use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

macro_rules! addresses {
    ($($type:ident $octets:literal $name:ident;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = <[u8; $octets]>::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                to.logical::<Self>(logical::$name, <[u8; $octets]>::describe)
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put(self.octets());
                Ok(())
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                from.take::<$octets>().map(Self::from)
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

addresses! {
    Ipv4Addr 4 IPV4_ADDR;
    Ipv6Addr 16 IPV6_ADDR;
}

impl StateType for SocketAddrV4 {
    const SIZES: Sizes = <(Ipv4Addr, u16)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::SOCKET_ADDR_V4, <(Ipv4Addr, u16)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put(self.ip().octets());
        to.put_u16(self.port());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self::new(Ipv4Addr::decode(from)?, from.take_u16()?))
    }
}

impl StateKey for SocketAddrV4 {}
impl OrderedKey for SocketAddrV4 {}

/// Flow information and scope have no place in the layout; an address that has them has no form.
impl StateType for SocketAddrV6 {
    const SIZES: Sizes = <(Ipv6Addr, u16)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::SOCKET_ADDR_V6, <(Ipv6Addr, u16)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        if self.flowinfo() != 0 || self.scope_id() != 0 {
            return Err(EncodeErrorKind::SocketAddressParts {
                address: self.to_string(),
                flow_information: self.flowinfo(),
                scope: self.scope_id(),
            }
            .into());
        }
        to.put(self.ip().octets());
        to.put_u16(self.port());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self::new(Ipv6Addr::decode(from)?, from.take_u16()?, 0, 0))
    }
}

impl StateKey for SocketAddrV6 {}
impl OrderedKey for SocketAddrV6 {}

macro_rules! either {
    ($($type:ident $v4:ident $v6:ident $name:ident;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::tag(0).then($v4::SIZES).or(Sizes::tag(1).then($v6::SIZES));

            fn describe(to: &mut Describer) -> NodeId {
                to.logical::<Self>(logical::$name, |to| {
                    let variants = [payload::<$v4>("V4", to), payload::<$v6>("V6", to)];
                    representation(logical::$name, variants, to)
                })
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                match self {
                    Self::V4(address) => {
                        to.put_tag(0);
                        address.encode(to)
                    }
                    Self::V6(address) => {
                        to.put_tag(1);
                        address.encode(to)
                    }
                }
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                match from.take_tag()? {
                    0 => $v4::decode(from).map(Self::V4),
                    1 => $v6::decode(from).map(Self::V6),
                    tag => Err(unknown_tag(from, stringify!($type), tag)),
                }
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

either! {
    IpAddr Ipv4Addr Ipv6Addr IP_ADDR;
    SocketAddr SocketAddrV4 SocketAddrV6 SOCKET_ADDR;
}
