//! A command that there is not: which ones are called nearly so, and where they are listed.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// How many names are offered.
const NEAREST: usize = 3;

/// What to say of a command that there is not, of all the arguments that were given; `None` for any other mistake.
pub(crate) fn command(error: &clap::Error, root: &clap::Command, given: &[std::ffi::OsString]) -> Option<String> {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return None;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    let (mut command, mut path) = (root, vec![root.get_name()]);
    for argument in given.iter().skip(1).filter_map(|argument| argument.to_str()).take_while(|given| given != unknown) {
        if let Some(below) = command.find_subcommand(argument) {
            path.push(below.get_name());
            command = below;
        }
    }
    let path = path.join(" ");
    let mut names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let unlike = |name: &str| (1_000.0 - 1_000.0 * strsim::jaro_winkler(unknown, name)) as u32;
    names.sort_by_key(|name| unlike(name));
    names.truncate(NEAREST);
    let nearest = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(format!(
        "there is no `{path} {unknown}`: the nearest names are {nearest}; `{path} --help` lists all there are"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arguments: &[&str]) -> String {
        let root = crate::cli::description();
        let error = root.clone().try_get_matches_from(arguments).unwrap_err();
        let given: Vec<_> = arguments.iter().map(std::ffi::OsString::from).collect();
        command(&error, &root, &given).unwrap()
    }

    #[test]
    fn the_nearest_names_are_offered_and_where_to_find_all() {
        let told_of = told(&["grantbook", "--tenant", "abcimis", "do", "asign_role", "--account", "bob"]);
        assert!(
            told_of.starts_with("there is no `grantbook do asign_role`: the nearest names are `assign_role`"),
            "{told_of}"
        );
        assert!(told_of.ends_with("`grantbook do --help` lists all there are"), "{told_of}");
        let told_of = told(&["grantbook", "wy"]);
        assert!(told_of.contains("`why`") && told_of.ends_with("`grantbook --help` lists all there are"), "{told_of}");
    }
}
