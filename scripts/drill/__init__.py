"""The rollback drill of Phase 3, see scripts/phase3_drill.sh and docs/phase3.md."""
