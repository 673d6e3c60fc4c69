//! The codec of the generated services: protobuf as prost writes and reads it, but what cannot be
//! read is the fault of whoever sent it, not of the server.

use prost::Message;
use std::marker::PhantomData;
use tonic::Status;
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic_prost::ProstEncoder;
use tonic_types::{ErrorDetails, StatusExt as _};

/// Why a message is refused that cannot be read, for a program.
pub const UNDECODABLE: &str = "UNDECODABLE";

/// Who gives the reason.
const DOMAIN: &str = "standing";

/// Returns what is answered to a message that cannot be read: `INVALID_ARGUMENT`, and what is wrong
/// with it.
#[must_use]
pub fn undecodable(what: &str) -> Status {
    let message = format!("the request cannot be read: {what}");
    let details = ErrorDetails::with_error_info(UNDECODABLE, DOMAIN, []);
    Status::with_error_details(tonic::Code::InvalidArgument, message, details)
}

/// Writes messages of one type and reads those of another.
#[derive(Debug, Clone)]
pub struct ProtoCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for ProtoCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for ProtoCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ProtoDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::new(BufferSettings::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProtoDecoder(PhantomData)
    }
}

/// Reads messages of a type.
#[derive(Debug, Clone)]
pub struct ProtoDecoder<U>(PhantomData<U>);

impl<U: Message + Default> Decoder for ProtoDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        // The error names fields of the contract and what is wrong with their encoding; it repeats
        // nothing that was sent.
        let read = U::decode(buffer).map_err(|error| undecodable(&error.to_string()))?;
        Ok(Some(read))
    }
}
