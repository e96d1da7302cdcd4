//! What the built-in groups give: the areas of staff work that each of them opens (rules: X1, S3). The least of the groups
//! comes first, so that a refusal names the one that would do.

use crate::capability::{STAFF, SYSADMIN, USABLE};
use crate::condition::Condition::{self, All, Any, Is};
use crate::fact::Fact;

/// The campaign groups are for staff (rule: S3).
const CAMPAIGN_USER: Condition = All(&[Is(Fact::Member("CampaignUser")), STAFF]);
const CAMPAIGN_MGR: Condition = All(&[Is(Fact::Member("CampaignMgr")), STAFF]);
const CAMPAIGN_ADMIN: Condition = All(&[Is(Fact::Member("CampaignAdmin")), STAFF]);

pub(crate) const CAMPAIGNS_READ: Condition = Any(&[CAMPAIGN_USER, CAMPAIGN_MGR, CAMPAIGN_ADMIN, SYSADMIN]);
pub(crate) const CAMPAIGNS_WORK: Condition = Any(&[CAMPAIGN_MGR, CAMPAIGN_ADMIN, SYSADMIN]);
pub(crate) const CAMPAIGNS_FULL: Condition = Any(&[CAMPAIGN_ADMIN, SYSADMIN]);

const OPPORTUNITY_USER: Condition = All(&[Is(Fact::Member("OpportunityUser")), USABLE]);
const OPPORTUNITY_CREATOR: Condition = All(&[Is(Fact::Member("OpportunityCreator")), USABLE]);
const OPPORTUNITY_OWNERS: Condition = All(&[Is(Fact::Member("OpportunityOwners")), USABLE]);
const OPPORTUNITY_MGR: Condition = All(&[Is(Fact::Member("OpportunityMgr")), USABLE]);
const OPPORTUNITY_ADMIN: Condition = All(&[Is(Fact::Member("OpportunityAdmin")), USABLE]);

pub(crate) const PROCESS_READ: Condition =
    Any(&[OPPORTUNITY_USER, OPPORTUNITY_CREATOR, OPPORTUNITY_MGR, OPPORTUNITY_ADMIN, SYSADMIN]);
/// Adding projects, and working on those that one added oneself.
pub(crate) const PROCESS_ADD: Condition = Any(&[OPPORTUNITY_CREATOR, OPPORTUNITY_MGR, OPPORTUNITY_ADMIN, SYSADMIN]);
/// Working on anybody's projects.
pub(crate) const PROCESS_WORK: Condition = Any(&[OPPORTUNITY_MGR, OPPORTUNITY_ADMIN, SYSADMIN]);
pub(crate) const PROCESS_FULL: Condition = Any(&[OPPORTUNITY_ADMIN, SYSADMIN]);
/// Adding people to a project's owner or contact group.
pub(crate) const PROCESS_OWNERS: Condition = Any(&[OPPORTUNITY_OWNERS, OPPORTUNITY_ADMIN, SYSADMIN]);

const RFM_USER: Condition = All(&[Is(Fact::Member("RFMUser")), USABLE]);
const RFM_MGR: Condition = All(&[Is(Fact::Member("RFMMgr")), USABLE]);
const RFM_ADMIN: Condition = All(&[Is(Fact::Member("RFMAdmin")), USABLE]);

pub(crate) const RFM_READ: Condition = Any(&[RFM_USER, RFM_MGR, RFM_ADMIN, SYSADMIN]);
pub(crate) const RFM_WORK: Condition = Any(&[RFM_MGR, RFM_ADMIN, SYSADMIN]);
pub(crate) const RFM_FULL: Condition = Any(&[RFM_ADMIN, SYSADMIN]);

const SEG_USER: Condition = All(&[Is(Fact::Member("SegUser")), USABLE]);
const SEG_MGR: Condition = All(&[Is(Fact::Member("SegMgr")), USABLE]);
const SEG_ADMIN: Condition = All(&[Is(Fact::Member("SegAdmin")), USABLE]);

pub(crate) const SEGMENTATION_READ: Condition = Any(&[SEG_USER, SEG_MGR, SEG_ADMIN, SYSADMIN]);
pub(crate) const SEGMENTATION_WORK: Condition = Any(&[SEG_MGR, SEG_ADMIN, SYSADMIN]);
pub(crate) const SEGMENTATION_FULL: Condition = Any(&[SEG_ADMIN, SYSADMIN]);

/// The three certification groups receive the mails of a programme's stages, and give nothing else.
pub(crate) const CERTIFICATION_MAILS: Condition = Any(&[
    All(&[Is(Fact::Member("Certification User")), USABLE]),
    All(&[Is(Fact::Member("Certification Manager")), USABLE]),
    All(&[Is(Fact::Member("Certification Admin")), USABLE]),
    SYSADMIN,
]);

/// Site builder, page builder, tagging and easy edit are for staff in any content authority group (rule: S3).
pub(crate) const SITE_WORK: Condition = Any(&[All(&[Is(Fact::ContentMember), STAFF]), SYSADMIN]);

/// The three groups of the query integration.
pub(crate) const QUERY_INTEGRATION: Condition = Any(&[
    All(&[Is(Fact::Member("EventUser")), USABLE]),
    All(&[Is(Fact::Member("FRUser")), USABLE]),
    All(&[Is(Fact::Member("OrderUser")), USABLE]),
    SYSADMIN,
]);
