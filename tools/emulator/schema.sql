-- The emulator's stored world. Days are dates in the owner's time zone, money and conversions are millionths.
CREATE TABLE property (
    property_id VARCHAR, client_id VARCHAR, name VARCHAR, currency VARCHAR, timezone VARCHAR, host VARCHAR, p UTINYINT
);
CREATE TABLE account (
    customer_id VARCHAR, client_id VARCHAR, name VARCHAR, currency VARCHAR, timezone VARCHAR, manager_id VARCHAR,
    goal VARCHAR, a UTINYINT, is_manager BOOLEAN, status VARCHAR, is_test BOOLEAN
);
CREATE TABLE source (
    source_id INTEGER, p UTINYINT, channel VARCHAR, source VARCHAR, medium VARCHAR, campaign VARCHAR
);
CREATE TABLE page (page_id INTEGER, p UTINYINT, path VARCHAR, title VARCHAR);
CREATE TABLE place (
    place_id UTINYINT, city VARCHAR, region VARCHAR, country VARCHAR, country_id VARCHAR, continent VARCHAR,
    language VARCHAR
);
CREATE TABLE tech (tech_id UTINYINT, device VARCHAR, browser VARCHAR, system VARCHAR);
CREATE TABLE age (age_id UTINYINT, bracket VARCHAR);
CREATE TABLE gender (gender_id UTINYINT, gender VARCHAR);
CREATE TABLE kind (kind_id UTINYINT, name VARCHAR, is_key BOOLEAN);
-- engaged: millionths of a session, so that fixture rates are exact
CREATE TABLE session (
    session_id UINTEGER, p UTINYINT, day DATE, start INTEGER, user_id BIGINT, is_new BOOLEAN, engaged INTEGER,
    source_id INTEGER, first_source_id INTEGER, landing_id INTEGER, place_id UTINYINT, tech_id UTINYINT,
    age_id UTINYINT, gender_id UTINYINT
);
CREATE TABLE event (
    session_id UINTEGER, p UTINYINT, day DATE, second INTEGER, kind_id UTINYINT, page_id INTEGER, ms INTEGER, value BIGINT
);
CREATE TABLE campaign (
    campaign_id BIGINT, a UTINYINT, name VARCHAR, status VARCHAR, type VARCHAR, bidding VARCHAR, budget_id BIGINT,
    budget BIGINT
);
CREATE TABLE ad_group (ad_group_id BIGINT, a UTINYINT, campaign_id BIGINT, name VARCHAR, landing VARCHAR);
CREATE TABLE criterion (
    criterion_id BIGINT, a UTINYINT, ad_group_id BIGINT, keyword VARCHAR, match VARCHAR, quality UTINYINT, bid BIGINT
);
CREATE TABLE term (term_id INTEGER, text VARCHAR);
CREATE TABLE device (device_id UTINYINT, name VARCHAR);
CREATE TABLE fact (
    a UTINYINT, day DATE, criterion_id BIGINT, term_id INTEGER, device_id UTINYINT, impressions BIGINT, clicks BIGINT,
    cost BIGINT, conversions BIGINT, value BIGINT, eligible BIGINT, lost_budget BIGINT
);
CREATE TABLE change (
    a UTINYINT, changed TIMESTAMP, campaign_id BIGINT, ad_group_id BIGINT, email VARCHAR, resource_type VARCHAR,
    operation VARCHAR, field VARCHAR, old VARCHAR, new VARCHAR
);
