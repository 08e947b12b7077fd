-- As in 0002, with three things more. Settling writes what a call was priced with: stamp, coverage, cache writes, billable
-- cost and the calls of tools and connectors whose results it read. A hold keeps the phase it was taken in, 2 for the flat
-- tariff and 3 for cost, and its call is charged by that phase. A wallet may have a daily cap of its own.

CREATE FUNCTION ct_reserve_batch(
  p_ws text[], p_rid text[], p_flat bigint[], p_cost bigint[], p_phase int,
  p_now timestamptz, p_expires timestamptz, p_day int, p_cap bigint, p_most bigint
) RETURNS text[] LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  res text[];
  r record;
BEGIN
  WITH asked AS MATERIALIZED (
    SELECT t.ord, t.w, t.q, CASE WHEN p_phase = 3 THEN t.cost ELSE t.flat END AS a, h.state,
           h.amount = CASE WHEN h.phase = 3 THEN t.cost ELSE t.flat END AS same,
           k.workspace_id IS NOT NULL AS known, coalesce(h.state IN ('expired', 'released'), true) AS fresh,
           k.plan_balance + k.topup_balance - k.held AS free,
           least(p_cap, k.daily_cap) - k.held - CASE WHEN k.day >= p_day THEN k.day_used ELSE 0 END AS room
      FROM unnest(p_ws, p_rid, p_flat, p_cost) WITH ORDINALITY t(w, q, flat, cost, ord)
      LEFT JOIN ct_wallets k ON k.workspace_id = t.w
      LEFT JOIN ct_holds h ON h.workspace_id = t.w AND h.request_id = t.q
  ), item AS MATERIALIZED (
    SELECT *, fresh AND a <= p_most AS wanted,
           sum(a) FILTER (WHERE fresh AND a <= p_most) OVER (PARTITION BY w) AS total
      FROM asked
  ), fits AS MATERIALIZED (
    SELECT * FROM item WHERE wanted AND known AND total <= free AND total <= room
  ), opened AS (
    INSERT INTO ct_holds (workspace_id, request_id, amount, state, created_at, expires_at, phase)
    SELECT w, q, a, 'held', p_now, p_expires, p_phase FROM fits
    ON CONFLICT (workspace_id, request_id) DO UPDATE
       SET amount = excluded.amount, state = 'held', created_at = excluded.created_at, expires_at = excluded.expires_at,
           phase = excluded.phase
  ), taken AS (
    UPDATE ct_wallets k
       SET held = k.held + f.total, day = greatest(k.day, p_day),
           day_used = CASE WHEN k.day >= p_day THEN k.day_used ELSE 0 END
      FROM (SELECT w, max(total)::bigint AS total FROM fits GROUP BY w) f
     WHERE k.workspace_id = f.w
  )
  SELECT array_agg(CASE
           WHEN NOT known THEN 'no_wallet'
           WHEN wanted AND total <= free AND total <= room THEN 'held'
           WHEN wanted THEN NULL
           WHEN fresh THEN 'too_large'
           WHEN NOT same THEN 'mismatch'
           ELSE 'replay:' || state END ORDER BY ord)
    INTO res FROM item;

  FOR r IN SELECT t.w, t.q, t.ord, CASE WHEN p_phase = 3 THEN t.cost ELSE t.flat END AS a
             FROM unnest(p_ws, p_rid, p_flat, p_cost) WITH ORDINALITY t(w, q, flat, cost, ord)
            WHERE res[t.ord] IS NULL ORDER BY t.ord LOOP
    UPDATE ct_wallets k
       SET held = k.held + r.a, day = greatest(k.day, p_day),
           day_used = CASE WHEN k.day >= p_day THEN k.day_used ELSE 0 END
     WHERE k.workspace_id = r.w AND k.plan_balance + k.topup_balance - k.held >= r.a
       AND least(p_cap, k.daily_cap) - k.held - CASE WHEN k.day >= p_day THEN k.day_used ELSE 0 END >= r.a;
    IF FOUND THEN
      INSERT INTO ct_holds (workspace_id, request_id, amount, state, created_at, expires_at, phase)
      VALUES (r.w, r.q, r.a, 'held', p_now, p_expires, p_phase)
      ON CONFLICT (workspace_id, request_id) DO UPDATE
         SET amount = excluded.amount, state = 'held', created_at = excluded.created_at,
             expires_at = excluded.expires_at, phase = excluded.phase;
      res[r.ord] := 'held';
    ELSE
      res[r.ord] := (SELECT CASE WHEN k.plan_balance + k.topup_balance < r.a THEN 'insufficient'
                                 WHEN k.plan_balance + k.topup_balance - k.held < r.a THEN 'insufficient_now'
                                 ELSE 'daily_cap' END
                       FROM ct_wallets k WHERE k.workspace_id = r.w);
    END IF;
  END LOOP;
  RETURN res;
END $$;

-- next

CREATE FUNCTION ct_settle_batch(
  p_ws text[], p_rid text[], p_actual bigint[], p_id text[], p_client text[], p_user text[], p_conversation text[],
  p_turn text[], p_agent text[], p_model text[], p_status text[], p_in int[], p_cached int[], p_out int[],
  p_estimated boolean[], p_cost bigint[], p_shadow bigint[], p_attempts text[], p_duration int[], p_at timestamptz[],
  p_stamp text[], p_coverage int[], p_write int[], p_billable bigint[], p_calls text[], p_by_cost bigint[],
  p_now timestamptz, p_day int, OUT res text[], OUT debited bigint[]
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  r record;
  wallet record;
  v_freed bigint;
  v_take bigint;
  v_plan bigint;
BEGIN
  WITH item AS MATERIALIZED (
    SELECT t.*, CASE WHEN h.phase = 3 THEN t.by_cost ELSE t.flat END AS a, h.phase, h.state, h.actual AS was, coalesce(h.state IN ('held', 'expired'), false) AS due,
           CASE WHEN h.state = 'held' THEN h.amount ELSE 0 END AS freed,
           k.plan_balance AS plan, k.plan_balance + k.topup_balance - k.held AS free
      FROM unnest(p_ws, p_rid, p_actual, p_id, p_client, p_user, p_conversation, p_turn, p_agent, p_model, p_status,
                  p_in, p_cached, p_out, p_estimated, p_cost, p_shadow, p_attempts, p_duration, p_at,
                  p_stamp, p_coverage, p_write, p_billable, p_calls, p_by_cost) WITH ORDINALITY
           t(w, q, flat, id, client, person, conversation, turn, agent, model, status,
             tin, tcached, tout, estimated, cost, shadow, attempts, duration, at,
             stamp, coverage, twrite, billable, calls, by_cost, ord)
      LEFT JOIN ct_wallets k ON k.workspace_id = t.w
      LEFT JOIN ct_holds h ON h.workspace_id = t.w AND h.request_id = t.q
  ), ranked AS MATERIALIZED (
    SELECT *, coalesce(sum(greatest(a - freed, 0)) FILTER (WHERE due) OVER (PARTITION BY w), 0) <= free AS fits,
           sum(a) FILTER (WHERE due) OVER (PARTITION BY w ORDER BY ord) AS upto
      FROM item
  ), charged AS MATERIALIZED (
    SELECT *, (least(plan, upto) - least(plan, upto - a))::bigint AS from_plan FROM ranked WHERE due AND fits
  ), closed AS (
    UPDATE ct_holds h SET state = 'settled', actual = c.a FROM charged c
     WHERE h.workspace_id = c.w AND h.request_id = c.q
  ), booked AS (
    INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at)
    SELECT w, q, 'debit', -a, -from_plan, from_plan - a, at FROM charged
  ), used AS (
    INSERT INTO usage (id, workspace_id, client_id, user_id, conversation_id, turn_id, request_id, agent, model, status,
                       tokens_in, tokens_cached, tokens_out, estimated, cost_micro_eur, ct_actual_debit,
                       ct_shadow_debit, attempts, duration_ms, at, stamp, coverage, tokens_cache_write,
                       billable_micro_eur, calls, phase)
    SELECT id, w, client, person, conversation, turn, q, agent, model, status, tin, tcached, tout, estimated, cost, a,
           shadow, attempts::jsonb, duration, at, stamp, coverage, twrite, billable, calls::jsonb, phase FROM charged
  ), paid AS (
    UPDATE ct_wallets k
       SET plan_balance = k.plan_balance - c.from_plan, topup_balance = k.topup_balance - (c.total - c.from_plan),
           held = k.held - c.freed, day = greatest(k.day, p_day),
           day_used = CASE WHEN k.day >= p_day THEN k.day_used ELSE 0 END + c.total
      FROM (SELECT w, sum(a)::bigint AS total, sum(from_plan)::bigint AS from_plan, sum(freed)::bigint AS freed
              FROM charged GROUP BY w) c
     WHERE k.workspace_id = c.w
  )
  SELECT array_agg(CASE
           WHEN state IS NULL THEN 'unknown'
           WHEN due AND fits THEN 'settled'
           WHEN due THEN NULL
           WHEN state = 'settled' AND phase = 2 AND was <> a THEN 'mismatch'
           ELSE 'replay:' || state END ORDER BY ord),
         array_agg(CASE WHEN due AND fits THEN a END ORDER BY ord)
    INTO res, debited FROM ranked;

  FOR r IN SELECT t.w, t.q, t.ord, h.phase, CASE WHEN h.phase = 3 THEN t.by_cost ELSE t.flat END AS a
             FROM unnest(p_ws, p_rid, p_actual, p_by_cost) WITH ORDINALITY t(w, q, flat, by_cost, ord)
             JOIN ct_holds h ON h.workspace_id = t.w AND h.request_id = t.q
            WHERE res[t.ord] IS NULL ORDER BY t.ord LOOP
    SELECT * INTO wallet FROM ct_wallets WHERE workspace_id = r.w;
    SELECT CASE WHEN state = 'held' THEN amount ELSE 0 END INTO v_freed
      FROM ct_holds WHERE workspace_id = r.w AND request_id = r.q;
    v_take := least(r.a, wallet.plan_balance + wallet.topup_balance - wallet.held + v_freed);
    v_plan := least(v_take, wallet.plan_balance);
    UPDATE ct_holds SET state = 'settled', actual = r.a WHERE workspace_id = r.w AND request_id = r.q;
    INSERT INTO ct_ledger (workspace_id, request_id, kind, amount, plan_delta, topup_delta, at)
    VALUES (r.w, r.q, 'debit', -v_take, -v_plan, v_plan - v_take, p_at[r.ord]);
    INSERT INTO usage (id, workspace_id, client_id, user_id, conversation_id, turn_id, request_id, agent, model, status,
                       tokens_in, tokens_cached, tokens_out, estimated, cost_micro_eur, ct_actual_debit,
                       ct_shadow_debit, attempts, duration_ms, at, stamp, coverage, tokens_cache_write,
                       billable_micro_eur, calls, phase)
    VALUES (p_id[r.ord], r.w, p_client[r.ord], p_user[r.ord], p_conversation[r.ord], p_turn[r.ord], r.q, p_agent[r.ord],
            p_model[r.ord], p_status[r.ord], p_in[r.ord], p_cached[r.ord], p_out[r.ord], p_estimated[r.ord],
            p_cost[r.ord], v_take, p_shadow[r.ord], p_attempts[r.ord]::jsonb, p_duration[r.ord], p_at[r.ord],
            p_stamp[r.ord], p_coverage[r.ord], p_write[r.ord], p_billable[r.ord], p_calls[r.ord]::jsonb,
            r.phase);
    UPDATE ct_wallets
       SET plan_balance = plan_balance - v_plan, topup_balance = topup_balance - (v_take - v_plan),
           held = held - v_freed, shortfall = shortfall + r.a - v_take, day = greatest(day, p_day),
           day_used = CASE WHEN day >= p_day THEN day_used ELSE 0 END + v_take
     WHERE workspace_id = r.w;
    res[r.ord] := 'settled';
    debited[r.ord] := v_take;
  END LOOP;
END $$;

-- next

CREATE FUNCTION ct_meter_batch(
  c_ws text[], c_rid text[], c_target text[],
  s_ws text[], s_rid text[], s_actual bigint[], s_id text[], s_client text[], s_user text[], s_conversation text[],
  s_turn text[], s_agent text[], s_model text[], s_status text[], s_in int[], s_cached int[], s_out int[],
  s_estimated boolean[], s_cost bigint[], s_shadow bigint[], s_attempts text[], s_duration int[], s_at timestamptz[],
  s_stamp text[], s_coverage int[], s_write int[], s_billable bigint[], s_calls text[], s_by_cost bigint[],
  r_ws text[], r_rid text[], r_flat bigint[], r_cost bigint[],
  p_now timestamptz, p_expires timestamptz, p_day int, p_cap bigint, p_most bigint, p_phase3 boolean,
  OUT closed boolean[], OUT settled text[], OUT debited bigint[], OUT reserved text[], OUT phase int
) LANGUAGE plpgsql SET enable_seqscan = off
AS $$
BEGIN
  PERFORM 1 FROM ct_wallets WHERE workspace_id = ANY (c_ws || s_ws || r_ws) ORDER BY workspace_id FOR NO KEY UPDATE;
  phase := 2;
  IF p_phase3 AND EXISTS (SELECT FROM phase3_windows
                           WHERE closed_at IS NULL AND opens_at <= p_now AND closes_at > p_now) THEN
    phase := 3;
  END IF;
  IF cardinality(c_ws) > 0 THEN
    closed := ct_close_batch(c_ws, c_rid, c_target, p_now);
  END IF;
  IF cardinality(s_ws) > 0 THEN
    SELECT b.res, b.debited INTO settled, debited FROM ct_settle_batch(
      s_ws, s_rid, s_actual, s_id, s_client, s_user, s_conversation, s_turn, s_agent, s_model, s_status, s_in, s_cached,
      s_out, s_estimated, s_cost, s_shadow, s_attempts, s_duration, s_at,
      s_stamp, s_coverage, s_write, s_billable, s_calls, s_by_cost, p_now, p_day) b;
  END IF;
  IF cardinality(r_ws) > 0 THEN
    reserved := ct_reserve_batch(r_ws, r_rid, r_flat, r_cost, phase, p_now, p_expires, p_day, p_cap, p_most);
  END IF;
END $$;
