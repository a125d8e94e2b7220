/**
 * What a statement must not call although a read-only transaction lets it: functions that act on the server, on other
 * sessions or on files (postgresql.org, "System Administration Functions"; dblink; large objects' export). A guard
 * against mistakes in a reviewed file, not against its author: the role's own rights are the other half.
 */
const ACTS =
  /\b(pg_(?:terminate_backend|cancel_backend|reload_conf|rotate_logfile|promote|switch_wal|create_restore_point|backup_(?:start|stop)|start_backup|stop_backup|wal_replay_(?:pause|resume)|(?:create|drop|copy)_\w*replication_slot|replication_\w+|logical_(?:emit_message|slot_get\w*)|stat_reset\w*|read_(?:binary_)?file|ls_dir|log_backend_memory_contexts|advisory_(?:xact_)?lock\w*|notify|sleep_\w+)|lo_(?:export|import|unlink|put|create|from_bytea)|dblink\w*|set_config|query_to_xml\w*)\s*\(/iu;

/** The name of a function that acts, or null when the statement calls none that is known. */
export function actingFunction(sql: string): string | null {
  return ACTS.exec(sql)?.[1]?.toLowerCase() ?? null;
}
