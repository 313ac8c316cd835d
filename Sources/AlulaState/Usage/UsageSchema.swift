import AlulaInference

/// The tables of the usage database, and how they became what they are.
enum UsageSchema {
    /// Tells this database from every other (`PRAGMA application_id`): "Alus".
    static let application: Int64 = 0x416C_7573

    /// What takes the database from each version to the next; the first one makes it. Only ever added to.
    ///
    /// `dialect` is the word of a ``UsageRecord/Operation``; up to November 2026 that of vectors was `openai-chat`.
    static let steps: [String] = [
        """
        CREATE TABLE requests (
            id INTEGER PRIMARY KEY,
            ended_at INTEGER NOT NULL CHECK (ended_at >= 0),
            provider TEXT NOT NULL,
            model TEXT NOT NULL,
            profile TEXT,
            dialect TEXT NOT NULL,
            api_key TEXT,
            agent TEXT,
            input INTEGER NOT NULL CHECK (input BETWEEN 0 AND 1099511627776),
            output INTEGER NOT NULL CHECK (output BETWEEN 0 AND 1099511627776),
            cache_read INTEGER NOT NULL CHECK (cache_read BETWEEN 0 AND 1099511627776),
            cache_write INTEGER NOT NULL CHECK (cache_write BETWEEN 0 AND 1099511627776),
            reasoning INTEGER NOT NULL CHECK (reasoning BETWEEN 0 AND 1099511627776),
            input_cost INTEGER CHECK (input_cost BETWEEN 0 AND 4000000000000),
            output_cost INTEGER CHECK (output_cost BETWEEN 0 AND 4000000000000),
            cache_read_cost INTEGER CHECK (cache_read_cost BETWEEN 0 AND 4000000000000),
            cache_write_cost INTEGER CHECK (cache_write_cost BETWEEN 0 AND 4000000000000),
            duration_ms INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('completed', 'failed', 'cancelled')),
            failure TEXT,
            incomplete INTEGER NOT NULL CHECK (incomplete IN (0, 1))
        ) STRICT;
        CREATE INDEX requests_by_time ON requests (ended_at);
        """
    ]

    static var version: Int64 { Int64(steps.count) }

    static let newer = StateError(
        .databaseForeign,
        "The usage database is of a newer version of Alula or another program's; it is left as it is.")
}
