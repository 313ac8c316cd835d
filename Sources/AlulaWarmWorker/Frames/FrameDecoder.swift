/// Bytes to frames: each is its length in four bytes, the highest first, and that many bytes.
package struct FrameDecoder {
    /// Longest frame, without its length.
    package static let maximumFrameBytes = 64 << 20

    private var bytes: [UInt8] = []
    /// How many of ``bytes`` have been handed out.
    private var consumed = 0

    package init() {}

    /// Whether nothing is left over: no part of a frame, and no whole one.
    package var isEmpty: Bool { consumed == bytes.count }

    /// Takes what has arrived.
    package mutating func append(_ more: [UInt8]) {
        if consumed == bytes.count {
            bytes = more
            consumed = 0
            return
        }
        if consumed > 1 << 20 {
            bytes.removeFirst(consumed)
            consumed = 0
        }
        bytes += more
    }

    /// The next frame's content, or `nil` while more bytes are needed.
    ///
    /// - Throws: ``WarmWorkerError/Code/emptyFrame`` or ``WarmWorkerError/Code/frameTooLarge``, as soon as the length
    ///   is known. Nothing can be read after that.
    package mutating func next() throws(WarmWorkerError) -> ArraySlice<UInt8>? {
        guard bytes.count - consumed >= 4 else { return nil }
        let length = bytes[consumed..<consumed + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length > 0 else { throw WarmWorkerError(.emptyFrame, "A frame is empty.") }
        guard length <= Self.maximumFrameBytes else {
            throw WarmWorkerError(.frameTooLarge, "A frame is longer than 64 MiB, or is no frame.")
        }
        let start = consumed + 4
        guard bytes.count - start >= length else { return nil }
        consumed = start + length
        return bytes[start..<consumed]
    }
}

/// Values to bytes.
enum FrameEncoder {
    /// One frame around `content`.
    static func encode(_ content: [UInt8]) throws(WarmWorkerError) -> [UInt8] {
        guard content.count <= FrameDecoder.maximumFrameBytes else {
            throw WarmWorkerError(.frameTooLarge, "A frame would be longer than 64 MiB.")
        }
        let length = UInt32(content.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + content
    }
}
