/// A JSON5 text together with the tree that was read from it.
///
/// The text stays as it is, so that an edit can replace the bytes of one node and leave comments, spelling and order
/// of everything else alone.
package struct JSON5Document: Sendable {
    /// The text that was read, byte order mark included.
    package let bytes: [UInt8]
    /// The value that the text holds.
    package let root: JSON5Node

    /// Reads one JSON5 text (the 1.0.0 specification), of which every JSON text is one.
    ///
    /// Nesting is kept on the heap, so the depth costs no stack.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, less than 4 GiB.
    ///   - maximumDepth: Arrays and objects that may lie in one another.
    /// - Throws: ``JSONError`` for the first place that is wrong; ``JSONError/Code/empty`` when there are only comments
    ///   and white space.
    package init(
        parsing bytes: [UInt8], maximumDepth: Int = JSONValue.standardMaximumDepth
    ) throws(JSONError) {
        guard bytes.count < UInt32.max else { throw JSONError(.tooLarge, "The text is too long.", at: .start) }
        self.bytes = bytes
        root = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) -> JSON5Node in
            var parser = JSON5Parser(buffer, maximumDepth: maximumDepth)
            return try parser.parseText()
        }
    }

    /// The text of one node or member, as it was written.
    package func source(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }
}
