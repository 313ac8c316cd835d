import AlulaJSON
import AlulaPrimitives

/// The state directory as a bundle shows it: rights, sizes and times, and names only where they are the reference's or ours.
enum StateDigest {
    /// One thing that was found. It was not opened.
    struct Found: Hashable, Sendable {
        /// The names on the way from the state directory on; empty for the directory itself.
        var path: [String]
        /// Such as `regular` and `symbolicLink`; links are not followed.
        var kind: String
        var mode: UInt32
        var isOwn: Bool
        var size: Int64
        var modified: Timestamp
        /// Why a directory could not be listed, as a code.
        var failure: String?
    }

    static func shown(_ found: [Found], learning names: inout BundleNames) -> [JSONValue] {
        found.map { item in
            var parts: [String] = []
            for index in item.path.indices { parts.append(name(item.path[index], in: item.path[..<index], &names)) }
            var object = JSONObject()
            object["path"] = .string(parts.isEmpty ? "." : parts.joined(separator: "/"))
            object["kind"] = .string(item.kind)
            let octal = String(item.mode, radix: 8)
            object["mode"] = .string(String(repeating: "0", count: max(0, 4 - octal.count)) + octal)
            object["own"] = .bool(item.isOwn)
            object["size"] = .number(item.size)
            object["modified"] = .string(item.modified.iso8601)
            object["failure"] = item.failure.map { .string($0) }
            return .object(object)
        }
    }

    /// Whether `name` is one that the reference or this program gives to its files.
    static func isKnown(_ name: String) -> Bool {
        if known.contains(name) { return true }
        // Backups, unfinished files and companions of a database.
        guard let base = known.filter({ name.hasPrefix($0) }).max(by: { $0.count < $1.count }) else { return false }
        let rest = name.dropFirst(base.count)
        if rest == "-wal" || rest == "-shm" || rest == "-journal" { return true }
        guard rest.first == "." else { return false }
        return rest.dropFirst().split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            ["bak", "tmp", "lock", "rejected", "old"].contains(part)
                || (!part.isEmpty && part.utf8.count <= 24
                    && part.utf8.allSatisfy { (48...57).contains($0) || [0x2D, 0x54, 0x5A].contains($0) })
        }
    }

    private static func name(_ name: String, in parents: ArraySlice<String>, _ names: inout BundleNames) -> String {
        if parents.elementsEqual(["agents"]) { return names.name(name, .agent) }
        if isKnown(name) { return name }
        let pseudonym = names.name(name, .file)
        let ending =
            name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map(String.init) ?? ""
        return endings.contains(ending) ? "\(pseudonym).\(ending)" : pseudonym
    }

    private static let endings: Set<String> = [
        "json", "jsonl", "json5", "sqlite", "db", "log", "md", "txt", "lock", "tmp", "bak", "env", "sh", "py", "js",
        "ts",
        "yaml", "yml", "toml", "pem", "crt", "key", "sock", "gz", "zip", "png", "jpg", "html",
    ]

    private static let known: Set<String> = [
        // The reference's.
        "openclaw.json", "clawdbot.json", ".env", "credentials", "oauth.json", "agents", "agent", "sessions",
        "sessions.json", "auth-profiles.json", "auth-state.json", "auth.json", "models.json", "openclaw-agent.sqlite",
        "state", "openclaw.sqlite", "devices", "paired.json", "pending.json", "identity", "device.json", "logs",
        "config-audit.jsonl", "locks", "oauth-refresh", "workspace", "cron", "jobs.json", "plugins", "skills", "media",
        "extensions", "memory", "main", "exec-approvals.json", "update-check.json", "completions", "canvas", "tasks",
        // Ours.
        "alula", "gateway.lock", "gateway-token", "configuration.lock", "devices.lock", "devices-imported.json",
        "gateway-address", "prepared-auth.json",
    ]
}
