import AlulaJSON

@testable import AlulaServer

/// Asks for chat completions, byte by byte.
enum ChatPeer {
    static let bearer = "Authorization: Bearer \(ServerRig.secret)"
    static let json = "Content-Type: application/json"
    static let hello = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
    static let streamedHello = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#

    /// What came back.
    struct Answer {
        let status: Int
        /// Everything, as it came.
        let text: String

        init(_ text: String) {
            status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
            self.text = text
        }

        var head: String { text.components(before: "\r\n\r\n").lowercased() }
        var body: String { text.components(after: "\r\n\r\n") }
        var error: JSONValue? {
            guard head.contains("content-type: application/json") else { return nil }
            return (try? JSONValue.parse(body))?["error"]
        }

        /// The events of a stream in chunks, without the chunks' sizes and the events' names.
        var events: [String] {
            body.split(separator: "\r\n").filter { $0.hasPrefix("data: ") || $0.hasPrefix("event: ") }
                .flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("data: ") }
                .map { String($0.dropFirst("data: ".count)) }
        }
    }

    /// Sends a head and a body, and nothing after it.
    static func open(
        _ rig: ServerRig, _ body: String, headers: [String] = [bearer, json], length: Int? = nil,
        request: String = "POST /v1/chat/completions"
    ) async throws -> RawPeer {
        let connection = try await RawPeer.connect(port: rig.port)
        let lines =
            ["\(request) HTTP/1.1", "Host: 127.0.0.1:\(rig.port)", "Content-Length: \(length ?? body.utf8.count)"]
            + headers
        try await connection.write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return connection
    }

    /// Asks, and reads until the gateway closes.
    static func ask(
        _ rig: ServerRig, _ body: String, headers: [String] = [bearer, json], length: Int? = nil,
        request: String = "POST /v1/chat/completions"
    ) async throws -> Answer {
        let connection = try await open(
            rig, body, headers: headers + ["Connection: close"], length: length, request: request)
        return Answer(await connection.rest())
    }
}

extension String {
    fileprivate func components(before separator: String) -> String {
        for place in indices where self[place...].hasPrefix(separator) { return String(self[..<place]) }
        return self
    }

    fileprivate func components(after separator: String) -> String {
        for place in indices where self[place...].hasPrefix(separator) {
            return String(self[index(place, offsetBy: separator.count)...])
        }
        return ""
    }
}
