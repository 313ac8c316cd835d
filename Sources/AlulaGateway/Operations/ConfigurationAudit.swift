import AlulaConfiguration
import AlulaJSON
import AlulaPrimitives
import AlulaServer
import AlulaState
import AlulaSystem
import Crypto

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes down who changed the configuration, in the reference's `logs/config-audit.jsonl`: sizes and hashes, never
/// contents.
struct ConfigurationAudit: Sendable {
    /// What became of a change. Raw values are the reference's.
    enum Result: String {
        case written = "rename"
        case rejected
        case failed
    }

    /// The file's bound; as much again is kept of what came before.
    private static let maximumSize = ByteCount.mebibytes(1)
    /// How long a line waits for another writer.
    private static let patience = Duration.seconds(2)

    private let journal: BoundedJournal
    private let lockPath: String
    private let arguments: [String]
    private let directory: String
    private let now: @Sendable () -> Timestamp

    /// - Parameter arguments: The process's own, from its name on.
    init(
        layout: StateLayout, arguments: [String], currentDirectory: String, now: @escaping @Sendable () -> Timestamp
    ) {
        journal = BoundedJournal(path: layout.configurationAudit, maximum: Self.maximumSize)
        lockPath = layout.configurationLock
        self.arguments = Self.withoutValues(arguments)
        directory = currentDirectory
        self.now = now
    }

    /// Adds a line for each file of a change. Blocks the calling thread.
    ///
    /// - Parameter source: The method or command that changes.
    ///
    /// A line that can't be written, for instance because the disk is full, is lost: it must not undo the edit.
    func record(_ outcome: ConfigurationEditor.Outcome, of source: String, _ result: Result) {
        do throws(SystemError) {
            try Directory.make(PathText.directory(of: lockPath))
            let lock = try FileLock.acquire(
                lockPath, note: Array("\(getpid())\n".utf8), deadline: .after(Self.patience))
            defer { lock.release() }
            for change in outcome.changes {
                try journal.append(line(change, outcome.suspicions, source, result).text())
            }
        } catch {
            return
        }
    }

    private func line(
        _ change: ConfigurationEditor.FileChange, _ suspicions: [ConfigurationSuspicion],
        _ source: String, _ result: Result
    ) -> JSONValue {
        [
            "ts": .string(now().iso8601), "source": .string(source), "event": "config.write",
            "result": .string(result.rawValue), "configPath": .string(change.path), "pid": .number(Int64(getpid())),
            "ppid": .number(Int64(getppid())), "cwd": .string(directory),
            "argv": .array(arguments.map { .string($0) }), "existsBefore": .bool(change.before != nil),
            "previousHash": change.before.map { .string(Self.hash($0)) } ?? .null,
            "nextHash": .string(Self.hash(change.after)),
            "previousBytes": change.before.map { .number(Int64($0.count)) } ?? .null,
            "nextBytes": .number(Int64(change.after.count)),
            "suspicious": .array(suspicions.map { .string("\($0)") }),
        ]
    }

    /// The program, the first words and the names of flags. What follows may be a secret that somebody sets, and is
    /// only counted.
    static func withoutValues(_ arguments: [String]) -> [String] {
        guard let program = arguments.first else { return [] }
        let rest = arguments.dropFirst()
        let words = rest.prefix { !$0.hasPrefix("-") }.prefix(2)
        let hidden = rest.dropFirst(words.count).prefix(20).map { argument in
            guard argument.hasPrefix("--") else { return "…" }
            let name = argument.prefix { $0 != "=" }
            return isWord(name) ? String(name) : "…"
        }
        return [String(program.prefix(200))] + words.map { isWord($0) ? $0 : "…" } + hidden
    }

    private static func isWord(_ word: some StringProtocol) -> Bool {
        word.utf8.count <= 24 && word.allSatisfy { $0 == "-" || ($0.isASCII && $0.isLowercase) }
    }

    /// SHA-256.
    static func digest(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// Hexadecimal SHA-256.
    static func hash(_ bytes: [UInt8]) -> String {
        digest(bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
