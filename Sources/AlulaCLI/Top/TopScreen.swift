import AlulaPrimitives

/// Columns and rows of a terminal.
package struct ScreenSize: Hashable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// What `alula top` shows: a pure function of what was sampled and of the room there is.
struct TopScreen {
    let history: TopHistory
    /// `nil` for as much as there is to say.
    var columns: Int?
    var rows: Int?
    var usesColours = false
    var usesUnicode = true
    /// Says how to leave, for a screen that somebody sits at.
    var hint: String?
    /// Seconds that local clocks are ahead of UTC at an instant.
    var utcOffset: (Timestamp) -> Int = { _ in 0 }

    /// Columns below which words are shortened.
    private static let narrow = 60

    private var isNarrow: Bool { columns.map { $0 < Self.narrow } ?? false }
    private var ellipsis: String { usesUnicode ? "…" : "..." }

    /// Lines of the screen, at most ``rows`` of them, none wider than ``columns``.
    var lines: [String] {
        var lines = head
        var tables = tables
        if let rows {
            let footer = hint == nil ? 0 : 1
            let heights = Self.share(rows - lines.count - footer, among: tables.map { $0.isEmpty ? 0 : $0.count + 1 })
            tables = zip(tables, heights).map { cut($0, to: $1 - 1) }
            // Two lines are a heading with one row; less says nothing.
            for table in tables where table.count > 1 { lines += [ScreenLine()] + table }
            lines = Array(lines.prefix(max(0, rows - footer)))
            if let hint, rows > 1 {
                lines += Array(repeating: ScreenLine(), count: max(0, rows - footer - lines.count))
                lines.append(ScreenLine(hint, .faint))
            }
        } else {
            for table in tables where !table.isEmpty { lines += [ScreenLine()] + table }
        }
        return lines.map { $0.rendered(width: columns, colours: usesColours, mark: ellipsis) }
    }

    // MARK: Head

    private var head: [ScreenLine] {
        var lines = [title]
        if let trouble = history.trouble {
            let since = "since \(clock(trouble.since, withSeconds: true))"
            lines.append(ScreenLine([.init("No answer \(since): ", .bad), .init(trouble.reason)]))
        }
        let names = 10
        let facts = TopFacts(history: history, usesUnicode: usesUnicode, clock: { clock($0) })
        for fact in facts.all(width: (columns ?? 100) - names) {
            let padding = String(repeating: " ", count: max(1, names - fact.name.count))
            lines.append(ScreenLine([.init(fact.name, .heading), .init(padding)] + fact.cells))
        }
        for refusal in history.sample?.refusals ?? [] {
            lines.append(ScreenLine("\(refusal.question): \(refusal.reason)", .uncertain))
        }
        return lines
    }

    private var title: ScreenLine {
        var line = ScreenLine("alula top", .heading)
        guard let sample = history.sample else { return line }
        line.append("  \(clock(sample.at, withSeconds: true))")
        line.append("  \(sample.url)")
        if let version = sample.version { line.append("  \(version)") }
        if let processID = sample.processID { line.append("  pid \(processID)") }
        return line
    }

    /// Hours and minutes on the local clock, with the date when it is another day than that of the sample.
    private func clock(_ instant: Timestamp, withSeconds: Bool = false) -> String {
        func local(_ instant: Timestamp) -> Timestamp { instant.advanced(by: .seconds(utcOffset(instant))) }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let shown = local(instant).utc
        let today = (history.sample?.at).map { local($0).utc } ?? shown
        let time = "\(two(shown.hour)):\(two(shown.minute))" + (withSeconds ? ":\(two(shown.second))" : "")
        guard (shown.year, shown.month, shown.day) != (today.year, today.month, today.day) else { return time }
        return "\(shown.year)-\(two(shown.month))-\(two(shown.day)) \(time)"
    }

    // MARK: Tables

    private var tables: [[ScreenLine]] { [providers, requests, clients] }

    private func arranged(_ table: TextTable) -> [ScreenLine] {
        guard !table.rows.isEmpty else { return [] }
        return table.arranged.map { row in
            ScreenLine(row.flatMap { [$0.cell, .init(String(repeating: " ", count: $0.gap))] })
        }
    }

    /// A cell that leaves room for the others.
    private func bounded(_ text: String, share: Int) -> TextTable.Cell {
        let room = columns.map { max(8, $0 / share) } ?? Int.max
        let safe = ScreenLine.safe(text)
        return .init(safe.displayWidth > room ? safe.cut(toWidth: room - ellipsis.displayWidth) + ellipsis : safe)
    }

    /// What can't answer comes first: that is what somebody looks for.
    private var providers: [ScreenLine] {
        let rows = history.sample?.providers ?? []
        let sorted = rows.filter { $0.state != .available } + rows.filter { $0.state == .available }
        return arranged(
            TextTable(
                ["PROVIDER", "STATE", "DETAIL"],
                sorted.map { [bounded($0.name, share: 3), state($0.state), .init($0.detail)] }))
    }

    private func state(_ state: ProviderRow.State) -> TextTable.Cell {
        switch state {
        case .available: .init(isNarrow ? "yes" : "available", .good)
        case .unavailable(let until?): .init((isNarrow ? "no, " : "unavailable ") + "until \(clock(until))", .bad)
        case .unavailable(nil): .init(isNarrow ? "no" : "unavailable", .bad)
        case .unknown: .init(isNarrow ? "?" : "unknown", .uncertain)
        }
    }

    private var requests: [ScreenLine] {
        arranged(
            TextTable(
                ["REQUEST", isNarrow ? "/S" : "PER SECOND", "TOTAL", "FAILED", "MEAN"],
                history.traffic.map { row in
                    [
                        bounded(row.name, share: 2), .init(row.rate.map(TopWords.number) ?? "-"),
                        .init(TopWords.number(row.total)),
                        .init(row.failed > 0 ? TopWords.number(row.failed) : "", row.newlyFailed > 0 ? .bad : .plain),
                        .init(row.meanMilliseconds.map(TopWords.milliseconds) ?? ""),
                    ]
                }))
    }

    private var clients: [ScreenLine] {
        arranged(
            TextTable(
                ["CLIENT", "KIND", "ADDRESS", "VERSION", "LAST"],
                (history.sample?.clients ?? []).map { client in
                    [
                        bounded(client.host, share: 3), bounded(client.mode, share: 4),
                        bounded(client.address, share: 4),
                        bounded(client.version, share: 4),
                        .init(client.reason + (client.at.map { " \(clock($0))" } ?? "")),
                    ]
                }))
    }

    /// The first lines of a table, with the number of those that are left out.
    private func cut(_ table: [ScreenLine], to height: Int) -> [ScreenLine] {
        guard table.count > height else { return table }
        guard height > 2 else { return Array(table.prefix(max(0, height))) }
        return table.prefix(height - 1) + [ScreenLine("\(ellipsis) \(table.count - height + 1) more", .faint)]
    }

    /// Shares lines so that nobody gets more than wanted, and nobody less than anybody who still wants some.
    static func share(_ height: Int, among wants: [Int]) -> [Int] {
        var given = wants.map { _ in 0 }
        var left = height
        while left > 0, let index = wants.indices.filter({ given[$0] < wants[$0] }).min(by: { given[$0] < given[$1] }) {
            given[index] += 1
            left -= 1
        }
        return given
    }
}
