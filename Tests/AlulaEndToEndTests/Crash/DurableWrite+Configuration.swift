import Testing

extension DurableWrite {
    static let configurationWrites = [
        configuration, firstConfiguration, configurationOfTwoFiles, fullAudit, refusedText,
    ]

    private static let text = """
        // Kept by hand; every word of this must survive.
        {
          gateway: { mode: "local", port: 20000 /* the port */ },
          // Nobody here knows these.
          ui: { seamColor: "#aBcDeF", sizes: [1e3, 0x10, .5] },
        }

        """

    private static let audit = Readings.lines("logs/config-audit.jsonl")

    /// A comment that another program's user adds at the end.
    private static let comment: OutsideEdit = { installation in
        guard installation.has("openclaw.json") else { return nil }
        let text = installation.read("openclaw.json")
        try installation.write("openclaw.json", text + "// Somebody else's.\n")
        return { $0.read("openclaw.json").hasSuffix("// Somebody else's.\n") }
    }

    private static let configuration = DurableWrite(
        name: "an edit of the configuration",
        prepare: { try $0.write("openclaw.json", text) },
        arguments: ["config", "set", "gateway.port", "20001"],
        next: ["config", "set", "gateway.port", "20002"],
        readings: ["text": Readings.text("openclaw.json"), "audit": audit, "backups": Readings.backups],
        outside: comment)

    private static let firstConfiguration = DurableWrite(
        name: "the first configuration",
        arguments: ["config", "set", "gateway.port", "20001"],
        next: ["config", "set", "gateway.port", "20002"],
        readings: ["text": Readings.text("openclaw.json"), "audit": audit, "backups": Readings.backups])

    /// One after the other: a kill between them leaves one file new and one old, each whole.
    private static let configurationOfTwoFiles = DurableWrite(
        name: "an edit of two files of the configuration",
        prepare: {
            try $0.write(
                "models.json5", "{ /* mine */ providers: { mine: { baseUrl: 'http://127.0.0.1:1', models: [] } } }\n")
            try $0.write("openclaw.json", "{ models: { $include: './models.json5' }, gateway: { port: 20000 } }\n")
        },
        arguments: ["config", "set", "--batch-json", batch(20_001)],
        next: ["config", "set", "--batch-json", batch(20_002)],
        readings: [
            "text": Readings.text("openclaw.json"), "included": Readings.text("models.json5"), "audit": audit,
            "backups": Readings.backups,
        ])

    private static func batch(_ port: Int) -> String {
        """
        [{"path": "gateway.port", "value": \(port)},
         {"path": "models.providers.mine.baseUrl", "value": "http://127.0.0.1:\(port)"}]
        """
    }

    /// The file of who changed what is full, so it is put aside first.
    private static let fullAudit = DurableWrite(
        name: "a line of the audit that fills its file",
        prepare: {
            try $0.write("openclaw.json", text)
            let line = #"{"ts":"2026-01-01T00:00:00.000Z","event":"config.write"}"# + "\n"
            try $0.write(
                "logs/config-audit.jsonl", String(repeating: line, count: (1 << 20) / line.utf8.count))
        },
        arguments: ["config", "set", "gateway.port", "20001"],
        next: ["config", "set", "gateway.port", "20002"],
        readings: [
            "text": Readings.text("openclaw.json"), "audit": audit,
            "audit that was put aside": Readings.lines("logs/config-audit.jsonl.1"),
        ])

    private static let refusedText = DurableWrite(
        name: "a refused text of the configuration", program: .driver,
        prepare: { installation in
            try installation.write("openclaw.json", text)
            for stamp in 1...3 {
                try installation.write("openclaw.json.rejected.2026-\(stamp)", "{ refused: \(stamp) }\n")
            }
        },
        arguments: ["reject", "STATE", "2026-4"], next: ["reject", "STATE", "2026-5"],
        readings: [
            "text": Readings.text("openclaw.json"),
            "refused": { installation in
                let names = installation.names().filter { $0.hasPrefix("openclaw.json.rejected.") }
                let broken = names.filter { !installation.read($0).hasSuffix("}\n") }
                return names.count <= 4 && broken.isEmpty ? "whole" : "damaged: \(names) \(broken)"
            },
        ])
}
