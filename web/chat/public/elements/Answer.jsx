// What stands under an answer: problem, figures, charts, tables, links, where it came from and what it cost.
// Every figure arrives written in the reader's language (web/chat/blocks.py); only the ticks of an axis are written here.
import { useEffect, useId, useRef, useState } from "react";

const DASHES = ["", "6 4", "2 4", "8 3 2 3"];
const colour = (index) => `var(--cam-chart-${(index % 4) + 1})`;

function useWidth() {
  const ref = useRef(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return undefined;
    const seen = new ResizeObserver(([entry]) => setWidth(Math.round(entry.contentRect.width)));
    seen.observe(ref.current);
    return () => seen.disconnect();
  }, []);
  return [ref, width];
}

function ticksOf(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough) || power;
  const ticks = [];
  for (let t = Math.floor(low / step) * step; t <= high + step * 0.999; t += step) ticks.push(Number(t.toPrecision(12)));
  return ticks;
}

function tickText(value, kind, currency, language) {
  const options = { notation: Math.abs(value) >= 10000 ? "compact" : "standard", maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 };
  if (kind === "percent") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value);
  if (kind === "money" && currency) Object.assign(options, { style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: 0 });
  return new Intl.NumberFormat(language, options).format(value);
}

// Series that cannot share an axis get a panel each; two axes on one chart mislead.
function panelsOf(series) {
  const panels = [];
  const top = (s) => Math.max(0, ...s.values.filter((v) => v !== null).map(Math.abs));
  series.forEach((s, index) => {
    const one = { ...s, index };
    const fits = panels.find((p) => p[0].kind === s.kind && Math.max(top(p[0]), top(s)) <= 12 * (Math.min(top(p[0]), top(s)) || 1));
    if (fits) fits.push(one);
    else panels.push([one]);
  });
  return panels;
}

function Legend({ series }) {
  return (
    <ul className="cam-legend">
      {series.map((s) => (
        <li key={s.index}>
          <svg width="22" height="8" aria-hidden="true">
            <line x1="1" x2="21" y1="4" y2="4" stroke={colour(s.index)} strokeWidth="3" strokeDasharray={DASHES[s.index % 4]} strokeLinecap="round" />
          </svg>
          {s.label}
        </li>
      ))}
    </ul>
  );
}

function Lines({ chart, series, width, language, at, setAt }) {
  const height = width < 480 ? 170 : 200;
  const all = series.flatMap((s) => s.values).filter((v) => v !== null);
  const ticks = ticksOf(Math.min(0, ...all), Math.max(0, ...all));
  const texts = ticks.map((t) => tickText(t, series[0].kind, chart.currency, language));
  const left = 14 + Math.max(...texts.map((t) => t.length)) * 6.4;
  const [right, top, bottom] = [12, 10, 24];
  const count = chart.categories.length;
  const low = ticks[0];
  const high = ticks[ticks.length - 1];
  const x = (i) => (count === 1 ? (left + width - right) / 2 : left + (i * (width - left - right)) / (count - 1));
  const y = (v) => height - bottom - ((v - low) / (high - low || 1)) * (height - top - bottom);
  const every = Math.max(1, Math.ceil(count / Math.max(2, Math.floor((width - left) / 96))));
  const path = (values) => values.reduce((d, v, i) => (v === null ? d : `${d}${i === 0 || values[i - 1] === null ? "M" : "L"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`), "");
  const move = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const near = Math.round(((event.clientX - box.left - left) / (width - left - right)) * (count - 1));
    setAt(Math.min(count - 1, Math.max(0, near)));
  };
  const labelled = (i) => i === count - 1 || (i % every === 0 && count - 1 - i >= every * 0.7);
  return (
    <svg width={width} height={height} role="img" aria-label={chart.label} onPointerMove={move} onPointerLeave={() => setAt(null)}>
      {ticks.map((t, i) => (
        <g key={t}>
          <line x1={left} x2={width - right} y1={y(t)} y2={y(t)} className={t === 0 ? "cam-axis" : "cam-grid"} />
          <text x={left - 8} y={y(t) + 4} textAnchor="end" className="cam-tick">{texts[i]}</text>
        </g>
      ))}
      {chart.categories.map((c, i) => labelled(i) && (
        <text key={i} x={x(i)} y={height - 6} textAnchor={i === 0 ? "start" : i === count - 1 ? "end" : "middle"} className="cam-tick">{c.replace(/ \d{4}$/, "")}</text>
      ))}
      {series.length === 1 && low >= 0 && count > 1 && series[0].values.every((v) => v !== null) && (
        <path d={`${path(series[0].values)}L${x(count - 1)} ${y(0)}L${x(0)} ${y(0)}Z`} fill={colour(series[0].index)} opacity="0.09" />
      )}
      {at !== null && <line x1={x(at)} x2={x(at)} y1={top} y2={height - bottom} className="cam-cross" />}
      {series.map((s) => (
        <g key={s.index}>
          <path d={path(s.values)} fill="none" stroke={colour(s.index)} strokeWidth="2.25" strokeLinejoin="round" strokeLinecap="round" strokeDasharray={DASHES[s.index % 4]} />
          {at !== null && s.values[at] !== null && <circle cx={x(at)} cy={y(s.values[at])} r="4" fill={colour(s.index)} className="cam-point" />}
          {count === 1 && s.values[0] !== null && <circle cx={x(0)} cy={y(s.values[0])} r="4" fill={colour(s.index)} />}
        </g>
      ))}
    </svg>
  );
}

function Bars({ chart, series, width }) {
  const all = series.flatMap((s) => s.values).filter((v) => v !== null);
  const high = Math.max(0, ...all) || 1;
  const low = Math.min(0, ...all);
  const text = Math.max(...series.flatMap((s) => s.texts).map((t) => t.length)) * 6.9 + 10;
  const bar = series.length > 1 ? 11 : 16;
  const row = 20 + series.length * (bar + 3) + 8;
  const room = width - text;
  const x = (v) => ((v - low) / (high - low)) * room;
  const fit = Math.floor(width / 6.6);
  return (
    <svg width={width} height={chart.categories.length * row} role="img" aria-label={chart.label}>
      {chart.categories.map((name, i) => (
        <g key={i} transform={`translate(0 ${i * row})`}>
          <text x="0" y="13" className="cam-name">{name.length > fit ? `${name.slice(0, fit - 1)}…` : name}<title>{name}</title></text>
          {series.map((s, k) => s.values[i] !== null && (
            <g key={s.index} transform={`translate(0 ${20 + k * (bar + 3)})`}>
              <rect x={Math.min(x(0), x(s.values[i]))} width={Math.max(2, Math.abs(x(s.values[i]) - x(0)))} height={bar} rx="3" fill={colour(s.index)} opacity={k ? 0.6 : 1} />
              <text x={x(Math.max(0, s.values[i])) + 6} y={bar - (bar > 12 ? 3.5 : 1)} className="cam-value">{s.texts[i]}</text>
            </g>
          ))}
        </g>
      ))}
    </svg>
  );
}

function Chart({ block, language, words }) {
  const [ref, width] = useWidth();
  const [at, setAt] = useState(null);
  const [table, setTable] = useState(false);
  const id = useId();
  const panels = panelsOf(block.series);
  const last = block.categories.length - 1;
  const keys = (event) => {
    if (block.shape !== "line") return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    setAt((now) => Math.min(last, Math.max(0, now === null ? last : now + step)));
  };
  return (
    <figure className="cam-card cam-chart" data-testid="camarad-chart">
      <figcaption>{block.title}</figcaption>
      <div ref={ref} className="cam-plot" tabIndex={block.shape === "line" ? 0 : undefined} onKeyDown={keys} onBlur={() => setAt(null)}>
        {width > 0 && panels.map((series) => (
          <div key={series[0].index}>
            {(panels.length > 1 || series.length > 1) && <Legend series={series} />}
            {block.shape === "line"
              ? <Lines chart={block} series={series} width={width} language={language} at={at} setAt={setAt} />
              : <Bars chart={block} series={series} width={width} />}
          </div>
        ))}
      </div>
      {block.shape === "line" && (
        <p className="cam-readout" aria-hidden="true">
          {at === null ? "\u00a0" : `${block.categories[at]}: ${block.series.map((s) => `${s.label} ${s.texts[at]}`).join(" · ")}`}
        </p>
      )}
      <button type="button" className="cam-toggle" aria-expanded={table} aria-controls={id} onClick={() => setTable(!table)}>
        {table ? words.hide_table : words.show_table}
      </button>
      <div id={id} hidden={!table}>
        {table && (
          <Grid
            title={block.title}
            columns={[{ label: "", numeric: false }, ...block.series.map((s) => ({ label: s.label, numeric: true }))]}
            rows={block.categories.map((c, i) => [c, ...block.series.map((s) => s.texts[i])])}
          />
        )}
      </div>
    </figure>
  );
}

function Grid({ title, columns, rows }) {
  return (
    <div className="cam-scroll" tabIndex={0} role="region" aria-label={title}>
      <table>
        <thead><tr>{columns.map((c, i) => <th key={i} scope="col" className={c.numeric ? "num" : ""}>{c.label}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>{row.map((value, k) => (k === 0
              ? <th key={k} scope="row" className={columns[k].numeric ? "num" : ""}>{value}</th>
              : <td key={k} className={columns[k].numeric ? "num" : ""}>{value}</td>))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Table({ block }) {
  return (
    <section className="cam-card" data-testid="camarad-table">
      <h4>{block.title}</h4>
      <Grid title={block.title} columns={block.columns} rows={block.rows} />
      {block.more && <p className="cam-more">{block.more}</p>}
    </section>
  );
}

function Metrics({ blocks }) {
  return (
    <dl className="cam-metrics" data-testid="camarad-metrics">
      {blocks.map((m, i) => (
        <div key={i} className="cam-metric">
          <dt>{m.label}</dt>
          <dd>
            <span className="cam-figure">{m.value}</span>
            {m.change && (
              <span className={`cam-change ${m.good > 0 ? "good" : m.good < 0 ? "bad" : ""}`}>
                <span aria-hidden="true">{m.sign > 0 ? "▲" : m.sign < 0 ? "▼" : "="}</span> <span className="cam-sr">{m.sign > 0 ? "+" : m.sign < 0 ? "−" : ""}</span>{m.change}
              </span>
            )}
            {m.previous && <span className="cam-before">{m.previous}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Flow({ block, words }) {
  return (
    <section className="cam-card">
      <h4>{block.title}</h4>
      <ol className="cam-flow">{block.nodes.map((n, i) => <li key={i}>{n}</li>)}</ol>
      <a className="cam-link" href={block.url}>{words.open}</a>
    </section>
  );
}

function Problem({ problem, words }) {
  return (
    <div className="cam-problem" role="alert" data-testid="camarad-problem">
      <p><strong>{problem.message}</strong></p>
      {problem.hint && <p>{problem.hint}</p>}
      {problem.link && <a className="cam-link" href={problem.link}>{words.next_step}</a>}
    </div>
  );
}

function Foot() {
  const facts = [props.period, props.asOf].filter(Boolean);
  if (!props.sources.length && !props.ct && !facts.length) return null;
  return (
    <p className="cam-foot" data-testid="turn-footer">
      {props.sources.map((s) => <span key={s.kind} className={`cam-source ${s.kind}`}><span className="cam-sr">{props.words.source_label}: </span>{s.label}</span>)}
      {facts.map((f) => <span key={f}>{f}</span>)}
      {props.ct && <span className="cam-ct" title={props.ctTitle} data-testid="camarad-ct">{props.ct}</span>}
    </p>
  );
}

const SHOWN = { chart: Chart, table: Table, flow: Flow };

// Figures that follow one another stand side by side.
function grouped(blocks) {
  return blocks.reduce((groups, block) => {
    const last = groups[groups.length - 1];
    if (block.type === "metric" && last && last.type === "metrics") last.blocks.push(block);
    else groups.push(block.type === "metric" ? { type: "metrics", blocks: [block] } : block);
    return groups;
  }, []);
}

export default function Answer() {
  return (
    <div className="cam-answer" data-testid="camarad-answer" lang={props.language}>
      {props.stopped && <p className="cam-note">{props.stopped}</p>}
      {props.problem && <Problem problem={props.problem} words={props.words} />}
      {grouped(props.blocks).map((block, i) => {
        if (block.type === "metrics") return <Metrics key={i} blocks={block.blocks} />;
        if (block.type === "link") return <a key={i} className="cam-link" href={block.url}>{block.label}</a>;
        const Shown = SHOWN[block.type];
        return Shown ? <Shown key={i} block={block} language={props.language} words={props.words} /> : null;
      })}
      {props.untraced && <p className="cam-note warn" data-testid="camarad-untraced">{props.untraced}</p>}
      {props.warnings.map((w) => <p key={w} className="cam-note warn">{w}</p>)}
      <Foot />
    </div>
  );
}
