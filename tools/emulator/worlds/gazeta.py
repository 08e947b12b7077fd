"""A gardening magazine in Romania: content, newsletter sign-ups, no ads."""

from __future__ import annotations

from tools.emulator.agency import DEMO_CLIENTS
from tools.emulator.worlds.shape import Incident, Page, Shape, Source

GAZETA = Shape(
    client=DEMO_CLIENTS[2],
    host="gazetaverde.example",
    goal="sign_up",
    growth=0.31,
    weekday=(0.94, 0.93, 0.95, 0.97, 1.0, 1.14, 1.17),
    winter=-0.28,
    pages=(
        Page("/", "Gazeta Verde", 18, 16),
        Page("/gradina/rosii-in-ghiveci", "Roșii în ghiveci: ghid complet", 24, 10),
        Page("/gradina/compost-acasa", "Compost acasă", 17, 8),
        Page("/plante/orhidee-ingrijire", "Îngrijirea orhideelor", 30, 9),
        Page("/plante/ficus-frunze-galbene", "Ficus cu frunze galbene", 15, 6),
        Page("/balcon/plante-umbra", "Plante de umbră pentru balcon", 12, 7),
        Page("/retete/zacusca-de-casa", "Zacuscă de casă", 14, 6),
        Page("/calendar", "Calendarul grădinarului", 9, 9),
        Page("/newsletter", "Abonează-te", 1, 5),
        Page("/despre", "Despre noi", 1, 2),
        Page("/newsletter/bun-venit", "Bine ai venit", 0, 0),
    ),
    steps=("/newsletter/bun-venit",),
    sources=(
        Source("Organic Search", "google", "organic", "(organic)", 262, 0.011, 0.7, 0.81),
        Source("Organic Search", "bing", "organic", "(organic)", 14, 0.009, 0.6, 0.8),
        Source("Direct", "(direct)", "(none)", "(direct)", 58, 0.016, 1.0, 0.44),
        Source("Organic Social", "pinterest.com", "referral", "(referral)", 41, 0.008, 0.5, 0.85),
        Source("Organic Social", "facebook.com", "referral", "(referral)", 36, 0.006, 0.5, 0.7),
        Source("Email", "newsletter", "email", "gazeta-de-duminica", 28, 0.002, 1.6, 0.04, "/calendar"),
        Source("Referral", "forum-gradina.example", "referral", "(referral)", 12, 0.013, 0.9, 0.78),
    ),
    places=(
        ("Bucharest", 0.27),
        ("Cluj-Napoca", 0.13),
        ("Iasi", 0.13),
        ("Timisoara", 0.12),
        ("Sibiu", 0.1),
        ("Brasov", 0.1),
        ("Chisinau", 0.15),
    ),
    devices=(0.76, 0.2, 0.04),
    incidents=(Incident("organic_drop", -5, 12, 0.62, "A search update moved several guides down."),),
)
