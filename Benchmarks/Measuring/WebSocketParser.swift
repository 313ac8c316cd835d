/// Takes messages out of a server's WebSocket byte stream.
package struct WebSocketParser: Sendable {
    /// What a server sent.
    package enum Message: Sendable {
        case text([UInt8])
        case ping([UInt8])
        /// With the server's code, 1005 when it gave none.
        case close(code: Int)
    }

    private var bytes: [UInt8] = []
    private var start = 0
    private var fragments: [UInt8] = []

    package init() {}

    /// Takes in `more`.
    package mutating func append(_ more: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next whole message, or `nil` while more bytes are needed. Pongs are skipped.
    package mutating func next() -> Message? {
        while let (isFinal, opcode, payload) = nextFrame() {
            switch opcode {
            case 0x9: return .ping(payload)
            case 0xA: continue
            case 0x8: return .close(code: payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005)
            default:
                fragments.append(contentsOf: payload)
                guard isFinal else { continue }
                defer { fragments = [] }
                return .text(fragments)
            }
        }
        return nil
    }

    /// One frame as a client sends it: final, masked.
    package static func clientFrame(opcode: UInt8 = 0x1, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(0x80 | UInt8(payload.count))
        case ..<65_536: frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            frame.append(0x80 | 127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 0xFF)) }
        }
        let mask: [UInt8] = [0x5A, 0x13, 0xC7, 0x2E]
        frame += mask
        frame.reserveCapacity(frame.count + payload.count)
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        return frame
    }

    private mutating func nextFrame() -> (isFinal: Bool, opcode: UInt8, payload: [UInt8])? {
        let available = bytes.count - start
        guard available >= 2 else { return nil }
        var length = Int(bytes[start + 1] & 0x7F)
        var head = 2
        if length == 126 {
            guard available >= 4 else { return nil }
            length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
            head = 4
        } else if length == 127 {
            guard available >= 10 else { return nil }
            length = bytes[(start + 2)..<(start + 10)].reduce(0) { $0 << 8 | Int($1) }
            head = 10
        }
        guard length >= 0, available >= head + length else { return nil }
        let first = bytes[start]
        let payload = Array(bytes[(start + head)..<(start + head + length)])
        start += head + length
        return (first & 0x80 != 0, first & 0x0F, payload)
    }
}
