//! Builds a set of versions: every snapshot is resolved here, and never again.

use super::error::BuildVersionsError;
use super::frame::{Frame, Unframed};
use super::layouts::Layouts;
use super::older::OlderLayout;
use super::prefix::Prefix;
use super::set::{Inner, Versions};
use crate::golden::{Goldens, TODAY};
use crate::migrate::Trust;
use crate::resolve::{Losses, Policy, Role};
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::snapshot::SerializerSnapshot;

/// Collects the snapshots that stored values may have.
///
/// ```
/// use typeser::versions::Versions;
/// use typeser::{Serializer, SerializerSnapshot, TypeSerializer};
///
/// // From the store, in binary form; and written by hand, for values that are older than typeser.
/// let stored = Serializer::<u16>::new()?.snapshot().to_bytes()?;
/// let by_hand = "typeser-snapshot 1\nroot u8\n";
/// let versions = Versions::builder(Serializer::<u32>::new()?)
///     .release("0.9.0", SerializerSnapshot::from_text(by_hand)?)
///     .release("1.0.0", SerializerSnapshot::from_bytes(&stored)?)
///     .build()?;
/// assert_eq!(versions.releases().collect::<Vec<_>>(), ["today", "0.9.0", "1.0.0"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct VersionsBuilder<T> {
    today: Serializer<T>,
    releases: Vec<(String, SerializerSnapshot)>,
    legacy: Option<(String, SerializerSnapshot)>,
    frame: Frame,
    policy: Policy,
    trust: Trust,
    encode_as: Option<(String, Losses)>,
    not_recorded: Option<BuildVersionsError>,
}

impl<T: StateType> Versions<T> {
    /// The set of today's layout alone, to which releases are added.
    #[must_use]
    pub fn builder(today: Serializer<T>) -> VersionsBuilder<T> {
        VersionsBuilder::new(today)
    }
}

impl<T: StateType> VersionsBuilder<T> {
    fn new(today: Serializer<T>) -> Self {
        let releases = vec![(TODAY.to_owned(), today.snapshot().clone())];
        let (frame, policy, trust) = (Frame::default(), Policy::default(), Trust::Foreign);
        Self { today, releases, legacy: None, frame, policy, trust, encode_as: None, not_recorded: None }
    }

    /// Adds every release that recorded values of a state in its goldens.
    ///
    /// ```
    /// use typeser::Serializer;
    /// use typeser::golden::{Goldens, Suite};
    /// use typeser::versions::Versions;
    ///
    /// # // Nothing is recorded in CI.
    /// # if std::env::var_os("CI").is_some() { return Ok(()); }
    /// let folder = tempfile::tempdir()?;
    /// # std::fs::create_dir(folder.path().join("src"))?;
    /// Suite::new(folder.path()).value("limits", [7u32]).record("1.0.0")?;
    ///
    /// let goldens = Goldens::read(folder.path().join("golden"))?;
    /// let versions = Versions::builder(Serializer::<u64>::new()?).goldens(&goldens, "limits").build()?;
    /// assert_eq!(versions.releases().collect::<Vec<_>>(), ["today", "1.0.0"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn goldens(mut self, goldens: &Goldens, state: &str) -> Self {
        let before = self.releases.len();
        let recorded = goldens.of_state(state, Role::Value);
        self.releases.extend(recorded.map(|(release, golden)| (release.name.clone(), golden.snapshot.clone())));
        if self.releases.len() == before {
            let values = goldens.states().into_iter().filter(|(_, role)| *role == Role::Value);
            let recorded = values.map(|(state, _)| state.to_owned()).collect();
            let error = BuildVersionsError::NotRecorded { state: state.to_owned(), recorded };
            self.not_recorded.get_or_insert(error);
        }
        self
    }

    /// Adds a release by its snapshot.
    #[must_use]
    pub fn release(mut self, name: impl Into<String>, snapshot: SerializerSnapshot) -> Self {
        self.releases.push((name.into(), snapshot));
        self
    }

    /// Declares the layout of values that were stored without a frame; read them as
    /// [`Stored::Legacy`](super::Stored::Legacy).
    ///
    /// ```
    /// use typeser::versions::{Stored, Versions};
    /// use typeser::{Serializer, SerializerSnapshot};
    ///
    /// let versions = Versions::builder(Serializer::<u32>::new()?)
    ///     .legacy("0.9.0", SerializerSnapshot::from_text("typeser-snapshot 1\nroot u16\n")?)
    ///     .build()?;
    /// assert_eq!(versions.decode(Stored::Legacy(&[7, 0]))?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn legacy(mut self, name: impl Into<String>, snapshot: SerializerSnapshot) -> Self {
        self.legacy = Some((name.into(), snapshot));
        self
    }

    /// How the layout of a value is stored with it; [`Frame::Fingerprint`] if nothing is said.
    #[must_use]
    pub fn frame(self, frame: Frame) -> Self {
        Self { frame, ..self }
    }

    /// Which losses of stored data pass.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Writes values in the layout of an older release, so that its binaries read them. Values of all releases are
    /// read as before.
    ///
    /// For a rolling deployment: until no binary of the older release runs, new ones write what the older ones read.
    /// `losses` says whether values may lack fields that the older release does not have. A value of a variant that it
    /// does not have is an error of [`Versions::encode`].
    ///
    /// ```
    /// # #[cfg(feature = "derive")] {
    /// use typeser::resolve::Losses;
    /// use typeser::versions::Versions;
    /// use typeser::{Serializer, StateType, TypeSerializer};
    ///
    /// mod release_1 {
    ///     #[derive(typeser::StateType, Debug, PartialEq)]
    ///     pub struct Order { pub id: u32, pub note: String }
    /// }
    ///
    /// #[derive(StateType, Debug, PartialEq)]
    /// struct Order { id: u32, #[state(alias = "note")] remark: String }
    ///
    /// let before = Serializer::<release_1::Order>::new()?;
    /// let versions = Versions::builder(Serializer::<Order>::new()?)
    ///     .release("1.0.0", before.snapshot().clone())
    ///     .encode_as("1.0.0", Losses::Declared)
    ///     .build()?;
    /// let order = Order { id: 7, remark: "fragile".into() };
    /// let stored = versions.encode(&order)?;
    /// assert_eq!(versions.decode(&stored)?, order);
    /// // A binary of the first release, which knows no other one, reads it too.
    /// let read = Versions::builder(before).build()?.decode(&stored)?;
    /// assert_eq!(read, release_1::Order { id: 7, note: "fragile".into() });
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn encode_as(self, release: impl Into<String>, losses: Losses) -> Self {
        Self { encode_as: Some((release.into(), losses)), ..self }
    }

    /// How far stored bytes are trusted; [`Trust::Foreign`] (fully checked) if nothing is said.
    #[must_use]
    pub fn trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// Resolves every snapshot.
    ///
    /// # Errors
    /// Values of some release cannot be read, two layouts cannot be distinguished, or values cannot be
    /// [written as](Self::encode_as) an older release; see [`BuildVersionsError`].
    pub fn build(self) -> Result<Versions<T>, BuildVersionsError> {
        let Self { today, mut releases, legacy, frame, policy, trust, encode_as, not_recorded } = self;
        if let Some(error) = not_recorded {
            return Err(error);
        }
        if let Frame::Short(ids) | Frame::Confluent(ids) = &frame
            && let Some(id) = ids.ambiguous()
        {
            return Err(BuildVersionsError::SameId { id });
        }
        let front_of = |snapshot: &SerializerSnapshot| {
            frame.front(snapshot).map_err(|unframed| match unframed {
                Unframed::NoId => BuildVersionsError::NoId { fingerprint: snapshot.fingerprint() },
                Unframed::Snapshot(error) => error.into(),
            })
        };
        let front = front_of(today.snapshot())?;
        let older = match encode_as {
            None => None,
            Some((release, losses)) => {
                let Some((_, snapshot)) = releases.iter().skip(1).find(|(known, _)| *known == release) else {
                    let known = releases.into_iter().skip(1).map(|(known, _)| known).collect();
                    return Err(BuildVersionsError::NotAdded { release, known });
                };
                Some(OlderLayout::new(&today, (&release, snapshot), losses, front_of(snapshot)?)?)
            }
        };
        let declared = legacy.as_ref().map(|(_, snapshot)| snapshot.fingerprint());
        releases.extend(legacy);
        let layouts = Layouts::new(&releases, &today, &policy, trust)?;
        let prefix = if frame == Frame::OutOfBand { Prefix::Beside } else { Prefix::of(front) };
        Ok(Versions::new(Inner { today, prefix, frame, older, layouts, legacy: declared, policy, trust }))
    }
}
