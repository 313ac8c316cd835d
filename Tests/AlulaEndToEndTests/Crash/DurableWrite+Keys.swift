extension DurableWrite {
    static let keyWrites = [creation, endOfKey]

    /// A key of the list, and one that nobody here understands.
    private static func prepare(_ installation: Installation) throws {
        try installation.write(
            "alula/api-keys.json",
            """
            {"version": 1, "keys": [
              {"name": "laptop", "digest": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", "createdAtMs": 1770000000000},
              {"name": "later", "digest": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI", "models": [{"kept": 1.50}]}]}
            """)
    }

    private static func change(_ name: String, _ arguments: [String]) -> DurableWrite {
        DurableWrite(
            name: name, prepare: prepare, arguments: ["keys"] + arguments,
            next: ["keys", "create", "next", "--tokens-per-day", "5"],
            readings: ["keys": Readings.keys])
    }

    private static let creation = change("an API key", ["create", "desk", "--model", "openai/*"])
    private static let endOfKey = change("the end of an API key", ["revoke", "laptop"])
}
