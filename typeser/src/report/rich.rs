//! Renders messages like the compiler's, with the renderer of rustc and cargo.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level as Drawn, Origin, Padding, Renderer, Snippet,
};

use super::level::Level;
use super::messages::{Help, Message, Note, Place, View};
use crate::text::wrap;

/// Renders messages with empty lines between them, `width` columns wide where names allow it.
pub(super) fn draw(messages: &[Message], width: usize, colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(width);
    let mut text = String::new();
    for (number, message) in messages.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&renderer.render(&groups(message, width)));
        text.push('\n');
    }
    text
}

fn groups(message: &Message, width: usize) -> Vec<Group<'_>> {
    let level = match message.level {
        Level::Error => Drawn::ERROR,
        Level::Warning => Drawn::WARNING,
        Level::Note => Drawn::NOTE,
    };
    let named = message.level.word().len() + 2 + message.rule.map_or(0, |rule| rule.len() + 2);
    let mut title = level.primary_title(wrap(&message.title, width - named.min(width * 2 / 3)).join("\n"));
    if let Some(rule) = message.rule {
        title = title.id(rule);
    }
    let mut groups = Vec::new();
    let mut group = Group::with_title(title);
    for (number, view) in message.views.iter().enumerate() {
        if let Some(title) = &view.title {
            match message.location.filter(|_| number == 0) {
                Some(at) => {
                    let place = Origin::path(at.file).line(at.line as usize).char_column(at.column as usize);
                    group = group.element(place);
                }
                None if groups.is_empty() => {}
                None => group = group.element(Padding),
            }
            groups.push(group);
            group = Group::with_title(Drawn::NOTE.secondary_title(title.as_str()));
        }
        group = group.element(snippet(view));
    }
    if !groups.is_empty() && !message.notes.is_empty() {
        group = group.element(Padding);
    }
    groups.push(group.elements(message.notes.iter().map(|one| note(one, width))));
    groups.extend(message.helps.iter().map(|one| help(one, width)));
    groups
}

fn snippet(view: &View) -> Element<'_> {
    let View { place, text, context, mark, label, primary, .. } = view;
    let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let context = context.iter().map(|range| AnnotationKind::Visible.span(range.clone()));
    let snippet: Snippet<'_, Annotation<'_>> =
        Snippet::source(text.as_str()).annotation(kind.span(mark.clone()).label(label.as_str())).annotations(context);
    match place {
        Place::File { name, line } => snippet.path(name.as_str()).line_start(*line).into(),
        Place::Snapshot => snippet.line_numbering(false).into(),
    }
}

fn note(note: &Note, width: usize) -> Element<'_> {
    let indent = note.name.len() + 2;
    let lines: Vec<String> = note.lines.iter().flat_map(|line| wrap(line, width.saturating_sub(indent + 5))).collect();
    Drawn::NOTE.with_name(note.name).message(lines.join("\n")).into()
}

fn help(help: &Help, width: usize) -> Group<'_> {
    let text = wrap(&help.text, width - "help: ".len()).join("\n");
    let group = Group::with_title(Drawn::HELP.secondary_title(text));
    match &help.code {
        Some(code) => {
            let snippet: Snippet<'_, Annotation<'_>> = Snippet::source(code.as_str()).line_numbering(false).fold(false);
            group.element(snippet)
        }
        None => group,
    }
}
