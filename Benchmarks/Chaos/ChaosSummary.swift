import AlulaMeasuring

/// The outcomes in few lines, for a page that people read.
struct ChaosSummary {
    let outcomes: [FaultOutcome]

    /// What is promised about all of them, with what was measured.
    var promises: String {
        let rows = [
            ("all", "worst lateness of a timer during warms of 237 agents × all providers, all faults on"),
            ("hung-disk", "the same with the state disk hung for 60 s"),
        ]
        let head = "| | Must | Aim | Alula |\n|---|--:|--:|--:|\n"
        return head
            + rows.map { id, title in
                let outcome = outcomes.first { $0.id == id }
                return """
                    | \(title) | 50 ms | 10 ms | \(ChaosTable.time(outcome?.ownWorstMilliseconds)) |
                    | the same, p99.9 | – | 2 ms | \(ChaosTable.time(outcome?.ownP999Milliseconds)) |

                    """
            }.joined()
    }

    /// A line for each kind of fault: the worst of its kind.
    var markdown: String {
        let head = """
            | fault | own clock, worst | `/healthz` p99 | WebSocket p99 | lost | wrong | memory before → after |
            |---|--:|--:|--:|--:|--:|--:|

            """
        return head + FaultCatalog.groups.compactMap { row($0.title, $0.ids) }.joined()
    }

    private func row(_ title: String, _ ids: [String]) -> String? {
        let members = outcomes.filter { ids.contains($0.id) }
        guard !members.isEmpty else { return nil }
        let tried = members.filter { !$0.isSkipped }
        let largest = tried.max { ($0.after?.megabytes ?? 0) < ($1.after?.megabytes ?? 0) }
        let cells =
            tried.isEmpty
            ? ["not possible here", "–", "–", "–", "–", "–"]
            : [
                ChaosTable.time(tried.compactMap(\.ownWorstMilliseconds).max()),
                ChaosTable.time(tried.compactMap { $0.latencies(.healthz)?.p99 }.max()),
                ChaosTable.time(tried.compactMap { $0.latencies(.webSocket)?.p99 }.max()),
                "\(tried.map(\.lostCount).reduce(0, +))", "\(tried.map(\.wrongAnswers).reduce(0, +))",
                ChaosTable.pair(largest?.before?.megabytes, largest?.after?.megabytes, " MB"),
            ]
        return "| \(title) | \(cells.joined(separator: " | ")) |\n"
    }
}
