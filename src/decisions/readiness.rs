//! What a look at a site showed, and how it is told (rules: T3, T4).

use grantbook_events::{ReadinessFinding, ReadinessProblem};

/// How long a site may take to answer, in seconds (rule: T4).
pub const READINESS_SECONDS: u32 = 5;

/// What a look at a site showed: what was wrong, each with the HTTP status where an answer came. Nothing: it is ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Readiness {
    /// At most these: without HTTPS the look still goes on to see whether anybody answers.
    pub problems: [Option<(ReadinessProblem, Option<u16>)>; 2],
}

impl Readiness {
    /// The same with one more problem.
    pub fn and(mut self, problem: ReadinessProblem, status: Option<u16>) -> Readiness {
        if let Some(free) = self.problems.iter_mut().find(|known| known.is_none()) {
            *free = Some((problem, status));
        }
        self
    }

    /// What was learnt when these findings were recorded.
    pub fn of(findings: &[ReadinessFinding]) -> Readiness {
        let one = |readiness: Readiness, finding: &ReadinessFinding| readiness.and(finding.code, finding.status);
        findings.iter().fold(Readiness::default(), one)
    }

    /// Whether the site is ready. A redirect is worth telling, and its status is below 400.
    pub(crate) fn passed(&self) -> bool {
        self.problems.iter().flatten().all(|(problem, _)| *problem == ReadinessProblem::Redirects)
    }

    /// The findings, for people.
    pub(crate) fn findings(&self) -> Vec<ReadinessFinding> {
        self.problems.iter().flatten().map(|(code, status)| told(*code, *status)).collect()
    }
}

/// A problem with its proposed solution.
fn told(code: ReadinessProblem, status: Option<u16>) -> ReadinessFinding {
    let number = status.map_or_else(|| "unknown".to_owned(), |status| status.to_string());
    let (problem, solution) = match code {
        ReadinessProblem::NotHttps => (
            "the URL is plain HTTP".to_owned(),
            "serve the site over HTTPS, with a certificate of a public authority, and give the URL that begins with https://",
        ),
        ReadinessProblem::UnknownHost => (
            "the name of the host has no address".to_owned(),
            "see that the name is spelt as people type it, and that the public DNS knows it",
        ),
        ReadinessProblem::NotPublic => (
            "the host has an address that is not public".to_owned(),
            "make the site public facing: all addresses of its name must be reachable from everywhere",
        ),
        ReadinessProblem::Unreachable => (
            "no connection came about".to_owned(),
            "see that the site runs, and that its firewall admits connections from outside at this port",
        ),
        ReadinessProblem::Certificate => (
            "the certificate is not valid for the host".to_owned(),
            "install a certificate that is in date, made out to this name, together with its whole chain",
        ),
        ReadinessProblem::TooSlow => (
            format!("no answer came within {READINESS_SECONDS} seconds"),
            "see what holds the site's first page up; a cold start may pass when it is checked again",
        ),
        ReadinessProblem::Redirects => (
            format!("the answer points to another URL (status {number})"),
            "give the URL at which the site answers in the end",
        ),
        ReadinessProblem::Status => (
            format!("the answer has status {number}"),
            "see that the URL is that of the site's start page, and that anyone may open it",
        ),
    };
    ReadinessFinding { code, status, problem, solution: solution.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: T3
    #[test]
    fn every_problem_has_a_solution_and_is_learnt_again_from_its_finding() {
        for problem in ReadinessProblem::ALL {
            let seen = Readiness::default().and(ReadinessProblem::NotHttps, None).and(*problem, Some(404));
            let findings = seen.findings();
            assert_eq!(Readiness::of(&findings), seen);
            assert!(findings.iter().all(|finding| !finding.problem.is_empty() && finding.solution.len() > 20));
        }
        assert!(Readiness::default().findings().is_empty());
    }
}
