package import AlulaPrimitives

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What a lock file says about its holder: `{"pid":…,"createdAt":"…"}`.
package struct LockNote: Hashable, Sendable {
    package var pid: Int32?
    package var createdAt: Timestamp?
    /// The holder's ``ProcessTable/startTime(_:)``; it tells the holder from a later process with its id.
    package var startTime: UInt64?

    package init(pid: Int32?, createdAt: Timestamp?, startTime: UInt64? = nil) {
        self.pid = pid
        self.createdAt = createdAt
        self.startTime = startTime
    }

    /// A note about this process.
    package static func own(createdAt: Timestamp) -> LockNote { LockNote(pid: getpid(), createdAt: createdAt) }

    /// Finds the members wherever they stand, so that a half-written or foreign note still tells what it can.
    ///
    /// - Parameter bytes: A JSON object. `createdAt` may be ISO 8601 or milliseconds since 1970.
    package init(parsing bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        pid = Self.value(of: "pid", in: text).flatMap { Int32($0) }
        startTime = (Self.value(of: "startTime", in: text) ?? Self.value(of: "starttime", in: text))
            .flatMap { UInt64($0) }
        createdAt = Self.value(of: "createdAt", in: text).flatMap(Self.time)
    }

    /// One line of JSON.
    package var text: String {
        var members: [String] = []
        if let pid { members.append("\"pid\":\(pid)") }
        if let createdAt { members.append("\"createdAt\":\"\(createdAt.iso8601)\"") }
        if let startTime { members.append("\"startTime\":\(startTime)") }
        return "{\(members.joined(separator: ","))}\n"
    }

    /// Whether the process that wrote the note runs, as far as the note and the system tell; `nil` when the note names
    /// none. Blocks the calling thread.
    package var isHolderAlive: Bool? {
        guard let pid else { return nil }
        guard ProcessTable.isAlive(pid) else { return false }
        guard let startTime, let found = ProcessTable.startTime(pid) else { return true }
        return found == startTime
    }

    /// The text of a member's number or string.
    private static func value(of name: String, in text: String) -> Substring? {
        let key = "\"\(name)\""
        var start = text.startIndex
        while let quote = text[start...].firstIndex(of: "\"") {
            guard text[quote...].hasPrefix(key) else {
                start = text.index(after: quote)
                continue
            }
            var rest = text[quote...].dropFirst(key.count).drop(while: \.isWhitespace)
            guard rest.first == ":" else { return nil }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            if rest.first == "\"" { return rest.dropFirst().prefix { $0 != "\"" } }
            return rest.prefix { $0.isNumber }
        }
        return nil
    }

    private static func time(_ text: Substring) -> Timestamp? {
        if let milliseconds = Int64(text) { return Timestamp(milliseconds: milliseconds) }
        // A note that is half written may end after the day.
        return text.hasSuffix("Z") ? Timestamp(iso8601: String(text)) : nil
    }
}
