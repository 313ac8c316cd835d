/// What makes a write survive the loss of power: its bytes are flushed before a name leads to them, and the directory after.
///
/// Held against a trace. Locks mean nothing after a crash, and lines of logs are only appended; both are left out.
struct PowerLossRule {
    private(set) var violations: [String] = []
    /// Files whose newest bytes may be in memory only, by inode.
    private var unflushed: [UInt64: String] = [:]
    /// Directories whose newest names may be in memory only, with what happened there.
    private var pending: [String: String] = [:]

    /// - Parameter trace: The calls of one program, from its start to its end.
    init(_ trace: [TracedCall]) {
        for call in trace where call.succeeded && call.number > 0 { take(call) }
        violations += pending.map { "\($0.value), and \(name($0.key)) was not flushed afterwards" }.sorted()
    }

    private mutating func take(_ call: TracedCall) {
        switch call.name {
        case .write, .truncate:
            unflushed[call.inode] = call.path
            if !Self.isTemporary(call.path), Self.counts(call.path) {
                violations.append("\(name(call.path)) was written in place")
            }
        case .flush:
            unflushed[call.inode] = nil
            pending[call.path] = nil
        case .rename, .link, .exchange:
            guard Self.counts(call.second) else { return }
            if unflushed[call.inode] != nil {
                violations.append("\(name(call.second)) got its name before its content was flushed")
            }
            for path in [call.path, call.second] {
                pending[Self.directory(of: path)] = "\(call.name) of \(name(call.second))"
            }
        case .unlink where Self.counts(call.path) && !Self.isTemporary(call.path):
            pending[Self.directory(of: call.path)] = "\(name(call.path)) was removed"
        case .mkdir:
            pending[Self.directory(of: call.path)] = "\(name(call.path)) was made"
        case .create, .open, .openTemporary, .close, .rights, .unlink, .connect, .spawn, .start, .hang: return
        }
    }

    private func name(_ path: String) -> String { path.split(separator: "/").suffix(2).joined(separator: "/") }

    private static func directory(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }

    private static func isTemporary(_ path: String) -> Bool { path.hasSuffix(".tmp") || path.hasSuffix(".new") }

    private static func counts(_ path: String) -> Bool {
        // `.rejected.` files are kept for curiosity; one that comes back does no harm.
        ![".lock", ".log", ".jsonl", ".jsonl.1", ".rejected."].contains { path.contains($0) }
    }
}
