//! Messages with headers, as Kafka has them: the tag of the layout is a header, and the payload is the value alone.

use std::error::Error;

use stores::{order, release_1, versions};
use typeser::versions::{Frame, Stored};

struct Message {
    headers: Vec<(&'static str, Vec<u8>)>,
    payload: Vec<u8>,
}

const TAG: &str = "typeser-tag";

impl Message {
    fn stored(&self) -> Option<Stored<'_>> {
        let (_, tag) = self.headers.iter().find(|(name, _)| *name == TAG)?;
        Some(Stored::Tagged { tag, value: &self.payload })
    }
}

#[test]
fn messages_of_two_releases() -> Result<(), Box<dyn Error>> {
    let first = release_1::versions(Frame::OutOfBand)?;
    let second = versions(Frame::OutOfBand)?;
    let topic = [
        Message { headers: vec![(TAG, first.tag().0.to_vec())], payload: first.encode(&release_1::order(1))? },
        Message { headers: vec![(TAG, second.tag().0.to_vec())], payload: second.encode(&order(2))? },
    ];
    for (message, id) in topic.iter().zip(1..) {
        assert_eq!(second.decode(message.stored().ok_or("a message without a tag")?)?, order(id));
    }
    // A consumer that was not upgraded yet says that it does not know the release; it does not guess.
    let newer = first.decode(topic[1].stored().ok_or("a message without a tag")?).unwrap_err();
    assert!(newer.to_string().contains("no release that this program knows"), "{newer}");
    Ok(())
}
