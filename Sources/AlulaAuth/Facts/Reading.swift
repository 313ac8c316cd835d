/// What became of reading one source.
package enum Reading<Fact: Sendable & Hashable>: Sendable, Hashable {
    /// Nobody has looked yet.
    case pending
    /// There is nothing there, which is a sure answer.
    case absent
    /// The source was read. `version` changes whenever its content does.
    case found(Fact, version: FactVersion)
    /// The source is there and can't be used as it is.
    case failed(SourceProblem)
    /// The source did not answer within its own deadline, in milliseconds.
    case timedOut(afterMilliseconds: Int64)

    /// The fact, or `nil` when there is none for whatever reason.
    package var fact: Fact? { if case .found(let fact, _) = self { fact } else { nil } }
}

/// A stable hash of a source's content or identity, never of a secret alone; equal versions mean equal facts.
package struct FactVersion: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// 16 hexadecimal digits.
    package var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Why a source can't be used, with its place and what to do. It never quotes the source's content.
package struct SourceProblem: Hashable, Sendable {
    /// Raw values are stable: they appear on the wire, in logs and as a metric dimension.
    package enum Code: String, CaseIterable, Sendable {
        case notRegularFile = "not_regular_file"
        case permissionDenied = "permission_denied"
        case permissionsTooOpen = "permissions_too_open"
        case tooLarge = "too_large"
        case malformed
        case wrongShape = "wrong_shape"
        case unreadable
        case linkLoop = "link_loop"
        case locked
        case helperFailed = "helper_failed"
        case entriesRejected = "entries_rejected"
        case unsupported
    }

    package let code: Code
    /// One sentence for the owner: what is wrong.
    package let message: String
    /// The file, or `nil` when the source is no file.
    package let path: String?
    /// 1-based place within the file, when it is known.
    package let line: Int?
    package let column: Int?
    /// What to type or change next.
    package let remedy: String

    package init(
        _ code: Code, _ message: String, path: String? = nil, line: Int? = nil, column: Int? = nil, remedy: String
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.remedy = remedy
    }
}
