//! JSON as a tree of values with their positions and bounded nesting.

use crate::schema::Limits;
use crate::snapshot::ParseSnapshotError;
use crate::snapshot::scan::{At, Position};
use crate::text::{clean, did_you_mean, hex, nearest};

/// A value and its position.
pub(crate) type Json = At<Value>;

#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// `null`, `true`, `false`, or a number, as written.
    Word(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(At<String>, Json)>),
}

/// Reads one value that takes up the whole text.
pub(crate) fn parse(text: &str) -> Result<Json, ParseSnapshotError> {
    parse_at(text, Position { line: 1, column: 1 })
}

/// The same of a text that is a part of a larger one, and begins there.
pub(crate) fn parse_at(text: &str, Position { line, column }: Position) -> Result<Json, ParseSnapshotError> {
    let mut reader = Reader { rest: text, line, column };
    reader.skip_spaces();
    let value = reader.value(0)?;
    reader.skip_spaces();
    match reader.rest.is_empty() {
        true => Ok(value),
        false => Err(reader.unexpected("the end")),
    }
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Reader<'_> {
    fn position(&self) -> Position {
        Position { line: self.line, column: self.column }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        if next == '\n' {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(next)
    }

    fn take(&mut self, token: char) -> bool {
        let found = self.peek() == Some(token);
        if found {
            self.next();
        }
        found
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(' ' | '\n' | '\r' | '\t')) {
            self.next();
        }
    }

    fn unexpected(&self, expected: &str) -> ParseSnapshotError {
        let found = self.peek().map_or_else(|| "the end".to_owned(), |c| format!("`{}`", clean(&c.to_string())));
        self.position().error(format!("expected {expected}, found {found}"))
    }

    fn value(&mut self, depth: usize) -> Result<Json, ParseSnapshotError> {
        let at = self.position();
        if depth > Limits::TEXT_DEPTH {
            return Err(at.error(format!("JSON nested more than {} deep", Limits::TEXT_DEPTH)));
        }
        let value = match self.peek() {
            Some('{') => Value::Object(self.items('}', |reader| {
                let at = reader.position();
                let key = At { at, value: reader.string()? };
                reader.skip_spaces();
                if !reader.take(':') {
                    return Err(reader.unexpected("`:`"));
                }
                reader.skip_spaces();
                Ok((key, reader.value(depth + 1)?))
            })?),
            Some('[') => Value::Array(self.items(']', |reader| reader.value(depth + 1))?),
            Some('"') => Value::String(self.string()?),
            _ => {
                let length = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c));
                let word = self.rest[..length.unwrap_or(self.rest.len())].to_owned();
                if word.is_empty() {
                    return Err(self.unexpected("a value"));
                }
                word.chars().for_each(|_| _ = self.next());
                Value::Word(word)
            }
        };
        Ok(At { at, value })
    }

    fn items<T>(
        &mut self,
        end: char,
        mut item: impl FnMut(&mut Self) -> Result<T, ParseSnapshotError>,
    ) -> Result<Vec<T>, ParseSnapshotError> {
        let mut items = Vec::new();
        self.next();
        self.skip_spaces();
        if self.take(end) {
            return Ok(items);
        }
        loop {
            self.skip_spaces();
            if self.peek() == Some(end) {
                return Err(self.unexpected(&format!("another item before `{end}`, because of the comma")));
            }
            items.push(item(self)?);
            self.skip_spaces();
            if self.take(end) {
                return Ok(items);
            }
            if !self.take(',') {
                return Err(self.unexpected(&format!("`,` or `{end}`")));
            }
        }
    }

    fn string(&mut self) -> Result<String, ParseSnapshotError> {
        if !self.take('"') {
            return Err(self.unexpected("a string"));
        }
        let mut text = String::new();
        loop {
            let at = self.position();
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape(at)?),
                Some(c) if c >= ' ' => text.push(c),
                Some(_) => return Err(at.error("a string holds a line break or control character; write `\\n`")),
                None => return Err(at.error("the closing `\"` is missing")),
            }
        }
    }

    fn escape(&mut self, at: Position) -> Result<char, ParseSnapshotError> {
        Ok(match self.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let first = self.unit(at)?;
                let mut units = vec![first];
                if (0xD800..0xDC00).contains(&first) && self.take('\\') {
                    self.take('u');
                    units.push(self.unit(at)?);
                }
                let decoded: Option<Vec<char>> = char::decode_utf16(units).map(Result::ok).collect();
                match decoded.as_deref() {
                    Some([c]) => *c,
                    _ => return Err(at.error("no such character")),
                }
            }
            _ => return Err(at.error("no such escape")),
        })
    }

    fn unit(&mut self, at: Position) -> Result<u16, ParseSnapshotError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16)).ok_or_else(|| at.error("`\\u` needs four digits"))?;
            unit = unit << 4 | digit as u16;
        }
        Ok(unit)
    }
}

/// The members of an object, taken out by key; what is left at the end is a mistake.
pub(crate) struct Object {
    at: Position,
    members: Vec<(At<String>, Json)>,
    asked: Vec<&'static str>,
}

impl Object {
    /// The next member of this key.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Json> {
        self.asked.push(key);
        let place = self.members.iter().position(|(name, _)| name.value == key)?;
        Some(self.members.remove(place).1)
    }

    pub(crate) fn expect(&mut self, key: &'static str) -> Result<Json, ParseSnapshotError> {
        self.take(key).ok_or_else(|| self.mistyped(&[key], &format!("the key `{key}` is missing here")))
    }

    /// An error about a key that is not there: at the key that was perhaps meant for it, or else at the object.
    pub(super) fn mistyped(&self, missing: &[&'static str], message: &str) -> ParseSnapshotError {
        let meant =
            self.members.iter().find_map(|(name, _)| Some((name, nearest(&name.value, missing.iter().copied())?)));
        match meant {
            Some((name, key)) => {
                let written = clean(&name.value);
                name.at.error(format!("there is no key `{written}` here, did you mean `{key}`?"))
            }
            None => self.at.error(message),
        }
    }

    /// The text of a string that must be there.
    pub(crate) fn text(&mut self, key: &'static str) -> Result<String, ParseSnapshotError> {
        Ok(self.expect(key)?.string()?.value)
    }

    /// The text of a string; `None` if the key is missing.
    pub(crate) fn text_if_any(&mut self, key: &'static str) -> Result<Option<String>, ParseSnapshotError> {
        self.take(key).map(|value| Ok(value.string()?.value)).transpose()
    }

    /// The items of an array; none if the key is missing.
    pub(super) fn list(&mut self, key: &'static str) -> Result<Vec<Json>, ParseSnapshotError> {
        self.take(key).map_or_else(|| Ok(Vec::new()), Json::array)
    }

    pub(super) fn bytes(&mut self, key: &'static str) -> Result<Option<Vec<u8>>, ParseSnapshotError> {
        self.take(key).map(Json::bytes).transpose()
    }

    pub(crate) fn bool(&mut self, key: &'static str) -> Result<bool, ParseSnapshotError> {
        self.take(key).map_or(Ok(false), |value| match &value.value {
            Value::Word(word) if word == "true" => Ok(true),
            Value::Word(word) if word == "false" => Ok(false),
            _ => Err(value.expected("`true` or `false`")),
        })
    }

    pub(super) fn number(&mut self, key: &'static str, missing: u32) -> Result<u32, ParseSnapshotError> {
        self.take(key).map_or(Ok(missing), Json::number)
    }

    /// Demands that every member was taken.
    pub(crate) fn finish(self) -> Result<(), ParseSnapshotError> {
        let Some((key, _)) = self.members.first() else { return Ok(()) };
        let name = clean(&key.value);
        if self.asked.contains(&key.value.as_str()) {
            return Err(key.at.error(format!("the key `{name}` is there twice, or has no place beside the others")));
        }
        let known = self.asked.join("`, `");
        let near = did_you_mean(&key.value, self.asked);
        Err(key.at.error(format!("there is no key `{name}` here{near} (known: `{known}`)")))
    }
}

impl Json {
    pub(crate) fn object(self) -> Result<Object, ParseSnapshotError> {
        match self.value {
            Value::Object(members) => Ok(Object { at: self.at, members, asked: Vec::new() }),
            _ => Err(self.expected("an object")),
        }
    }

    pub(crate) fn array(self) -> Result<Vec<Self>, ParseSnapshotError> {
        match self.value {
            Value::Array(items) => Ok(items),
            _ => Err(self.expected("an array")),
        }
    }

    pub(crate) fn string(self) -> Result<At<String>, ParseSnapshotError> {
        match self.value {
            Value::String(value) => Ok(At { at: self.at, value }),
            _ => Err(self.expected("a string")),
        }
    }

    /// The same of a text in bytes, which people may have edited.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ParseSnapshotError> {
        let text = |error: std::str::Utf8Error| {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            Position { line, column }.error("expected text in UTF-8")
        };
        parse(std::str::from_utf8(bytes).map_err(text)?)
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Word(word) if word == "null")
    }

    /// A type expression; its place is that of its first character.
    pub(super) fn expression(self) -> Result<At<String>, ParseSnapshotError> {
        let mut words = self.string()?;
        words.at.column += 1;
        Ok(words)
    }

    pub(crate) fn number<N: std::str::FromStr>(self) -> Result<N, ParseSnapshotError> {
        match &self.value {
            Value::Word(word) if word.bytes().all(|byte| byte.is_ascii_digit()) => {
                word.parse().map_err(|_| self.at.error(format!("the number {word} is too large here")))
            }
            _ => Err(self.expected("a whole number")),
        }
    }

    pub(super) fn bytes(self) -> Result<Vec<u8>, ParseSnapshotError> {
        let text = self.string()?;
        text.value
            .strip_prefix("0x")
            .and_then(hex::decode)
            .ok_or_else(|| text.at.error("expected bytes such as \"0x0a1b\""))
    }

    pub(super) fn expected(&self, what: &str) -> ParseSnapshotError {
        let found = match &self.value {
            Value::Word(word) => format!("`{word}`"),
            Value::String(_) => "a string".to_owned(),
            Value::Array(_) => "an array".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        self.at.error(format!("expected {what}, found {found}"))
    }
}
