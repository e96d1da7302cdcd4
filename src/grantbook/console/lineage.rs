//! Where what somebody holds comes from, and what rests on what they gave: as a picture.

use axum::extract::Path;

use super::page::{Page, Told};
use super::parts::{Body, Section};
use super::visitor::Visitor;

pub(crate) async fn page(visitor: Visitor, Path((_, account)): Path<(String, String)>) -> Result<Page, Told> {
    let direction = if visitor.param("direction") == "down" { "down" } else { "up" };
    let path = format!("lineage/{}", super::ask::encoded(&account));
    let query = [("direction", direction), ("limit", "200")];
    // Asked first, so that a refusal is told in words.
    visitor.ask(&path, &query).await?;
    let picture = visitor.data(&path, &[("direction", direction), ("limit", "200"), ("format", "svg")]);
    let (title, caption, other, text) = match direction {
        "down" => (
            format!("What rests on what {account} gave"),
            "From top to bottom: each grant, and what was given under it.",
            "up",
            "Where it comes from",
        ),
        _ => (
            format!("Where what {account} holds comes from"),
            "From what is held back to the tenant's start: each arrow leads to the entry that gave the right to give it.",
            "down",
            "What rests on what they gave",
        ), // any other direction is up
    };
    let image = Body::Image { source: picture, words: title.clone(), caption: caption.to_owned() };
    let to = |direction: &str| visitor.to(&format!("people/{account}/lineage"), &[("direction", direction)]);
    Ok(visitor
        .page(format!("Lineage of {account}"))
        .act(to(other), text)
        .act(visitor.to(&format!("people/{account}"), &[]), "The account")
        .section(Section { id: "picture".to_owned(), ..Section::new(title) }.with(image))
        .export(visitor.data(&path, &[("direction", direction)]), "JSON")
        .export(visitor.data(&path, &[("direction", direction), ("format", "dot")]), "Graphviz"))
}
