//! Messages drawn like the compiler's, by the renderer of rustc and cargo.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level as Drawn, Origin, Renderer, Snippet};

use super::Level;
use super::telling::{Help, Message, Note, Title, View};
use super::text::{WIDTH, wrap};

/// Draws messages, with an empty line between them.
pub(super) fn draw(messages: &[Message], colours: bool) -> String {
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(WIDTH);
    let mut text = String::new();
    for (number, message) in messages.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&renderer.render(&groups(message)));
        text.push('\n');
    }
    text
}

fn groups(message: &Message) -> Vec<Group<'_>> {
    let level = match message.level {
        Level::Error => Drawn::ERROR,
        Level::Warning => Drawn::WARNING,
        Level::Note => Drawn::NOTE,
    };
    let mut title = level.primary_title(message.title.as_str());
    if let Some(rule) = message.rule {
        title = title.id(rule);
    }
    let elements = message.views.iter().flat_map(view).chain(message.notes.iter().map(note));
    let mut groups = vec![Group::with_title(title).elements(elements)];
    groups.extend(message.helps.iter().map(help));
    groups
}

fn view(view: &View) -> Vec<Element<'_>> {
    match view {
        View::Place(place) => vec![Origin::path(place.as_str()).into()],
        View::Code { title, text, context, mark, label, primary } => {
            let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let context = context.iter().map(|range| AnnotationKind::Visible.span(range.clone()));
            let snippet: Snippet<'_, Annotation<'_>> = Snippet::source(text.as_str())
                .annotation(kind.span(mark.clone()).label(label.as_str()))
                .annotations(context);
            match title {
                Some(Title::File { name, line }) => vec![snippet.path(name.as_str()).line_start(*line).into()],
                Some(Title::Words(words)) => {
                    vec![Origin::path(words.as_str()).into(), snippet.line_numbering(false).into()]
                }
                None => vec![snippet.line_numbering(false).into()],
            }
        }
    }
}

fn note(note: &Note) -> Element<'_> {
    let indent = note.name.len() + 2;
    let lines: Vec<String> = note.lines.iter().flat_map(|line| wrap(line, WIDTH.saturating_sub(indent + 5))).collect();
    Drawn::NOTE.with_name(note.name).message(lines.join("\n")).into()
}

fn help(help: &Help) -> Group<'_> {
    let group = Group::with_title(Drawn::HELP.secondary_title(help.text.as_str()));
    match &help.code {
        Some(code) => {
            let snippet: Snippet<'_, Annotation<'_>> = Snippet::source(code.as_str()).line_numbering(false).fold(false);
            group.element(snippet)
        }
        None => group,
    }
}
