import AlulaMeasuring

/// What became of the gateway, a line for each fault.
struct ChaosTable {
    let outcomes: [FaultOutcome]

    private static let heads = [
        "fault", "own clock, worst", "/healthz worst", "p99", "WebSocket p99", "models.… worst", "lost", "wrong",
        "edit → answer",
        "whole again after", "memory before → after", "descriptors", "verdict",
    ]

    /// Aligned columns.
    var text: String {
        let lines = [Self.heads] + outcomes.map { cells($0, isPlain: true) }
        let widths = Self.heads.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// The same in Markdown.
    var markdown: String {
        let head =
            "| " + Self.heads.joined(separator: " | ") + " |\n|---"
            + String(repeating: "|--:", count: Self.heads.count - 1) + "|\n"
        return head + outcomes.map { "| " + cells($0).joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
    }

    private func cells(_ outcome: FaultOutcome, isPlain: Bool = false) -> [String] {
        let healthz = outcome.latencies(.healthz)
        let name = isPlain ? "\(outcome.id): \(outcome.title)" : outcome.title
        if outcome.isSkipped {
            return [name] + Array(repeating: "–", count: Self.heads.count - 2) + ["not possible here"]
        }
        return [
            name, Self.time(outcome.ownWorstMilliseconds), Self.time(healthz?.maximum), Self.time(healthz?.p99),
            Self.time(outcome.latencies(.webSocket)?.p99), Self.time(outcome.slowestAnswerMilliseconds),
            "\(outcome.lostCount)", "\(outcome.wrongAnswers)",
            Self.time(outcome.editLatencies.max()), Self.time(outcome.recoveryMilliseconds),
            Self.pair(outcome.before?.megabytes, outcome.after?.megabytes, " MB"),
            Self.pair(
                outcome.before.map { Double($0.descriptors) }, outcome.after.map { Double($0.descriptors) }, ""),
            outcome.isSound ? outcome.isPunctual ? "kept" : "late" : "BROKEN",
        ]
    }

    static func pair(_ first: Double?, _ second: Double?, _ unit: String) -> String {
        guard let first, let second else { return "–" }
        return "\(Int(first.rounded())) → \(Int(second.rounded()))\(unit)"
    }

    /// Three digits that count; seconds from one on.
    static func time(_ milliseconds: Double?) -> String {
        guard let milliseconds else { return "–" }
        func digits(_ value: Double) -> String {
            value >= 100 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
        }
        return milliseconds >= 1000 ? "\(digits(milliseconds / 1000)) s" : "\(digits(milliseconds)) ms"
    }
}
