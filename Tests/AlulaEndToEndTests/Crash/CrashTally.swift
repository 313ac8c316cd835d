import AlulaJSON
import AlulaSystem
import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What was tried and what was lost, for people: a table and a document in the directory that `CRASH_RESULTS` names.
enum CrashTally {
    enum Kind: String, CaseIterable, Sendable {
        case killedAtACall = "killed before each call that changes a file"
        case killedAtRandom = "killed at a random instant"
        case fullDisk = "disk full from each write on"
        case brokenFlush = "each flush fails"
        case shortWrite = "each write takes half"
        case powerLoss = "order of flushes and names, for a loss of power"
    }

    private struct Count {
        var rounds = 0
        var losses = 0
    }

    private static let counts = Mutex<[Kind: [String: Count]]>([:])

    static func add(_ kind: Kind, _ write: DurableWrite, losses: [String]) {
        counts.withLock { counts in
            counts[kind, default: [:]][write.name, default: Count()].rounds += 1
            counts[kind, default: [:]][write.name, default: Count()].losses += losses.isEmpty ? 0 : 1
        }
    }

    /// Writes both files anew, if somebody wants them.
    static func save() {
        let counts = counts.withLock { $0 }
        guard let directory = getenv("CRASH_RESULTS").map({ String(cString: $0) }), !directory.isEmpty else { return }
        BlockingContext.permit {
            do {
                _ = try DurableFile.replace("\(directory)/crash.md", with: Array(table(counts).utf8), mode: 0o644)
                _ = try DurableFile.replace(
                    "\(directory)/crash.json", with: document(counts).serialized(.pretty) + [0x0A], mode: 0o644)
            } catch {
                Issue.record(error)
            }
        }
    }

    private static func table(_ counts: [Kind: [String: Count]]) -> String {
        var lines = [
            "# Crashes", "",
            "Written by `make crash`. A loss is anything else than the last good content or the new one, a file that can't be",
            "read, another program's edit that is gone, a lock that stays, or a file that the next write does not clear away.",
            "", "| What happens | Kinds of writes | Rounds | Losses |", "|---|---|---|---|",
        ]
        for kind in Kind.allCases {
            guard let writes = counts[kind] else { continue }
            let total = sum(writes)
            lines.append("| \(kind.rawValue) | \(writes.count) | \(total.rounds) | \(total.losses) |")
        }
        lines += ["", "Rounds by write:", "", "| Write | Rounds | Losses |", "|---|---|---|"]
        let names = Set(counts.values.flatMap(\.keys)).sorted()
        for name in names {
            let total = sum(counts.compactMapValues { $0[name] })
            lines.append("| \(name) | \(total.rounds) | \(total.losses) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func document(_ counts: [Kind: [String: Count]]) -> JSONValue {
        let kinds = Kind.allCases.compactMap { kind -> (String, JSONValue)? in
            guard let writes = counts[kind] else { return nil }
            let rows = writes.sorted { $0.key < $1.key }.map { name, count -> (String, JSONValue) in
                (name, ["rounds": .number(count.rounds), "losses": .number(count.losses)])
            }
            let total = sum(writes)
            return (
                "\(kind)",
                [
                    "rounds": .number(total.rounds), "losses": .number(total.losses),
                    "writes": .object(JSONObject(rows)),
                ]
            )
        }
        return .object(JSONObject(kinds))
    }

    private static func sum<Key>(_ counts: [Key: Count]) -> Count {
        counts.values.reduce(into: Count()) { sum, count in
            sum.rounds += count.rounds
            sum.losses += count.losses
        }
    }
}
