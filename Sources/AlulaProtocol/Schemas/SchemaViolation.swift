/// One way in which parameters break their schema, in the words that clients know.
package struct SchemaViolation: Hashable, Sendable, CustomStringConvertible {
    /// JSON pointer of the value; empty for the whole.
    package let pointer: String
    /// Such as `must be string`.
    package let reason: String

    package init(at pointer: String, _ reason: String) {
        self.pointer = pointer
        self.reason = reason
    }

    /// `at /path: must be …`. Only a missing member of the whole stands without a place.
    package var description: String {
        if !pointer.isEmpty { return "at \(pointer): \(reason)" }
        return reason.hasPrefix("unexpected ") ? "at root: \(reason)" : reason
    }
}
