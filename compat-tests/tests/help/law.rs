//! Small cases in which help once broke its law: each fix repairs its finding and brings only what it announces, and the
//! first fixes end in a report that passes.

use compat_tests::oracle::fixes::{Compared, FixCounts};
use compat_tests::oracle::laws::LawCounts;
use compat_tests::oracle::source::Source;
use typeser::SerializerSnapshot;
use typeser::resolve::{Policy, Role};

/// What broke it, the role, and both sides.
const CASES: [(&str, Role, &str, &str); 36] = [
    (
        "a newtype in several tuples: the finding lists each place",
        Role::Value,
        "root (unit, (unit, u8))\n",
        "root (A, (A, u8))\n\nstruct A v1\n  0 u8\n",
    ),
    (
        "a newtype in variants of one name: the finding lists each place",
        Role::Value,
        "root B\n\nenum B v1\n  0 P\n    a A\n    b unit\n\nenum A v1\n  0 P\n    b unit\n",
        "root A\n\nenum A v1\n  @alias B\n  0 P\n    a A#2\n    b C\n\nenum A#2 v1\n  0 P\n    b C\n\nstruct C v1\n  0 u8\n",
    ),
    (
        "fields of merged variants in a logical type: what keeps one type takes the other away",
        Role::Value,
        "root logical decimal scale=\"0\"<A>\n\nenum A v1\n  0 P\n    a u16\n  1 Q\n    a u8\n",
        "root logical decimal scale=\"0\"<A>\n\nenum A v1\n  0 Q\n    @alias P\n    a u8\n",
    ),
    (
        "a field that is new for one stored type alone: as an `Option` it wraps that of the other",
        Role::Value,
        "root D\n\nstruct D v1\n  d A\n  c u8\n\nstruct A v1\n",
        "root A\n\nstruct A v1\n  @alias D\n  d option<A>\n  c u8\n",
    ),
    (
        "one function from two versions: both promise that it is injective",
        Role::MapKey,
        "root Trip\n\nstruct Trip v1\n",
        "root Trip\n\nstruct Trip v3\n  @migrate 1 \"Trip: named\"\n  @migrate 2 \"Trip: named\"\n",
    ),
    (
        "a function of the whole value that lacks the promise: a second one would never be called",
        Role::MapKey,
        "root u64\n",
        "root string\n  @convert \"spelled\"\n    root u64\n",
    ),
    (
        "a newtype in one of merged variants: stored as its field, it is none in the other",
        Role::Value,
        "root A\n\nenum A v1\n  0 P\n    b B\n  1 Q\n    b u8\n\nstruct B v1\n  0 u8\n",
        "root A\n\nenum A v1\n  0 Q\n    @alias P\n    b B\n\nstruct B v1\n  0 u8\n",
    ),
    (
        "a layout that is declared with other bytes fits once the type is edited",
        Role::Value,
        "root A\n\nstruct A v1\n  a option<B>\n  b B\n\nstruct B v1\n  a bool\n  b bool\n",
        "root A\n\nstruct A v1\n  a C\n  b B\n\nstruct B v1\n  b bool\n\nstruct C v1\n  @was\n    root option<B>\n\n    \
         struct B v1\n      a bool\n      b bool\n  a option<B>\n",
    ),
    (
        "an alias of merged variants that the other stored variant needs: it is not taken out",
        Role::Value,
        "root A\n\nenum A v1\n  1 Q\n    1 unit\n  2 R\n    1 u8\n    b unit\n",
        "root A\n\nenum A v1\n  1 R\n    @alias Q\n    b unit\n      @alias 1\n",
    ),
    (
        "a newtype that was stored as one elsewhere, in itself: it is not stored as its field",
        Role::Value,
        "root A\n\nstruct A v1\n  0 list<A>\n",
        "root A\n\nstruct A v1\n  0 list<A#2>\n\nstruct A#2 v1\n  @alias B\n  0 A\n",
    ),
    (
        "a newtype in another one that takes a stored number: it is not stored as its field",
        Role::Value,
        "root A\n\nenum A v2\n  1 P\n    sum u128\n    words option<u8>\n",
        "root A\n\nenum A v2\n  1 P\n    sum B\n    words option<A#2>\n\nstruct B v1\n  @alias A\n  0 A#2\n\n\
         struct A#2 v1\n  0 u8\n",
    ),
    (
        "a stored type within options that are none any more: it is kept without them",
        Role::Value,
        "root option<option<u8>>\n",
        "root logical duration<(u64, u32)>\n  @none 0x000000000000000000000000\n",
    ),
    (
        "a function of a type with another stored type under an alias: it would read both",
        Role::Value,
        "root Record\n\nstruct Record v1\n  f u8\n  g Inner\n\nstruct Inner v1\n  p u8\n  q u8\n",
        "root Record\n\nstruct Record v1\n  f A\n  g A\n\nstruct A v1\n  @alias Inner\n  p u8\n  q u8\n",
    ),
    (
        "a new name of a field whose leaf forgets a version: under its former name it is refused",
        Role::Value,
        "root A\n\nstruct A v1\n  a $1\n\ntype $1 = opaque B v2\n  @reads 1\n",
        "root A\n\nstruct A v1\n  b opaque B v2\n",
    ),
    (
        "a type within one that is declared to have the stored bytes: it gets no other bytes",
        Role::Value,
        "root R\n\nstruct R v1\n  a A\n  d option<A>\n\nstruct A v1\n  c u8\n",
        "root R\n\nstruct R v1\n  a A\n  d C\n\nstruct C v1\n  @was\n    root option<A>\n\n    \
         struct A v1\n      c u8\n  a option<A>\n\nstruct A v1\n  b u8\n",
    ),
    (
        "a struct that takes two stored ones: what keeps a type of one takes that of the other away",
        Role::Value,
        "root B\n\nstruct B v1\n  a A\n  b unit\n\nstruct A v1\n  a option<u8>\n  b unit\n",
        "root A\n\nstruct A v1\n  @alias B\n  a option<A>\n  b unit\n",
    ),
    (
        "an enum that takes two stored ones, one of them in the other",
        Role::Value,
        "root B\n\nenum B v1\n  1 Q\n    0 A\n\nenum A v1\n  1 Q\n    0 u8\n",
        "root option<A>\n\nenum A v1\n  @alias B\n  1 Q\n    0 A\n",
    ),
    (
        "an option in one of two stored types: kept, it is wrapped around the value of the other",
        Role::Value,
        "root Even\n\nstruct Even v1\n  a u8\n  other Odd\n\nstruct Odd v1\n  more list<Even#2>\n\n\
         struct Even#2 v1\n  a option<u8>\n  other Odd\n",
        "root Even\n\nstruct Even v1\n  a u8\n  other Odd\n\nstruct Odd v1\n  more list<Even>\n",
    ),
    (
        "the same in one of merged variants of set elements",
        Role::Value,
        "root A\n\nstruct A v1\n  a set<A#2>\n\nenum A#2 v1\n  0 P\n    d u8\n  1 Q\n    d option<u8>\n",
        "root A\n\nstruct A v1\n  a set<A#2>\n\nenum A#2 v1\n  0 Q\n    @alias P\n    d u8\n",
    ),
    (
        "a type of two stored lists: a function of the one would read the other by the rules",
        Role::Value,
        "root Trip\n\nstruct Trip v3\n  name list<u8>\n  places list<list<u32>>\n",
        "root Trip\n\nstruct Trip v3\n  name A\n  places list<A>\n\nstruct A v1\n  @was\n    root string\n",
    ),
    (
        "a type of a stored number and of a stored struct: a function of the one has the version of the other",
        Role::Value,
        "root Record\n\nstruct Record v1\n  f0 u8\n  f7 Inner\n\nstruct Inner v1\n  q u16\n",
        "root Record\n\nstruct Record v1\n  f0 A\n  f7 A\n\nstruct A v1\n  q u16\n",
    ),
    (
        "a field of merged variants, and another of the same new type: what keeps the one takes the other away",
        Role::Value,
        "root A\n\nenum A v1\n  0 P\n    d u8\n    1 u8\n  1 Q\n    1 bool\n",
        "root option<A>\n\nenum A v1\n  0 Q\n    @alias P\n    d A#2\n    1 A#2\n\n\
         struct A#2 v1\n  @was\n    root bool\n  a u8\n",
    ),
    (
        "an option of another kind in one of two stored types: what takes the place of keeping it comes first",
        Role::Value,
        "root B\n\nstruct B v1\n  a A\n  b unit\n\nenum A v1\n  1 Q\n    0 A#2\n\n\
         struct A#2 v1\n  a option<u8>\n  b unit\n",
        "root A\n\nstruct A v1\n  @alias B\n  a A#2\n  b unit\n\nenum A#2 v1\n  1 Q\n    0 option<A>\n",
    ),
    (
        "a map that is written out again within itself: the finding lists each place",
        Role::Value,
        "root $1\n\nenum A v1\n  1 Q\n    b logical decimal scale=\"0\"<$1>\n    c A#2\n\n\
         struct A#2 v1\n  a $1\n\ntype $1 = map<u8, A>\n",
        "root $1\n\nenum A v1\n  1 Q\n    b logical decimal scale=\"0\"<$1>\n    c A#2\n\n\
         struct A#2 v1\n  a $1\n\ntype $1 = map<(u8,), A>\n",
    ),
    (
        "a field that may have been renamed in one of merged variants: in the other, one of its name is to be dropped",
        Role::Value,
        "root A\n\nenum A v1\n  0 P\n    b option<unit>\n    c u8\n  2 R\n    c option<unit>\n",
        "root A\n\nenum A v1\n  0 R\n    @alias P\n    b option<unit>\n",
    ),
    (
        "a field that may have been renamed in one of two stored types: in the other, one of its name is to be dropped",
        Role::Value,
        "root (A, B)\n\nstruct A v1\n  b u8\n  c u16\n\nstruct B v1\n  c u8\n",
        "root (A, A)\n\nstruct A v1\n  @alias B\n  b u8\n",
    ),
    (
        "a variant that may have been renamed in one of two stored types: in the other, one of its name is kept",
        Role::Value,
        "root (A, B)\n\nenum A v1\n  0 W\n    a u8\n  1 X\n    a u8\n\nenum B v1\n  0 X\n    a u8\n",
        "root (A, A)\n\nenum A v1\n  @alias B\n  0 W\n    a u8\n",
    ),
    (
        "a leaf beside one of its name and version in keys: a function of the one would be a function of the other",
        Role::Value,
        "root R\n\nstruct R v1\n  a set<opaque L v1>\n  b opaque L v1\n",
        "root R\n\nstruct R v1\n  a set<$1>\n  b opaque L v2\n\ntype $1 = opaque L v2\n  @reads 3\n",
    ),
    (
        "a logical type of a newtype within a newtype: the one stored as its field shows the other",
        Role::Value,
        "root logical range<(u8, u8)>\n",
        "root A\n\nstruct A v1\n  0 logical range<A#2>\n\nstruct A#2 v1\n  0 (u8, u8)\n",
    ),
    (
        "a newtype in a tuple of one: stored as its field, it is refused there by another rule",
        Role::Value,
        "root Record\n\nstruct Record v1\n  a Inner\n  b u8\n\nstruct Inner v1\n  q u8\n",
        "root Record\n\nstruct Record v1\n  a Inner\n  b A\n\nstruct Inner v1\n  q (A,)\n\nstruct A v1\n  0 u8\n",
    ),
    (
        "a tuple in a logical type: each of its places is edited",
        Role::MapKey,
        "root logical decimal scale=\"0\"<(u8, u8, u8)>\n",
        "root logical decimal scale=\"0\"<(A, A, A)>\n\nenum A v2\n",
    ),
    (
        "a field that may have been renamed in one of merged variants of keys: in the other, one of its name is kept",
        Role::Value,
        "root Expression\n\nenum Expression v1\n  0 Leaf\n    0 u8\n  1 Not\n    0 unit\n",
        "root Expression\n\nenum Expression v1\n  0 Not\n    @alias Leaf\n    t u8\n    r set<Expression>\n",
    ),
    (
        "a function for one of two stored types that become one: it would read the other as well",
        Role::Value,
        "root Even\n\nstruct Even v1\n  other option<Odd>\n\nstruct Odd v1\n  more u8\n  b unit\n",
        "root Even\n\nstruct Even v1\n  b unit\n  other option<Even>\n",
    ),
    (
        "an option that is none any more, in a field and elsewhere: what repairs the field alone does not come first",
        Role::Value,
        "root option<Expression>\n\nenum Expression v1\n  1 Not\n    0 option<Expression>\n  2 And\n    \
         r list<option<Expression>>\n",
        "root Expression\n\nenum Expression v1\n  1 Not\n    0 Expression\n  2 And\n    r list<Expression>\n",
    ),
    (
        "a variant that may have been renamed, in keys and in values: in keys it is kept rather",
        Role::Value,
        "root map<A, A>\n\nenum A v2\n  1 P\n    words option<list<u8>>\n",
        "root map<A, A>\n\nenum A v3\n  1 Something\n    sum u8\n    words option<list<u8>>\n",
    ),
    (
        "an option that is declared to have the same bytes: what is in it is no other place of a finding",
        Role::Value,
        "root A\n\nstruct A v1\n  e option<B>\n  d option<B>\n\nstruct B v1\n  a option<u128>\n",
        "root A\n\nstruct A v1\n  e option<A#2>\n  d A#2\n\nstruct A#2 v1\n  @was\n    root option<B>\n\n    \
         struct B v1\n      a option<u128>\n  a option<B>\n\nstruct B v1\n  a option<u128>\n",
    ),
];

#[test]
fn fixes_of_small_cases_repair_and_bring_only_what_they_announce() {
    let mut failed = Vec::new();
    for (about, role, stored, new) in CASES {
        let [stored, new] = [stored, new].map(|text| {
            let text = format!("typeser-snapshot 2\nintegers fixed\n{text}");
            SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{about}: {error}"))
        });
        let compared = Compared { stored: &stored, new: &new, role, policy: &Policy::default() };
        let mut counts = FixCounts::default();
        let broken = compared.check(&mut Source::seeded(1), &mut LawCounts::default(), &mut counts);
        if let Err(broken) = broken {
            failed.push(format!("{about}\n{broken}"));
        } else if counts.by_rule.is_empty() {
            failed.push(format!("{about}\nnothing was repaired"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
