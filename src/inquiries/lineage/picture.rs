//! Lineage as a picture: in the language of Graphviz, and as SVG by a small layout of our own. Every event rests on one
//! other at most, so what is drawn is a forest: a layer for each step of authority, oldest on the left.

use std::collections::BTreeMap;

use super::shown::{children, ended_words, id};
use super::{Grant, Lineage, Node, Root};
use crate::authority::Place;
use crate::given::Hold;

/// The picture in the language of Graphviz.
pub fn dot(lineage: &Lineage) -> String {
    let mut text = String::from("digraph lineage {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let nodes = lineage.nodes();
    for node in &nodes {
        let [first, second] = label(node);
        let style = if holds(node) { "solid" } else { "dashed" };
        let (id, first, second) = (quoted(&id(node.place)), escaped(&first), escaped(&second));
        text.push_str(&format!("  {id} [label=\"{first}\\n{second}\", style={style}];\n"));
    }
    for node in &nodes {
        if let Some(ground) = node.rests_on.filter(|ground| nodes.iter().any(|node| node.place == *ground)) {
            text.push_str(&format!("  {} -> {};\n", quoted(&id(ground)), quoted(&id(node.place))));
        }
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Whether what it gave still holds; what gave nothing is no grant that ended.
fn holds(node: &Node) -> bool {
    node.grant.as_ref().is_none_or(|grant| grant.hold == Hold::Still)
}

/// The two lines of a box.
fn label(node: &Node) -> [String; 2] {
    let at = node.step.at.to_string();
    let day = at.get(..10).unwrap_or(&at);
    let mut first = format!("#{} · {day}", node.step.position);
    if node.step.import.is_some() {
        first.push_str(" · imported");
    }
    if let Some(Grant { hold: Hold::Ended(cause), .. }) = &node.grant {
        first.push_str(&format!(" · {}", ended_words(*cause)));
    }
    [first, node.step.sentence.clone()]
}

// All in pixels.
const BOX_WIDTH: usize = 384;
const BOX_HEIGHT: usize = 46;
const ACROSS: usize = BOX_WIDTH + 48;
const DOWN: usize = BOX_HEIGHT + 14;
const MARGIN: usize = 24;
const HEADING: usize = 34;
/// How many letters a line of a box has room for.
const LETTERS: usize = 50;

const STYLE: &str = "\
svg{color-scheme:light dark;--ink:#1d2733;--soft:#5b6b7c;--paper:#ffffff;--box:#f4f7fa;--line:#8aa0b6;--edge:#b4c2cf}\
@media(prefers-color-scheme:dark){svg{--ink:#e6edf3;--soft:#9db0c2;--paper:#10161d;--box:#1a2430;--line:#56708a;--edge:#3d5266}}\
.paper{fill:var(--paper)}text{font:13px system-ui,sans-serif;fill:var(--ink)}.small{font-size:11px;fill:var(--soft)}\
.heading{font-weight:600}rect.node{fill:var(--box);stroke:var(--line)}\
rect.ended{stroke-dasharray:4 3}.ended-text{fill:var(--soft)}path{fill:none;stroke:var(--edge);stroke-width:1.4}";

/// The picture as SVG: a document of its own, light or dark as its reader's screen is.
pub fn svg(lineage: &Lineage) -> String {
    let mut body = String::new();
    let mut height = MARGIN;
    let mut width = BOX_WIDTH + 2 * MARGIN;
    let subject = match &lineage.subject.root {
        Root::Account(account) => lineage.subject.name.clone().unwrap_or_else(|| account.to_string()),
        Root::Entry(position) => format!("entry #{position}"),
    };
    let up = lineage.up.as_ref().map(|up| (format!("By whose authority: {subject}"), &up.nodes));
    let down = lineage.down.as_ref().map(|down| (format!("What rests on it: {subject}"), &down.nodes));
    for (heading, nodes) in [up, down].into_iter().flatten() {
        body.push_str(&format!(
            "<text class=\"heading\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n",
            height + 14,
            xml(&heading)
        ));
        let forest = Forest::of(nodes, height + HEADING);
        forest.draw(&mut body);
        width = width.max(forest.width());
        height = forest.bottom + MARGIN;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n\
         {body}</svg>\n",
        xml(&format!("Lineage of {subject}"))
    )
}

/// Where each event is drawn: its layer from the left, and the top of its box.
struct Forest<'a> {
    placed: BTreeMap<Place, (usize, usize, &'a Node)>,
    bottom: usize,
}

impl<'a> Forest<'a> {
    fn of(nodes: &'a [Node], top: usize) -> Forest<'a> {
        let drawn: std::collections::BTreeSet<Place> = nodes.iter().map(|node| node.place).collect();
        let children = children(nodes);
        let mut forest = Forest { placed: BTreeMap::new(), bottom: top };
        // What hangs on something that is not drawn is drawn as a root.
        let roots = nodes.iter().filter(|node| node.rests_on.is_none_or(|ground| !drawn.contains(&ground)));
        for root in roots {
            forest.place(root, 0, &children);
        }
        forest
    }

    /// Places a tree, each parent in the middle of its children; the top of the root's box.
    fn place(&mut self, node: &'a Node, layer: usize, children: &BTreeMap<Option<Place>, Vec<&'a Node>>) -> usize {
        let below = children.get(&Some(node.place)).map_or(&[][..], Vec::as_slice);
        let tops: Vec<usize> = below.iter().map(|child| self.place(child, layer + 1, children)).collect();
        let top = match (tops.first(), tops.last()) {
            (Some(first), Some(last)) => usize::midpoint(*first, *last),
            (None, _) | (_, None) => {
                self.bottom += DOWN;
                self.bottom - DOWN
            }
        };
        self.placed.insert(node.place, (layer, top, node));
        top
    }

    fn width(&self) -> usize {
        let layers = self.placed.values().map(|(layer, ..)| layer + 1).max().unwrap_or(1);
        layers * ACROSS - (ACROSS - BOX_WIDTH) + 2 * MARGIN
    }

    fn draw(&self, into: &mut String) {
        for (layer, top, node) in self.placed.values() {
            if let Some((from_layer, from_top, _)) = node.rests_on.and_then(|ground| self.placed.get(&ground)) {
                let (x1, y1) = (MARGIN + from_layer * ACROSS + BOX_WIDTH, from_top + BOX_HEIGHT / 2);
                let (x2, y2) = (MARGIN + layer * ACROSS, top + BOX_HEIGHT / 2);
                let middle = usize::midpoint(x1, x2);
                into.push_str(&format!("<path d=\"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}\"/>\n"));
            }
        }
        for (layer, top, node) in self.placed.values() {
            let x = MARGIN + layer * ACROSS;
            let [first, second] = label(node);
            let (box_class, text_class) = if holds(node) { ("node", "") } else { ("node ended", "ended-text") };
            into.push_str(&format!(
                "<g><title>{}</title><rect class=\"{box_class}\" x=\"{x}\" y=\"{top}\" width=\"{BOX_WIDTH}\" \
                 height=\"{BOX_HEIGHT}\" rx=\"6\"/><text class=\"small\" x=\"{}\" y=\"{}\">{}</text>\
                 <text class=\"{text_class}\" x=\"{}\" y=\"{}\">{}</text></g>\n",
                xml(&node.line()),
                x + 10,
                top + 17,
                xml(&cut(&first, LETTERS + 8)),
                x + 10,
                top + 35,
                xml(&cut(&second, LETTERS)),
            ));
        }
    }
}

/// Text of at most so many letters; the whole of it is in the box's title.
fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(letters.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Text that is no markup.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use grantbook_events::Position;

    use super::*;
    use crate::history_for_tests::{History, account};
    use crate::lineage::{Descent, lineage};

    fn of(history: &History, id: &str) -> Lineage {
        let root = Root::Account(account(id));
        let mut descent = Descent::of(root.clone(), Position(1), 100);
        (1..).map(Position).zip(&history.entries).for_each(|(position, entry)| descent.take(position, entry));
        lineage(&history.shown(history.last()), root, true, Some(&descent.found()))
    }

    // rule: I1
    #[test]
    fn bob_s_acts_hang_on_him_and_jeff_s_on_bob_s() {
        let history = History::example();
        let found = of(&history, "bob");
        let made = history.named("jeff is admin");
        let down = &found.down.as_ref().unwrap().nodes;
        let set = down.iter().find(|node| node.step.position == history.named("background set")).unwrap();
        assert_eq!(set.rests_on.map(|ground| ground.position), Some(made), "Jeff did it, by the right that Bob gave");
        let lines = found.lines();
        let told = |start: &str, words: &str| lines.iter().any(|line| line.starts_with(start) && line.contains(words));
        assert!(told("└─ #", "Bob S. became an Admin User"), "{lines:#?}");
        assert!(told("   ├─ #", "made Jeff T. an Admin User"), "{lines:#?}");
        assert!(told("   │  ├─ #", "Background Account"), "{lines:#?}");
    }

    #[test]
    fn a_picture_is_well_formed_whatever_people_are_called() {
        let mut history = History::example();
        let name = "<script>\"Eve\" & \\co\u{7}</script>";
        history.act("manager", vec![History::contact("eve", name)]);
        let found = of(&history, "manager");
        let drawn = svg(&found);
        assert!(drawn.starts_with("<svg ") && drawn.trim_end().ends_with("</svg>"));
        assert!(!drawn.contains("<script>") && drawn.contains("&lt;script&gt;"), "{drawn}");
        assert!(!drawn.contains('\u{7}'));
        for (open, closed) in [("<g>", "</g>"), ("<title>", "</title>"), ("<text ", "</text>")] {
            assert_eq!(drawn.matches(open).count(), drawn.matches(closed).count(), "{open}");
        }
        let graph = dot(&found);
        assert!(graph.contains("\\\"Eve\\\" & \\\\co"), "{graph}");
        let edges = found.nodes().iter().filter(|node| node.rests_on.is_some()).count();
        assert_eq!(graph.matches(" -> ").count(), edges);
    }

    #[test]
    fn boxes_of_a_picture_do_not_lie_on_each_other() {
        let history = History::example();
        let found = of(&history, "bob");
        let nodes = &found.down.as_ref().unwrap().nodes;
        let forest = Forest::of(nodes, 0);
        assert_eq!(forest.placed.len(), nodes.len());
        let mut taken: Vec<(usize, usize)> = forest.placed.values().map(|(layer, top, _)| (*layer, *top)).collect();
        taken.sort_unstable();
        for pair in taken.windows(2) {
            let apart = pair[0].0 != pair[1].0 || pair[1].1 - pair[0].1 >= DOWN;
            assert!(apart, "{pair:?}");
        }
    }
}
