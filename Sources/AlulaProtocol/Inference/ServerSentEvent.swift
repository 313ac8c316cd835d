import AlulaJSON

/// One event of a `text/event-stream` body.
enum ServerSentEvent {
    /// - Parameters:
    ///   - name: The event's type; `nil` for streams whose events have none.
    ///   - data: Written without line ends, so that one line holds it.
    static func encode(_ name: String? = nil, data: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        if let name { bytes += Array("event: \(name)\n".utf8) }
        bytes += Array("data: ".utf8)
        bytes += data.serialized(.compact)
        bytes += [0x0A, 0x0A]
        return bytes
    }
}
